/** Which unit a stored series was measured in. */
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { toMgDl } from "#units/glucose.ts";
import { analyze } from "./analyze.ts";
import { inMeasuredUnit } from "./measured-unit.ts";
import { cleanSeries, type Series } from "./series.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 2, 2);
const stored = (values: readonly number[]): Series => cleanSeries({ timesMs: values.map((_, index) => START + index * 5 * MINUTE), values });

describe("the measured unit", () => {
  it("[D5] is mmol/L where every reading was converted from it, to the hundredth", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 110, max: 3330 }), { minLength: 1, maxLength: 200 }), (hundredths) => {
      const measured = inMeasuredUnit(stored(hundredths.map((each) => toMgDl(each / 100))));
      expect(measured.unit).toBe("mmol/L");
      expect([...measured.values]).toEqual(hundredths.map((each) => each / 100));
    }));
  });

  it("[D5] is mg/dL where a single reading was measured in it, and where there is none", () => {
    for (const values of [[], [100], [toMgDl(5.5), 100, toMgDl(7)], Array.from({ length: 560 }, (_, index) => 40 + index)]) {
      const series = stored(values);
      expect(inMeasuredUnit(series)).toBe(series);
    }
  });

  it("[D5] decides whether 10.0 mmol/L for an hour is an episode", () => {
    const values = [...Array<number>(12).fill(6), ...Array<number>(12).fill(10), ...Array<number>(12).fill(6)].map(toMgDl);
    const options = { zone: "UTC", unit: "mg/dL" } as const;
    expect(analyze(stored(values), options).episodes!.hyperLevel1.count).toBe(1);
    expect(analyze(inMeasuredUnit(stored(values)), options).episodes!.hyperLevel1.count).toBe(0);
  });

  it("[D5] leaves times, cadence and the report as they are", () => {
    const series = stored([toMgDl(5.5), toMgDl(6)]);
    expect(inMeasuredUnit(series)).toEqual({ ...series, unit: "mmol/L", values: Float64Array.of(5.5, 6) });
  });
});

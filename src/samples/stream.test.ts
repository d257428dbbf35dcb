import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatWithOffset, parseInstant } from "#units/time.ts";
import type { Line } from "./line.ts";
import type { Series } from "./store/series.ts";
import { createTextWriter, headOf, tailOf } from "./stream.ts";

const source = (more: Partial<Series> = {}): Series => ({ id: "12", metric: "glucose", provider: "dexcom", connectionId: null, deviceId: "g7", deviceName: null, isDayTotal: false, ...more });

interface Given {
  readonly at: number;
  readonly end?: number;
  readonly value: number;
  readonly offset?: number | null;
  readonly flags?: number;
}
function lineOf(samples: readonly Given[]): Line {
  return {
    startMs: Float64Array.from(samples, ({ at }) => at), endMs: Float64Array.from(samples, ({ end }) => end ?? Number.NaN), values: Float64Array.from(samples, ({ value }) => value),
    offsetMinutes: samples.map(({ offset }) => offset ?? null), flags: Uint16Array.from(samples, ({ flags }) => flags ?? 0), deliveryIds: new Float64Array(samples.length).fill(7),
    sourceIndexes: new Uint16Array(samples.length),
  };
}
const AT = Date.UTC(2026, 2, 2, 23, 30);

describe("lines of samples", () => {
  it("are NDJSON with unit, both units of glucose, and the time as the clock on the wall had it", () => {
    const text = createTextWriter("ndjson", "glucose", [source()])(lineOf([{ at: AT, value: 100, offset: 60 }, { at: AT + 300_000, value: 40, flags: 1 }]));
    expect(text.trimEnd().split("\n").map((line) => JSON.parse(line) as unknown)).toEqual([
      { metric: "glucose", start: "2026-03-03T00:30:00+01:00", value: 100, unit: "mg/dL", otherValue: 5.55, otherUnit: "mmol/L", source: "12", provider: "dexcom", device: "g7", delivery: "7" },
      { metric: "glucose", start: "2026-03-02T23:35:00Z", value: 40, unit: "mg/dL", otherValue: 2.22, otherUnit: "mmol/L", flags: ["below_range"], source: "12", provider: "dexcom", device: "g7", delivery: "7" },
    ]);
    const steps = createTextWriter("ndjson", "steps", [source({ deviceId: "", deviceName: "A \"watch\"" })])(lineOf([{ at: AT, end: AT + 1_500, value: 3, offset: -270 }]));
    expect(JSON.parse(steps)).toEqual({
      metric: "steps", start: "2026-03-02T19:00:00-04:30", end: "2026-03-02T19:00:01.500-04:30", value: 3, unit: "{count}", source: "12", provider: "dexcom", device: "A \"watch\"", delivery: "7",
    });
  });

  it("are CSV with a head that names every column, and nothing after the last sample", () => {
    const text = createTextWriter("csv", "glucose", [source()])(lineOf([{ at: AT, value: 100, offset: 60, flags: 5 }]));
    expect(headOf("csv")).toBe("metric,start,end,value,unit,other_value,other_unit,flags,source,provider,device,delivery\r\n");
    expect(text).toBe("glucose,2026-03-03T00:30:00+01:00,,100,mg/dL,5.55,mmol/L,below_range manual,12,dexcom,g7,7\r\n");
    expect(createTextWriter("csv", "steps", [source()])(lineOf([{ at: AT, end: AT + 60_000, value: 3 }]))).toBe("steps,2026-03-02T23:30:00Z,2026-03-02T23:31:00Z,3,{count},,,,12,dexcom,g7,7\r\n");
    expect([tailOf("csv", 5), headOf("ndjson"), tailOf("ndjson", 5)]).toEqual(["", "", "{\"end\":true,\"rows\":5}\n"]);
  });

  it("let no device's name be a formula in a spreadsheet, and quote what would break a row", () => {
    for (const [deviceName, cell] of [
      ["=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""], ["+1", "'+1"], ["-1+1", "'-1+1"], ["@SUM(A1)", "'@SUM(A1)"], ["\t=1", "'\t=1"], ["a,b", "\"a,b\""], ["a\r\nb", "\"a\r\nb\""], ["Ana's", "Ana's"],
    ] as const) {
      expect(createTextWriter("csv", "steps", [source({ deviceName })])(lineOf([{ at: AT, value: 3 }])), deviceName).toContain(`,dexcom,${cell},7\r\n`);
    }
  });

  it("tell glucose's rate of change in the other unit, too", () => {
    expect(JSON.parse(createTextWriter("ndjson", "glucose_trend_rate", [source()])(lineOf([{ at: AT, value: -2 }])))).toMatchObject({ value: -2, unit: "mg/dL/min", otherValue: -0.111, otherUnit: "mmol/L/min" });
  });

  it("write every time as the formatter of the house does, in whatever order times and offsets come", () => {
    const time = fc.record({ at: fc.integer({ min: 86_400_000, max: 4_102_444_800_000 }), isWhole: fc.boolean(), offset: fc.option(fc.integer({ min: -840, max: 840 })) });
    fc.assert(fc.property(fc.array(time, { maxLength: 30 }), (times) => {
      const given = times.map(({ at, isWhole, offset }) => ({ at: isWhole ? Math.floor(at / 1_000) * 1_000 : at, value: 1, offset }));
      const told = createTextWriter("ndjson", "weight", [source()])(lineOf(given)).split("\n").filter(Boolean).map((line) => (JSON.parse(line) as { start: string }).start);
      expect(told.map((text) => parseInstant(text)!.ms)).toEqual(given.map(({ at }) => at));
      told.forEach((text, index) => given[index]!.offset !== null && expect(text).toBe(formatWithOffset(given[index]!.at, given[index]!.offset)));
    }), { numRuns: 200, seed: 20_261_121 });
  });
});

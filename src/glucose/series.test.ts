import { describe, expect, it } from "vitest";
import { cadenceMinutes, cleanSeries } from "./series.ts";

const MINUTE = 60_000;
const at = (...minutes: number[]): number[] => minutes.map((minute) => minute * MINUTE);

describe("cleaning a series", () => {
  it("sorts by instant and says that it had to", () => {
    const series = cleanSeries({ timesMs: at(10, 0, 5), values: [3, 1, 2].map((value) => value * 100) });
    expect([...series.values]).toEqual([100, 200, 300]);
    expect(series.report.wasUnsorted).toBe(true);
  });

  it("averages readings of one instant unless told to keep the first or last of the file", () => {
    const readings = { timesMs: at(5, 0, 0, 5, 0), values: [90, 100, 110, 94, 135] };
    expect([...cleanSeries(readings).values]).toEqual([115, 92]);
    expect([...cleanSeries(readings, { duplicates: "first" }).values]).toEqual([100, 90]);
    expect([...cleanSeries(readings, { duplicates: "last" }).values]).toEqual([135, 94]);
    expect(cleanSeries(readings).report.duplicates).toBe(3);
  });

  it("drops what is no measurement and counts it", () => {
    const { values, report } = cleanSeries({ timesMs: [...at(0, 5, 10, 15, 20), Number.NaN], values: [100, 0, -5, Number.NaN, Infinity, 90] });
    expect([...values]).toEqual([100]);
    expect(report).toMatchObject({ given: 6, kept: 1, invalid: 5 });
  });

  it("puts 39 and 401 where a sensor said LOW and HIGH without a number, and keeps the number where it sent one", () => {
    const readings = { timesMs: at(0, 5, 10, 15), values: [Number.NaN, Number.NaN, 36, 120], outOfRange: [-1, 1, -1, 0] };
    const { values, report } = cleanSeries(readings);
    expect([...values]).toEqual([39, 401, 36, 120]);
    expect(report).toMatchObject({ clampedLow: 2, clampedHigh: 1, invalid: 0 });
    const dropped = cleanSeries(readings, { sentinels: "drop" });
    expect([...dropped.values]).toEqual([120]);
    expect(dropped.report.droppedSentinels).toBe(3);
  });

  it("clamps in the unit of the series", () => {
    const { values } = cleanSeries({ timesMs: at(0), values: [Number.NaN], outOfRange: [-1] }, { unit: "mmol/L" });
    expect(values[0]).toBeCloseTo(39 / 18.01559, 12);
  });

  it("remarks on values that are hardly glucose, in either unit, and keeps them", () => {
    expect(cleanSeries({ timesMs: at(0, 5, 10), values: [12, 100, 640] }).report.implausible).toBe(2);
    expect(cleanSeries({ timesMs: at(0, 5, 10), values: [1, 5, 35] }, { unit: "mmol/L" }).report.implausible).toBe(2);
  });

  it("gives an empty series for no readings", () => {
    expect(cleanSeries({ timesMs: [], values: [] })).toMatchObject({ cadenceMinutes: null, report: { kept: 0 } });
  });

  it("refuses times and values of different number", () => {
    expect(() => cleanSeries({ timesMs: [1], values: [] })).toThrow(RangeError);
  });
});

describe("cadence", () => {
  it("is the median step rounded half to even, so that one gap does not move it", () => {
    expect(cadenceMinutes(Float64Array.from(at(0, 5, 10.02, 15, 300)))).toBe(5);
    expect(cadenceMinutes(Float64Array.from(at(0, 2.5)))).toBe(2);
    expect(cadenceMinutes(Float64Array.from(at(0, 3.5)))).toBe(4);
  });

  it("is unknown for one reading, and at least a minute", () => {
    expect(cadenceMinutes(Float64Array.from([0]))).toBeNull();
    expect(cadenceMinutes(Float64Array.from([0, 10_000]))).toBe(1);
  });
});

import { describe, expect, it } from "vitest";
import { toMmolL } from "#units/glucose.ts";
import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { everyStep, MONDAY, seriesOf } from "./patterns/test-kit.ts";
import { dataQuality, type FindingKind } from "./quality.ts";
import { cleanSeries, type Series } from "./series.ts";

const at = (minute: number): number => MONDAY + minute * MINUTE_MS;
const wavy = (minute: number): number => 140 + Math.round(40 * Math.sin(minute / 90)) + ((minute / 5) % 2);
const every = (from: number, to: number, step: number, value: (minute: number) => number = wavy): (readonly [number, number])[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => [from + i * step, value(from + i * step)] as const);
const kinds = (series: Series): FindingKind[] => dataQuality(series, "UTC").findings.map(({ kind }) => kind);
const of = (series: Series, kind: FindingKind) => dataQuality(series, "UTC").findings.filter((finding) => finding.kind === kind);

describe("the quality of a series [D5]", () => {
  it("is without findings where nothing is odd, lateness of a minute included", () => {
    const late = seriesOf(every(0, 2000, 5).map(([minute, value], i) => [minute + ((i * 7) % 5) / 5, value] as const));
    expect(dataQuality(seriesOf(every(0, 1435, 5)), "UTC")).toMatchObject({
      readings: 288, cadenceMinutes: 5, expected: 288, presentPercent: 100, gaps: [], longestGap: null, cadences: [], findings: [],
      days: [{ date: "2026-03-02", readings: 288, expected: 288, presentPercent: 100 }],
    });
    expect(kinds(late)).toEqual([]);
  });

  it("counts what is expected of days of 23 and 25 hours", () => {
    const { days } = dataQuality(everyStep(240, (ms) => wavy((ms - MONDAY) / MINUTE_MS)), "Europe/Madrid");
    expect(days.find(({ date }) => date === "2026-03-29")).toMatchObject({ readings: 276, expected: 276, presentPercent: 100 });
    expect(days.find(({ date }) => date === "2026-10-25")).toMatchObject({ readings: 300, expected: 300, presentPercent: 100 });
  });

  it("lists gaps beyond 45 minutes, with the longest, and a sensor that was away for a day", () => {
    const series = seriesOf([...every(0, 100, 5), ...every(145, 200, 5), ...every(250, 300, 5), ...every(1740, 1800, 5)]);
    const { gaps, longestGap, findings, presentPercent } = dataQuality(series, "UTC");
    expect(gaps).toEqual([{ fromMs: at(200), toMs: at(250), missing: 9 }, { fromMs: at(300), toMs: at(1740), missing: 287 }]);
    expect(longestGap).toEqual(gaps[1]);
    expect(findings.map(({ kind, count, severity }) => [kind, count, severity])).toEqual([["gap", 9, "info"], ["gap", 287, "warning"]]);
    expect(presentPercent).toBeCloseTo((100 * (361 - 8 - 9 - 287)) / 361, 10);
    expect(dataQuality(series, "UTC", { gapMinutes: 40 }).gaps).toHaveLength(3);
  });

  it("finds a stretch at another cadence, across a missing reading, from twelve readings on", () => {
    const mixed = seriesOf([...every(0, 2000, 5), ...every(2015, 2300, 15), ...every(2330, 2600, 15)]);
    const { cadences, findings } = dataQuality(mixed, "UTC");
    expect(cadences).toEqual([{ fromMs: at(2000), toMs: at(2600), count: 40, cadenceMinutes: 15 }]);
    expect(findings.map(({ kind, count }) => [kind, count])).toEqual([["mixed_cadence", 40]]);
    expect(kinds(seriesOf([...every(0, 2000, 5), ...every(2015, 2120, 15)]))).toEqual([]);
    expect(dataQuality(seriesOf([...every(0, 2000, 5), ...every(2001, 2030, 1)]), "UTC").cadences).toMatchObject([{ cadenceMinutes: 1, count: 31 }]);
  });

  it("finds two sensors that read in turn, uneven steps or alternating values", () => {
    const second = (from: number, to: number) => every(from, to, 5, (minute) => wavy(minute) + 25);
    const uneven = seriesOf([...every(0, 3000, 5), ...second(1002, 1402)]);
    expect(of(uneven, "overlapping_sensors")).toMatchObject([{ fromMs: at(1000), toMs: at(1405), severity: "warning" }]);
    expect(of(uneven, "mixed_cadence")).toEqual([]);
    const halfway = seriesOf([...every(0, 3000, 5), ...second(1002.5, 1402.5)]);
    expect(of(halfway, "overlapping_sensors")).toHaveLength(1);
    const lossy = seriesOf(every(0, 2000, 5).filter(([minute]) => minute > 500 || minute % 15 !== 0));
    expect(kinds(lossy)).not.toContain("overlapping_sensors");
    const whole = seriesOf([...every(0, 1000, 5), ...second(1, 1001)]);
    expect(of(whole, "overlapping_sensors")).toMatchObject([{ fromMs: at(0), toMs: at(1001), count: 402 }]);
  });

  it("suspects a clock that was set forward, by another phase after whole half-hours, or back, by an overlap", () => {
    const forward = seriesOf([...every(0, 1000, 5), ...every(1066, 2000, 5)]);
    expect(of(forward, "clock_jump")).toEqual([{ kind: "clock_jump", fromMs: at(1000), toMs: at(1066), count: 2, severity: "info" }]);
    const back = seriesOf([...every(0, 1060, 5), ...every(1002, 2000, 5, (minute) => wavy(minute) + 25)]);
    expect(of(back, "clock_jump")).toMatchObject([{ count: 2 }]);
    expect(kinds(seriesOf([...every(0, 1000, 5), ...every(1065, 2000, 5)]))).toEqual(["gap"]);
    expect(kinds(seriesOf([...every(0, 1000, 5), ...every(1078, 2000, 5)]))).toEqual(["gap"]);
  });

  it("suspects a unit", () => {
    const mmolL = everyStep(2, (ms) => Math.round(10 * toMmolL(wavy((ms - MONDAY) / MINUTE_MS))) / 10);
    expect(of(mmolL, "suspicious_unit")).toMatchObject([{ count: 576, severity: "warning", fromMs: mmolL.timesMs[0] }]);
    const whole = everyStep(2, (ms) => 5 + (ms / MINUTE_MS) % 7);
    expect(of(whole, "suspicious_unit")).toHaveLength(1);
    const { timesMs, values } = everyStep(2, (ms) => wavy((ms - MONDAY) / MINUTE_MS));
    expect(of(cleanSeries({ timesMs, values }, { unit: "mmol/L" }), "suspicious_unit")).toHaveLength(1);
    expect(of(cleanSeries({ timesMs, values: values.map(toMmolL) }, { unit: "mmol/L" }), "suspicious_unit")).toEqual([]);
    // Low throughout, but measured: whole numbers above what nobody has.
    expect(of(everyStep(1, (ms) => 30 + (ms / MINUTE_MS) % 5), "suspicious_unit")).toEqual([]);
  });

  it("counts implausible readings, in both units", () => {
    const values = [100, 19.9, 20, 600, 600.1, 120];
    const odd = seriesOf(values.map((value, i) => [i * 5, value] as const));
    expect(of(odd, "implausible")).toEqual([{ kind: "implausible", fromMs: at(5), toMs: at(20), count: 2, severity: "warning" }]);
    const mmolL = seriesOf(values.map((value, i) => [i * 5, toMmolL(value)] as const), "mmol/L");
    expect(of(mmolL, "implausible")).toMatchObject([{ count: 2 }]);
  });

  it("finds glucose that stands still, from twelve readings and an hour on", () => {
    const still = (readings: number, step: number) => seriesOf([...every(-500, -5, 5), ...Array.from({ length: readings }, (_, i) => [i * step, 99] as const), ...every(readings * step, readings * step + 500, 5)]);
    expect(of(still(13, 5), "flat")).toEqual([{ kind: "flat", fromMs: at(0), toMs: at(60), count: 13, severity: "info" }]);
    expect(of(still(12, 5), "flat")).toEqual([]);
    expect(of(still(11, 10), "flat")).toEqual([]);
    expect(of(seriesOf([...Array.from({ length: 10 }, (_, i) => [i * 5, 99] as const), ...Array.from({ length: 10 }, (_, i) => [120 + i * 5, 99] as const)]), "flat")).toEqual([]);
  });

  it("has nothing to say about no, one or two readings", () => {
    expect(dataQuality(seriesOf([]), "UTC")).toEqual({ readings: 0, cadenceMinutes: null, expected: null, presentPercent: null, days: [], gaps: [], longestGap: null, cadences: [], findings: [] });
    expect(dataQuality(seriesOf([[0, 100]]), "UTC")).toMatchObject({ readings: 1, expected: null, presentPercent: null, days: [{ readings: 1, expected: null, presentPercent: null }], findings: [] });
    expect(dataQuality(seriesOf([[0, 100], [5, 100]]), "UTC")).toMatchObject({ readings: 2, expected: 2, presentPercent: 100, findings: [] });
  });

  it("tells findings by their beginning", () => {
    const series = seriesOf([...every(0, 500, 5), [505, 700], ...every(600, 900, 5), ...every(900 + 24 * 60, 3000, 5)]);
    const begins = dataQuality(series, "UTC").findings.map(({ fromMs }) => fromMs);
    expect(begins.length).toBe(3);
    expect(begins).toEqual(begins.toSorted((a, b) => a - b));
    expect(series.timesMs[series.timesMs.length - 1]! - series.timesMs[0]!).toBe(50 * HOUR_MS);
  });
});

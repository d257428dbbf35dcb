import { describe, expect, it } from "vitest";
import { toMmolL } from "#units/glucose.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { cleanSeries } from "../series.ts";
import { type CompressionOptions, suspectedCompressionLows } from "./compression-lows.ts";
import { nights } from "./nights.ts";
import { everyStep, MONDAY, seriesOf } from "./test-kit.ts";

const at = (minute: number): number => MONDAY + minute * MINUTE_MS;
const flat = (ms: number): number => (ms < 0 ? 0 : 110);

describe("a night [D5]", () => {
  it("has its numbers", () => {
    // 120 at midnight, down by 10 an hour; three readings of 65 and two of 50 from 03:00.
    const series = everyStep(1, (ms) => {
      const minute = (ms - MONDAY) / MINUTE_MS;
      if (minute >= 180 && minute < 205) return minute < 195 ? 65 : 50;
      return 120 - minute / 6;
    });
    const { unit, nights: found } = nights(series, "UTC");
    expect(unit).toBe("mg/dL");
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      date: "2026-03-02", fromMs: at(0), toMs: at(360), readings: 72, coveragePercent: 100, min: 50, minutesBelowVeryLow: 10,
      atStart: 120, atEnd: 60, drift: -60,
    });
    // 65 and 50 for 25 minutes, and from 05:05 on 120 − minute/6 is below 70.
    expect(found[0]!.minutesBelowLow).toBe(25 + 55);
    expect(found[0]!.timeInRanges.tbr).toBeCloseTo((100 * 16) / 72, 10);
  });

  it("that wraps midnight belongs to the morning", () => {
    const { nights: found } = nights(everyStep(2, flat), "UTC", { hours: { startHour: 22, endHour: 7 } });
    expect(found.map(({ date, readings, coveragePercent }) => [date, readings, coveragePercent])).toEqual([
      ["2026-03-02", 84, expect.closeTo((100 * 7) / 9, 10) as number], ["2026-03-03", 108, 100], ["2026-03-04", 24, expect.closeTo((100 * 2) / 9, 10) as number],
    ]);
    expect(found[0]).toMatchObject({ atStart: null, atEnd: 110, drift: null });
    expect(found[1]!.fromMs).toBe(at(22 * 60));
  });

  it.each([
    ["Europe/Madrid", "2026-03-29", 5], ["Europe/Madrid", "2026-10-25", 7], ["America/New_York", "2026-11-01", 7], ["America/New_York", "2026-03-08", 5],
    ["Australia/Lord_Howe", "2026-04-05", 6.5], ["Australia/Lord_Howe", "2026-10-04", 5.5], ["America/Santiago", "2026-09-06", 5],
  ])("has as many hours as it has when clocks change: %s %s", (zone, date, hours) => {
    const series = everyStep(5, flat, { fromMs: Date.parse(`${date}T00:00:00Z`) - 2 * DAY_MS });
    const night = nights(series, zone).nights.find((each) => each.date === date)!;
    expect([(night.toMs - night.fromMs) / HOUR_MS, night.readings, night.coveragePercent]).toEqual([hours, hours * 12, 100]);
  });

  it("is not there without readings, and thin with one", () => {
    expect(nights(seriesOf([]), "UTC").nights).toEqual([]);
    expect(nights(seriesOf([[720, 100], [725, 100]]), "UTC").nights).toEqual([]);
    expect(nights(seriesOf([[60, 60]]), "UTC").nights).toMatchObject([{ readings: 1, mean: 60, coveragePercent: null, minutesBelowLow: null, minutesBelowVeryLow: null, drift: null }]);
  });

  it("has a length", () => {
    expect(() => nights(seriesOf([]), "UTC", { hours: { startHour: 3, endHour: 3 } })).toThrow(RangeError);
    expect(() => nights(seriesOf([]), "UTC", { hours: { startHour: 3, endHour: 30 } })).toThrow(RangeError);
  });
});

/** 110, with the given readings, five minutes apart, from 02:00 on. */
const withDip = (dip: readonly number[], stepMinutes = 5) =>
  everyStep(0.5, (ms) => dip[(ms - at(120)) / (stepMinutes * MINUTE_MS)] ?? 110, { stepMinutes });
const found = (dip: readonly number[], options?: CompressionOptions) => suspectedCompressionLows(withDip(dip), options);

describe("suspected compression lows", () => {
  it("fall steeply, stay shortly and come back steeply", () => {
    expect(found([90, 60, 52, 58, 95])).toEqual([{ startMs: at(125), endMs: at(135), nadir: 52, fall: 58, rise: 58 }]);
  });

  it("are marked in their night, and all numbers count them", () => {
    const [night] = nights(withDip([90, 60, 52, 58, 95]), "UTC").nights;
    expect(night!.suspectedCompressionLows).toHaveLength(1);
    expect(night).toMatchObject({ min: 52, readings: 72, minutesBelowLow: 15, minutesBelowVeryLow: 5 });
    expect(nights(withDip([90, 60, 52, 58, 95]), "UTC", { hours: { startHour: 3, endHour: 6 } }).nights[0]!.suspectedCompressionLows).toEqual([]);
  });

  it("are none where the fall or the way back is gentle", () => {
    const down = Array.from({ length: 20 }, (_, i) => 108 - 2 * i - 2);
    const up = [...down].toReversed();
    expect(found([...down, 66, 95])).toEqual([]);
    expect(found([90, 60, ...up])).toEqual([]);
  });

  it("are none where the low lasts", () => {
    expect(found([90, ...Array.from({ length: 12 }, () => 60), 95])).toHaveLength(1);
    expect(found([90, ...Array.from({ length: 13 }, () => 60), 95])).toEqual([]);
    expect(found([90, ...Array.from({ length: 13 }, () => 60), 95], { maxLowMinutes: 90 })).toHaveLength(1);
  });

  it("are none where a treatment is known", () => {
    expect(found([90, 60, 52, 58, 95], { treatmentsMs: [at(130)] })).toEqual([]);
    expect(found([90, 60, 52, 58, 95], { treatmentsMs: [at(60), at(200)] })).toHaveLength(1);
  });

  it("are judged by steps or by the total, as asked", () => {
    // Nine a step, 27 in a quarter of an hour.
    const dip = [101, 92, 83, 74, 65, 65, 74, 83, 92, 101];
    expect(found(dip)).toHaveLength(1);
    expect(found(dip, { totalMgDl: 30 })).toEqual([]);
    expect(found(dip, { totalMgDl: 30, stepMgDlPer5Min: 9 })).toHaveLength(1);
  });

  it("are seen at a reading every quarter of an hour, too", () => {
    expect(suspectedCompressionLows(withDip([60, 58, 90], 15))).toMatchObject([{ nadir: 58, fall: 50, rise: 32 }]);
  });

  it("are none at the ends of a series or beside a gap", () => {
    expect(suspectedCompressionLows(seriesOf([[0, 60], [5, 60], [10, 100]]))).toEqual([]);
    expect(suspectedCompressionLows(seriesOf([[0, 100], [5, 60]]))).toEqual([]);
    expect(suspectedCompressionLows(seriesOf([[0, 110], [50, 60], [55, 60], [60, 100]]))).toEqual([]);
    expect(suspectedCompressionLows(seriesOf([]))).toEqual([]);
  });

  it("are the same in mmol/L", () => {
    const mgDl = withDip([90, 60, 52, 58, 95]);
    const mmolL = cleanSeries({ timesMs: mgDl.timesMs, values: mgDl.values.map(toMmolL) }, { unit: "mmol/L" });
    const [low] = suspectedCompressionLows(mmolL);
    expect(low).toMatchObject({ startMs: at(125), endMs: at(135) });
    expect(low!.fall).toBeCloseTo(toMmolL(58), 12);
    // Exactly ten a step, down and up.
    const edge = withDip([100, 90, 80, 70, 60, 70, 80]);
    const edgeMmolL = cleanSeries({ timesMs: edge.timesMs, values: edge.values.map(toMmolL) }, { unit: "mmol/L" });
    for (const each of [edge, edgeMmolL]) expect(suspectedCompressionLows(each, { totalMgDl: 1000 })).toHaveLength(1);
  });
});

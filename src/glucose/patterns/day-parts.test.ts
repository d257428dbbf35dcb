import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { gmiPercent } from "../gmi.ts";
import { timeInRanges } from "../ranges.ts";
import { coefficientOfVariation, mean, standardDeviation } from "../statistics.ts";
import { dayParts, hoursStatistics, isWithin } from "./day-parts.ts";
import { everyStep, MONDAY, seriesOf, ZONES } from "./test-kit.ts";

const dayOf = (ms: number): number => Math.floor((ms - MONDAY) / (24 * HOUR_MS));
const hourOf = (ms: number): number => Math.floor((ms - MONDAY) / HOUR_MS) % 24;
const wavy = (ms: number): number => 140 + 90 * Math.sin(ms / 7e6) + ((ms / MINUTE_MS) % 23);

describe("statistics per local day [D5]", () => {
  it("are those of the day's readings", () => {
    const series = everyStep(3, wavy);
    const { daily } = dayParts(series, "UTC");
    expect(daily.map(({ date }) => date)).toEqual(["2026-03-02", "2026-03-03", "2026-03-04"]);
    for (const [index, day] of daily.entries()) {
      const values = series.values.slice(index * 288, (index + 1) * 288);
      expect(day).toMatchObject({ readings: 288, days: 1, minutes: 1440, presentPercent: 100, reason: null, min: Math.min(...values), max: Math.max(...values) });
      expect(day.mean).toBeCloseTo(mean(values)!, 10);
      expect(day.sd).toBeCloseTo(standardDeviation(values)!, 10);
      expect(day.cvPercent).toBeCloseTo(coefficientOfVariation(values)!, 10);
      expect(day.timeInRanges).toEqual(timeInRanges(values, "mg/dL"));
    }
  });

  it.each([
    ["Europe/Madrid", "2026-03-29", 1380], ["Europe/Madrid", "2026-10-25", 1500],
    ["America/New_York", "2026-03-08", 1380], ["America/New_York", "2026-11-01", 1500],
    ["Australia/Lord_Howe", "2026-04-05", 1470], ["Australia/Lord_Howe", "2026-10-04", 1410],
    ["America/Santiago", "2026-04-04", 1500], ["America/Santiago", "2026-09-06", 1380],
  ])("has as many minutes as the day has: %s %s", (zone, date, minutes) => {
    const series = everyStep(5, () => 100, { fromMs: Date.parse(`${date}T00:00:00Z`) - 48 * HOUR_MS });
    const day = dayParts(series, zone).daily.find((each) => each.date === date)!;
    expect(day).toMatchObject({ minutes, readings: minutes / 5, presentPercent: 100 });
  });

  it("tells the share of the day that readings stand for, lateness forgiven", () => {
    const half = seriesOf(Array.from({ length: 144 }, (_, i) => [i * 5 + (i % 3) * 0.4, 100] as const));
    expect(dayParts(half, "UTC").daily[0]!.presentPercent).toBeCloseTo(50, 0);
  });
});

describe("statistics per weekday [D5]", () => {
  const series = everyStep(28, (ms) => 100 + (dayOf(ms) % 7));

  it("begin on Monday, and tell weekdays from weekends", () => {
    const { byWeekday, weekdays, weekend } = dayParts(series, "UTC");
    expect(byWeekday.map(({ weekday, mean, days }) => [weekday, mean, days])).toEqual(Array.from({ length: 7 }, (_, i) => [i + 1, 100 + i, 4]));
    expect([weekdays.mean, weekdays.days, weekend.mean, weekend.days]).toEqual([102, 20, 105.5, 8]);
  });

  it("merge the days' ranges into what all their readings have", () => {
    const real = everyStep(28, wavy);
    const all = dayParts(real, "UTC");
    const ofWeekend = real.values.filter((_, i) => dayOf(real.timesMs[i]!) % 7 >= 5);
    expect(all.weekend.timeInRanges).toEqual(timeInRanges(ofWeekend, "mg/dL"));
  });

  it("have a GMI only of 14 whole days with 70 % of readings", () => {
    const { byWeekday, weekdays, weekend } = dayParts(series, "UTC");
    expect(weekdays.gmiPercent).toBeCloseTo(gmiPercent(102), 10);
    expect([weekdays.gmiReason, weekend.gmiPercent, weekend.gmiReason, byWeekday[0]!.gmiReason]).toEqual([null, null, "under_14_days", "under_14_days"]);
    const thin = seriesOf(Array.from(series.timesMs, (ms) => [(ms - MONDAY) / MINUTE_MS, 100] as const).filter(([minute]) => minute % 1440 < 900));
    expect(dayParts(thin, "UTC").weekdays).toMatchObject({ gmiPercent: null, gmiReason: "under_70_percent" });
  });
});

describe("statistics per hour, and of day and night [D5]", () => {
  it("are those of the hours on the wall", () => {
    const { hourly, night, day } = dayParts(everyStep(2, (ms) => 100 + hourOf(ms)), "UTC");
    expect(hourly.map(({ hour, mean, days }) => [hour, mean, days])).toEqual(Array.from({ length: 24 }, (_, hour) => [hour, 100 + hour, 2]));
    expect([night.mean, night.readings, day.mean, day.readings]).toEqual([102.5, 144, 114.5, 432]);
  });

  it("take a night that wraps midnight", () => {
    const series = everyStep(2, (ms) => (hourOf(ms) >= 22 || hourOf(ms) < 7 ? 60 : 160));
    const sleep = { startHour: 22, endHour: 7 };
    expect(hoursStatistics(series, "UTC", sleep)).toMatchObject({ readings: 216, days: 2, mean: 60, max: 60 });
    expect(dayParts(series, "UTC", { night: sleep }).day).toMatchObject({ readings: 360, mean: 160, min: 160 });
  });

  it.each(ZONES)("share out all readings when clocks change: %s", (zone) => {
    const series = everyStep(300, wavy, { fromMs: Date.UTC(2026, 1, 1), stepMinutes: 15 });
    const { daily, byWeekday, hourly, night, day, weekdays, weekend } = dayParts(series, zone);
    const total = (parts: readonly { readings: number }[]): number => parts.reduce((sum, { readings }) => sum + readings, 0);
    for (const parts of [daily, byWeekday, hourly, [night, day], [weekdays, weekend]]) expect(total(parts)).toBe(series.values.length);
    expect(new Set(daily.slice(1, -1).map(({ minutes }) => minutes)).size).toBe(3);
  });

  it("know the minutes of a range", () => {
    expect([0, 359.9, 360, 1439].map((minute) => isWithin({ startHour: 0, endHour: 6 }, minute))).toEqual([true, true, false, false]);
    expect([1320, 1319, 419, 420].map((minute) => isWithin({ startHour: 22, endHour: 7 }, minute))).toEqual([true, false, true, false]);
    expect(isWithin({ startHour: 6, endHour: 6 }, 360)).toBe(false);
  });

  it.each([-1, 25, Number.NaN])("refuse hour %d", (startHour) => {
    expect(() => hoursStatistics(everyStep(1, () => 100), "UTC", { startHour, endHour: 6 })).toThrow(RangeError);
    expect(() => dayParts(everyStep(1, () => 100), "UTC", { night: { startHour: 0, endHour: startHour } })).toThrow(RangeError);
  });
});

describe("parts of thin series [D5]", () => {
  it("are null with a reason, never 0 or NaN", () => {
    const none = dayParts(seriesOf([]), "UTC");
    expect(none.daily).toEqual([]);
    expect(none.night).toEqual({ readings: 0, days: 0, mean: null, sd: null, cvPercent: null, min: null, max: null, timeInRanges: null, reason: "no_readings" });
    expect(none.weekend).toMatchObject({ mean: null, gmiPercent: null, gmiReason: "no_readings" });
    const one = dayParts(seriesOf([[0, 100]]), "UTC");
    expect(one.daily[0]).toMatchObject({ readings: 1, mean: 100, sd: null, cvPercent: null, presentPercent: null, reason: "single_reading" });
    expect(dayParts(seriesOf([[0, 100], [5, 110]]), "UTC").daily[0]).toMatchObject({ readings: 2, mean: 105, reason: null });
  });
});

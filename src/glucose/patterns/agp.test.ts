import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { ambulatoryProfile, type Percentiles, smoothCircular } from "./agp.ts";
import { everyStep, MONDAY, seriesOf, ZONES } from "./test-kit.ts";

const same = (value: number): Percentiles => ({ p05: value, p25: value, p50: value, p75: value, p95: value });
const hourOf = (ms: number): number => Math.floor((ms - MONDAY) / HOUR_MS) % 24;

describe("the ambulatory profile [E9]", () => {
  it("puts readings into the hour that the wall's clock shows, at the hour's middle", () => {
    const { bins, readings, days } = ambulatoryProfile(everyStep(7, (ms) => 100 + hourOf(ms)), "UTC");
    expect(bins.map(({ minute }) => minute)).toEqual(Array.from({ length: 24 }, (_, hour) => hour * 60 + 30));
    expect(bins.map(({ raw }) => raw!.p50)).toEqual(Array.from({ length: 24 }, (_, hour) => 100 + hour));
    expect(bins.every(({ count, days }) => count === 84 && days === 7)).toBe(true);
    expect({ readings, days }).toEqual({ readings: 7 * 288, days: 7 });
  });

  it("smooths 1-4-1 around midnight", () => {
    const { bins } = ambulatoryProfile(everyStep(7, (ms) => 100 + hourOf(ms)), "UTC");
    expect(bins[0]!.smoothed!.p50).toBeCloseTo((123 + 400 + 101) / 6, 12);
    expect(bins[12]!.smoothed!.p50).toBeCloseTo(112, 12);
  });

  it("leaves empty bins empty, bins without neighbours as they are, and weighs a single neighbour 1 to 4", () => {
    expect(smoothCircular([null, same(10), same(20), null, same(50), null]).map((bin) => bin?.p50 ?? null)).toEqual([null, 12, 18, null, 50, null]);
  });

  it("has type-7 quantiles", () => {
    const { raw } = ambulatoryProfile(seriesOf([[0, 10], [5, 20], [10, 30], [15, 40]]), "UTC").bins[0]!;
    expect(raw).toEqual({ p05: 11.5, p25: 17.5, p50: 25, p75: 32.5, p95: 38.5 });
  });

  it.each([15, 30, 60, 1440])("has bins of %i minutes", (binMinutes) => {
    const profile = ambulatoryProfile(everyStep(2, () => 100), "UTC", { binMinutes });
    expect(profile.bins.length).toBe(1440 / binMinutes);
    expect(profile.bins.reduce((sum, { count }) => sum + count, 0)).toBe(576);
    expect(profile.bins.at(-1)!.minute).toBe(1440 - binMinutes / 2);
  });

  it.each([0, -60, 7, 0.5, 2880, Number.NaN])("refuses bins of %d minutes", (binMinutes) => {
    expect(() => ambulatoryProfile(everyStep(1, () => 100), "UTC", { binMinutes })).toThrow(RangeError);
  });

  it.each(ZONES)("counts every reading of the days on which clocks change once: %s", (zone) => {
    for (const fromMs of [Date.UTC(2026, 2, 1), Date.UTC(2026, 8, 1), Date.UTC(2026, 9, 1)]) {
      const { bins, readings } = ambulatoryProfile(everyStep(40, () => 100, { fromMs }), zone);
      expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(readings);
      expect(bins.every(({ smoothed }) => Math.abs(smoothed!.p95 - 100) < 1e-9)).toBe(true);
    }
  });

  it("has the hour that clocks repeat twice, and misses the one they skip", () => {
    const counts = (fromMs: number, hours: number): number[] => ambulatoryProfile(everyStep(hours / 24, () => 100, { fromMs }), "Europe/Madrid").bins.map(({ count }) => count);
    expect(counts(Date.UTC(2026, 2, 28, 23), 23)).toEqual(Array.from({ length: 24 }, (_, hour) => (hour === 2 ? 0 : 12)));
    expect(counts(Date.UTC(2026, 9, 24, 22), 25)).toEqual(Array.from({ length: 24 }, (_, hour) => (hour === 2 ? 24 : 12)));
  });

  it.each([
    ["no_readings", seriesOf([])],
    ["under_24_hours", seriesOf([[0, 100]])],
    ["under_24_hours", everyStep(1, () => 100)],
    ["under_7_days", everyStep(6, () => 100)],
    ["under_70_percent", everyStep(14, () => 100, { stepMinutes: 5 })],
    [null, everyStep(7, () => 100)],
  ] as const)("says whether it suffices: %s", (reason, series) => {
    // Two thirds of each day for the one that has the days, but not the readings.
    const thin = reason === "under_70_percent" ? seriesOf(Array.from(series.timesMs, (ms) => [(ms - MONDAY) / MINUTE_MS, 100] as const).filter(([minute]) => minute % 1440 < 960)) : series;
    const profile = ambulatoryProfile(thin, "UTC");
    expect(profile.reason).toBe(reason);
    expect(profile.isSufficient).toBe(reason === null);
  });

  it("lets no day with less than an hour of readings count", () => {
    const series = everyStep(7, () => 100);
    const short = seriesOf(Array.from(series.timesMs, (ms) => [(ms - MONDAY) / MINUTE_MS, 100] as const).filter(([minute]) => minute < 6 * 1440 + 55));
    expect(ambulatoryProfile(short, "UTC").reason).toBe("under_7_days");
    expect(ambulatoryProfile(short, "UTC").days).toBe(7);
  });

  it("takes the best seven days", () => {
    const sparse = Array.from({ length: 10 }, (_, day) => Array.from({ length: 24 }, (_, i) => [(10 + day) * 1440 + i * 5, 100] as const)).flat();
    const full = Array.from({ length: 7 * 288 }, (_, i) => [i * 5, 100] as const);
    expect(ambulatoryProfile(seriesOf([...full, ...sparse]), "UTC").reason).toBeNull();
  });

  it("is the same when all days move together", () => {
    const values = (ms: number): number => 100 + ((ms / MINUTE_MS) % 97);
    const series = everyStep(10, values);
    const moved = { ...series, timesMs: series.timesMs.map((ms) => ms + 21 * DAY_MS) };
    expect(ambulatoryProfile(moved, "UTC")).toEqual(ambulatoryProfile(series, "UTC"));
  });

  it("refuses an unknown zone", () => {
    expect(() => ambulatoryProfile(everyStep(1, () => 100), "Mars/Olympus")).toThrow(RangeError);
  });
});

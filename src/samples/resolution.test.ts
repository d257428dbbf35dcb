import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, localDate, localDay, MINUTE_MS } from "#units/time.ts";
import type { MergedSamples } from "./sources/columns.ts";
import { aggregate as aggregateColumns, bucketOf, combine, type Resolution } from "./resolution.ts";

function merged(startMs: readonly number[], values: readonly number[] = startMs.map(() => 1)): MergedSamples {
  return {
    startMs: Float64Array.from(startMs), endMs: Float64Array.from(startMs, () => Number.NaN), values: Float64Array.from(values), offsetMinutes: startMs.map(() => 60),
    flags: Uint16Array.from(startMs, (_, index) => (index === 0 ? 1 : 0)), sourceIndexes: Uint16Array.from(startMs, (_, index) => index % 2),
  };
}
/** The buckets as lists. */
function aggregate(...asked: Parameters<typeof aggregateColumns>) {
  const { startMs, endMs, values, offsetMinutes, flags, sourceIndexes } = aggregateColumns(...asked);
  return { startMs: [...startMs], endMs: [...endMs], values: [...values], offsetMinutes, flags: [...flags], sourceIndexes: [...sourceIndexes] };
}
const at = (text: string): number => Date.parse(text);

describe("one number per stretch of time", () => {
  it("gives samples as they are when asked for raw", () => {
    const samples = merged([1, 2, 3]);
    expect(aggregateColumns("glucose", samples, "raw", "UTC")).toBe(samples);
  });

  it("takes the mean, the sum or the last, as the metric says", () => {
    const hour = at("2026-03-02T10:00:00Z");
    const samples = merged([hour, hour + 20 * MINUTE_MS, hour + 70 * MINUTE_MS], [100, 110, 130]);
    expect(aggregate("glucose", samples, "1h", "UTC").values).toEqual([105, 130]);
    expect(aggregate("steps", samples, "1h", "UTC").values).toEqual([210, 130]);
    expect(aggregate("weight", samples, "1h", "UTC").values).toEqual([110, 130]);
    expect(combine("steps", [0])).toBe(0);
  });

  it("leaves a stretch without samples out and marks each with its begin, end, flags and first source", () => {
    const hour = at("2026-03-02T10:00:00Z");
    expect(aggregate("glucose", merged([hour + 1, hour + 3 * HOUR_MS]), "1h", "Europe/Madrid")).toEqual({
      startMs: [hour, hour + 3 * HOUR_MS], endMs: [hour + HOUR_MS, hour + 4 * HOUR_MS], values: [1, 1], offsetMinutes: [60, 60], flags: [1, 0], sourceIndexes: [0, 1],
    });
  });

  it("takes local days as they are: 23 and 25 hours where clocks change [VA-10]", () => {
    for (const [zone, date, hours] of [
      ["Europe/Madrid", "2026-03-29", 23], ["Europe/Madrid", "2026-10-25", 25], ["America/New_York", "2026-03-08", 23],
      ["America/New_York", "2026-11-01", 25], ["Australia/Lord_Howe", "2026-04-05", 24.5], ["Asia/Kathmandu", "2026-05-05", 24],
    ] as const) {
      const { fromMs, toMs } = localDay(zone, date)!;
      expect((toMs - fromMs) / HOUR_MS, zone).toBe(hours);
      const everyHalfHour = Array.from({ length: hours * 2 }, (_, index) => fromMs + index * 30 * MINUTE_MS);
      const days = aggregate("steps", merged([fromMs - 1, ...everyHalfHour, toMs]), "1d", zone);
      expect(days.values, zone).toEqual([1, hours * 2, 1]);
      expect([days.startMs[1], days.endMs[1]]).toEqual([fromMs, toMs]);
    }
  });

  it("counts the hour that comes again before midnight to the day that had begun", () => {
    // Newfoundland's clocks went from 00:01 back to 23:01 of the day before, until 2011.
    const zone = "America/St_Johns";
    const day = localDay(zone, "2010-11-07")!;
    const samples = merged([day.fromMs - HOUR_MS, day.fromMs + 30 * MINUTE_MS, day.fromMs + 40 * MINUTE_MS, day.fromMs + 2 * HOUR_MS]);
    expect(localDate(zone, samples.startMs[1]!)).toBe("2010-11-06");
    expect(aggregate("steps", samples, "1d", zone).values).toEqual([1, 3]);
  });
});

describe("buckets, whatever the samples are", () => {
  const runs = { numRuns: 200, seed: 20_261_015 };
  const resolution = fc.constantFrom<Exclude<Resolution, "raw">>("1m", "5m", "15m", "1h", "1d");
  const zone = fc.constantFrom("UTC", "Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe");
  const times = fc.uniqueArray(fc.integer({ min: at("2026-03-01T00:00:00Z"), max: at("2026-04-10T00:00:00Z") }), { maxLength: 60 }).map((all) => all.toSorted((a, b) => a - b));

  it("count every sample once, in the stretch that it lies in, and overlap nowhere", () => {
    fc.assert(fc.property(times, resolution, zone, (startMs, asked, where) => {
      const { startMs: from, endMs: to, values } = aggregate("steps", merged(startMs), asked, where);
      expect(values.reduce((total, value) => total + value, 0)).toBe(startMs.length);
      for (const [index, begin] of from.entries()) {
        expect(startMs.filter((ms) => ms >= begin && ms < to[index]!).length).toBe(values[index]);
        if (index > 0) expect(begin).toBeGreaterThanOrEqual(to[index - 1]!);
      }
    }), runs);
  });

  it("are the same whether asked for together or apart at a bucket's edge", () => {
    fc.assert(fc.property(times, resolution, zone, fc.integer({ min: at("2026-03-01T00:00:00Z"), max: at("2026-04-10T00:00:00Z") }), (startMs, asked, where, cut) => {
      const edge = bucketOf(cut, asked, where).fromMs;
      const whole = aggregate("steps", merged(startMs), asked, where);
      const parts = [startMs.filter((ms) => ms < edge), startMs.filter((ms) => ms >= edge)].map((part) => aggregate("steps", merged(part), asked, where));
      expect(parts.flatMap((part) => part.startMs)).toEqual(whole.startMs);
      expect(parts.flatMap((part) => part.values)).toEqual(whole.values);
    }), runs);
  });

  it("hold the instant that they are asked for, and last no longer than they may", () => {
    const most = { "1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "1h": HOUR_MS, "1d": DAY_MS + HOUR_MS };
    fc.assert(fc.property(fc.integer({ min: 0, max: at("2100-01-01T00:00:00Z") }), resolution, zone, (ms, asked, where) => {
      const { fromMs, toMs } = bucketOf(ms, asked, where);
      expect(ms >= fromMs && ms < toMs && toMs - fromMs <= most[asked]).toBe(true);
    }), runs);
  });
});

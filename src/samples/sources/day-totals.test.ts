import { describe, expect, it } from "vitest";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, HOUR_MS, localDay } from "#units/time.ts";
import { flagBits } from "../store/flags.ts";
import { mergeSources, type RankedSamples } from "./merge.ts";
import { aggregate } from "../resolution.ts";

const ZONE = "Europe/Madrid";
const MIDNIGHT = localDay(ZONE, "2026-10-14")!.fromMs;

/** A source of an account: what it counted, from and to in hours of the day. */
function source(account: string, of: readonly (readonly [from: number, to: number | null, value: number])[], isDayTotal = false): Omit<RankedSamples, "sourceIndex"> {
  return {
    account, isDayTotal,
    samples: {
      startMs: Float64Array.from(of, ([from]) => MIDNIGHT + from * HOUR_MS), endMs: Float64Array.from(of, ([, to]) => (to === null ? Number.NaN : MIDNIGHT + to * HOUR_MS)),
      values: Float64Array.from(of, ([, , value]) => value), offsetMinutes: of.map(() => 120), flags: Uint16Array.from(of, () => (isDayTotal ? flagBits(["day_total"]) : 0)),
    },
  };
}
const total = (account: string, value: number, from = 0, to: number | null = from + 24) => source(account, [[from, to, value]], true);

/** Each day's number and the places of its sources, the best source first. */
function days(metric: MetricName, ...ranked: Omit<RankedSamples, "sourceIndex">[]): [number, number[]][] {
  const asking = { metric, resolution: "1d", zone: ZONE } as const;
  const merged = mergeSources(ranked.map((each, sourceIndex) => ({ ...each, sourceIndex })), asking);
  const told = aggregate(metric, merged, "1d", ZONE);
  return Array.from(told.values, (value, index) => {
    const of = new Set(Array.from(merged.startMs, (ms, at) => (ms >= told.startMs[index]! && ms < told.endMs[index]! ? merged.sourceIndexes[at]! : -1)).filter((at) => at >= 0));
    return [value, [...of].toSorted((a, b) => a - b)];
  });
}

describe("a vendor's total of a day", () => {
  it("day totals added to intraday samples: it is the truth about its own account, and never added to", () => {
    for (const metric of ["steps", "distance", "calories_active", "calories_total", "floors", "active_duration", "intensity_vigorous"] as const) {
      expect(days(metric, source("garmin", [[8, 9, 3_000], [9, 10, 500]]), total("garmin", 4_000)), metric).toEqual([[4_000, [1]]]);
      // The vendor took something back.
      expect(days(metric, source("garmin", [[8, 9, 3_000], [9, 10, 500]]), total("garmin", 3_200)), metric).toEqual([[3_200, [1]]]);
    }
  });

  it("gives way to what several devices counted together, where that is more", () => {
    const watch = source("garmin", [[8, 9, 3_000], [9, 10, 500]]);
    expect(days("steps", watch, source("phone", [[15, 16, 2_000]]), total("garmin", 4_000))).toEqual([[5_500, [0, 1]]]);
    expect(days("steps", watch, source("phone", [[15, 16, 200]]), total("garmin", 4_000))).toEqual([[4_000, [2]]]);
    expect(days("steps", source("phone", [[15, 16, 5_000]]), total("garmin", 4_000))).toEqual([[5_000, [0]]]);
  });

  it("counts with what was measured after its own end", () => {
    expect(days("steps", source("garmin", [[9, 9.25, 100], [11, 11.25, 250]]), total("garmin", 4_000, 0, 10))).toEqual([[4_250, [0, 1]]]);
    // Without an end it is of the whole day.
    expect(days("steps", source("garmin", [[9, 9.25, 100], [11, 11.25, 250]]), total("garmin", 4_000, 0, null))).toEqual([[4_000, [1]]]);
  });

  it("is one vendor's alone: totals of two are never added, and the better one's counts", () => {
    expect(days("steps", total("garmin", 4_000), total("phone", 9_000))).toEqual([[4_000, [0]]]);
    // Counted by days of another zone, it would else fill the hours that the first leaves.
    expect(days("steps", total("garmin", 4_000), total("phone", 9_000, 2, 26))).toEqual([[4_000, [0]]]);
    // Left on the table all day.
    expect(days("steps", total("garmin", 0), total("phone", 9_000))).toEqual([[9_000, [1]]]);
    expect(days("steps", total("garmin", 0), total("phone", 0))).toEqual([[0, [0]]]);
  });

  it("is decided for each day by itself", () => {
    const totals = source("garmin", [[-24, 0, 8_000], [0, 24, 4_000], [48, 72, 700]], true);
    expect(days("steps", source("garmin", [[8, 9, 3_000], [30, 31, 600]]), totals)).toEqual([[8_000, [1]], [4_000, [1]], [600, [0]], [700, [1]]]);
  });

  it("of a mean counts only where nothing was measured within the day", () => {
    const night = source("oura", [[3, null, 40], [27, null, 44]], true);
    expect(days("hrv_rmssd", source("oura", [[2, null, 50], [4, null, 60]]), night)).toEqual([[55, [0]], [44, [1]]]);
  });

  it("stands where there is nothing finer, also for finer resolutions, once a day", () => {
    const merged = mergeSources([total("garmin", 70), total("phone", 90, 2, 26)].map((each, sourceIndex) => ({ ...each, sourceIndex })), { metric: "floors", resolution: "raw", zone: ZONE });
    expect([...merged.values]).toEqual([70]);
    expect(merged.endMs[0]! - merged.startMs[0]!).toBe(DAY_MS);
  });
});

/** Series for tests. */
import type { GlucoseUnit } from "#units/glucose.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { cleanSeries, type Series } from "../series.ts";

/** Monday, 2 March 2026, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 2, 2);

/** Zones whose clocks change: at 2 by an hour, on the other half of the world, by half an hour, and at midnight. */
export const ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Santiago"] as const;

/** Readings at `[minutes after MONDAY, value]`. */
export function seriesOf(readings: readonly (readonly [number, number])[], unit: GlucoseUnit = "mg/dL"): Series {
  return cleanSeries({ timesMs: readings.map(([minute]) => MONDAY + minute * MINUTE_MS), values: readings.map(([, value]) => value) }, { unit });
}

/** A reading every `stepMinutes` of whole days from `fromMs` on, by its instant. */
export function everyStep(days: number, valueAt: (ms: number) => number, { fromMs = MONDAY, stepMinutes = 5 } = {}): Series {
  const timesMs = Float64Array.from({ length: Math.floor((days * DAY_MS) / (stepMinutes * MINUTE_MS)) }, (_, i) => fromMs + i * stepMinutes * MINUTE_MS);
  return cleanSeries({ timesMs, values: timesMs.map(valueAt) });
}

/** Days of samples, merged and cut. Pure. */
import { DAY_MS } from "#units/time.ts";
import type { DaySamples } from "./codec.ts";

/** One sample with all that is kept of it. */
export interface Sample {
  readonly startMs: number;
  /** NaN: an instant. */
  readonly endMs: number;
  readonly value: number;
  readonly offsetMinutes: number | null;
  readonly flags: number;
  readonly deliveryId: number;
}

/** Begin of the UTC day of an instant. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** The number of the UTC day since 1970. PostgreSQL's dates end; so do our days, long after and before anybody lived. */
export function dayNumber(ms: number): number {
  return Math.max(-700_000, Math.min(2_000_000, Math.floor(ms / DAY_MS)));
}

export function samplesOf(day: DaySamples): Sample[] {
  return Array.from(day.startMs, (startMs, index) => ({
    startMs, endMs: day.endMs[index]!, value: day.values[index]!, offsetMinutes: day.offsetMinutes[index] ?? null, flags: day.flags[index]!,
    deliveryId: day.deliveryIds[index]!,
  }));
}

/** Ascending by start. */
export function dayFrom(samples: readonly Sample[]): DaySamples {
  return {
    startMs: Float64Array.from(samples, ({ startMs }) => startMs), endMs: Float64Array.from(samples, ({ endMs }) => endMs),
    values: Float64Array.from(samples, ({ value }) => value), offsetMinutes: samples.map(({ offsetMinutes }) => offsetMinutes),
    flags: Uint16Array.from(samples, ({ flags }) => flags), deliveryIds: Float64Array.from(samples, ({ deliveryId }) => deliveryId),
  };
}

export function emptyDay(count: number): DaySamples {
  return {
    startMs: new Float64Array(count), endMs: new Float64Array(count), values: new Float64Array(count), deliveryIds: new Float64Array(count), flags: new Uint16Array(count),
    offsetMinutes: [],
  };
}

/** Days that follow one another as one. */
export function joinDays(days: readonly DaySamples[]): DaySamples {
  if (days.length === 1) return days[0]!;
  const whole = emptyDay(days.reduce((sum, day) => sum + day.values.length, 0));
  let at = 0;
  for (const { startMs, endMs, values, flags, deliveryIds, offsetMinutes } of days) {
    whole.startMs.set(startMs, at);
    whole.endMs.set(endMs, at);
    whole.values.set(values, at);
    whole.flags.set(flags, at);
    whole.deliveryIds.set(deliveryIds, at);
    for (let index = 0; index < offsetMinutes.length; index += 1) whole.offsetMinutes[at + index] = offsetMinutes[index]!;
    at += values.length;
  }
  return whole;
}

/** Samples from one place to another, by view where that can be. */
export function part(samples: DaySamples, from: number, end: number): DaySamples {
  if (from === 0 && end === samples.values.length) return samples;
  return {
    startMs: samples.startMs.subarray(from, end), endMs: samples.endMs.subarray(from, end), values: samples.values.subarray(from, end),
    deliveryIds: samples.deliveryIds.subarray(from, end), flags: samples.flags.subarray(from, end), offsetMinutes: samples.offsetMinutes.slice(from, end),
  };
}

/** Place of the first of ascending times that is not before `ms`. */
export function placeOf(times: Float64Array, ms: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const NO_SAMPLES: DaySamples = dayFrom([]);

export interface Merged {
  readonly samples: readonly Sample[];
  /** Those of the newcomers that were new or changed something. */
  readonly changed: readonly Sample[];
}

/**
 * Samples by start, both lists ascending and each start once in each. An equal newcomer changes nothing, a different one replaces an older delivery's
 * and never a newer one's.
 */
export function mergeSamples(known: readonly Sample[], newcomers: readonly Sample[]): Merged {
  const samples: Sample[] = [];
  const changed: Sample[] = [];
  let [at, next] = [0, 0];
  while (at < known.length || next < newcomers.length) {
    const [old, young] = [known[at], newcomers[next]];
    if (!young || (old && old.startMs < young.startMs)) {
      samples.push(old!);
      at += 1;
      continue;
    }
    next += 1;
    const isSameTime = old?.startMs === young.startMs;
    if (isSameTime) at += 1;
    if (isSameTime && (old.deliveryId > young.deliveryId || isEqual(old, young))) {
      samples.push(old);
      continue;
    }
    samples.push(young);
    changed.push(young);
  }
  return { samples, changed };
}

function isEqual(a: Sample, b: Sample): boolean {
  return a.value === b.value && Object.is(a.endMs, b.endMs) && a.offsetMinutes === b.offsetMinutes && a.flags === b.flags;
}

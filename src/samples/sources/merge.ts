/**
 * Several sources of one metric as one line, decided per interval and never per day: the better source where it has data, the next
 * one in its gaps. Pure; nothing is deleted, `source=` still shows each alone.
 */
import { METRICS, type MetricName } from "#units/metrics.ts";
import { MINUTE_MS } from "#units/time.ts";
import { inOrder, noSamples, ofSource, pick, type MergedSamples } from "./columns.ts";
import { mergeDayTotals } from "./day-totals.ts";
import { mergeIntervals } from "./intervals.ts";
import { isOccasional } from "./ranking.ts";
import type { DaysOf, Resolution } from "../resolution.ts";
import type { StoredSamples } from "../store/store.ts";

export { noSamples, type MergedSamples } from "./columns.ts";

export interface RankedSamples {
  /** Index into the reply's list of sources. */
  readonly sourceIndex: number;
  readonly samples: StoredSamples;
  /** The vendor's own totals of days. */
  readonly isDayTotal?: boolean;
  /** Provider and connection: whose totals and whose samples are of one account. */
  readonly account?: string;
  /** Its rhythm as otherwise known, for a window with too few samples to tell. */
  readonly spacingMs?: number | null;
  /** Better sources that show the same sensor, by their index, and how much later this one tells of it (links.ts). */
  readonly links?: ReadonlyMap<number, number>;
}

export interface Merging {
  readonly metric: MetricName;
  readonly resolution: Resolution;
  /** The patient's days. */
  readonly zone: DaysOf;
}

/** No instant of a better source hides another's that is further away (its newest one: twice as far), however slow its rhythm. */
export const LONGEST_REACH_MS = 15 * MINUTE_MS;
/** Nor does a faster rhythm leave gaps in a second. */
const FASTEST_RHYTHM_MS = MINUTE_MS;
/** An instant speaks for so many times its source's rhythm to either side: twice that is a pause that is silence. */
const REACH = 0.75;
/** One weighing by two paths: hubs cut seconds off, and round to the last decimal that people see. */
const SAME_OCCASION_MS = 2 * MINUTE_MS;

/**
 * Merges sources, the best first, as the metric wants it.
 *
 * - Steady instants (glucose, heart rate): a worse source fills where all better ones are silent for longer than their own rhythm.
 * - Occasional ones (weight, blood pressure): all are kept; the same measurement by two paths once.
 * - Sums over intervals (steps, energy) and means over intervals: intervals.ts.
 * - Vendors' totals of days, where days are asked for or there is nothing finer: day-totals.ts.
 *
 * The result of one source is that source, uncopied.
 */
export function mergeSources(ranked: readonly RankedSamples[], merging: Merging): MergedSamples {
  const filled = ranked.filter(({ samples }) => samples.values.length > 0);
  if (filled.length === 0) return noSamples();
  const measured = filled.filter(({ isDayTotal }) => !isDayTotal);
  const isOfDays = filled.length > 1 && measured.length < filled.length && (merging.resolution === "1d" || measured.length === 0);
  return isOfDays ? mergeDayTotals(mergeAlike(measured, merging.metric), filled, merging) : mergeAlike(filled, merging.metric);
}

function mergeAlike(ranked: readonly RankedSamples[], metric: MetricName): MergedSamples {
  const [best, ...others] = ranked;
  if (!best) return noSamples();
  if (others.length === 0) return ofSource(best.sourceIndex, best.samples);
  const { aggregate, form } = METRICS[metric];
  if (isOccasional(metric)) return mergeOccasions(ranked, 10 ** -METRICS[metric].decimals);
  if (aggregate === "sum" || form === "interval") return mergeIntervals(ranked, metric);
  return mergeInstants(ranked);
}

/** What a better source has told already. */
interface Told {
  readonly sourceIndex: number;
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly reachMs: number;
  /** Its newest, whether it was shown or not. */
  readonly newestMs: number;
}

function mergeInstants(ranked: readonly RankedSamples[]): MergedSamples {
  const told: Told[] = [];
  let merged = noSamples();
  for (const { sourceIndex, samples, spacingMs, links } of ranked) {
    const isHidden = new Uint8Array(samples.values.length);
    for (const better of told) hide(isHidden, samples, better, links?.get(better.sourceIndex) ?? 0);
    const left = leave(sourceIndex, samples, isHidden);
    if (left.values.length === 0) continue;
    told.push({ sourceIndex, startMs: left.startMs, endMs: left.endMs, reachMs: reachOf(samples.startMs, spacingMs ?? null), newestMs: samples.startMs.at(-1)! });
    merged = inOrder(merged, left);
  }
  return merged;
}

/** How far to either side an instant of a source speaks, by the source's own rhythm. */
export function reachOf(startMs: Float64Array, knownMs: number | null): number {
  return Math.min(LONGEST_REACH_MS, REACH * Math.max(FASTEST_RHYTHM_MS, rhythmOf(startMs) ?? knownMs ?? LONGEST_REACH_MS / 2 / REACH));
}

const PAUSES_LOOKED_AT = 96;

/** Rhythms that sensors and watches measure in. A rhythm is one of these, so that a day and a month of one source have the same. */
const RHYTHMS_MS = [1, 2, 3, 5, 10, 15, 20].map((minutes) => minutes * MINUTE_MS);

/**
 * The rhythm next to the pause that two of three pauses do not exceed, of some spread over all: sensors drop a reading now and then, watches measure
 * when the arm is still. Null for fewer than four samples.
 */
function rhythmOf(startMs: Float64Array): number | null {
  const count = startMs.length - 1;
  if (count < 3) return null;
  const step = Math.max(1, count / PAUSES_LOOKED_AT);
  const pauses: number[] = [];
  for (let at = 0; at < count; at += step) pauses.push(startMs[Math.floor(at) + 1]! - startMs[Math.floor(at)]!);
  const pauseMs = pauses.toSorted((a, b) => a - b)[Math.floor((pauses.length * 2) / 3)]!;
  const distance = (rhythmMs: number): number => Math.abs(Math.log(pauseMs / rhythmMs));
  return RHYTHMS_MS.reduce((nearest, rhythmMs) => (distance(rhythmMs) < distance(nearest) ? rhythmMs : nearest));
}

/** Marks what lies within what a better source speaks for. Both are ascending by start, so one walk along both is enough. */
function hide(isHidden: Uint8Array, samples: StoredSamples, better: Told, lagMs: number): void {
  const { startMs, endMs, reachMs, newestMs } = better;
  let at = 0;
  let spokenTo = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < isHidden.length; index += 1) {
    const start = samples.startMs[index]! - lagMs;
    const end = samples.endMs[index]! - lagMs;
    for (; at < startMs.length && startMs[at]! <= start; at += 1) {
      // After its newest a source is silent only once a whole pause has gone by: two sensors would else take turns in being the current one.
      const told = startMs[at]!;
      const reachTo = told + (told === newestMs ? 2 * reachMs : reachMs);
      // An end that is NaN is not larger.
      const to = endMs[at]! > reachTo ? endMs[at]! : reachTo;
      if (to > spokenTo) spokenTo = to;
    }
    if (spokenTo > start || (at < startMs.length && startMs[at]! - reachMs < (end > start ? end : start))) isHidden[index] = 1;
  }
}

function mergeOccasions(ranked: readonly RankedSamples[], sameWithin: number): MergedSamples {
  let merged = noSamples();
  for (const { sourceIndex, samples } of ranked) {
    const isHidden = new Uint8Array(samples.values.length);
    let from = 0;
    for (let index = 0; index < isHidden.length; index += 1) {
      const start = samples.startMs[index]!;
      while (from < merged.values.length && merged.startMs[from]! < start - SAME_OCCASION_MS) from += 1;
      for (let at = from; at < merged.values.length && merged.startMs[at]! <= start + SAME_OCCASION_MS; at += 1) {
        if (Math.abs(merged.values[at]! - samples.values[index]!) <= sameWithin * 1.000_001) isHidden[index] = 1;
      }
    }
    merged = inOrder(merged, leave(sourceIndex, samples, isHidden));
  }
  return merged;
}

function leave(sourceIndex: number, samples: StoredSamples, isHidden: Uint8Array): MergedSamples {
  const whole = ofSource(sourceIndex, samples);
  if (!isHidden.includes(1)) return whole;
  const places: number[] = [];
  for (let index = 0; index < isHidden.length; index += 1) if (isHidden[index] === 0) places.push(index);
  return places.length === 0 ? noSamples() : pick(whole, places);
}

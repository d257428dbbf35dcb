/**
 * The same glucose sensor by two paths (the maker's cloud and Nightscout, a reader's file and a phone): found by what both say of the time that
 * they have in common. Pure and deterministic.
 */
import { MINUTE_MS } from "#units/time.ts";
import type { RankedSamples } from "./merge.ts";

/** Readings of one path, ascending, mg/dL. */
export interface SensorPath {
  readonly startMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface SensorLink {
  /** How much later the second path tells of the same reading; negative where it is earlier. */
  readonly lagMs: number;
  /** Readings of the second path beside one of the first, of those looked at, and how many of them agree. */
  readonly compared: number;
  readonly agreed: number;
}

/**
 * Half a unit in the last place of mmol/L with one decimal, and half a mg/dL that was rounded away before it: two paths of one reading differ by
 * no more. Two sensors on one person differ by ten times that (a mean difference of 8 to 10 % is usual).
 */
const ROUNDING_MG_DL = 0.05 * 18.0156 + 0.5 + 0.01;
/** Some convert with 18, some with 18.0182. */
const FACTOR_ERROR = 0.001;
/** Paths later than this are told from one another by their times anyway. */
const LONGEST_LAG_MS = 15 * MINUTE_MS;
/** Lags closer than this are one. */
const LAG_STEP_MS = 30_000;
/** An hour of a five-minute sensor. Less agrees by chance. */
const FEWEST_COMPARED = 12;
/** A flat line agrees with any other. */
const FEWEST_VALUES = 4;
const SHARE_AGREED = 0.95;
const MOST_COMPARED = 1_500;
const MOST_PROBES = 48;
const LAGS_TRIED = 4;

/**
 * Whether two paths show one sensor: where both have readings within half the sensor's period of one another (after a constant lag of up to a
 * quarter of an hour), at least 95 % agree within the rounding of 1 mg/dL or 0.1 mmol/L. Null where they differ, or have too little in common
 * to tell: fewer than 12 readings, or of fewer than 4 values.
 */
export function linkOf(first: SensorPath, second: SensorPath): SensorLink | null {
  const periodMs = Math.min(periodOf(first), periodOf(second));
  if (!Number.isFinite(periodMs)) return null;
  let best: SensorLink | null = null;
  for (const lagMs of likelyLags(first, second)) {
    const link = compare(first, second, { lagMs, withinMs: periodMs / 2 });
    if (link && link.agreed > (best?.agreed ?? 0)) best = link;
  }
  return best;
}

/** The middle one of the pauses between readings. */
function periodOf({ startMs }: SensorPath): number {
  const step = Math.max(1, Math.floor(startMs.length / 64));
  const pauses: number[] = [];
  for (let at = 1; at < startMs.length; at += step) pauses.push(startMs[at]! - startMs[at - 1]!);
  return pauses.toSorted((a, b) => a - b)[pauses.length >>> 1] ?? Number.POSITIVE_INFINITY;
}

/** The lags that most readings of the second path would agree with, the likeliest first; no lag is always among them. */
function likelyLags(first: SensorPath, second: SensorPath): number[] {
  const votes = new Map<number, number>();
  const count = second.startMs.length;
  const step = Math.max(1, count / MOST_PROBES);
  let from = 0;
  for (let probe = 0; probe < count; probe += step) {
    const at = Math.floor(probe);
    const ms = second.startMs[at]!;
    while (from < first.startMs.length && first.startMs[from]! < ms - LONGEST_LAG_MS) from += 1;
    for (let other = from; other < first.startMs.length && first.startMs[other]! <= ms + LONGEST_LAG_MS; other += 1) {
      if (!agree(first.values[other]!, second.values[at]!)) continue;
      const lagMs = Math.round((ms - first.startMs[other]!) / LAG_STEP_MS) * LAG_STEP_MS;
      votes.set(lagMs, (votes.get(lagMs) ?? 0) + 1);
    }
  }
  const byVotes = [...votes].toSorted((a, b) => b[1] - a[1] || Math.abs(a[0]) - Math.abs(b[0]) || a[0] - b[0]).slice(0, LAGS_TRIED).map(([lagMs]) => lagMs);
  return [...new Set([...byVotes, 0])];
}

function agree(one: number, other: number): boolean {
  return Math.abs(one - other) <= ROUNDING_MG_DL + FACTOR_ERROR * Math.max(one, other);
}

function compare(first: SensorPath, second: SensorPath, { lagMs, withinMs }: { lagMs: number; withinMs: number }): SensorLink | null {
  const step = Math.max(1, second.startMs.length / MOST_COMPARED);
  const seen = new Set<number>();
  let [compared, agreed, near] = [0, 0, 0];
  for (let probe = 0; probe < second.startMs.length; probe += step) {
    const at = Math.floor(probe);
    const ms = second.startMs[at]! - lagMs;
    while (near + 1 < first.startMs.length && Math.abs(first.startMs[near + 1]! - ms) <= Math.abs(first.startMs[near]! - ms)) near += 1;
    if (near >= first.startMs.length || Math.abs(first.startMs[near]! - ms) > withinMs) continue;
    compared += 1;
    seen.add(Math.round(second.values[at]!));
    if (agree(first.values[near]!, second.values[at]!)) agreed += 1;
  }
  const isSame = compared >= FEWEST_COMPARED && seen.size >= FEWEST_VALUES && agreed >= SHARE_AGREED * compared;
  return isSame ? { lagMs, compared, agreed } : null;
}

/** Marks in ranked sources of glucose, the best first, which better ones show the same sensor. Sources without a link stay as they are. */
export function linkSources<Ranked extends RankedSamples>(ranked: readonly Ranked[]): Ranked[] {
  return ranked.map((each, rank) => {
    const links = new Map<number, number>();
    for (const better of ranked.slice(0, rank)) {
      const link = linkOf(better.samples, each.samples);
      if (link) links.set(better.sourceIndex, link.lagMs);
    }
    return links.size === 0 ? each : { ...each, links };
  });
}

/**
 * Merging what belongs to stretches of time: sums (steps, distance, energy) and means over intervals. Pure. A worse source's interval
 * counts with the part that no better one covers.
 */
import { METRICS, type MetricName } from "#units/metrics.ts";
import { inOrder, noSamples, ofSource, sorted, type MergedSamples } from "./columns.ts";
import { flagBits } from "../store/flags.ts";
import type { RankedSamples } from "./merge.ts";
import type { StoredSamples } from "../store/store.ts";

/** Stretches of time that a source covers, ascending and apart, and how much it counted in each. */
interface Cover {
  readonly fromMs: number[];
  readonly toMs: number[];
  readonly amounts: number[];
}

const NO_COVER: Cover = { fromMs: [], toMs: [], amounts: [] };

/** What is left of a source's samples. */
interface Pieces extends Cover {
  /** Place of the sample that each is a piece of. */
  readonly places: number[];
  readonly isPart: boolean[];
}

/** A value without a length (a glass of water) stands for this much to either side. */
const INSTANT_MS = 30_000;
const ESTIMATED = flagBits(["estimated"]);

/**
 * A 0 of these says something itself: nobody sat still. Of all other sums it is also what a device tells that was not worn, so it hides
 * nobody who counted something.
 */
const MEANT_ZEROS: ReadonlySet<MetricName> = new Set(["sedentary_duration", "stress_high_duration", "stress_recovery_duration"]);

type Round = "all" | "counted" | "zeros";

/**
 * Merges sources, the best first. Of sums, an interval counts with its uncovered share by time, flagged `estimated`, and never with more than
 * what is left of its number after what better sources counted within it: many leave minutes without a step out, and a silent minute between
 * two of theirs is no gap. A mean is not split: where a better source's value reaches into its stretch from one side, it stands for the
 * rest if that is half of it at least.
 */
export function mergeIntervals(ranked: readonly RankedSamples[], metric: MetricName): MergedSamples {
  const isSum = METRICS[metric].aggregate === "sum";
  const hasWeakZeros = isSum && !MEANT_ZEROS.has(metric) && ranked.some(({ samples }) => samples.values.includes(0));
  // What counted something goes first, whoever it is of; zeros take what is left.
  const rounds: readonly Round[] = hasWeakZeros ? ["counted", "zeros"] : ["all"];
  const kept: { readonly by: number; readonly pieces: Pieces }[] = [];
  for (const round of rounds) {
    const before = kept.length;
    for (const [by, { samples }] of ranked.entries()) {
      // A source is never cut by itself.
      const others = kept.filter((each, place) => each.by !== by && (place < before || each.by < by)).map((each) => each.pieces);
      kept.push({ by, pieces: piecesOf(samples, { round, isSum, cover: unionOf(others) }) });
    }
  }
  let merged = noSamples();
  for (const [by, { sourceIndex, samples }] of ranked.entries()) {
    const own = kept.filter((each) => each.by === by).map((each) => each.pieces);
    const isWhole = own.reduce((sum, { places }) => sum + places.length, 0) === samples.values.length && own.every(({ isPart }) => !isPart.includes(true));
    if (isWhole) merged = inOrder(merged, ofSource(sourceIndex, samples));
    else for (const pieces of own) merged = inOrder(merged, columnsOf(sourceIndex, samples, pieces));
  }
  return merged;
}

interface Asked {
  readonly round: Round;
  readonly isSum: boolean;
  readonly cover: Cover;
}

/** What is free of each sample of a round, ascending by the samples' starts. */
function piecesOf(samples: StoredSamples, { round, isSum, cover }: Asked): Pieces {
  const pieces: Pieces = { fromMs: [], toMs: [], amounts: [], places: [], isPart: [] };
  let first = 0;
  for (let place = 0; place < samples.values.length; place += 1) {
    const value = samples.values[place]!;
    if (round !== "all" && (value === 0) !== (round === "zeros")) continue;
    const start = samples.startMs[place]!;
    const isInterval = samples.endMs[place]! > start;
    const fromMs = isInterval ? start : start - INSTANT_MS;
    const toMs = isInterval ? samples.endMs[place]! : start + INSTANT_MS;
    while (first < cover.toMs.length && cover.toMs[first]! <= start - INSTANT_MS) first += 1;
    const { free, freeMs, counted, isSpokenFor } = freeOf(cover, first, fromMs, toMs);
    if (freeMs === toMs - fromMs) add(pieces, { place, fromMs, toMs, amount: value, isPart: false });
    else if (!isInterval || free.length === 0) continue;
    else if (isSum) addParts(pieces, { place, value, share: freeMs / (toMs - fromMs), left: value - counted, free });
    // A mean is of the whole: it stands for a part only where days, or the like, begin at other hours than a better source's.
    else if (free.length === 1 && freeMs * 2 >= toMs - fromMs && !isSpokenFor) add(pieces, { place, fromMs: free[0]![0], toMs: free[0]![1], amount: value, isPart: true });
  }
  return pieces;
}

interface Free {
  readonly free: readonly (readonly [number, number])[];
  readonly freeMs: number;
  /** What is counted already within the stretch. */
  readonly counted: number;
  /** Whether a better source has a value that belongs to this stretch alone. */
  readonly isSpokenFor: boolean;
}

function freeOf(cover: Cover, first: number, fromMs: number, toMs: number): Free {
  const free: (readonly [number, number])[] = [];
  let counted = 0;
  let isSpokenFor = false;
  let cursor = fromMs;
  for (let at = first; at < cover.fromMs.length && cover.fromMs[at]! < toMs; at += 1) {
    const [from, to] = [cover.fromMs[at]!, cover.toMs[at]!];
    if (to <= cursor) continue;
    if (from > cursor) free.push([cursor, from]);
    counted += (cover.amounts[at]! * (Math.min(to, toMs) - Math.max(from, fromMs))) / (to - from);
    isSpokenFor ||= from >= fromMs && to <= toMs;
    cursor = to;
  }
  if (cursor < toMs) free.push([cursor, toMs]);
  return { free, freeMs: free.reduce((sum, [from, to]) => sum + to - from, 0), counted, isSpokenFor };
}

interface Parts {
  readonly place: number;
  readonly value: number;
  readonly share: number;
  /** The most that may still count. */
  readonly left: number;
  readonly free: Free["free"];
}

function addParts(pieces: Pieces, { place, value, share, left, free }: Parts): void {
  const amount = Math.min(value * share, Math.max(0, left));
  if (amount === 0 && value !== 0) return;
  const freeMs = free.reduce((sum, [from, to]) => sum + to - from, 0);
  for (const [fromMs, toMs] of free) add(pieces, { place, fromMs, toMs, amount: (amount * (toMs - fromMs)) / freeMs, isPart: true });
}

function add(pieces: Pieces, piece: { place: number; fromMs: number; toMs: number; amount: number; isPart: boolean }): void {
  pieces.places.push(piece.place);
  pieces.fromMs.push(piece.fromMs);
  pieces.toMs.push(piece.toMs);
  pieces.amounts.push(piece.amount);
  pieces.isPart.push(piece.isPart);
}

/** Covers as one: ascending, and what overlaps made one stretch of both amounts. */
function unionOf(covers: readonly Cover[]): Cover {
  let union = NO_COVER;
  for (const cover of covers) {
    if (cover.fromMs.length === 0) continue;
    const apart = isApart(cover) ? cover : together(ascending(cover), NO_COVER);
    union = union.fromMs.length === 0 ? apart : together(union, apart);
  }
  return union;
}

/** Two ascending covers as one. */
function together(one: Cover, other: Cover): Cover {
  const union: Cover = { fromMs: [], toMs: [], amounts: [] };
  const take = (cover: Cover, at: number): void => {
    const last = union.toMs.length - 1;
    if (last >= 0 && cover.fromMs[at]! < union.toMs[last]!) {
      union.toMs[last] = Math.max(union.toMs[last]!, cover.toMs[at]!);
      union.amounts[last]! += cover.amounts[at]!;
    } else {
      union.fromMs.push(cover.fromMs[at]!);
      union.toMs.push(cover.toMs[at]!);
      union.amounts.push(cover.amounts[at]!);
    }
  };
  const end = other.fromMs.length;
  for (let at = 0, next = 0; at < one.fromMs.length || next < end; ) {
    if (next === end || (at < one.fromMs.length && one.fromMs[at]! <= other.fromMs[next]!)) take(one, at++);
    else take(other, next++);
  }
  return union;
}

function ascending({ fromMs, toMs, amounts }: Cover): Cover {
  const order = fromMs.map((_, at) => at).toSorted((a, b) => fromMs[a]! - fromMs[b]!);
  return { fromMs: order.map((at) => fromMs[at]!), toMs: order.map((at) => toMs[at]!), amounts: order.map((at) => amounts[at]!) };
}

function isApart({ fromMs, toMs }: Cover): boolean {
  for (let at = 1; at < fromMs.length; at += 1) if (fromMs[at]! < toMs[at - 1]!) return false;
  return true;
}

function columnsOf(sourceIndex: number, samples: StoredSamples, { places, fromMs, toMs, amounts, isPart }: Pieces): MergedSamples {
  return sorted({
    startMs: Float64Array.from(places, (place, index) => (isPart[index] ? fromMs[index]! : samples.startMs[place]!)),
    endMs: Float64Array.from(places, (place, index) => (isPart[index] ? toMs[index]! : samples.endMs[place]!)),
    values: Float64Array.from(amounts),
    offsetMinutes: places.map((place) => samples.offsetMinutes[place] ?? null),
    // A part of nothing is nothing, and no estimate.
    flags: Uint16Array.from(places, (place, index) => samples.flags[place]! | (isPart[index] && amounts[index] !== 0 ? ESTIMATED : 0)),
    sourceIndexes: new Uint16Array(places.length).fill(sourceIndex),
  });
}

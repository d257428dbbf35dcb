/** Several sources of one metric as one line of samples, in typed arrays. Pure. */
import { emptyDay, joinDays, part, placeOf } from "./store/day.ts";
import type { DaySamples } from "./store/codec.ts";
import { LONGEST_REACH_MS, mergeSources, type Merging, type RankedSamples } from "./sources/merge.ts";

/** Samples of one metric over its sources, ascending. */
export interface Line extends DaySamples {
  /** Into the list of the metric's sources. */
  readonly sourceIndexes: Uint16Array;
}

export interface RankedDays extends RankedSamples {
  readonly samples: DaySamples;
}

export const EMPTY_LINE: Line = { ...emptyDay(0), sourceIndexes: new Uint16Array(0) };

/** Sources, the best first, as one line (merge.ts). Where no two of them meet, which is the rule, there is nothing to choose. */
export function lineOf(ranked: readonly RankedDays[], merging: Merging): Line {
  const some = ranked.filter(({ samples }) => samples.values.length > 0);
  if (some.length === 0) return EMPTY_LINE;
  if (some.length === 1) return oneAfterAnother(some);
  const inOrder = some.toSorted((a, b) => a.samples.startMs[0]! - b.samples.startMs[0]!);
  // Totals of days are weighed against all that was measured in those days.
  const areApart = !some.some(({ isDayTotal }) => isDayTotal) && inOrder.every(({ samples }, index) => index === 0 || samples.startMs[0]! > reachOf(inOrder[index - 1]!.samples));
  return areApart ? oneAfterAnother(inOrder) : chosen(some, merging);
}

/** After this nothing of a source can meet another's. */
function reachOf({ startMs, endMs }: DaySamples): number {
  let reachMs = startMs.at(-1)!;
  for (const each of endMs) if (each > reachMs) reachMs = each;
  return reachMs + 2 * LONGEST_REACH_MS;
}

function oneAfterAnother(sources: readonly RankedDays[]): Line {
  const samples = joinDays(sources.map((source) => source.samples));
  const sourceIndexes = new Uint16Array(samples.values.length);
  let at = 0;
  for (const source of sources) {
    sourceIndexes.fill(source.sourceIndex, at, at + source.samples.values.length);
    at += source.samples.values.length;
  }
  return { ...samples, sourceIndexes };
}

function chosen(ranked: readonly RankedDays[], merging: Merging): Line {
  const merged = mergeSources(ranked, merging);
  const samplesOf = new Map(ranked.map(({ sourceIndex, samples }) => [sourceIndex, samples]));
  const deliveryIds = new Float64Array(merged.values.length);
  for (let index = 0; index < deliveryIds.length; index += 1) {
    const samples = samplesOf.get(merged.sourceIndexes[index]!)!;
    // The part of an interval that no better source covers begins after the interval does.
    deliveryIds[index] = samples.deliveryIds[placeOf(samples.startMs, merged.startMs[index]! + 1) - 1]!;
  }
  return { ...merged, offsetMinutes: [...merged.offsetMinutes], deliveryIds };
}

/** What begins in `[fromMs, toMs)`. */
export function within(line: Line, fromMs: number, toMs: number): Line {
  return partOf(line, placeOf(line.startMs, fromMs), placeOf(line.startMs, toMs));
}

export function partOf(line: Line, from: number, end: number): Line {
  if (from === 0 && end === line.values.length) return line;
  return { ...part(line, from, end), sourceIndexes: line.sourceIndexes.subarray(from, end) };
}

/** The samples at these places. */
export function pick(line: Line, places: Uint32Array): Line {
  const few = { ...emptyDay(places.length), sourceIndexes: new Uint16Array(places.length) };
  // A mapping function a column would cost several times as much, and a long line is picked from again and again.
  for (let index = 0; index < places.length; index += 1) {
    const place = places[index]!;
    few.startMs[index] = line.startMs[place]!;
    few.endMs[index] = line.endMs[place]!;
    few.values[index] = line.values[place]!;
    few.deliveryIds[index] = line.deliveryIds[place]!;
    few.flags[index] = line.flags[place]!;
    few.sourceIndexes[index] = line.sourceIndexes[place]!;
    few.offsetMinutes.push(line.offsetMinutes[place] ?? null);
  }
  return few;
}

/** Lines that follow one another as one. */
export function joinLines(lines: readonly Line[]): Line {
  if (lines.length === 1) return lines[0]!;
  const samples = joinDays(lines);
  const sourceIndexes = new Uint16Array(samples.values.length);
  let at = 0;
  for (const line of lines) {
    sourceIndexes.set(line.sourceIndexes, at);
    at += line.values.length;
  }
  return { ...samples, sourceIndexes };
}

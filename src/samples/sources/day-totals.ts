/**
 * A vendor's own totals of days beside what was measured within them, where days are asked for. Pure. The two are never added up: for each
 * local day either the one or the other counts.
 */
import { METRICS } from "#units/metrics.ts";
import { placeOf } from "../store/day.ts";
import { inOrder, noSamples, ofSource, pick, sorted, type MergedSamples } from "./columns.ts";
import type { Merging, RankedSamples } from "./merge.ts";
import { bucketOf, type DaysOf } from "../resolution.ts";

/** The totals that one source gave for one local day. */
interface DayTotals {
  readonly ranked: RankedSamples;
  readonly places: number[];
  readonly toMs: number;
}

/**
 * Puts totals of days in place of what was measured in those days, `measured` (merged already), where they are the better number:
 *
 * - of sums, the best-ranked vendor's total (one of 0 only where no other counted anything) is the truth about that vendor's own account: it
 *   knows what its device sent late or corrected. Where others measured that day, too, what all measured together counts unless it is less
 *   than the total, for they may have been worn when that device was not. What was measured after a total's own end is not in it and counts.
 * - of means and last values, only on days on which nothing was measured.
 */
export function mergeDayTotals(measured: MergedSamples, all: readonly RankedSamples[], { metric, zone }: Pick<Merging, "metric" | "zone">): MergedSamples {
  const isSum = METRICS[metric].aggregate === "sum";
  const days = totalsByDay(all, zone);
  const accountOf = new Map(all.map(({ sourceIndex, account }) => [sourceIndex, account ?? String(sourceIndex)]));
  const isReplaced = new Uint8Array(measured.values.length);
  let totals = noSamples();
  for (const [fromMs, day] of [...days].toSorted((a, b) => a[0] - b[0])) {
    const [first, end] = [placeOf(measured.startMs, fromMs), placeOf(measured.startMs, day.toMs)];
    const { places, ranked } = day;
    const isWithin = withinOf(ranked, places, day.toMs);
    if (first < end) {
      if (!isSum) continue;
      const account = accountOf.get(ranked.sourceIndex);
      let [counted, after, isShared] = [0, 0, false];
      for (let at = first; at < end; at += 1) {
        counted += measured.values[at]!;
        if (!isWithin(measured.startMs[at]!)) after += measured.values[at]!;
        isShared ||= accountOf.get(measured.sourceIndexes[at]!) !== account;
      }
      const total = places.reduce((sum, place) => sum + ranked.samples.values[place]!, 0);
      if (isShared && counted > total + after) continue;
      for (let at = first; at < end; at += 1) if (isWithin(measured.startMs[at]!)) isReplaced[at] = 1;
    }
    totals = inOrder(totals, pick(ofSource(ranked.sourceIndex, ranked.samples), places));
  }
  if (totals.values.length === 0) return measured;
  const rest = Array.from(isReplaced, (_, at) => at).filter((at) => isReplaced[at] === 0);
  return sorted(inOrder(totals, pick(measured, rest)));
}

/** Whether an instant of the day lies in the totals' own time. */
function withinOf({ samples }: RankedSamples, places: readonly number[], dayEndMs: number): (ms: number) => boolean {
  const stretches = places.map((place) => {
    const [startMs, endMs] = [samples.startMs[place]!, samples.endMs[place]!];
    // A total without an end is of the whole day.
    return endMs > startMs ? [startMs, endMs] as const : [Number.NEGATIVE_INFINITY, dayEndMs] as const;
  });
  return (ms) => stretches.some(([from, to]) => ms >= from && ms < to);
}

/** By the begin of the local day, the totals of the best source that has any for it. */
function totalsByDay(all: readonly RankedSamples[], zone: DaysOf): Map<number, DayTotals> {
  const best = new Map<number, DayTotals>();
  for (const ranked of all.filter(({ isDayTotal }) => isDayTotal)) {
    const own = new Map<number, DayTotals>();
    for (const [place, startMs] of ranked.samples.startMs.entries()) {
      const { fromMs, toMs } = bucketOf(startMs, "1d", zone);
      const day = own.get(fromMs);
      if (day) day.places.push(place);
      else own.set(fromMs, { ranked, places: [place], toMs });
    }
    const isNothing = ({ ranked: { samples }, places }: DayTotals): boolean => places.every((place) => samples.values[place] === 0);
    for (const [fromMs, day] of own) {
      const before = best.get(fromMs);
      if (!before || (isNothing(before) && !isNothing(day))) best.set(fromMs, day);
    }
  }
  return best;
}

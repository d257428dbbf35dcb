/** Shares by ranges that kept days do not have: counted in the readings of each day. */
import type { Tx } from "#db/database.ts";
import { timeInRanges, type RangeBounds, type RangeShares } from "#glucose/ranges.ts";
import { readSeries } from "#samples/read.ts";
import { readDayValues } from "#summaries/read-days.ts";
import type { Window } from "#units/time.ts";
import { daysTouching, type ZoneHistory } from "#units/zones.ts";

/** Readings of a day, and how many of them lie in each range. */
interface CountedDay {
  readonly fromMs: number;
  readonly total: number;
  readonly counts: RangeShares;
}

const NAMES = ["veryLow", "low", "target", "high", "veryHigh", "tight"] as const satisfies readonly (keyof RangeShares)[];

/** The days of the window that have readings, counted by these bounds (both units; see `timeInRanges`). */
export async function countDays(tx: Tx, patientId: string, { history, window, bounds }: { readonly history: ZoneHistory; readonly window: Window; readonly bounds: RangeBounds }): Promise<CountedDay[]> {
  const known = await readSeries(tx, patientId, ["glucose"]);
  if (known.series.length === 0) return [];
  const days = await readDayValues({ tx, patientId, history, known }, "glucose", daysTouching(history, window));
  return days.map(({ day, values: { values } }) => {
    const { ranges } = timeInRanges(Float64Array.from(values), "mg/dL", bounds)!;
    return { fromMs: day.fromMs, total: values.length, counts: everyRange((name) => Math.round((ranges[name] * values.length) / 100)) };
  });
}

/** Shares of all readings of the days that begin in the window, percent; null where there are none. */
export function sharesOf(days: readonly CountedDay[], { fromMs, toMs }: Window): RangeShares | null {
  const within = days.filter((day) => day.fromMs >= fromMs && day.fromMs < toMs);
  const total = within.reduce((sum, day) => sum + day.total, 0);
  if (total === 0) return null;
  return everyRange((name) => (100 * within.reduce((sum, { counts }) => sum + counts[name], 0)) / total);
}

function everyRange(of: (name: keyof RangeShares) => number): RangeShares {
  return Object.fromEntries(NAMES.map((name) => [name, of(name)])) as unknown as RangeShares;
}

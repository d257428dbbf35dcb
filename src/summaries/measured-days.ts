/** The local days on which a person's glucose was measured, over all their time: from what is kept, and from the samples what the follower has not reached. */
import type { Tx } from "#db/database.ts";
import { readSeries, type KnownSeries } from "#samples/read.ts";
import { extentsOf } from "#samples/store/extent.ts";
import type { MetricName } from "#units/metrics.ts";
import { MINUTE_MS, type Window } from "#units/time.ts";
import { dayAt, daysTouching, type LocalDay, type ZoneHistory } from "#units/zones.ts";
import { readStaleness } from "./days.ts";
import { readDayValues, summarizeDays } from "./read-days.ts";
import { readKeptCounts } from "./store.ts";
import type { MeasuredDay } from "./streaks.ts";

/**
 * `measured`: what the person measured, by a meter or typed. `all`: what a sensor measured counts as well, and so a streak is one of wearing it.
 */
export const MEASURED_BY = ["measured", "all"] as const;
export type MeasuredBy = (typeof MEASURED_BY)[number];

export interface MeasuredAsked {
  readonly patientId: string;
  readonly history: ZoneHistory;
  readonly of: MeasuredBy;
  readonly nowMs: number;
}

/** One finger-stick that two vendors tell of is told with so much between. */
const SAME_MS = MINUTE_MS;

/** Days that have values, ascending, up to today. */
export async function readMeasuredDays(tx: Tx, asked: MeasuredAsked): Promise<MeasuredDay[]> {
  // In this order, as `readDaySummaries` asks.
  const { stale, known } = await readStaleness(tx, asked.patientId);
  const kept = await readKeptCounts(tx, asked.patientId, ["glucose", "glucose_meter"]);
  const calendar = new Map<number, LocalDay>();
  const days = new Map<number, MeasuredDay>();
  const count = (day: LocalDay, times: number): void => {
    days.set(day.fromMs, { date: day.date, fromMs: day.fromMs, toMs: day.toMs, times: times + (days.get(day.fromMs)?.times ?? 0) });
  };
  for (const metric of ["glucose", "glucose_meter"] as const) {
    const windows = stale === null ? [ALWAYS] : (stale.get(metric) ?? []);
    const isFresh = (day: Window): boolean => !windows.some(({ fromMs, toMs }) => fromMs < day.toMs && toMs > day.fromMs);
    const fresh = (kept.get(metric) ?? []).filter(isFresh);
    for (const day of fresh) calendar.set(day.fromMs, day);
    if (metric === "glucose" && asked.of === "measured") continue;
    for (const { times, ...day } of fresh) count(day, times);
    for (const day of await summarizedAnew(tx, { ...asked, known }, metric, windows)) count(day, day.count);
  }
  for (const day of await fingerSticks(tx, asked, { calendar, hasMeter: (day) => days.has(day.fromMs) })) count(day, day.times);
  return [...days.values()].filter(({ fromMs }) => fromMs <= asked.nowMs).toSorted((a, b) => a.fromMs - b.fromMs);
}

const ALWAYS: Window = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

type Reading = MeasuredAsked & { readonly known: KnownSeries | null };

async function summarizedAnew(tx: Tx, { patientId, history, known, nowMs }: Reading, metric: MetricName, windows: readonly Window[]): Promise<(LocalDay & { readonly count: number })[]> {
  if (windows.length === 0) return [];
  const series = known ?? (await readSeries(tx, patientId, [metric]));
  const extents = [...(await extentsOf(tx, patientId, series.series.filter((each) => each.metric === metric).map(({ id }) => id))).values()];
  if (extents.length === 0) return [];
  const [firstMs, lastMs] = [Math.min(...extents.map(({ fromMs }) => fromMs)), Math.min(nowMs, Math.max(...extents.map(({ toMs }) => toMs)))];
  const days = new Map<number, LocalDay>();
  for (const { fromMs, toMs } of windows) {
    for (const day of daysTouching(history, { fromMs: Math.max(fromMs, firstMs), toMs: Math.min(toMs, lastMs + 1) })) days.set(day.fromMs, day);
  }
  return summarizeDays({ tx, patientId, history, known: series }, metric, [...days.values()].toSorted((a, b) => a.fromMs - b.fromMs));
}

/**
 * Finger-sticks that came as something that the person did and not as a sample. Typing tells of both, and two vendors may tell of one: on days that have
 * both, the samples' instants tell which were counted already.
 */
async function fingerSticks(
  tx: Tx, { patientId, history, nowMs }: MeasuredAsked, { calendar, hasMeter }: { readonly calendar: ReadonlyMap<number, LocalDay>; readonly hasMeter: (day: LocalDay) => boolean },
): Promise<MeasuredDay[]> {
  const rows = await tx.prepared<{ at: number }>(
    "finger_sticks",
    `select start_at as at from treatments where patient_id = $1 and kind = 'meter_glucose' and withdrawn_at is null and start_at <= to_timestamp($2::float8 / 1000) order by start_at`,
    [patientId, nowMs],
  );
  const byDay = onDays(history, calendar, apart(rows.map(({ at }) => at)));
  const both = byDay.filter(({ day }) => hasMeter(day)).map(({ day }) => day);
  const sampled = both.length === 0 ? [] : await readDayValues({ tx, patientId, history, known: await readSeries(tx, patientId, ["glucose_meter"]) }, "glucose_meter", both);
  const samples = new Map(sampled.map(({ day, values }) => [day.fromMs, values.startMs]));
  return byDay.flatMap(({ day, times }) => {
    const told = samples.get(day.fromMs) ?? [];
    const own = times.filter((ms) => !told.some((sampleMs) => Math.abs(sampleMs - ms) <= SAME_MS));
    return own.length === 0 ? [] : [{ ...day, times: own.length }];
  });
}

/** Of instants that lie together the first. */
function apart(timesMs: readonly number[]): number[] {
  const kept: number[] = [];
  for (const ms of timesMs) if (kept.length === 0 || ms - kept.at(-1)! > SAME_MS) kept.push(ms);
  return kept;
}

/** Ascending instants by their days. Days that are known already need no finding. */
function onDays(history: ZoneHistory, calendar: ReadonlyMap<number, LocalDay>, timesMs: readonly number[]): { readonly day: LocalDay; readonly times: number[] }[] {
  const known = [...calendar.values()].toSorted((a, b) => a.fromMs - b.fromMs);
  const found: { readonly day: LocalDay; readonly times: number[] }[] = [];
  let next = 0;
  for (const ms of timesMs) {
    const open = found.at(-1);
    if (open && ms < open.day.toMs) {
      open.times.push(ms);
      continue;
    }
    while (next < known.length && known[next]!.toMs <= ms) next += 1;
    const candidate = known[next];
    const day = candidate && candidate.fromMs <= ms ? candidate : dayAt(history, ms);
    found.push({ day: { date: day.date, fromMs: day.fromMs, toMs: day.toMs }, times: [ms] });
  }
  return found;
}

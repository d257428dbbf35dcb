/** Glucose of many patients over their last whole local days, from what is kept; anew from the samples for those whom the follower has not reached. */
import type { Tx } from "#db/database.ts";
import { findEpisodes } from "#glucose/episodes/all-episodes.ts";
import { timeGrid } from "#glucose/grid.ts";
import { inMeasuredUnit } from "#glucose/measured-unit.ts";
import { cleanSeries } from "#glucose/series.ts";
import { readZoneHistories } from "#people/zones.ts";
import { readNewest, readSeries } from "#samples/read.ts";
import { METRICS } from "#units/metrics.ts";
import { addDays, DAY_MS, MINUTE_MS, type Window } from "#units/time.ts";
import { dateAt, daysTouching, localDays, startOfDay, zoneAt, type ZoneHistory } from "#units/zones.ts";
import { readDaySummaries } from "./days.ts";
import type { EpisodeCounts } from "./episode-days.ts";
import { partOf, readParts, type GlucosePart } from "./glucose-day.ts";
import { glucosePeriod, type GlucosePeriod } from "./glucose-period.ts";
import { KINDS } from "./pending.ts";
import { readDayValues } from "./read-days.ts";

/** One patient's line. */
export interface Overview extends Window {
  /** Holds now. */
  readonly zone: string;
  readonly period: GlucosePeriod;
  /** The same number of days just before; null where nothing was read on them. */
  readonly before: PeriodBefore | null;
  readonly last: Reading | null;
}

/** What a period is compared with. Glucose in mg/dL, shares in percent. */
export interface PeriodBefore {
  /** Local days that have readings. */
  readonly days: number;
  readonly readings: number;
  readonly mean: number;
  readonly targetPercent: number;
}

export interface Reading {
  readonly atMs: number;
  readonly valueMgDl: number;
}

/** Patients of one statement. */
const PATIENTS_AT_ONCE = 100;
/** A reading further ahead of our clock is a wrong clock's (faults DA-10). */
const AHEAD_MS = 5 * MINUTE_MS;

/** The last whole local days of a person, and from when on those before them are told. */
interface Days extends Window {
  readonly beforeDate: string;
  readonly fromDate: string;
  readonly toDate: string;
  readonly today: string;
}

/** Overviews of the patients over the `days` local days before today, by patient. */
export async function overviewsOf(tx: Tx, patientIds: readonly string[], { days, nowMs }: { days: number; nowMs: number }): Promise<Map<string, Overview>> {
  const histories = await readZoneHistories(tx, patientIds);
  const daysOf = daysFinder(days, nowMs);
  const asked = [...histories].map(([patientId, history]) => ({ patientId, history, days: daysOf(history) }));
  const overviews = new Map<string, Overview>();
  const tell = ({ patientId, history, days: window }: Asked, { parts, before, last }: Parts): void => {
    overviews.set(patientId, { fromMs: window.fromMs, toMs: window.toMs, zone: zoneAt(history, nowMs), period: glucosePeriod(parts, window), before, last });
  };
  const untold: Asked[] = [];
  await readInTurns(tx, asked, (each, line) => {
    const found = line.is_behind || line.hides ? null : partsOf(line, each.days);
    if (found && (found.last?.atMs ?? 0) <= nowMs + AHEAD_MS) tell(each, found);
    else untold.push(each);
  });
  for (const each of untold) tell(each, await anew(tx, { ...each, window: each.days, nowMs }));
  return overviews;
}

/** Whose overview is asked for. */
interface Asked {
  readonly patientId: string;
  readonly history: ZoneHistory;
  readonly days: Days;
}

/** Some patients at a time: while their lines are put together, the database reads those of the next. `tell` must not wait for anything. */
async function readInTurns(tx: Tx, asked: readonly Asked[], tell: (each: Asked, line: Line) => void): Promise<void> {
  const next = (from: number): Promise<Line[]> | null => (from < asked.length ? readLines(tx, asked.slice(from, from + PATIENTS_AT_ONCE)) : null);
  let coming = next(0);
  for (let from = 0; coming; from += PATIENTS_AT_ONCE) {
    const lines = new Map((await coming).map((line) => [line.id, line]));
    coming = next(from + PATIENTS_AT_ONCE);
    for (const each of asked.slice(from, from + PATIENTS_AT_ONCE)) tell(each, lines.get(each.patientId)!);
  }
}

/** Most patients of a clinic live in one zone: its days are found once. */
function daysFinder(days: number, nowMs: number): (history: ZoneHistory) => Days {
  const byZone = new Map<string, Days>();
  const find = (history: ZoneHistory): Days => {
    const today = dateAt(history, nowMs);
    const fromDate = addDays(today, -days);
    return { today, beforeDate: addDays(fromDate, -days), fromDate, toDate: addDays(today, -1), fromMs: startOfDay(history, fromDate), toMs: startOfDay(history, today) };
  };
  return (history) => {
    const moved = history.entries.at(-1);
    if (moved && moved.fromMs > nowMs - (days + 3) * DAY_MS) return find(history);
    const zone = moved?.zone ?? history.home;
    let found = byZone.get(zone);
    if (!found) byZone.set(zone, (found = find({ home: zone, entries: [] })));
    return found;
  };
}

interface Line {
  readonly id: string;
  readonly is_behind: boolean;
  readonly hides: boolean;
  /** Of the days and of today, between commas; null without any. */
  readonly parts: string | null;
  /** Of the days before them. */
  readonly before_days: number;
  readonly before_readings: number | null;
  readonly before_sum: number | null;
  readonly before_target: number | null;
  /** The last reading of all, where it lies before the days. */
  readonly last_at: number | null;
  readonly last: number | null;
}

/** One statement, so that what is kept of a patient and what is not yet are of one moment. */
async function readLines(tx: Tx, asked: readonly Asked[]): Promise<Line[]> {
  return tx.prepared<Line>(
    "patient_overviews",
    `with f as materialized (select transaction_id, id from summary_follower),
     behind as materialized (
       select c.patient_id from changes c, f where (c.transaction_id, c.id) > (f.transaction_id, f.id) and c.kind = any($6) and (c.metric is null or c.metric = $5)
       union select patient_id from summary_work where metric is null or metric = $5)
     select p.id, p.id in (select patient_id from behind) as is_behind, coalesce(s.providers && (select app_hidden_providers()), false) as hides, d.*, l.last_at, l.last
     from unnest($1::uuid[], $2::date[], $3::date[], $4::date[]) as p (id, from_date, today, before_date)
     left join summary_states s on s.patient_id = p.id
     left join lateral (
       select string_agg(glucose_part, ',' order by date) filter (where date >= p.from_date) as parts, count(*) filter (where date < p.from_date)::int as before_days,
              sum(count) filter (where date < p.from_date)::float8 as before_readings, sum(count * mean) filter (where date < p.from_date) as before_sum,
              sum(ranges[3]) filter (where date < p.from_date)::float8 as before_target
       from day_summaries where patient_id = p.id and metric = $5 and date between p.before_date and p.today + 1) d on true
     left join lateral (
       select last_at, last from day_summaries where d.parts is null and patient_id = p.id and metric = $5 and date <= p.today + 1 order by day_summaries.date desc limit 1) l on true`,
    [
      asked.map(({ patientId }) => patientId), asked.map(({ days }) => days.fromDate), asked.map(({ days }) => days.today), asked.map(({ days }) => days.beforeDate),
      METRICS.glucose.id, KINDS,
    ],
  );
}

interface Parts {
  readonly parts: GlucosePart[];
  readonly before: PeriodBefore | null;
  readonly last: Reading | null;
}

function partsOf(line: Line, { toMs }: Window): Parts {
  const parts = readParts(line.parts);
  const newest = parts.at(-1);
  const { before_days: days, before_readings: readings, before_sum: sum, before_target: target } = line;
  return {
    parts: newest && newest.firstMs >= toMs ? parts.filter(({ firstMs }) => firstMs < toMs) : parts,
    before: readings === null || sum === null || target === null ? null : { days, readings, mean: sum / readings, targetPercent: (100 * target) / readings },
    last: newest ? { atMs: newest.lastMs, valueMgDl: newest.episodes.last } : line.last_at === null || line.last === null ? null : { atMs: line.last_at, valueMgDl: line.last },
  };
}

async function anew(tx: Tx, { patientId, history, window, nowMs }: { patientId: string; history: ZoneHistory; window: Days; nowMs: number }): Promise<Parts> {
  const days = localDays(history, window.beforeDate, window.toDate);
  const summaries = (await readDaySummaries(tx, { patientId, history, days, metrics: ["glucose"] })).get("glucose") ?? [];
  const { samples } = await readNewest(tx, { patientId, metric: "glucose", toMs: nowMs + AHEAD_MS, count: 1, withinMs: 30 * MINUTE_MS });
  const [atMs, valueMgDl] = [samples.startMs.at(-1), samples.values.at(-1)];
  const parts = (of: typeof summaries): GlucosePart[] => of.flatMap((summary) => partOf(summary) ?? []);
  return {
    parts: parts(summaries.filter(({ date }) => date >= window.fromDate)), before: beforeOf(parts(summaries.filter(({ date }) => date < window.fromDate))),
    last: atMs === undefined || valueMgDl === undefined ? null : { atMs, valueMgDl },
  };
}

function beforeOf(parts: readonly GlucosePart[]): PeriodBefore | null {
  const readings = parts.reduce((sum, { count }) => sum + count, 0);
  if (readings === 0) return null;
  const target = parts.reduce((sum, { ranges }) => sum + ranges[2]!, 0);
  return { days: parts.length, readings, mean: parts.reduce((sum, { count, mean }) => sum + count * mean, 0) / readings, targetPercent: (100 * target) / readings };
}

/** Episodes that begin in the period, found in its readings: for periods whose days do not say (`GlucosePeriod.episodes`). Null where readings are too far apart. */
export async function episodesAnew(tx: Tx, patientId: string, { fromMs, toMs }: Window): Promise<EpisodeCounts | null> {
  const history = (await readZoneHistories(tx, [patientId])).get(patientId)!;
  const known = await readSeries(tx, patientId, ["glucose"]);
  const days = await readDayValues({ tx, patientId, history, known }, "glucose", daysTouching(history, { fromMs, toMs }));
  const series = inMeasuredUnit(cleanSeries({ timesMs: days.flatMap(({ values }) => values.startMs), values: days.flatMap(({ values }) => values.values) }));
  const grid = timeGrid(series, history, { kind: "iglu" });
  if (!grid) return null;
  const { hypoLevel1, hypoLevel2, hyperLevel1, hyperLevel2 } = findEpisodes(grid, { unit: series.unit });
  return { lowLevel1: hypoLevel1.length, lowLevel2: hypoLevel2.length, highLevel1: hyperLevel1.length, highLevel2: hyperLevel2.length };
}

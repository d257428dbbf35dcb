/** Glucose of many patients over their last whole local days, from what is kept; anew from the samples for those whom the follower has not reached. */
import type { Tx } from "#db/database.ts";
import { readZoneHistories } from "#people/zones.ts";
import { readNewest } from "#samples/read.ts";
import { METRICS } from "#units/metrics.ts";
import { addDays, DAY_MS, MINUTE_MS, type Window } from "#units/time.ts";
import { dateAt, localDays, startOfDay, zoneAt, type ZoneHistory } from "#units/zones.ts";
import { readDaySummaries } from "./days.ts";
import { KINDS } from "./pending.ts";
import { glucosePeriod, readParts, type GlucosePart, type GlucosePeriod } from "./summarize.ts";

/** One patient's line. */
export interface Overview extends Window {
  /** Holds now. */
  readonly zone: string;
  readonly period: GlucosePeriod;
  readonly last: Reading | null;
}

export interface Reading {
  readonly atMs: number;
  readonly valueMgDl: number;
}

/** A reading further ahead of our clock is a wrong clock's (faults DA-10). */
const AHEAD_MS = 5 * MINUTE_MS;

/** The last whole local days of a person. */
interface Days extends Window {
  readonly fromDate: string;
  readonly toDate: string;
  readonly today: string;
}

/** Overviews of the patients over the `days` local days before today, by patient. */
export async function overviewsOf(tx: Tx, patientIds: readonly string[], { days, nowMs }: { days: number; nowMs: number }): Promise<Map<string, Overview>> {
  const histories = await readZoneHistories(tx, patientIds);
  const daysOf = daysFinder(days, nowMs);
  const asked = [...histories].map(([patientId, history]) => ({ patientId, history, days: daysOf(history) }));
  const lines = new Map((await readLines(tx, asked)).map((line) => [line.id, line]));
  const overviews = new Map<string, Overview>();
  for (const { patientId, history, days: window } of asked) {
    const line = lines.get(patientId)!;
    const isKept = !line.is_behind && !line.hides && (line.last_at ?? 0) <= nowMs + AHEAD_MS;
    const { parts, last } = isKept ? partsOf(line) : await anew(tx, { patientId, history, window, nowMs });
    overviews.set(patientId, { fromMs: window.fromMs, toMs: window.toMs, zone: zoneAt(history, nowMs), period: glucosePeriod(parts, window), last });
  }
  return overviews;
}

/** Most patients of a clinic live in one zone: its days are found once. */
function daysFinder(days: number, nowMs: number): (history: ZoneHistory) => Days {
  const byZone = new Map<string, Days>();
  const find = (history: ZoneHistory): Days => {
    const today = dateAt(history, nowMs);
    const fromDate = addDays(today, -days);
    return { today, fromDate, toDate: addDays(today, -1), fromMs: startOfDay(history, fromDate), toMs: startOfDay(history, today) };
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
  /** Of the days, between commas; null without any. */
  readonly parts: string | null;
  readonly last_at: number | null;
  readonly last: number | null;
}

/** One statement, so that what is kept and what is not yet are of one moment. */
async function readLines(tx: Tx, asked: readonly { readonly patientId: string; readonly days: Days }[]): Promise<Line[]> {
  return tx.prepared<Line>(
    "patient_overviews",
    `with f as materialized (select transaction_id, id from summary_follower),
     behind as materialized (
       select c.patient_id from changes c, f where (c.transaction_id, c.id) > (f.transaction_id, f.id) and c.kind = any($6) and (c.metric is null or c.metric = $5)
       union select patient_id from summary_work where metric is null or metric = $5)
     select p.id, p.id in (select patient_id from behind) as is_behind, coalesce(s.providers && (select app_hidden_providers()), false) as hides, d.parts, l.last_at, l.last
     from unnest($1::uuid[], $2::date[], $3::date[], $4::date[]) as p (id, from_date, to_date, today)
     left join summary_states s on s.patient_id = p.id
     left join lateral (
       select string_agg(part, ',' order by date) as parts
       from day_summaries where patient_id = p.id and metric = $5 and date between p.from_date and p.to_date) d on true
     left join lateral (
       select last_at, last from day_summaries where patient_id = p.id and metric = $5 and date <= p.today + 1 order by day_summaries.date desc limit 1) l on true`,
    [
      asked.map(({ patientId }) => patientId), asked.map(({ days }) => days.fromDate), asked.map(({ days }) => days.toDate), asked.map(({ days }) => days.today),
      METRICS.glucose.id, KINDS,
    ],
  );
}

interface Parts {
  readonly parts: GlucosePart[];
  readonly last: Reading | null;
}

function partsOf(line: Line): Parts {
  return {
    parts: readParts(line.parts),
    last: line.last_at === null || line.last === null ? null : { atMs: line.last_at, valueMgDl: line.last },
  };
}

async function anew(tx: Tx, { patientId, history, window, nowMs }: { patientId: string; history: ZoneHistory; window: Days; nowMs: number }): Promise<Parts> {
  const days = localDays(history, window.fromDate, window.toDate);
  const summaries = (await readDaySummaries(tx, { patientId, history, days, metrics: ["glucose"] })).get("glucose") ?? [];
  const { samples } = await readNewest(tx, { patientId, metric: "glucose", toMs: nowMs + AHEAD_MS, count: 1, withinMs: 30 * MINUTE_MS });
  const [atMs, valueMgDl] = [samples.startMs.at(-1), samples.values.at(-1)];
  return {
    parts: summaries.flatMap(({ glucose, count, mean, m2, firstMs, lastMs }) => (glucose ? [{ count, mean, m2, firstMs, lastMs, ...glucose }] : [])),
    last: atMs === undefined || valueMgDl === undefined ? null : { atMs, valueMgDl },
  };
}

/** All that a clinic's list shows of some patients: of a page, of the first of a group, of a file in portions. */
import type { Tx } from "#db/database.ts";
import { readZoneHistories } from "#people/zones.ts";
import { KINDS } from "#summaries/pending.ts";
import { METRICS } from "#units/metrics.ts";
import { zoneAt } from "#units/zones.ts";
import { STANDARD_TARGET } from "../targets/target.ts";
import { targetsOf, type SetTarget } from "../targets/targets.ts";
import { standingOf, type PatientFacts, type Setting } from "./filter.ts";
import { CONNECTION_HEALTHS, flagsOf, isSnoozed, type ConnectionHealth, type Flag } from "./groups.ts";
import type { Line, Period } from "./line.ts";
import { ALL_FACTS, HEALTH, narrowTo, readFacts } from "./read-facts.ts";
import { lastReviews, type Review } from "./reviews.ts";
import { readLines } from "./store.ts";

export interface ShownConnection {
  readonly provider: string;
  readonly health: Exclude<ConnectionHealth, "none">;
  readonly lastSyncMs: number | null;
}

export interface PopulationRow {
  readonly facts: PatientFacts;
  readonly zone: string;
  readonly line: Line | null;
  /** When the line was made; null: there is none. */
  readonly madeMs: number | null;
  /** Something has changed since that is not in the line yet. */
  readonly isBehind: boolean;
  readonly targetSet: SetTarget | null;
  readonly connections: readonly ShownConnection[];
  readonly review: Review | null;
  readonly flags: readonly Flag[];
  readonly isSnoozed: boolean;
}

export interface RowsAsked extends Setting {
  readonly days: Period;
  readonly userId: string;
}

/** Rows of these patients, in their order; of those whom the clinician sees. The transaction is narrowed to them. */
export async function readRows(tx: Tx, patientIds: readonly string[], asked: RowsAsked): Promise<PopulationRow[]> {
  if (patientIds.length === 0) return [];
  await narrowTo(tx, patientIds);
  const facts = new Map((await readFacts(tx, asked.userId, { days: asked.days, wanted: { ...ALL_FACTS, targets: false, connections: false, reviews: false } })).map((each) => [each.id, each]));
  const lines = await readLines(tx, patientIds, asked.days);
  const targets = await targetsOf(tx, patientIds);
  const zones = await readZoneHistories(tx, patientIds);
  const connections = await readConnections(tx, patientIds);
  const reviews = await lastReviews(tx);
  const marks = await readMarks(tx, patientIds, asked);
  return patientIds.flatMap((id) => {
    const found = facts.get(id);
    const zone = zones.get(id);
    if (!found || !zone) return [];
    const targetSet = targets.get(id) ?? null;
    const review = reviews.get(id) ?? null;
    const known: PatientFacts = { ...found, target: targetSet ?? STANDARD_TARGET, connection: worstOf(connections.get(id) ?? []), review };
    const line = lines.get(id)?.[0] ?? null;
    const flags = flagsOf(standingOf(known, asked.days), asked.rules, asked.nowMs);
    const mark = marks.get(id);
    return [{
      facts: known, zone: zoneAt(zone, asked.nowMs), line, madeMs: mark?.madeMs ?? null, isBehind: (mark?.isBehind ?? false) || (line !== null && line.targetId !== (targetSet?.id ?? null)), targetSet,
      connections: connections.get(id) ?? [], review, flags, isSnoozed: isSnoozed(flags, review?.snooze ?? null, asked.nowMs),
    }];
  });
}

function worstOf(connections: readonly ShownConnection[]): ConnectionHealth {
  return CONNECTION_HEALTHS.find((health) => connections.some((each) => each.health === health)) ?? "none";
}

async function readConnections(tx: Tx, patientIds: readonly string[]): Promise<Map<string, ShownConnection[]>> {
  const rows = await tx.query<ShownConnection & { patientId: string } & Record<string, unknown>>(
    `select patient_id as "patientId", provider, last_sync_at as "lastSyncMs",
       ${HEALTH} as health
     from connections where patient_id = any($1::uuid[]) and disconnected_at is null and provider <> all ((select app_hidden_providers())::text[]) order by provider, id`, [patientIds],
  );
  return Map.groupBy(rows.map(({ patientId, provider, health, lastSyncMs }) => ({ patientId, shown: { provider, health, lastSyncMs } })), ({ patientId }) => patientId).entries()
    .reduce((byPatient, [patientId, all]) => byPatient.set(patientId, all.map(({ shown }) => shown)), new Map<string, ShownConnection[]>());
}

/** When a line was made, and whether anything waits to be taken into it: a change, work, or the clock. */
async function readMarks(tx: Tx, patientIds: readonly string[], { days, nowMs }: RowsAsked): Promise<Map<string, { madeMs: number | null; isBehind: boolean }>> {
  const rows = await tx.query<{ id: string; madeMs: number | null; isBehind: boolean }>(
    `with behind as materialized (
       select c.patient_id from changes c, population_follower f where (c.transaction_id, c.id) > (f.transaction_id, f.id) and c.kind = any($3) and (c.metric is null or c.metric = $4)
       union select patient_id from population_work
       union select patient_id from population_states where due_at <= to_timestamp($5::float8 / 1000))
     select p.id, l.made_at as "madeMs", p.id in (select patient_id from behind) as "isBehind"
     from unnest($1::uuid[]) as p (id) left join population_lines l on l.patient_id = p.id and l.days = $2`,
    [patientIds, days, KINDS, METRICS.glucose.id, nowMs],
  );
  return new Map(rows.map(({ id, madeMs, isBehind }) => [id, { madeMs, isBehind }]));
}

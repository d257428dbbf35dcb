/**
 * The facts of all patients whom a clinician sees: those who granted it and share. Who asks for everybody's asks with the organization's rights, for ids in an order, and counts, alone: under the
 * policies of a person, each statement would go through thousands of grants once more. What is shown of anybody is read with the person's own (`readRows`). Of each kind of fact one statement, and only of the kinds that are asked for: thousands of
 * patients are read for a page of fifty. Rows come as one text, which is read in a fraction of the time that as many rows take.
 */
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { SHARED_DECISIONS } from "#people/consent/states.ts";
import { IS_OPEN, SHARES } from "../appointments/read.ts";
import type { OpenState } from "../appointments/state-machine.ts";
import { keptTarget, STANDARD_TARGET, type ChosenTarget, type Target } from "../targets/target.ts";
import type { AppointmentMark, PatientFacts, PopulationFilter, ReviewMark, Sort } from "./filter.ts";
import type { ConnectionHealth } from "./groups.ts";
import { factsOf, type Period, type WrittenFacts } from "./line.ts";
import type { Group } from "./rules.ts";

/** From here on the transaction sees these patients at most: what is asked of a page does not go through thousands of grants again and again. */
export async function narrowTo(tx: Tx, patientIds: readonly string[]): Promise<void> {
  await tx.query("select set_config('app.page_patients', $1, true)", [patientIds.length > 0 ? patientIds.join(",") : NOBODY]);
}

const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Kinds of facts that cost a statement of their own. */
export interface Wanted {
  readonly names: boolean;
  readonly targets: boolean;
  readonly connections: boolean;
  readonly reviews: boolean;
  /** With the organization's rights alone. */
  readonly appointments: boolean;
  readonly tags: TagsWanted | null;
}

/** These tags alone; how many of any; all. */
type TagsWanted = readonly string[] | "counts" | "all";

/** All that a person's own rights read. */
export const ALL_FACTS: Wanted = { names: true, targets: true, connections: true, reviews: true, appointments: false, tags: "all" };

/** What a question needs. */
export function factsFor(filter: PopulationFilter, sort: Sort): Wanted {
  const asksGroups = filter.groups !== undefined || filter.flags !== undefined || filter.isSnoozed !== undefined || sort === "group";
  return {
    names: sort === "name" || filter.text !== undefined,
    targets: asksGroups || filter.presets !== undefined || sort === "preset", connections: asksGroups || filter.connections !== undefined || sort === "connection",
    reviews: filter.isSnoozed !== undefined || filter.reviewedBeforeMs !== undefined || sort === "lastReviewed",
    appointments: filter.appointments !== undefined || sort === "appointment",
    tags: tagsFor(filter, sort),
  };
}

function tagsFor({ tags, isUntagged }: PopulationFilter, sort: Sort): TagsWanted | null {
  const needsCounts = isUntagged !== undefined || sort === "tags";
  if (tags) return needsCounts ? "all" : tags.ids.filter(isId);
  return needsCounts ? "counts" : null;
}

/** As the statement below writes it: with the name only where it is wanted. */
type Row = readonly [id: string, isEmergency: 0 | 1, line: WrittenFacts | null, name?: string];

/** Of everybody, or of the patients to whom the transaction has narrowed itself. By name where names are wanted. @param days of which lines */
export async function readFacts(tx: Tx, userId: string, { days, wanted }: { readonly days: Period; readonly wanted: Wanted }): Promise<PatientFacts[]> {
  const [found] = await tx.query<{ rows: string | null }>(
    `with decided as materialized (select distinct on (patient_id) patient_id, decision from consents where purpose = 'sharing' order by patient_id, id desc),
       held as materialized (
         select g.patient_id, g.kind, g.kind = 'break_glass' or coalesce(d.decision = any($3), false) as is_open from grants g left join decided d on d.patient_id = g.patient_id
         where g.user_id = $1 and now() between g.valid_from and g.valid_to)
     select string_agg('["' || p.id || case when h.kind = 'break_glass' then '",1,' else '",0,' end || coalesce(l.facts, 'null') ${wanted.names ? "|| ',' || to_json(p.display_name)::text" : ""} || ']', ','
       ${wanted.names ? "order by p.display_name, p.id" : ""}) as rows
     from held h join patients p on p.id = h.patient_id and p.user_id is distinct from $1 left join population_lines l on l.patient_id = p.id and l.days = $2
     where h.is_open`,
    [userId, days, SHARED_DECISIONS],
  );
  const rows = found?.rows == null ? [] : (JSON.parse(`[${found.rows}]`) as Row[]);
  const targets = wanted.targets ? await readTargets(tx) : new Map<string, Target>();
  const connections = wanted.connections ? await readHealths(tx) : new Map<string, ConnectionHealth>();
  const reviews = wanted.reviews ? await readReviews(tx) : new Map<string, ReviewMark>();
  const appointments = wanted.appointments ? await readAppointments(tx) : new Map<string, AppointmentMark>();
  const tags = wanted.tags === null ? new Map<string, TagsOf>() : await readTags(tx, wanted.tags);
  return rows.map(([id, isEmergency, line, name = ""]) => ({
    id, isEmergency: isEmergency === 1, name, line: line && factsOf(line), target: targets.get(id) ?? STANDARD_TARGET, connection: connections.get(id) ?? "none", review: reviews.get(id) ?? null,
    appointment: appointments.get(id) ?? null, tagCount: tags.get(id)?.count ?? 0, tagIds: tags.get(id)?.ids ?? [],
  }));
}

/** Fields of many rows as one text: a line each, blanks between. */
async function readTexts(tx: Tx, text: string, values: readonly unknown[] = []): Promise<string[][]> {
  const [found] = await tx.query<{ rows: string | null }>(`select string_agg(row, E'\\n') as rows from (${text}) as t (row)`, values);
  return found?.rows == null ? [] : found.rows.split("\n").map((row) => row.split(" "));
}

/** Targets that somebody chose, of all whom the transaction sees. */
async function readTargets(tx: Tx): Promise<Map<string, Target>> {
  const rows = await tx.query<ChosenTarget & { patientId: string } & Record<string, unknown>>(
    `select distinct on (patient_id) patient_id as "patientId", preset, bounds, goals, unit from patient_targets order by patient_id, id desc`,
  );
  return new Map(rows.map(({ patientId, preset, bounds, goals, unit }) => [patientId, keptTarget({ preset, bounds, goals, unit })]));
}

/** How a connection stands: it fails, it waits for the person (for a permission or a consent), it is well. */
export const HEALTH = `case when status in ('error', 'retired') then 'error' when status in ('needs_reauthorization', 'revoked') or status_code = 'consent_missing' then 'reconnect' else 'ok' end`;

/** The worst of each patient's open connections. */
async function readHealths(tx: Tx): Promise<Map<string, ConnectionHealth>> {
  const rows = await readTexts(tx,
    `select patient_id || case when bool_or(health = 'error') then ' error' when bool_or(health = 'reconnect') then ' reconnect' else ' ok' end
     from (select patient_id, ${HEALTH} as health from connections where disconnected_at is null and provider <> all ((select app_hidden_providers())::text[])) as c group by patient_id`);
  return new Map(rows.map(([id, health]) => [id!, health as ConnectionHealth]));
}

/** Of the last review of each. */
async function readReviews(tx: Tx): Promise<Map<string, ReviewMark>> {
  const rows = await readTexts(tx,
    `select r.patient_id || ' ' || (extract(epoch from r.reviewed_at) * 1000)::bigint || coalesce(' ' || (extract(epoch from r.snoozed_until) * 1000)::bigint || ' ' || array_to_string(r.snoozed_groups, ','), '')
     from patient_reviews r join (select patient_id, max(id) as id from patient_reviews where undone_at is null group by patient_id) as last on last.patient_id = r.patient_id and last.id = r.id`);
  return new Map(rows.map(([id, reviewedMs, untilMs, groups = ""]) => [
    id!, { reviewedMs: Number(reviewedMs), snooze: untilMs === undefined ? null : { untilMs: Number(untilMs), groups: groups.split(",") as Group[] } },
  ]));
}

/** The open request of each who shares with the clinic. */
async function readAppointments(tx: Tx): Promise<Map<string, AppointmentMark>> {
  const rows = await readTexts(tx, `select a.patient_id || ' ' || a.state || ' ' || (extract(epoch from a.state_at) * 1000)::bigint from appointments a where ${IS_OPEN} and ${SHARES}`);
  return new Map(rows.map(([id, state, sinceMs]) => [id!, { state: state as OpenState, sinceMs: Number(sinceMs) }]));
}

interface TagsOf {
  readonly count: number;
  readonly ids: readonly string[];
}

async function readTags(tx: Tx, wanted: TagsWanted): Promise<Map<string, TagsOf>> {
  const ids = typeof wanted === "string" ? null : wanted;
  const rows = await readTexts(tx,
    `select patient_id || ' ' || count(*) ${wanted === "counts" ? "" : "|| ' ' || string_agg(tag_id::text, ',')"} from patient_tags where $1::uuid[] is null or tag_id = any($1) group by patient_id`, [ids]);
  return new Map(rows.map(([id, count, tagIds]) => [id!, { count: Number(count), ids: tagIds?.split(",") ?? [] }]));
}

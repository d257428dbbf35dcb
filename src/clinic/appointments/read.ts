/** Requests for appointments as they are read: one with all that belongs to it, those of a patient, and the line of a clinic in one statement. */
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { SHARED_DECISIONS } from "#people/consent/states.ts";
import { NotFound } from "../../errors.ts";
import { listFiles, type ClinicalFile } from "../files/files.ts";
import type { Motive } from "./motives.ts";
import type { ActorKind, AppointmentState } from "./state-machine.ts";
import type { Appointment, AppointmentRef, Details, Person, Priority, Resolution, Version } from "./types.ts";

export interface AppointmentRow {
  id: string; patient_id: string; state: AppointmentState; motives: Motive[]; other_motive: string | null; is_severe: boolean; is_emergency: boolean; priority: Priority; priority_reason: string | null;
  requested_at: number; state_at: number; handled_by: string | null; handler: string | null; denial_reason: string | null; version: number;
}

export const APPOINTMENT_COLUMNS = `a.id, a.patient_id, a.state, a.motives, a.other_motive, a.is_severe, a.is_emergency, a.priority, a.priority_reason, a.requested_at, a.state_at,
  a.handled_by, (select h.display_name from users h where h.id = a.handled_by) as handler, a.denial_reason, a.version`;

export function appointmentOf(row: AppointmentRow): Appointment {
  return {
    id: row.id, patientId: row.patient_id, state: row.state, motives: row.motives, otherMotive: row.other_motive, isSevere: row.is_severe, isEmergency: row.is_emergency,
    priority: row.priority, priorityReason: row.priority_reason, requestedMs: row.requested_at, stateMs: row.state_at, handledBy: personOf(row.handled_by, row.handler),
    denialReason: row.denial_reason, version: row.version,
  };
}

function personOf(userId: string | null, displayName: string | null): Person | null {
  return userId === null || displayName === null ? null : { userId, displayName };
}

/** Whether the patient of `a` shares with the clinic now. */
export const SHARES = `coalesce((select c.decision from consents c where c.patient_id = a.patient_id and c.purpose = 'sharing' order by c.id desc limit 1)
  in (${SHARED_DECISIONS.map((decision) => `'${decision}'`).join(", ")}), false)`;
export const IS_OPEN = "a.state in ('pending', 'accepted', 'created')";

/** One request. @param patientId whose it must be; without it anybody's of the organization. Throws NotFound alike for a missing and a foreign one. */
export async function readAppointment(tx: Tx, appointmentId: string, patientId?: string): Promise<Appointment> {
  const rows = isId(appointmentId)
    ? await tx.query<AppointmentRow>(`select ${APPOINTMENT_COLUMNS} from appointments a where a.id = $1 and ($2::uuid is null or a.patient_id = $2)`, [appointmentId, patientId ?? null]) : [];
  if (!rows[0]) throw noSuchAppointment();
  return appointmentOf(rows[0]);
}

export function noSuchAppointment(): NotFound {
  return new NotFound("There is no such appointment.");
}

/** The open request of a patient; null where there is none. */
export async function openAppointment(tx: Tx, patientId: string): Promise<Appointment | null> {
  const [row] = await tx.query<AppointmentRow>(`select ${APPOINTMENT_COLUMNS} from appointments a where a.patient_id = $1 and ${IS_OPEN}`, [patientId]);
  return row ? appointmentOf(row) : null;
}

/** How many stand before it in the line, plus one; null for one that is in the line no more. */
export async function positionOf(tx: Tx, { patientId, appointmentId }: AppointmentRef): Promise<number | null> {
  const [row] = await tx.prepared<{ position: number }>(
    "appointment_position",
    `select (select count(*)::int from appointments b where b.state in ('pending', 'accepted', 'created') and b.organization_id = a.organization_id
        and (b.rank, b.requested_at, b.id) <= (a.rank, a.requested_at, a.id)) as position
     from appointments a where a.patient_id = $1 and a.id = $2 and ${IS_OPEN}`,
    [patientId, appointmentId],
  );
  return row?.position ?? null;
}

/** Requests of a patient, the newest first, after the one that a page before ended with. */
export async function listOfPatient(tx: Tx, patientId: string, page: { readonly limit: number; readonly after: { readonly requestedMs: number; readonly id: string } | null }): Promise<Appointment[]> {
  const rows = await tx.query<AppointmentRow>(
    `select ${APPOINTMENT_COLUMNS} from appointments a where a.patient_id = $1 and ($3::float8 is null or (a.requested_at, a.id) < (to_timestamp($3 / 1000), $4::uuid))
     order by a.requested_at desc, a.id desc limit $2`,
    [patientId, page.limit, page.after?.requestedMs ?? null, page.after?.id ?? null],
  );
  return rows.map(appointmentOf);
}

/** One line of the clinic's board. */
export interface LineEntry extends Appointment {
  readonly displayName: string;
  readonly position: number | null;
  /** Of control data. */
  readonly files: number;
}

export interface LineFilter {
  readonly states: readonly AppointmentState[];
  /** Part of a patient's name, in any case and with or without accents. */
  readonly name: string | null;
  readonly patientId: string | null;
}

/** Where the page before ended. */
export interface LinePlace {
  readonly rank: number;
  readonly ms: number;
  readonly id: string;
}

export interface LinePage {
  readonly limit: number;
  readonly after: LinePlace | null;
}

/** Where an entry stands in its list: open ones by rank and age, ended ones by their end. */
export function placeOf(entry: Pick<LineEntry, "isEmergency" | "priority" | "requestedMs" | "stateMs" | "id">, isLine: boolean): LinePlace {
  const rank = entry.isEmergency ? 0 : { urgent: 1, high: 2, normal: 3 }[entry.priority];
  return isLine ? { rank, ms: entry.requestedMs, id: entry.id } : { rank: 0, ms: entry.stateMs, id: entry.id };
}

/** Small letters without accents. */
const NAME_PLAIN = "lower(regexp_replace(normalize(p.display_name, NFD), '[\\u0300-\\u036f]', '', 'g'))";
const SEARCH_PLAIN = "lower(regexp_replace(normalize($3, NFD), '[\\u0300-\\u036f]', '', 'g'))";
const FILES = "(select count(*)::int from appointment_files f where f.patient_id = a.patient_id and f.appointment_id = a.id) as files";
const WANTED = `${SHARES} and ($2::uuid is null or a.patient_id = $2) and ($3::text is null or strpos(${NAME_PLAIN}, ${SEARCH_PLAIN}) > 0)`;

type LineRow = AppointmentRow & { display_name: string; position: number | null; files: number };

function entryOf(row: LineRow): LineEntry {
  return { ...appointmentOf(row), displayName: row.display_name, position: row.position, files: row.files };
}

/** Open requests of the clinic as they stand in the line, of patients who share now, with names, positions, and who took them: one statement, however many (no query a line). */
export async function listLine(tx: Tx, filter: LineFilter, page: LinePage): Promise<LineEntry[]> {
  const rows = await tx.query<LineRow>(
    `with line as (select a.id, row_number() over (order by a.rank, a.requested_at, a.id)::int as position from appointments a where ${IS_OPEN})
     select ${APPOINTMENT_COLUMNS}, p.display_name, l.position, ${FILES} from appointments a join patients p on p.id = a.patient_id join line l on l.id = a.id
     where ${IS_OPEN} and a.state = any($1) and ${WANTED} and ($5::int is null or (a.rank, a.requested_at, a.id) > ($5, to_timestamp($6::float8 / 1000), $7::uuid))
     order by a.rank, a.requested_at, a.id limit $4`,
    [filter.states, filter.patientId, filter.name, page.limit, page.after?.rank ?? null, page.after?.ms ?? null, page.after?.id ?? null],
  );
  return rows.map(entryOf);
}

/** Requests in any states, the last moved first; each state by its index, so that years of ended ones cost nothing. Without positions. */
export async function listLatest(tx: Tx, filter: LineFilter, page: LinePage): Promise<LineEntry[]> {
  const rows = await tx.query<LineRow>(
    `select x.* from unnest($1::text[]) as s (of_state) cross join lateral (
       select ${APPOINTMENT_COLUMNS}, p.display_name, null::int as position, ${FILES} from appointments a join patients p on p.id = a.patient_id
       where a.state = s.of_state and ${WANTED} and ($5::float8 is null or a.state_at < to_timestamp($5 / 1000) or (a.state_at = to_timestamp($5 / 1000) and a.id > $6::uuid))
       order by a.state_at desc, a.id limit $4) x
     order by x.state_at desc, x.id limit $4`,
    [filter.states, filter.patientId, filter.name, page.limit, page.after?.ms ?? null, page.after?.id ?? null],
  );
  return rows.map(entryOf);
}

/** How many open ones in these states are of patients who share no more: they count and are not shown. */
export async function countHidden(tx: Tx, states: readonly AppointmentState[]): Promise<number> {
  const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from appointments a where ${IS_OPEN} and a.state = any($1) and not ${SHARES}`, [states]);
  return row!.n;
}

export interface HistoryEntry {
  readonly move: string;
  readonly from: AppointmentState | null;
  readonly to: AppointmentState;
  readonly kind: ActorKind;
  readonly by: Person | null;
  readonly atMs: number;
  readonly reason: string | null;
}

/** What became of a request, in order. */
export async function readHistory(tx: Tx, { patientId, appointmentId }: AppointmentRef): Promise<HistoryEntry[]> {
  const rows = await tx.query<{ move: string; from_state: AppointmentState | null; to_state: AppointmentState; actor_kind: ActorKind; by_user_id: string | null; name: string | null; at: number; reason: string | null }>(
    `select e.move, e.from_state, e.to_state, e.actor_kind, e.by_user_id, u.display_name as name, e.at, e.reason from appointment_events e left join users u on u.id = e.by_user_id
     where e.patient_id = $1 and e.appointment_id = $2 order by e.version`, [patientId, appointmentId],
  );
  return rows.map((row) => ({ move: row.move, from: row.from_state, to: row.to_state, kind: row.actor_kind, by: personOf(row.by_user_id, row.name), atMs: row.at, reason: row.reason }));
}

interface VersionRow {
  version: number; content: unknown; author_id: string | null; name: string | null; written_at: number;
}

function versionOf<T>(row: VersionRow): Version<T> {
  return { version: row.version, content: row.content as T, author: personOf(row.author_id, row.name), writtenMs: row.written_at };
}

/** Each version of the details, the newest first. */
export async function readDetails(tx: Tx, { patientId, appointmentId }: AppointmentRef): Promise<Version<Details>[]> {
  const rows = await tx.query<VersionRow>(
    `select d.version, d.details as content, d.author_id, u.display_name as name, d.written_at from appointment_details d left join users u on u.id = d.author_id
     where d.patient_id = $1 and d.appointment_id = $2 order by d.version desc`, [patientId, appointmentId],
  );
  return rows.map((row) => versionOf<Details>(row));
}

/** Each version of the resolution, the newest first. */
export async function readResolutions(tx: Tx, { patientId, appointmentId }: AppointmentRef): Promise<Version<Resolution>[]> {
  const rows = await tx.query<VersionRow>(
    `select r.version, r.resolution as content, r.author_id, u.display_name as name, r.written_at from appointment_resolutions r left join users u on u.id = r.author_id
     where r.patient_id = $1 and r.appointment_id = $2 order by r.version desc`, [patientId, appointmentId],
  );
  return rows.map((row) => versionOf<Resolution>(row));
}

/** The files of a request. */
export async function readControlData(tx: Tx, { patientId, appointmentId }: AppointmentRef): Promise<ClinicalFile[]> {
  const rows = await tx.query<{ file_id: string }>("select file_id from appointment_files where patient_id = $1 and appointment_id = $2", [patientId, appointmentId]);
  return rows.length === 0 ? [] : listFiles(tx, patientId, rows.map(({ file_id: id }) => id));
}

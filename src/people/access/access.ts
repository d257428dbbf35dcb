/** Which patients an actor may see or manage, inside the organization that row-level security already confines it to. */
import type { Tx } from "#db/database.ts";
import { ConsentMissing, NotFound, NotPermitted } from "../../errors.ts";
import { SHARED_DECISIONS } from "../consent/states.ts";
import type { Actor } from "../sessions/sessions.ts";

export type AccessScope = "view" | "upload" | "manage";

export const RANK: Readonly<Record<AccessScope, number>> = { view: 1, upload: 2, manage: 3 };
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Whether a text is the id of anything at all; other texts never reach the database. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

export interface PatientRow {
  readonly id: string;
  readonly organizationId: string;
  readonly displayName: string;
  readonly zone: string;
  readonly isSelf: boolean;
  /** Reached by access in an emergency, and not because the person shares. */
  readonly isEmergency: boolean;
}

/** Whether a grant `g` holds as things are: the person still shares, or it is an emergency (docs/consent.md). */
export const IS_OPEN = `(g.kind = 'break_glass' or coalesce((select c.decision from consents c where c.patient_id = g.patient_id and c.purpose = 'sharing' order by c.id desc limit 1)
  in (${SHARED_DECISIONS.map((decision) => `'${decision}'`).join(", ")}), false))`;

/**
 * The patient an actor names (`me` is oneself). Throws NotFound alike for a missing, foreign and ungranted patient (so that nobody
 * learns which it is), ConsentMissing to whoever holds a grant of a person who shares no more, NotPermitted for a patient one may see but not treat in
 * this way. @param evenUnshared whoever holds a grant may, also where the person shares no more
 */
export async function patientFor(
  tx: Tx, actor: Actor, patientId: string, { scope, evenUnshared = false }: { readonly scope: AccessScope; readonly evenUnshared?: boolean },
): Promise<PatientRow> {
  const id = patientId === "me" ? actor.patientId : patientId;
  const rows = id === null || !isId(id) ? [] : await visible(tx, actor, id);
  const row = rows[0];
  if (!row) throw new NotFound("There is no such patient.");
  if (!row.is_self && !row.is_open && !evenUnshared) throw new ConsentMissing("sharing");
  const granted = row.is_self ? "manage" : row.scope;
  if (RANK[granted] < RANK[scope]) throw new NotPermitted("You may see this patient's data, but not change it.");
  return patientOf(row, actor);
}

function patientOf(row: PersonRow, { organizationId }: Actor): PatientRow {
  return { id: row.id, organizationId, displayName: row.display_name, zone: row.zone, isSelf: row.is_self, isEmergency: !row.is_self && row.kind === "break_glass" };
}

interface PersonRow {
  id: string; display_name: string; zone: string; is_self: boolean;
  /** Of the grant; null for oneself. */
  kind: "shared" | "break_glass" | null;
}

interface VisibleRow extends PersonRow {
  scope: AccessScope; is_open: boolean | null;
}

async function visible(tx: Tx, actor: Actor, id: string): Promise<VisibleRow[]> {
  return tx.prepared<VisibleRow>(
    "patient_for",
    `select p.id, p.display_name, p.zone, coalesce(p.user_id = $2, false) as is_self, g.scope, g.kind, case when g.user_id is not null then ${IS_OPEN} end as is_open from patients p
     left join grants g on g.patient_id = p.id and g.user_id = $2 and now() between g.valid_from and g.valid_to
     where p.id = $1 and (p.user_id = $2 or g.user_id is not null)`,
    [id, actor.userId],
  );
}

/** Patients the actor may see, by name, without those who share no more; `after` is the id of the last patient of the page before (a name would end up in addresses). */
export async function listPatients(tx: Tx, actor: Actor, page: { limit: number; after: string | null }): Promise<PatientRow[]> {
  const rows = await tx.query<PersonRow>(
    `select p.id, p.display_name, p.zone, coalesce(p.user_id = $1, false) as is_self, g.kind from patients p
     left join grants g on g.patient_id = p.id and g.user_id = $1 and now() between g.valid_from and g.valid_to
     where (p.user_id = $1 or (g.user_id is not null and ${IS_OPEN}))
       and ($3::uuid is null or (p.display_name, p.id) > (select last.display_name, last.id from patients last where last.id = $3))
     order by p.display_name, p.id limit $2`,
    [actor.userId, page.limit, page.after],
  );
  return rows.map((row) => patientOf(row, actor));
}

/** By what an actor reaches a patient: what the grant allows, whether it was given or taken in an emergency, and its end (Infinity: none). Null for oneself. */
export interface OwnGrant {
  readonly scope: AccessScope;
  readonly kind: "shared" | "break_glass";
  readonly untilMs: number;
}

export async function ownGrant(tx: Tx, actor: Actor, patientId: string): Promise<OwnGrant | null> {
  const rows = await tx.query<OwnGrant & Record<string, unknown>>(
    `select scope, kind, valid_to as "untilMs" from grants where patient_id = $1 and user_id = $2 and now() between valid_from and valid_to`, [patientId, actor.userId]);
  return rows[0] ?? null;
}

/** Which patients an actor may see or manage, inside the organization that row-level security already confines it to. */
import type { Tx } from "#db/database.ts";
import { NotFound, NotPermitted } from "../errors.ts";
import type { Actor } from "./sessions.ts";

export type AccessScope = "view" | "upload" | "manage";

const RANK: Readonly<Record<AccessScope, number>> = { view: 1, upload: 2, manage: 3 };
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
}

/**
 * The patient an actor names (`me` is oneself). Throws NotFound alike for a missing, foreign and ungranted patient (so that nobody
 * learns which it is), NotPermitted for a patient one may see but not treat in this way.
 */
export async function patientFor(tx: Tx, actor: Actor, patientId: string, scope: AccessScope): Promise<PatientRow> {
  const id = patientId === "me" ? actor.patientId : patientId;
  const rows = id === null || !isId(id) ? [] : await visible(tx, actor, id);
  const row = rows[0];
  if (!row) throw new NotFound("There is no such patient.");
  const granted = row.is_self ? "manage" : row.scope;
  if (RANK[granted] < RANK[scope]) throw new NotPermitted("You may see this patient's data, but not change it.");
  return { id: row.id, organizationId: actor.organizationId, displayName: row.display_name, zone: row.zone, isSelf: row.is_self };
}

interface VisibleRow {
  id: string; display_name: string; zone: string; is_self: boolean; scope: AccessScope;
}

async function visible(tx: Tx, actor: Actor, id: string): Promise<VisibleRow[]> {
  return tx.prepared<VisibleRow>(
    "patient_for",
    `select p.id, p.display_name, p.zone, coalesce(p.user_id = $2, false) as is_self, g.scope from patients p
     left join grants g on g.patient_id = p.id and g.user_id = $2 and now() between g.valid_from and g.valid_to
     where p.id = $1 and (p.user_id = $2 or g.user_id is not null)`,
    [id, actor.userId],
  );
}

/** Patients the actor may see, by name; `after` is the id of the last patient of the page before (a name would end up in addresses). */
export async function listPatients(tx: Tx, actor: Actor, page: { limit: number; after: string | null }): Promise<PatientRow[]> {
  const rows = await tx.query<VisibleRow>(
    `select p.id, p.display_name, p.zone, coalesce(p.user_id = $1, false) as is_self from patients p
     where (p.user_id = $1 or exists (select 1 from grants g where g.patient_id = p.id and g.user_id = $1
            and now() between g.valid_from and g.valid_to))
       and ($3::uuid is null or (p.display_name, p.id) > (select last.display_name, last.id from patients last where last.id = $3))
     order by p.display_name, p.id limit $2`,
    [actor.userId, page.limit, page.after],
  );
  return rows.map((row) => ({
    id: row.id, organizationId: actor.organizationId, displayName: row.display_name, zone: row.zone, isSelf: row.is_self,
  }));
}

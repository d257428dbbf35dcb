/** The audit log: who did what to whose data. Insert only, never a health value. */
import type { Tx } from "#db/database.ts";

export interface AuditEntry {
  readonly action: string;
  readonly actorUserId?: string | null;
  readonly patientId?: string | null;
  readonly objectType?: string;
  readonly objectId?: string;
  readonly outcome?: "done" | "refused" | "failed";
  readonly requestId?: string;
}

/** Writes an entry in the transaction that does the thing. */
export async function audit(tx: Tx, organizationId: string | null, entry: AuditEntry): Promise<void> {
  await tx.query(
    `insert into audit_log (organization_id, actor_user_id, action, patient_id, object_type, object_id, outcome, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      organizationId, entry.actorUserId ?? null, entry.action, entry.patientId ?? null, entry.objectType ?? null,
      entry.objectId ?? null, entry.outcome ?? "done", entry.requestId ?? null,
    ],
  );
}

/** Writes the same entry for each of these patients: a list shows data of many. */
export async function auditEach(tx: Tx, organizationId: string, entry: Omit<AuditEntry, "patientId">, patientIds: readonly string[]): Promise<void> {
  if (patientIds.length === 0) return;
  await tx.query(
    `insert into audit_log (organization_id, actor_user_id, action, patient_id, object_type, object_id, outcome, request_id)
     select $1, $2, $3, p.id, $4, $5, $6, $7 from unnest($8::uuid[]) as p (id)`,
    [organizationId, entry.actorUserId ?? null, entry.action, entry.objectType ?? null, entry.objectId ?? null, entry.outcome ?? "done", entry.requestId ?? null, patientIds],
  );
}

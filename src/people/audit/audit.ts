/**
 * The audit log: who did what to whose data, when, from where and why. Insert only; codes, ids and digests, never a health value, a name or free
 * text. Who sent the request comes from its trail. Faults PR-07, PR-08; ASVS 16.2.1, 16.3; 45 CFR 164.312(b).
 */
import type { Tx } from "#db/database.ts";
import { currentTrail, type Caller } from "../../trail.ts";

/** Why somebody did it. `account` is about the actor's own account, `administration` about the organization's affairs. */
export type AuditPurpose = "care" | "support" | "break_glass" | "own" | "research" | "account" | "administration" | "system";

export interface AuditEntry {
  /** `noun.verb_past`, e.g. `password.changed`. */
  readonly action: string;
  readonly actorUserId?: string | null;
  /** Who acts, where it is not a user or the machine itself. */
  readonly actorKind?: "user" | "api_key" | "device" | "operator" | "system" | "anonymous";
  readonly actorKeyId?: string | null;
  readonly patientId?: string | null;
  readonly objectType?: string;
  readonly objectId?: string;
  readonly outcome?: "done" | "refused" | "failed";
  /** Found out from the actor and the patient where it is not said. */
  readonly purpose?: AuditPurpose;
  /** That of the present request where it is not said. */
  readonly requestId?: string;
}

const COLUMNS = `organization_id, actor_user_id, action, object_type, object_id, outcome, request_id, actor_kind, actor_role, actor_key_id, session_ref,
  address_hash, network, agent, purpose, patient_id`;

/** Writes an entry in the transaction that does the thing; it is linked into its chain when that commits. */
export async function audit(tx: Tx, organizationId: string | null, entry: AuditEntry): Promise<void> {
  await tx.prepared(
    "audit_entry", `insert into audit_log (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [...valuesOf(organizationId, entry), purposeOf(entry), entry.patientId ?? null],
  );
}

/** Writes the same entry for each of these patients: a list shows data of many. */
export async function auditEach(tx: Tx, organizationId: string, entry: Omit<AuditEntry, "patientId">, patientIds: readonly string[]): Promise<void> {
  if (patientIds.length === 0) return;
  const purposes = patientIds.map((patientId) => purposeOf({ ...entry, patientId }));
  await tx.query(
    `insert into audit_log (${COLUMNS}) select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, p.purpose, p.id from unnest($15::text[], $16::uuid[]) as p (purpose, id)`,
    [...valuesOf(organizationId, entry), purposes, patientIds],
  );
}

function valuesOf(organizationId: string | null, entry: AuditEntry): unknown[] {
  const { caller, requestId } = currentTrail();
  const userId = entry.actorUserId ?? null;
  const identity = sameIdentity(caller, entry);
  const kind = entry.actorKind ?? identity?.kind ?? (userId !== null ? "user" : caller ? "anonymous" : "system");
  return [
    organizationId, userId, entry.action, entry.objectType ?? null, entry.objectId ?? null, entry.outcome ?? "done", entry.requestId ?? requestId ?? null,
    kind, identity && identity.roles.length > 0 ? identity.roles.join(",") : null, entry.actorKeyId ?? identity?.keyId ?? null, identity?.sessionRef ?? null,
    caller?.addressHash ?? null, caller?.network ?? null, caller?.agent ?? null,
  ];
}

/** What is known of the sender, if the entry is about the same: a request may also lead to what somebody else asked for before. */
function sameIdentity(caller: Caller | undefined, { actorUserId = null }: AuditEntry): Caller["identity"] {
  return caller?.identity?.userId === actorUserId ? caller.identity : undefined;
}

function purposeOf(entry: AuditEntry): AuditPurpose {
  if (entry.purpose !== undefined) return entry.purpose;
  if ((entry.actorUserId ?? null) === null) return "system";
  if ((entry.patientId ?? null) === null) return "account";
  const { caller } = currentTrail();
  if (caller?.emergencies?.has(entry.patientId!)) return "break_glass";
  return sameIdentity(caller, entry)?.patientId === entry.patientId ? "own" : "care";
}

/** The audit log as admins search it, newest first, and as it is exported, oldest first. Read with the rights of islet_audit. */
import type { Tx } from "#db/database.ts";

export interface AuditFilter {
  readonly actorUserId?: string;
  readonly patientId?: string;
  /** An action, or with a point at the end all that begin so: `password.` */
  readonly action?: string;
  readonly outcome?: "done" | "refused" | "failed";
  readonly purpose?: string;
  /** `[from, to)`, epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface AuditLine {
  readonly id: string;
  readonly organizationId: string | null;
  readonly atMs: number;
  readonly action: string;
  readonly outcome: "done" | "refused" | "failed";
  readonly purpose: string | null;
  readonly actorKind: string | null;
  readonly actorUserId: string | null;
  readonly actorRole: string | null;
  readonly actorKeyId: string | null;
  readonly patientId: string | null;
  readonly objectType: string | null;
  readonly objectId: string | null;
  readonly requestId: string | null;
  readonly sessionRef: string | null;
  readonly addressHash: string | null;
  readonly network: string | null;
  readonly agent: string | null;
}

const COLUMNS = `id, organization_id as "organizationId", at as "atMs", action, outcome, purpose, actor_kind as "actorKind", actor_user_id as "actorUserId", actor_role as "actorRole",
  actor_key_id as "actorKeyId", patient_id as "patientId", object_type as "objectType", object_id as "objectId", request_id as "requestId", session_ref as "sessionRef",
  address_hash as "addressHash", network, agent`;

/** A page of entries before one (newest first), or after one (oldest first). */
export async function searchAudit(
  tx: Tx, filter: AuditFilter, page: { readonly limit: number } & ({ readonly beforeId: string | null } | { readonly afterId: string }),
): Promise<AuditLine[]> {
  const isForwards = "afterId" in page;
  const isFamily = filter.action?.endsWith(".") ?? false;
  return tx.query<AuditLine>(
    `select ${COLUMNS} from audit_log
     where ($1::bigint is null or ${isForwards ? "id > $1" : "id < $1"}) and ($2::uuid is null or actor_user_id = $2) and ($3::uuid is null or patient_id = $3)
       and ($4::text is null or ${isFamily ? "starts_with(action, $4)" : "action = $4"}) and ($5::text is null or outcome = $5) and ($6::text is null or purpose = $6)
       and ($7::float8 is null or at >= to_timestamp($7 / 1000)) and ($8::float8 is null or at < to_timestamp($8 / 1000))
     order by id ${isForwards ? "asc" : "desc"} limit $9`,
    [
      isForwards ? page.afterId : page.beforeId, filter.actorUserId ?? null, filter.patientId ?? null, filter.action ?? null, filter.outcome ?? null, filter.purpose ?? null,
      filter.fromMs ?? null, filter.toMs ?? null, page.limit,
    ],
  );
}

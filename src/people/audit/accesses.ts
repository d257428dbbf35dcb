/** Who looked at a patient's data, for the patient to see: repeated looks of one hour as one line. Read with the rights of islet_audit. ASVS 14.2; GDPR Art. 15 (1)(c). */
import type { Tx } from "#db/database.ts";
import type { AuditPurpose } from "./audit.ts";

export interface Access {
  /** UTC hour of the line, epoch milliseconds. */
  readonly hourMs: number;
  /** Tells lines of one hour apart and in order. */
  readonly key: string;
  readonly organizationId: string | null;
  readonly actorKind: string | null;
  readonly actorUserId: string | null;
  /** Roles then, with commas between. */
  readonly actorRole: string | null;
  readonly action: string;
  /** First part of the route below the patient, e.g. `glucose`; null where it was no route. */
  readonly topic: string | null;
  readonly purpose: AuditPurpose | null;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly times: number;
}

export interface AccessesAsked {
  readonly patientId: string;
  /** The user whom the patient is: looks at one's own are nobody's news. */
  readonly ownUserId: string | null;
  /** `[from, to)`, epoch milliseconds. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly limit: number;
  /** The last line of the page before. */
  readonly after: { readonly hourMs: number; readonly key: string } | null;
}

/** Lines, the newest hour first. */
export async function listAccesses(tx: Tx, asked: AccessesAsked): Promise<Access[]> {
  const rows = await tx.query<Omit<Access, "hourMs" | "times"> & { hourMs: number; times: string }>(
    `with looks as (
       select organization_id, actor_kind, actor_user_id, actor_role, action, purpose, at, date_trunc('hour', at, 'UTC') as hour,
              case when object_type = 'delivery' then 'deliveries' when object_type = 'route' then coalesce(substring(object_id from '^/api/v1/(?:patients/(?::patientId/)?|clinic/)([a-z-]+)'), 'other') end as topic
       from audit_log
       where patient_id = $1 and outcome = 'done' and (actor_user_id is not null or actor_key_id is not null) and actor_user_id is distinct from $2
         and (action like 'patient.%' or action like '%.exported' or action like 'break_glass.%')
         and ($3::float8 is null or at >= to_timestamp($3 / 1000)) and ($4::float8 is null or at < to_timestamp($4 / 1000))
         and ($5::float8 is null or at < to_timestamp($5 / 1000) + interval '1 hour')),
     lines as (
       select hour, concat_ws('/', action, topic, purpose, actor_kind, actor_user_id, organization_id, actor_role) as key, organization_id, actor_kind, actor_user_id, actor_role,
              action, topic, purpose, min(at) as first, max(at) as last, count(*) as times
       from looks group by hour, organization_id, actor_kind, actor_user_id, actor_role, action, topic, purpose)
     select hour as "hourMs", key, organization_id as "organizationId", actor_kind as "actorKind", actor_user_id as "actorUserId", actor_role as "actorRole", action, topic, purpose,
            first as "firstMs", last as "lastMs", times
     from lines where $5::float8 is null or hour < to_timestamp($5 / 1000) or key collate "C" > $6
     order by hour desc, key collate "C" limit $7`,
    [asked.patientId, asked.ownUserId, asked.fromMs, asked.toMs, asked.after?.hourMs ?? null, asked.after?.key ?? "", asked.limit],
  );
  return rows.map((row) => ({ ...row, times: Number(row.times) }));
}

/** People whom lines of the log name. */
export async function namesOf(tx: Tx, userIds: readonly (string | null)[]): Promise<Map<string, string>> {
  const ids = [...new Set(userIds.filter((id) => id !== null))];
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; name: string }>("select id, display_name as name from users where id = any($1)", [ids]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

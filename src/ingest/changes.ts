/** Announcing what changed. Everything downstream (live pages, alerts, summaries, outgoing webhooks) reads this feed. */
import type { Tx } from "#db/database.ts";

export interface Change {
  readonly kind: "samples" | "sleep" | "workout" | "treatment" | "connection" | "sources" | "zone" | "appointment" | "clinical";
  /** Metric id for samples; for sources null where all metrics are concerned. */
  readonly metric: number | null;
  readonly count: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface ChangeOwner {
  readonly organizationId: string;
  readonly patientId: string;
  readonly connectionId: string | null;
  readonly deliveryId: string | null;
}

/** Writes the changes into the feed, in the transaction that made them. */
export async function announce(tx: Tx, owner: ChangeOwner, changes: readonly Change[]): Promise<void> {
  await announceAll(tx, owner.organizationId, changes.map((change) => ({ owner, change })));
}

/** Like announce, for any number of patients and deliveries of one organization. */
export async function announceAll(tx: Tx, organizationId: string, all: readonly { readonly owner: ChangeOwner; readonly change: Change }[]): Promise<void> {
  if (all.length === 0) return;
  await tx.query(
    `insert into changes (organization_id, patient_id, connection_id, delivery_id, kind, metric, count, from_at, to_at)
     select $1, r.patient_id, r.connection_id, r.delivery_id, r.kind, r.metric, r.count, to_timestamp(r.from_ms / 1000), to_timestamp(r.to_ms / 1000)
     from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::smallint[], $7::int[], $8::float8[], $9::float8[])
       as r (patient_id, connection_id, delivery_id, kind, metric, count, from_ms, to_ms)`,
    [
      organizationId, all.map(({ owner }) => owner.patientId), all.map(({ owner }) => owner.connectionId), all.map(({ owner }) => owner.deliveryId),
      all.map(({ change }) => change.kind), all.map(({ change }) => change.metric), all.map(({ change }) => change.count),
      all.map(({ change }) => change.fromMs), all.map(({ change }) => change.toMs),
    ],
  );
}

/** Announcing what changed. Everything downstream (live pages, alerts, summaries, outgoing webhooks) reads this feed. */
import type { Tx } from "#db/database.ts";

export interface Change {
  readonly kind: "samples" | "sleep" | "workout" | "treatment" | "connection";
  /** Metric id for samples. */
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
  if (changes.length === 0) return;
  await tx.query(
    `insert into changes (organization_id, patient_id, connection_id, delivery_id, kind, metric, count, from_at, to_at)
     select $1, $2, $3, $4, r.kind, r.metric, r.count, to_timestamp(r.from_ms / 1000), to_timestamp(r.to_ms / 1000)
     from unnest($5::text[], $6::smallint[], $7::int[], $8::float8[], $9::float8[]) as r (kind, metric, count, from_ms, to_ms)`,
    [
      owner.organizationId, owner.patientId, owner.connectionId, owner.deliveryId, changes.map((change) => change.kind),
      changes.map((change) => change.metric), changes.map((change) => change.count), changes.map((change) => change.fromMs),
      changes.map((change) => change.toMs),
    ],
  );
}

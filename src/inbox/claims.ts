/** The life of a delivery after it was accepted: claimed by one worker at a time, then done, failed for now, or dead. */
import type { Tx } from "#db/database.ts";
import type { MappingProblem } from "#driver/records.ts";
import { unpackBody } from "./body.ts";
import type { DeliveryState, DeliveryVia } from "./inbox.ts";

export interface ClaimedDelivery {
  readonly id: string;
  readonly leaseId: string;
  readonly provider: string;
  readonly via: DeliveryVia;
  readonly resource: string | null;
  readonly organizationId: string | null;
  readonly patientId: string | null;
  readonly connectionId: string | null;
  readonly receivedMs: number;
  readonly attempts: number;
  readonly body: Buffer;
}

interface ClaimedRow {
  id: string; lease_id: string; provider: string; via: DeliveryVia; resource: string | null; organization_id: string | null;
  patient_id: string | null; connection_id: string | null; received_at: number; attempts: number; body: Buffer; body_encoding: string;
}

/** A worker that shows no life for this long loses its deliveries to others. */
export const LEASE_SECONDS = 60;
/** After so many failures a delivery is dead until somebody retries it. */
export const MOST_ATTEMPTS = 3;

/** Takes up to `limit` due deliveries, oldest first, also those of a dead worker. */
export async function claimDeliveries(tx: Tx, limit: number, only?: readonly string[]): Promise<ClaimedDelivery[]> {
  const rows = await tx.query<ClaimedRow>(
    `update deliveries d set state = 'processing', attempts = d.attempts + 1, lease_id = gen_random_uuid(),
            lease_until = now() + make_interval(secs => $2)
     from (select id from deliveries
           where state in ('pending', 'processing', 'failed') and available_at <= now()
             and (state <> 'processing' or lease_until < now()) and ($3::bigint[] is null or id = any($3))
           order by available_at, id limit $1 for update skip locked) due
     where d.id = due.id
     returning d.id::text, d.lease_id, d.provider, d.via, d.resource, d.organization_id, d.patient_id, d.connection_id,
               d.received_at, d.attempts, d.body, d.body_encoding`,
    [limit, LEASE_SECONDS, only ?? null],
  );
  return rows
    .toSorted((a, b) => Number(a.id) - Number(b.id))
    .map((row) => ({
      id: row.id, leaseId: row.lease_id, provider: row.provider, via: row.via, resource: row.resource,
      organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id,
      receivedMs: row.received_at, attempts: row.attempts, body: unpackBody(row.body_encoding, row.body),
    }));
}

export interface Outcome {
  readonly state: Extract<DeliveryState, "done" | "unmatched" | "ignored">;
  readonly problems: readonly MappingProblem[];
}

/** No delivery keeps more problems than this; the count stands in the last one. */
const PROBLEMS_KEPT = 200;

/**
 * Ends a delivery under its lease. False when another worker holds it meanwhile: then the caller must roll its transaction back.
 */
export async function finishDelivery(tx: Tx, delivery: { id: string; leaseId: string }, outcome: Outcome): Promise<boolean> {
  const kept = outcome.problems.slice(0, PROBLEMS_KEPT);
  const left = outcome.problems.length - kept.length;
  const problems = left > 0 ? [...kept, { path: "", reason: `and ${left} more` }] : kept;
  const rows = await tx.query(
    `update deliveries set state = $3, problems = $4, processed_at = now(), lease_id = null, lease_until = null, last_error = null
     where id = $1 and lease_id = $2 returning id`,
    [delivery.id, delivery.leaseId, outcome.state, JSON.stringify(problems)],
  );
  return rows.length === 1;
}

/**
 * Gives a delivery back after a failure. `reason` is an error code, never a message with values. It is tried again at `retryMs`
 * (UTC epoch milliseconds); null means dead.
 */
export async function failDelivery(tx: Tx, delivery: { id: string; leaseId: string }, reason: string, retryMs: number | null): Promise<void> {
  await tx.query(
    `update deliveries set state = case when $4::float8 is null then 'dead' else 'failed' end, last_error = $3,
            available_at = coalesce(to_timestamp($4::float8 / 1000), available_at), lease_id = null, lease_until = null
     where id = $1 and lease_id = $2`,
    [delivery.id, delivery.leaseId, reason, retryMs],
  );
}

/** Binds a webhook delivery to the one patient that all of it belongs to. */
export async function assignDelivery(
  tx: Tx, deliveryId: string, owner: { organizationId: string; patientId: string; connectionId: string },
): Promise<void> {
  await tx.query("update deliveries set organization_id = $2, patient_id = $3, connection_id = $4 where id = $1", [
    deliveryId, owner.organizationId, owner.patientId, owner.connectionId,
  ]);
}

/** Milliseconds until the next try: 60 s · 2ⁿ⁻¹ with full jitter in its upper half, at most an hour (requirement W5). */
export function backOffMs(attempt: number, random: () => number): number {
  const full = Math.min(60_000 * 2 ** (attempt - 1), 3_600_000);
  return full / 2 + (full / 2) * random();
}

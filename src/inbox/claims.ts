/** The life of a delivery after it was accepted: claimed by one worker at a time, then done, failed for now, or dead. */
import type { Tx } from "#db/database.ts";
import { storableJson, storableText } from "#db/text.ts";
import type { MappingProblem } from "#driver/records.ts";
import { unpackBody } from "./body.ts";
import type { DeliveryState, DeliveryVia } from "./inbox.ts";
import { LEASE_SECONDS } from "./lease.ts";

/** A delivery in one worker's hands, under its lease. */
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
  /** Whether it was done before and is made once more: only records come of it, no call and no change of an account. */
  readonly isReplay: boolean;
  readonly bytes: number;
  /** The request that brought it, and its trace (W3C traceparent); null where none did. */
  readonly requestId: string | null;
  readonly traceparent: string | null;
  /** The raw bytes. Throws when what rests does not unpack. */
  body(): Buffer;
}

/** What names a claim: the delivery and the lease it is held under. */
export type Claim = Pick<ClaimedDelivery, "id" | "leaseId">;

interface ClaimedRow {
  id: string; lease_id: string; provider: string; via: DeliveryVia; resource: string | null; organization_id: string | null;
  patient_id: string | null; connection_id: string | null; received_at: number; attempts: number; replay_id: string | null; body: Buffer; body_encoding: string;
  body_bytes: number; request_id: string | null; traceparent: string | null;
}

/** After so many failures a delivery is dead until somebody revives it. */
export const MOST_ATTEMPTS = 3;
/** Lost by a dead worker for the first time, most likely by no fault of theirs: few, so that a poisonous one among them sets few back. */
const LOST_TOGETHER = 10;

/**
 * Takes up to `limit` due deliveries, the oldest first; what is made once more comes after all that is new. Before them come those whose worker
 * died: a few together the first time, alone the second. So the one that kills workers is found, and its neighbours outlive it (faults QU-03).
 */
export async function claimDeliveries(tx: Tx, limit: number): Promise<ClaimedDelivery[]> {
  const lost = await claim(tx, LOST_ONCE, [LOST_TOGETHER]);
  if (lost.length > 0) return lost;
  const lostAgain = await claim(tx, LOST_AGAIN, [1, MOST_ATTEMPTS]);
  if (lostAgain.length > 0) return lostAgain;
  const fresh = await claim(tx, FRESH, [limit]);
  const again = fresh.length < limit ? await claim(tx, AGAIN, [limit - fresh.length]) : [];
  return [...fresh, ...again].toSorted((a, b) => Number(a.id) - Number(b.id));
}

/** Takes those of these deliveries that are due and free. */
export async function claimThese(tx: Tx, ids: readonly string[]): Promise<ClaimedDelivery[]> {
  const claimed = await claim(tx, THESE, [ids.length, MOST_ATTEMPTS, ids]);
  return claimed.toSorted((a, b) => Number(a.id) - Number(b.id));
}

/** A claim of the rows that `which` finds; in each the limit is $1. */
function claimOf(which: string): string {
  return `update deliveries d set state = 'processing', attempts = d.attempts + 1, lease_id = gen_random_uuid(),
            lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
     from (select id, via, filed_at from deliveries where ${which} limit $1 for update skip locked) due
     where d.id = due.id and d.via = due.via and d.filed_at = due.filed_at
     returning d.id::text, d.lease_id, d.provider, d.via, d.resource, d.organization_id, d.patient_id, d.connection_id,
               d.received_at, d.attempts, d.replay_id::text, d.body, d.body_encoding, d.body_bytes,
               d.headers ->> 'x-request-id' as request_id, d.headers ->> 'traceparent' as traceparent`;
}

const FRESH = claimOf("state in ('pending', 'failed') and replay_id is null and available_at <= now() order by available_at, id");
const AGAIN = claimOf("state in ('pending', 'failed') and replay_id is not null and available_at <= now() order by available_at, id");
const LOST_ONCE = claimOf("state = 'processing' and lease_until < now() and attempts = 1 order by lease_until");
const LOST_AGAIN = claimOf("state = 'processing' and lease_until < now() and attempts > 1 and attempts < $2 order by lease_until");
const THESE = claimOf(`id = any($3::bigint[]) and available_at <= now()
  and (state in ('pending', 'failed') or (state = 'processing' and lease_until < now() and attempts < $2)) order by id`);

async function claim(tx: Tx, statement: string, values: readonly unknown[]): Promise<ClaimedDelivery[]> {
  const rows = await tx.query<ClaimedRow>(statement, values);
  return rows.map((row) => ({
    id: row.id, leaseId: row.lease_id, provider: row.provider, via: row.via, resource: row.resource,
    organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id,
    receivedMs: row.received_at, attempts: row.attempts, isReplay: row.replay_id !== null, bytes: row.body_bytes,
    requestId: row.request_id, traceparent: row.traceparent, body: () => unpackBody(row.body_encoding, row.body),
  }));
}

/** Whether a delivery is due that nobody holds. */
export async function isWaiting(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ is_waiting: boolean }>(
    `select exists (select 1 from deliveries where state in ('pending', 'failed') and replay_id is null and available_at <= now())
         or exists (select 1 from deliveries where state in ('pending', 'failed') and replay_id is not null and available_at <= now())
         or exists (select 1 from deliveries where state = 'processing' and lease_until < now()) as is_waiting`,
  );
  return row!.is_waiting;
}

/** Buries what took its worker down with it as often as may be tried (faults QU-03). Gives their ids. */
export async function buryLost(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `update deliveries set state = 'dead', last_error = 'worker_lost', lease_id = null, lease_until = null
     where state = 'processing' and lease_until < now() and attempts >= $1 returning id::text`,
    [MOST_ATTEMPTS],
  );
  return rows.map((row) => row.id);
}

/** A sign of life for these claims. Those that others have taken over stay theirs. */
export async function renewClaims(tx: Tx, claims: readonly Claim[]): Promise<void> {
  await tx.query(
    `update deliveries d set lease_until = now() + make_interval(secs => $3) from unnest($1::bigint[], $2::uuid[]) as c (id, lease_id)
     where d.id = c.id and d.lease_id = c.lease_id`,
    [claims.map((claim) => claim.id), claims.map((claim) => claim.leaseId), LEASE_SECONDS],
  );
}

/** Gives claims back untried, because their worker has to stop. */
export async function releaseClaims(tx: Tx, claims: readonly Claim[]): Promise<void> {
  await tx.query(
    `update deliveries d set state = case when d.attempts > 1 then 'failed' else 'pending' end, attempts = d.attempts - 1, lease_id = null,
            lease_until = null
     from unnest($1::bigint[], $2::uuid[]) as c (id, lease_id) where d.id = c.id and d.lease_id = c.lease_id`,
    [claims.map((claim) => claim.id), claims.map((claim) => claim.leaseId)],
  );
}

export interface Outcome {
  readonly state: Extract<DeliveryState, "done" | "unmatched" | "ignored">;
  readonly problems: readonly MappingProblem[];
  /** The vendor's account of a webhook that belongs to nobody, or to nobody any more. */
  readonly account?: string;
  /** Version of the driver's mapping that made the records. */
  readonly mappingVersion?: number;
}

/** No delivery keeps more problems than this; the count stands in the last one. */
const PROBLEMS_KEPT = 200;

function problemsText(problems: readonly MappingProblem[]): string {
  const kept = problems.slice(0, PROBLEMS_KEPT);
  const left = problems.length - kept.length;
  return storableJson(left > 0 ? [...kept, { path: "", reason: `and ${left} more` }] : kept);
}

/**
 * Ends a delivery under its lease. False when another worker holds it meanwhile: then the caller must roll its transaction back. What is
 * ignored loses its body: nobody has consented to our keeping it.
 */
export async function finishDelivery(tx: Tx, delivery: Claim, outcome: Outcome): Promise<boolean> {
  const rows = await tx.query(
    `update deliveries set state = $3, problems = $4, account = $5, processed_at = clock_timestamp(), lease_id = null, lease_until = null, last_error = null,
            mapping_version = coalesce($6, mapping_version), body = case when $3 = 'ignored' then ''::bytea else body end,
            body_encoding = case when $3 = 'ignored' then 'identity' else body_encoding end
     where id = $1 and lease_id = $2 returning id`,
    [
      delivery.id, delivery.leaseId, outcome.state, problemsText(outcome.problems), outcome.account === undefined ? null : storableText(outcome.account),
      outcome.mappingVersion ?? null,
    ],
  );
  return rows.length === 1;
}

/** Ends deliveries whose records are stored, all under their leases. False like finishDelivery, when any of them is lost. */
export async function finishAll(
  tx: Tx, finished: readonly { readonly delivery: Claim; readonly problems: readonly MappingProblem[]; readonly mappingVersion: number }[],
): Promise<boolean> {
  const rows = await tx.query(
    `update deliveries d set state = 'done', problems = f.problems::jsonb, account = null, processed_at = clock_timestamp(), lease_id = null, lease_until = null,
            last_error = null, mapping_version = f.mapping_version
     from unnest($1::bigint[], $2::uuid[], $3::text[], $4::smallint[]) as f (id, lease_id, problems, mapping_version)
     where d.id = f.id and d.lease_id = f.lease_id returning 1`,
    [
      finished.map(({ delivery }) => delivery.id), finished.map(({ delivery }) => delivery.leaseId), finished.map(({ problems }) => problemsText(problems)),
      finished.map(({ mappingVersion }) => mappingVersion),
    ],
  );
  return rows.length === finished.length;
}

/**
 * Gives a delivery back after a failure. `reason` is an error code, never a message with values. It is tried again after `delayMs`; null
 * means dead.
 */
export async function failDelivery(tx: Tx, delivery: Claim, reason: string, delayMs: number | null): Promise<void> {
  await tx.query(
    `update deliveries set state = case when $4::float8 is null then 'dead' else 'failed' end, last_error = $3,
            available_at = coalesce(now() + make_interval(secs => $4::float8 / 1000), available_at), lease_id = null, lease_until = null
     where id = $1 and lease_id = $2`,
    [delivery.id, delivery.leaseId, reason, delayMs],
  );
}

/** Lets a failed or dead delivery be tried at once, from the first attempt. True when it was one. */
export async function reviveDelivery(tx: Tx, deliveryId: string): Promise<boolean> {
  const rows = await tx.query(
    "update deliveries set state = 'pending', attempts = 0, available_at = now() where id = $1 and state in ('failed', 'dead') returning 1", [deliveryId],
  );
  return rows.length === 1;
}

/** Binds a webhook delivery to the one patient that all of it belongs to. */
export async function assignDelivery(
  tx: Tx, deliveryId: string, owner: { organizationId: string; patientId: string; connectionId: string },
): Promise<void> {
  await tx.query("update deliveries set organization_id = $2, patient_id = $3, connection_id = $4 where id = $1", [
    deliveryId, owner.organizationId, owner.patientId, owner.connectionId,
  ]);
}

/** What an account of a vendor belongs to. */
export interface Assigned {
  readonly organizationId: string;
  readonly patientId: string;
  readonly connectionId: string;
}

/** Binds webhook deliveries to whom their accounts belong to; gives the owners by delivery, without those of strangers' accounts. */
export async function assignByAccount(
  tx: Tx, claims: readonly { readonly delivery: Claim; readonly provider: string; readonly account: string }[],
): Promise<Map<string, Assigned>> {
  const rows = await tx.query<{ id: string; organization_id: string; patient_id: string; connection_id: string }>(
    `update deliveries d set organization_id = a.organization_id, patient_id = a.patient_id, connection_id = a.connection_id
     from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[]) as c (id, lease_id, provider, account)
     join provider_accounts a on a.provider = c.provider and a.vendor_user_id = c.account
     where d.id = c.id and d.lease_id = c.lease_id returning d.id::text, d.organization_id, d.patient_id, d.connection_id`,
    [
      claims.map(({ delivery }) => delivery.id), claims.map(({ delivery }) => delivery.leaseId), claims.map(({ provider }) => provider),
      claims.map(({ account }) => storableText(account)),
    ],
  );
  return new Map(rows.map((row) => [row.id, { organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id }]));
}

/** Lets the same bytes come again: what was not believed this time may be true the next. */
export async function forgetKey(tx: Tx, deliveryId: string): Promise<void> {
  await tx.query("delete from delivery_keys where delivery_id = $1", [deliveryId]);
}

/**
 * An account was linked: what came for it before is tried again, what was ignored after an earlier disconnect may come again. Gives the
 * number of deliveries to try.
 */
export async function reclaimAccount(tx: Tx, provider: string, account: string): Promise<number> {
  const key = [provider, storableText(account)];
  await tx.query(
    `with forgotten as (update deliveries set account = null where provider = $1 and account = $2 and state = 'ignored' returning id)
     delete from delivery_keys where delivery_id in (select id from forgotten)`, key,
  );
  const rows = await tx.query(
    `update deliveries set state = 'pending', attempts = 0, available_at = now(), account = null, problems = '[]', processed_at = null
     where provider = $1 and account = $2 and state = 'unmatched' returning 1`, key,
  );
  return rows.length;
}

/** Milliseconds until the next try: 60 s · 2ⁿ⁻¹ with full jitter in its upper half, at most an hour (requirement W5). */
export function backOffMs(attempt: number, random: () => number): number {
  const full = Math.min(60_000 * 2 ** (attempt - 1), 3_600_000);
  return full / 2 + (full / 2) * random();
}

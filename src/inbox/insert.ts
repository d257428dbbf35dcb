/** The statement that stores deliveries: many at once, each once only. */
import type { Tx } from "#db/database.ts";
import { storableJson, storableText } from "#db/text.ts";
import type { PackedBody } from "./body.ts";
import type { NewDelivery } from "./inbox.ts";
import { LEASE_SECONDS } from "./lease.ts";

export interface PackedDelivery {
  readonly delivery: NewDelivery;
  readonly packed: PackedBody;
  /** Whether it is stored as already claimed by the caller. */
  readonly isClaimed: boolean;
}

export interface Stored {
  readonly id: string;
  readonly isNew: boolean;
  /** Null unless it was stored as claimed. */
  readonly leaseId: string | null;
  readonly receivedMs: number;
}

interface Row {
  position: number; id: string | null; is_new: boolean; lease_id: string | null; received_at: number | null;
}

const COLUMNS = ["int", "text", "text", "text", "uuid", "uuid", "uuid", "bigint", "jsonb", "bytea", "text", "int", "bytea", "bool"];

/** Inserts deliveries in one statement; those whose key is known already give the earlier delivery's id. */
export async function insertDeliveries(tx: Tx, deliveries: readonly PackedDelivery[]): Promise<Stored[]> {
  const values = deliveries.flatMap(({ delivery, packed, isClaimed }, index): unknown[] => [
    index, delivery.provider, delivery.via, delivery.resource === null ? null : storableText(delivery.resource), delivery.owner?.organizationId ?? null,
    delivery.owner?.patientId ?? null, delivery.owner?.connectionId ?? null, delivery.causedBy, storableJson(delivery.headers), packed.bytes,
    packed.encoding, delivery.body.length, delivery.dedupeKey, isClaimed,
  ]);
  const rows = deliveries.map((_, row) => `(${COLUMNS.map((type, column) => `$${row * COLUMNS.length + column + 1}::${type}`).join(",")})`);
  // Keys go in in their own order, so that two commits with the same keys never wait for one another in a circle.
  const result = await tx.query<Row>(
    `with input (position, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body,
                 body_encoding, body_bytes, dedupe_key, is_claimed) as (values ${rows.join(",")}),
     numbered as materialized (
       select input.*, nextval('deliveries_id_seq') as id,
              row_number() over (partition by provider, coalesce(dedupe_key, int4send(position)) order by position) as turn
       from input),
     keys as (
       insert into delivery_keys (provider, dedupe_key, delivery_id)
       select provider, dedupe_key, id from numbered where dedupe_key is not null and turn = 1 order by provider, dedupe_key
       on conflict do nothing returning provider, dedupe_key, delivery_id),
     stored as (
       insert into deliveries (id, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body,
                               body_encoding, body_bytes, state, attempts, lease_id, lease_until)
       select id, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body, body_encoding, body_bytes,
              case when is_claimed then 'processing' else 'pending' end, is_claimed::int, case when is_claimed then gen_random_uuid() end,
              case when is_claimed then now() + make_interval(secs => ${LEASE_SECONDS}) end
       from numbered where dedupe_key is null or id in (select delivery_id from keys) returning id, lease_id, received_at)
     select numbered.position, coalesce(stored.id, twin.delivery_id, known.delivery_id)::text as id, stored.id is not null as is_new,
            stored.lease_id, stored.received_at
     from numbered
     left join stored on stored.id = numbered.id
     left join keys twin on twin.provider = numbered.provider and twin.dedupe_key = numbered.dedupe_key
     left join delivery_keys known on known.provider = numbered.provider and known.dedupe_key = numbered.dedupe_key
     order by numbered.position`,
    values,
  );
  const stored: Stored[] = [];
  for (const [index, row] of result.entries()) {
    const id = row.id ?? (await knownId(tx, deliveries[index]!.delivery));
    stored.push({ id, isNew: row.is_new, leaseId: row.lease_id, receivedMs: row.received_at ?? 0 });
  }
  return stored;
}

/** An equal delivery was committed while the statement ran, which therefore could not see it; a new statement does. */
async function knownId(tx: Tx, delivery: NewDelivery): Promise<string> {
  const rows = await tx.query<{ id: string }>("select delivery_id::text as id from delivery_keys where provider = $1 and dedupe_key = $2", [
    delivery.provider, delivery.dedupeKey,
  ]);
  return rows[0]!.id;
}

/** The statement that stores deliveries: many at once, each once only. */
import type { Tx } from "#db/database.ts";
import { storableJson, storableText } from "#db/text.ts";
import { InternalError } from "../errors.ts";
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
  /** Null where the key is known. */
  id: string | null; lease_id: string | null; received_at: number | null;
}

/** One text whatever the number of rows, so that it is planned once. All bodies travel as one: PostgreSQL cuts them out of it. */
const INSERT = `with input as materialized (
    select r.position, nextval('deliveries_id_seq') as id, r.provider, r.via, r.resource, r.organization_id, r.patient_id, r.connection_id, r.caused_by,
           r.headers::jsonb as headers, substring($9::bytea from r.body_from for r.body_length) as body, r.body_encoding, r.body_bytes, r.dedupe_key, r.is_claimed
    from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[], $10::int[], $11::int[], $12::text[],
                $13::int[], $14::bytea[], $15::bool[]) with ordinality
      as r (provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body_from, body_length, body_encoding,
            body_bytes, dedupe_key, is_claimed, position)),
  keys as (
    insert into delivery_keys (provider, dedupe_key, delivery_id)
    select provider, dedupe_key, id from input where dedupe_key is not null order by provider, dedupe_key
    on conflict do nothing returning delivery_id),
  stored as (
    insert into deliveries (id, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body,
                            body_encoding, body_bytes, state, attempts, lease_id, lease_until)
    select id, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body, body_encoding, body_bytes,
           case when is_claimed then 'processing' else 'pending' end, is_claimed::int, case when is_claimed then gen_random_uuid() end,
           case when is_claimed then now() + make_interval(secs => ${LEASE_SECONDS}) end
    from input where dedupe_key is null or id in (select delivery_id from keys) returning id, lease_id, received_at)
  select stored.id::text, stored.lease_id, stored.received_at from input left join stored on stored.id = input.id order by input.position`;

/** Inserts deliveries in one statement; those whose key is known already give the earlier delivery's id. */
export async function insertDeliveries(tx: Tx, deliveries: readonly PackedDelivery[]): Promise<Stored[]> {
  const { first, twinOf } = withoutTwins(deliveries);
  const column = <T>(of: (item: PackedDelivery) => T): T[] => first.map(of);
  let length = 0;
  const bodyFrom = first.map(({ packed }) => (length += packed.bytes.length) - packed.bytes.length + 1);
  const rows = await tx.prepared<Row>("insert_deliveries", INSERT, [
    column(({ delivery }) => delivery.provider), column(({ delivery }) => delivery.via),
    column(({ delivery }) => (delivery.resource === null ? null : storableText(delivery.resource))), column(({ delivery }) => delivery.owner?.organizationId ?? null),
    column(({ delivery }) => delivery.owner?.patientId ?? null), column(({ delivery }) => delivery.owner?.connectionId ?? null), column(({ delivery }) => delivery.causedBy),
    column(({ delivery }) => storableJson(delivery.headers)), first.length === 1 ? first[0]!.packed.bytes : Buffer.concat(first.map(({ packed }) => packed.bytes)), bodyFrom,
    column(({ packed }) => packed.bytes.length), column(({ packed }) => packed.encoding), column(({ delivery }) => delivery.body.length),
    column(({ delivery }) => (delivery.dedupeKey === null ? null : Buffer.from(delivery.dedupeKey))), column(({ isClaimed }) => isClaimed),
  ]);
  const known = await knownIds(tx, first.filter((_, index) => rows[index]!.id === null));
  const stored = rows.map(({ id, lease_id: leaseId, received_at: receivedMs }): Stored => (
    id === null ? { id: known.shift()!, isNew: false, leaseId: null, receivedMs: 0 } : { id, isNew: true, leaseId, receivedMs: receivedMs ?? 0 }
  ));
  const seen = new Set<number>();
  return twinOf.map((place) => {
    const isTwin = seen.has(place);
    seen.add(place);
    return isTwin ? { ...stored[place]!, isNew: false, leaseId: null } : stored[place]!;
  });
}

/** The first of each key, and for every delivery the place of its first. */
function withoutTwins(deliveries: readonly PackedDelivery[]): { first: PackedDelivery[]; twinOf: number[] } {
  const first: PackedDelivery[] = [];
  const places = new Map<string, number>();
  const twinOf = deliveries.map((item) => {
    const { provider, dedupeKey } = item.delivery;
    const name = dedupeKey === null ? null : `${provider} ${Buffer.from(dedupeKey).toString("base64")}`;
    const known = name === null ? undefined : places.get(name);
    if (known !== undefined) return known;
    if (name !== null) places.set(name, first.length);
    return first.push(item) - 1;
  });
  return { first, twinOf };
}

/** Ids of the deliveries that had these keys first. Asked apart: an equal one may have been committed while the insert ran, which then could not see it. */
async function knownIds(tx: Tx, deliveries: readonly PackedDelivery[]): Promise<string[]> {
  if (deliveries.length === 0) return [];
  const rows = await tx.prepared<{ id: string }>(
    "known_deliveries",
    `select d.delivery_id::text as id from unnest($1::text[], $2::bytea[]) with ordinality as k (provider, dedupe_key, position)
     cross join lateral (select delivery_id from delivery_keys where provider = k.provider and dedupe_key = k.dedupe_key limit 1) d order by k.position`,
    [deliveries.map(({ delivery }) => delivery.provider), deliveries.map(({ delivery }) => Buffer.from(delivery.dedupeKey!))],
  );
  if (rows.length !== deliveries.length) throw new InternalError("A delivery was neither stored nor known.");
  return rows.map(({ id }) => id);
}

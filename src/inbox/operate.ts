/** What an operator sees and orders: deliveries by state, once more, or again from the start. Never a body: ids, counts, ages and codes. */
import type { Database, Tx } from "#db/database.ts";
import type { DeliveryState, DeliveryVia } from "./inbox.ts";

export interface DeliveryFilter {
  readonly provider?: string;
  readonly patientId?: string;
  readonly states?: readonly DeliveryState[];
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Only what an older version of the driver's mapping made. */
  readonly mappingBefore?: number;
}

export interface DeliveryLine {
  readonly id: string;
  readonly provider: string;
  readonly via: DeliveryVia;
  readonly resource: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Code of the last failure. */
  readonly lastError: string | null;
  readonly receivedMs: number;
  readonly processedMs: number | null;
  /** When it is tried next; null where it is not waiting. */
  readonly availableMs: number | null;
  readonly bytes: number;
  readonly patientId: string | null;
  readonly problemCount: number;
  readonly mappingVersion: number | null;
}

const COLUMNS = `d.id::text, d.provider, d.via, d.resource, d.state, d.attempts, d.last_error as "lastError", d.received_at as "receivedMs",
  d.processed_at as "processedMs", case when d.state in ('pending', 'failed') then d.available_at end as "availableMs", d.body_bytes as bytes,
  d.patient_id as "patientId", jsonb_array_length(d.problems) as "problemCount", d.mapping_version as "mappingVersion"`;

const WHERE = `($1::text is null or d.provider = $1) and ($2::uuid is null or d.patient_id = $2) and ($3::text[] is null or d.state = any($3))
  and ($4::float8 is null or d.received_at >= to_timestamp($4 / 1000)) and ($5::float8 is null or d.received_at < to_timestamp($5 / 1000))
  and ($6::int is null or coalesce(d.mapping_version, 0) < $6)`;

function valuesOf(filter: DeliveryFilter): unknown[] {
  return [filter.provider ?? null, filter.patientId ?? null, filter.states ?? null, filter.fromMs ?? null, filter.toMs ?? null, filter.mappingBefore ?? null];
}

/** Deliveries, the newest first; `beforeId` goes on where a page ended. */
export async function listDeliveries(tx: Tx, filter: DeliveryFilter, page: { limit: number; beforeId: string | null }): Promise<DeliveryLine[]> {
  return tx.query<DeliveryLine>(
    `select ${COLUMNS} from deliveries d where ${WHERE} and ($7::bigint is null or d.id < $7) order by d.id desc limit $8`,
    [...valuesOf(filter), page.beforeId, page.limit],
  );
}

/** One delivery with what could not be made of it; null when there is none. */
export async function showDelivery(tx: Tx, id: string): Promise<(DeliveryLine & { readonly problems: readonly { path: string; reason: string }[]; readonly causedBy: string | null }) | null> {
  const rows = await tx.query<DeliveryLine & { problems: { path: string; reason: string }[]; causedBy: string | null }>(
    `select ${COLUMNS}, d.problems, d.caused_by::text as "causedBy" from deliveries d where d.id = $1`, [id],
  );
  return rows[0] ?? null;
}

export interface InboxCount {
  readonly provider: string;
  readonly state: DeliveryState;
  readonly count: number;
  /** When the oldest of them came. */
  readonly oldestMs: number;
}

/** How many deliveries are in each state that is no end, and dead ones; ends are not counted, for they are the whole past. */
export async function countOpen(tx: Tx): Promise<InboxCount[]> {
  return tx.query<InboxCount>(
    // In parts, each of which has its index.
    `select provider, state, count(*)::int as count, min(received_at) as "oldestMs" from (
       select provider, state, received_at from deliveries where state in ('pending', 'failed') and replay_id is null
       union all select provider, state, received_at from deliveries where state in ('pending', 'failed') and replay_id is not null
       union all select provider, state, received_at from deliveries where state = 'processing'
       union all select provider, state, received_at from deliveries where state = 'dead') waiting
     group by provider, state order by provider, state`,
  );
}

/** Lets failed and dead deliveries be tried at once, from the first attempt. Gives how many. */
export async function retryDeliveries(tx: Tx, filter: DeliveryFilter & { readonly id?: string }): Promise<number> {
  const rows = await tx.query(
    `update deliveries d set state = 'pending', attempts = 0, available_at = now()
     where ${WHERE} and ($7::bigint is null or d.id = $7) and d.state in ('failed', 'dead') returning 1`,
    [...valuesOf(filter), filter.id ?? null],
  );
  return rows.length;
}

export interface ReplayOrder {
  /** Null: across all organizations, as only the operator at the machine may. */
  readonly organizationId: string | null;
  readonly askedBy: string | null;
  readonly reason: string;
  readonly filter: DeliveryFilter;
}

export interface ReplayProgress {
  readonly id: string;
  readonly askedMs: number;
  readonly reason: string;
  readonly total: number;
  readonly waiting: number;
  readonly done: number;
  readonly dead: number;
}

/** Marked in one transaction: a large replay must not hold its rows for long. */
const MARKED_AT_ONCE = 2_000;

/**
 * Orders that deliveries which are done be mapped and stored once more. The same records come of it, or better ones where the mapping has got
 * better; nothing is asked of a vendor, and no account is changed again. Whose connection has ended is left alone. Gives the replay's id.
 */
export async function orderReplay(database: Database, order: ReplayOrder): Promise<string> {
  const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => (order.organizationId === null ? database.asSystem(work) : database.withOrganization(order.organizationId, work));
  const id = await within(async (tx) => {
    const [row] = await tx.query<{ id: string }>(
      "insert into replays (organization_id, asked_by, reason, filter) values ($1, $2, $3, $4) returning id::text",
      [order.organizationId, order.askedBy, order.reason, JSON.stringify(order.filter)],
    );
    return row!.id;
  });
  for (let after = "0"; ; ) {
    const marked = await within(async (tx) => {
      // Only what is done, whatever the filter says: the rest is on its way, or nobody's.
      const rows = await tx.query<{ id: string }>(
        `update deliveries d set state = 'pending', attempts = 0, available_at = now(), replay_id = $7
         from (select d.id, d.via, d.filed_at from deliveries d
               where ${WHERE} and d.state = 'done' and d.id > $8 and d.organization_id is not null and coalesce(d.resource, '') <> 'export-stream'
                 and not exists (select 1 from connections c where c.patient_id = d.patient_id and c.id = d.connection_id and c.disconnected_at is not null)
               order by d.id limit ${MARKED_AT_ONCE} for update of d skip locked) chosen
         where d.id = chosen.id and d.via = chosen.via and d.filed_at = chosen.filed_at returning d.id::text`,
        [...valuesOf(order.filter).with(2, null), id, after],
      );
      await tx.query("update replays set total = total + $2 where id = $1", [id, rows.length]);
      return rows.map((row) => BigInt(row.id));
    });
    if (marked.length < MARKED_AT_ONCE) return id;
    after = String(marked.reduce((most, one) => (one > most ? one : most)));
  }
}

/** How far a replay has come; null when there is none of that id. */
export async function replayProgress(tx: Tx, id: string): Promise<ReplayProgress | null> {
  const rows = await tx.query<ReplayProgress>(
    `select r.id::text, r.asked_at as "askedMs", r.reason, r.total,
            count(d.id) filter (where d.state in ('pending', 'processing', 'failed'))::int as waiting,
            count(d.id) filter (where d.state = 'dead')::int as dead,
            count(d.id) filter (where d.state not in ('pending', 'processing', 'failed', 'dead'))::int as done
     from replays r left join deliveries d on d.replay_id = r.id where r.id = $1 group by r.id`, [id],
  );
  return rows[0] ?? null;
}

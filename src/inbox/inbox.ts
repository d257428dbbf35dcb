/**
 * The inbox: whatever enters Islet becomes a delivery here, raw bytes and all, before anybody is told that it was received.
 * Webhooks are committed in micro-batches: callers that arrive together share one transaction, nobody waits for a batch to fill.
 */
import { createHash } from "node:crypto";
import type { Database, Tx } from "#db/database.ts";
import { Unavailable } from "../errors.ts";
import { packBody } from "./body.ts";

export type DeliveryVia = "webhook" | "pull" | "import" | "push";
export type DeliveryState = "pending" | "processing" | "done" | "failed" | "dead" | "unmatched" | "ignored";

/** Whose a delivery is, where that is known on arrival. */
export interface DeliveryOwner {
  readonly organizationId: string;
  readonly patientId: string;
  readonly connectionId: string | null;
}

export interface NewDelivery {
  readonly provider: string;
  readonly via: DeliveryVia;
  readonly resource: string | null;
  readonly body: Uint8Array;
  /** Headers that matter, by name; never credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly owner: DeliveryOwner | null;
  readonly causedBy: string | null;
  /** Two deliveries of a provider with one key are one. Null: always a new one. */
  readonly dedupeKey: Uint8Array | null;
}

export interface Accepted {
  readonly id: string;
  /** False when an equal delivery was here before: nothing was added. */
  readonly isNew: boolean;
}

export interface Inbox {
  /**
   * Stores a delivery; resolves after COMMIT. Throws Unavailable when it is in doubt or too much is waiting: the sender must come
   * again.
   */
  accept(delivery: NewDelivery): Promise<Accepted>;
  /** Called after each commit that added something. */
  onArrival(listener: () => void): void;
}

export interface InboxOptions {
  readonly database: Database;
  /** Rows in one commit. */
  readonly batchSize?: number;
  /** Commits under way at once. */
  readonly inFlight?: number;
  /** Deliveries that may wait in memory before new ones are refused. */
  readonly waitingMost?: number;
}

/** Dedupe key of a body: its digest. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

interface Waiting {
  readonly delivery: NewDelivery;
  readonly resolve: (accepted: Accepted) => void;
  readonly reject: (error: unknown) => void;
}

export function createInbox(options: InboxOptions): Inbox {
  const { database, batchSize = 200, inFlight = 2, waitingMost = 1_000 } = options;
  const waiting: Waiting[] = [];
  const listeners: (() => void)[] = [];
  let running = 0;

  const pump = (): void => {
    while (running < inFlight && waiting.length > 0) {
      running += 1;
      void commit(waiting.splice(0, batchSize)).finally(() => {
        running -= 1;
        pump();
      });
    }
  };

  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const accepted = await database.asSystem((tx) => insertDeliveries(tx, batch.map((item) => item.delivery)));
      batch.forEach((item, index) => item.resolve(accepted[index]!));
      if (accepted.some((item) => item.isNew)) for (const listener of listeners) listener();
    } catch (error) {
      // One bad row must not refuse its neighbours: each is tried alone.
      if (batch.length > 1 && !(error instanceof Unavailable)) for (const item of batch) await commit([item]);
      else for (const item of batch) item.reject(error);
    }
  };

  return {
    accept: (delivery) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= waitingMost) {
          reject(new Unavailable("Too many deliveries are waiting to be stored.", { retryAfterSeconds: 2 }));
          return;
        }
        waiting.push({ delivery, resolve, reject });
        pump();
      }),
    onArrival: (listener) => {
      listeners.push(listener);
    },
  };
}

const COLUMNS = 13;

/** Inserts deliveries in one statement; those whose key is known already give the earlier delivery's id. */
async function insertDeliveries(tx: Tx, deliveries: readonly NewDelivery[]): Promise<Accepted[]> {
  const rows: string[] = [];
  const values: unknown[] = [];
  deliveries.forEach((delivery, index) => {
    const packed = packBody(delivery.body);
    const at = index * COLUMNS;
    rows.push(
      `($${at + 1}::int,$${at + 2},$${at + 3},$${at + 4},$${at + 5}::uuid,$${at + 6}::uuid,$${at + 7}::uuid,$${at + 8}::bigint,$${at + 9}::jsonb,$${at + 10}::bytea,$${at + 11},$${at + 12}::int,$${at + 13}::bytea)`,
    );
    values.push(
      index, delivery.provider, delivery.via, delivery.resource, delivery.owner?.organizationId ?? null,
      delivery.owner?.patientId ?? null, delivery.owner?.connectionId ?? null, delivery.causedBy,
      JSON.stringify(delivery.headers), packed.bytes, packed.encoding, delivery.body.length, delivery.dedupeKey,
    );
  });
  const result = await tx.query<{ position: number; id: string; is_new: boolean }>(
    `with input (position, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body,
                 body_encoding, body_bytes, dedupe_key) as (values ${rows.join(",")}),
     numbered as materialized (
       select input.*, nextval(pg_get_serial_sequence('deliveries', 'id')) as id,
              row_number() over (partition by provider, coalesce(dedupe_key, int4send(position)) order by position) as turn
       from input),
     keys as (
       insert into delivery_keys (provider, dedupe_key, delivery_id)
       select provider, dedupe_key, id from numbered where dedupe_key is not null and turn = 1
       on conflict do nothing returning provider, dedupe_key, delivery_id),
     stored as (
       insert into deliveries (id, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body,
                               body_encoding, body_bytes)
       overriding system value
       select id, provider, via, resource, organization_id, patient_id, connection_id, caused_by, headers, body, body_encoding, body_bytes
       from numbered where dedupe_key is null or id in (select delivery_id from keys) returning id)
     select numbered.position, coalesce(stored.id, twin.id, known.delivery_id, numbered.id)::text as id, stored.id is not null as is_new
     from numbered
     left join stored on stored.id = numbered.id
     left join numbered twin on twin.provider = numbered.provider and twin.dedupe_key = numbered.dedupe_key and twin.turn = 1
       and exists (select 1 from keys where delivery_id = twin.id)
     left join delivery_keys known on known.provider = numbered.provider and known.dedupe_key = numbered.dedupe_key
     order by numbered.position`,
    values,
  );
  return result.map((row) => ({ id: row.id, isNew: row.is_new }));
}

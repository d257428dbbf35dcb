/**
 * The inbox: whatever enters Islet becomes a delivery here, raw bytes and all, before anybody is told that it was received.
 * Webhooks are committed in micro-batches: callers that arrive together share one transaction, nobody waits for a batch to fill.
 */
import { createHash } from "node:crypto";
import type { Database } from "#db/database.ts";
import { Unavailable } from "../errors.ts";
import { packBody } from "./body.ts";
import type { ClaimedDelivery } from "./claims.ts";
import { insertDeliveries, type PackedDelivery, type Stored } from "./insert.ts";

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
  /**
   * Like `accept`, for whoever processes the delivery at once: it is stored as already claimed, so that nobody else takes it.
   * `claimed` is null when an equal one was here before.
   */
  acceptAndClaim(delivery: NewDelivery): Promise<Accepted & { readonly claimed: ClaimedDelivery | null }>;
  /** Called after each commit that added something for whoever is free. */
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
  /** Bytes that may wait in memory before new ones are refused. */
  readonly waitingBytesMost?: number;
  /** Told how many deliveries each commit held. */
  readonly onCommit?: (rows: number) => void;
}

/** Beside a commit under way another begins for so many: one begun for the first that comes would leave the many behind it waiting for two. */
const WORTH_ANOTHER = 32;
/** A commit takes no more bytes than this, unless one delivery alone has more. */
const BATCH_BYTES = 16 * 1024 * 1024;

/** Dedupe key of a body: its digest. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

interface Waiting {
  readonly delivery: NewDelivery;
  readonly isClaimed: boolean;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

export function createInbox(options: InboxOptions): Inbox {
  const { database, batchSize = 200, inFlight = 2, waitingMost = 1_000, waitingBytesMost = 128 * 1024 * 1024 } = options;
  const waiting: Waiting[] = [];
  const listeners: (() => void)[] = [];
  let waitingBytes = 0;
  let running = 0;

  const nextBatch = (): Waiting[] => {
    let bytes = 0;
    const end = waiting.findIndex((item, index) => index >= batchSize || ((bytes += item.delivery.body.length) > BATCH_BYTES && index > 0));
    const batch = waiting.splice(0, end < 0 ? waiting.length : end);
    for (const item of batch) waitingBytes -= item.delivery.body.length;
    return batch;
  };

  const pump = (): void => {
    while (running < inFlight && waiting.length >= (running === 0 ? 1 : WORTH_ANOTHER)) {
      running += 1;
      void commit(nextBatch()).finally(() => {
        running -= 1;
        pump();
      });
    }
  };

  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    let stored: Stored[];
    try {
      const packed = batch.map((item): PackedDelivery => ({ delivery: item.delivery, isClaimed: item.isClaimed, packed: packBody(item.delivery.body) }));
      stored = await database.asSystem((tx) => insertDeliveries(tx, packed));
    } catch (error) {
      // One bad row must not refuse its neighbours: each is tried alone.
      if (batch.length > 1 && !(error instanceof Unavailable)) for (const item of batch) await commit([item]);
      else for (const item of batch) item.reject(error);
      return;
    }
    options.onCommit?.(batch.length);
    batch.forEach((item, index) => item.resolve(stored[index]!));
    if (stored.some((item, index) => item.isNew && !batch[index]!.isClaimed)) for (const listener of listeners) listener();
  };

  const enqueue = (delivery: NewDelivery, isClaimed: boolean): Promise<Stored> =>
    new Promise((resolve, reject) => {
      const bytes = delivery.body.length;
      if (waiting.length >= waitingMost || (waiting.length > 0 && waitingBytes + bytes > waitingBytesMost)) {
        reject(new Unavailable("Too many deliveries are waiting to be stored.", { retryAfterSeconds: 2 }));
        return;
      }
      waiting.push({ delivery, isClaimed, resolve, reject });
      waitingBytes += bytes;
      pump();
    });

  return {
    accept: async (delivery) => {
      const { id, isNew } = await enqueue(delivery, false);
      return { id, isNew };
    },
    acceptAndClaim: async (delivery) => {
      const { id, isNew, leaseId, receivedMs } = await enqueue(delivery, true);
      const { provider, via, resource, owner, body, headers } = delivery;
      const claimed: ClaimedDelivery | null = leaseId === null ? null : {
        id, leaseId, provider, via, resource, organizationId: owner?.organizationId ?? null, patientId: owner?.patientId ?? null,
        connectionId: owner?.connectionId ?? null, receivedMs, attempts: 1, isReplay: false, bytes: body.length,
        requestId: headers["x-request-id"] ?? null, traceparent: headers["traceparent"] ?? null,
        body: () => Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      };
      return { id, isNew, claimed };
    },
    onArrival: (listener) => {
      listeners.push(listener);
    },
  };
}

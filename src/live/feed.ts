/**
 * The live feed: followers of a patient hear of every committed change, in order, once. One reader for the whole process asks the
 * change feed while anybody listens; a follower that was away goes on where it left.
 */
import type { Database } from "#db/database.ts";
import type { Log } from "../log.ts";

export interface FeedEvent {
  /** Place in the feed; give it back to go on after it. */
  readonly position: string;
  readonly patientId: string;
  readonly kind: "samples" | "sleep" | "workout" | "treatment" | "connection";
  readonly metric: number | null;
  readonly connectionId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly count: number;
}

export interface LiveFeed {
  /** Calls `listener` for each change of the patient from now on. The result ends it. */
  follow(patientId: string, listener: (event: FeedEvent) => void): () => void;
  /** Changes of a patient after a position; null when there are more than can be told singly, or the position is unknown. */
  since(patientId: string, position: string): Promise<FeedEvent[] | null>;
  stop(): Promise<void>;
}

interface ChangeRow {
  transaction_id: string; id: string; patient_id: string; kind: FeedEvent["kind"]; metric: number | null; connection_id: string | null;
  from_at: number | null; to_at: number | null; count: number;
}

const COLUMNS = "transaction_id::text, id::text, patient_id, kind, metric, connection_id, from_at, to_at, count";
/** How often the feed is asked while somebody listens. */
const EVERY_MS = 250;
const MOST_AT_ONCE = 1_000;
/** Beyond this a returning follower is told to ask anew for everything. */
const MOST_MISSED = 500;

export function createLiveFeed(database: Database, log: Log): LiveFeed {
  const followers = new Map<string, Set<(event: FeedEvent) => void>>();
  let position: { transactionId: string; id: string } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  let isStopped = false;

  const read = async (): Promise<void> => {
    // Only what is older than every running transaction: a slow one cannot slip in behind us.
    const from: { transactionId: string; id: string } = (position ??= await end(database));
    const rows = await database.asSystem((tx) =>
      tx.query<ChangeRow>(
        `select ${COLUMNS} from changes where (transaction_id, id) > ($1::xid8, $2::bigint)
           and transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by transaction_id, id limit ${MOST_AT_ONCE}`,
        [from.transactionId, from.id],
      ),
    );
    for (const row of rows) {
      position = { transactionId: row.transaction_id, id: row.id };
      for (const listener of followers.get(row.patient_id) ?? []) listener(eventOf(row));
    }
  };
  const schedule = (): void => {
    if (timer || isStopped || followers.size === 0) return;
    timer = setTimeout(() => {
      reading = read()
        .catch((error: unknown) => log.warn({ error }, "the live feed could not be read; it goes on with the next try"))
        .finally(() => {
          timer = undefined;
          schedule();
        });
    }, EVERY_MS);
  };

  return {
    follow: (patientId, listener) => {
      // Nobody listened: what happened meanwhile concerns no follower.
      if (followers.size === 0) position = null;
      const listeners = followers.get(patientId) ?? new Set();
      followers.set(patientId, listeners.add(listener));
      schedule();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) followers.delete(patientId);
      };
    },
    since: async (patientId, text) => {
      const match = /^(\d{1,20})-(\d{1,19})$/.exec(text);
      if (!match) return null;
      const rows = await database.asSystem((tx) =>
        tx.query<ChangeRow>(
          `select ${COLUMNS} from changes where patient_id = $3 and (transaction_id, id) > ($1::xid8, $2::bigint)
             and transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by transaction_id, id limit ${MOST_MISSED + 1}`,
          [match[1], match[2], patientId],
        ),
      );
      return rows.length > MOST_MISSED ? null : rows.map(eventOf);
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await reading;
    },
  };
}

async function end(database: Database): Promise<{ transactionId: string; id: string }> {
  const rows = await database.asSystem((tx) => tx.query<{ xmin: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin"));
  return { transactionId: rows[0]!.xmin, id: "0" };
}

function eventOf(row: ChangeRow): FeedEvent {
  return {
    position: `${row.transaction_id}-${row.id}`, patientId: row.patient_id, kind: row.kind, metric: row.metric, connectionId: row.connection_id,
    fromMs: row.from_at, toMs: row.to_at, count: row.count,
  };
}

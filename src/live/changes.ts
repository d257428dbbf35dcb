/** One patient's part of the change feed: what changed after a place, and where it stands. Sees what the transaction's organization may. */
import type { Tx } from "#db/database.ts";
import { placeOf, type FeedEvent } from "./feed.ts";

export interface ChangePage {
  readonly events: FeedEvent[];
  /** Where to go on: after all of these events, or where it began when there are none. */
  readonly position: string;
  readonly hasMore: boolean;
}

/** Before the first change. */
export const FEED_BEGIN = "0-0";

interface Row {
  transaction_id: string; id: string; kind: FeedEvent["kind"]; metric: number | null; connection_id: string | null; from_at: number | null; to_at: number | null; count: number;
}

/**
 * Changes of a patient after a position, in the order of the feed, which never changes: none can come to stand before a place that was given out.
 * Null for a position of another database (a restored backup, a new data folder): ahead of this one, or of a change that is not here.
 */
export async function readChanges(tx: Tx, patientId: string, position: string, limit: number): Promise<ChangePage | null> {
  const place = placeOf(position);
  if (!place) return null;
  const [known] = await tx.query<{ is_known: boolean }>(
    `select $2::xid8 <= pg_snapshot_xmin(pg_current_snapshot())
        and ($3::bigint = 0 or exists (select 1 from changes where patient_id = $1 and transaction_id = $2::xid8 and id = $3::bigint)) as is_known`,
    [patientId, String(place.transactionId), String(place.id)],
  );
  if (!known!.is_known) return null;
  // What a vendor lets be shown to its owner alone has not even changed for anybody else.
  const rows = await tx.query<Row>(
    `select transaction_id::text, id::text, kind, metric, connection_id, from_at, to_at, count from changes
     where patient_id = $1 and (transaction_id, id) > ($2::xid8, $3::bigint) and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
       and (connection_id is null or not exists (select 1 from connections c where c.patient_id = $1 and c.id = changes.connection_id
         and c.provider = any ((select app_hidden_providers())::text[])))
     order by changes.transaction_id, changes.id limit $4`,
    [patientId, String(place.transactionId), String(place.id), limit + 1],
  );
  const events = rows.slice(0, limit).map((row) => ({
    position: `${row.transaction_id}-${row.id}`, patientId, kind: row.kind, metric: row.metric, connectionId: row.connection_id, fromMs: row.from_at, toMs: row.to_at, count: row.count,
  }));
  return { events, position: events.at(-1)?.position ?? position, hasMore: rows.length > limit };
}

/** Where the feed stands: whatever is committed from now on comes after it. */
export async function feedEnd(tx: Tx): Promise<string> {
  const [row] = await tx.query<{ xmin: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin");
  return `${row!.xmin}-0`;
}

/**
 * A text that is another one as soon as anything of the patient has changed, and of two equal ones nothing has. The newest change alone would not do:
 * one with a lower number may be committed after it. Hence the newest of those that no running transaction can come before, and each one after it.
 */
export async function patientState(tx: Tx, patientId: string): Promise<string> {
  const [row] = await tx.prepared<{ settled: string | null; open: string | null }>(
    "patient_state",
    `select (select transaction_id || '-' || id from changes where patient_id = $1 and transaction_id < (x.xmin)
        order by changes.transaction_id desc, changes.id desc limit 1) as settled,
       (select string_agg(id::text, ',' order by id) from changes where patient_id = $1 and transaction_id >= (x.xmin)) as open
     from (select pg_snapshot_xmin(pg_current_snapshot()) as xmin) x`,
    [patientId],
  );
  return `${row!.settled ?? ""} ${row!.open ?? ""}`;
}

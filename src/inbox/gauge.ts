/** How full the inbox is and how long the oldest has waited: for metrics and for whoever asks whether it is stuck. Cheap however full it is. */
import type { Tx } from "#db/database.ts";

export interface InboxGauge {
  readonly provider: string;
  /** As in the table; `replay` are those that are made once more. */
  readonly state: "pending" | "processing" | "failed" | "dead" | "replay";
  /** Up to COUNTED_MOST in all of a part of the table. */
  readonly count: number;
  /** Since the oldest was due, 0 where none is yet; of dead ones since they came. */
  readonly oldestSeconds: number;
}

/** Nobody acts otherwise on a million than on this; counting on would cost what the workers need. */
export const COUNTED_MOST = 100_000;

/** Each part is read along one partial index, the oldest first: the age is right also where the count stops. */
const PARTS = [
  "provider, state, available_at as since from deliveries where state in ('pending', 'failed') and replay_id is null order by available_at",
  "provider, 'replay', available_at from deliveries where state in ('pending', 'failed') and replay_id is not null order by available_at",
  "provider, case when replay_id is null then state else 'replay' end, available_at from deliveries where state = 'processing' order by lease_until",
  "provider, state, received_at from deliveries where state = 'dead'",
];

/**
 * What is not done, by vendor and state. Ends are not counted, for they are the whole past. Ages are by when a delivery was due and not by
 * when it came: what an operator or a replay brings back is old without having waited.
 */
export async function gaugeInbox(tx: Tx, most = COUNTED_MOST): Promise<InboxGauge[]> {
  return tx.query<InboxGauge>(
    `select provider, state, count(*)::int as count, greatest(0, extract(epoch from clock_timestamp() - min(since)))::float8 as "oldestSeconds"
     from (${PARTS.map((part) => `(select ${part} limit $1)`).join(" union all ")}) open group by provider, state order by provider, state`,
    [most],
  );
}

/**
 * Whether deliveries have been due for longer than `seconds`, or the claim of a dead worker stood for as long, while nobody works on any.
 * A long queue that moves is not stuck, nor is what waits for its next try.
 */
export async function isInboxStuck(tx: Tx, seconds: number): Promise<boolean> {
  const [row] = await tx.query<{ stuck: boolean }>(
    `select (exists (select 1 from deliveries where state in ('pending', 'failed') and replay_id is null and available_at < clock_timestamp() - make_interval(secs => $1))
             or exists (select 1 from deliveries where state = 'processing' and lease_until < clock_timestamp() - make_interval(secs => $1)))
        and not exists (select 1 from deliveries where state = 'processing' and lease_until > clock_timestamp()) as stuck`,
    [seconds],
  );
  return row!.stuck;
}

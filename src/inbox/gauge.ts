/** How full the inbox is and how long the oldest has waited: for metrics and for whoever asks whether it is stuck. Cheap: indexed parts only. */
import type { Tx } from "#db/database.ts";

export interface InboxGauge {
  readonly provider: string;
  /** As in the table; `replay` are those that are made once more. */
  readonly state: "pending" | "processing" | "failed" | "dead" | "replay";
  readonly count: number;
  /** Since the oldest was due, 0 where none is yet; of dead ones since they came. */
  readonly oldestSeconds: number;
}

/** What is not done, by vendor and state. Ends are not counted, for they are the whole past. */
export async function gaugeInbox(tx: Tx): Promise<InboxGauge[]> {
  // By when it was due and not by when it came: what an operator or a replay brings back is old without having waited.
  return tx.query<InboxGauge>(
    `select provider, state, count(*)::int as count, greatest(0, extract(epoch from clock_timestamp() - min(since)))::float8 as "oldestSeconds" from (
       select provider, state, available_at as since from deliveries where state in ('pending', 'processing', 'failed') and replay_id is null
       union all select provider, 'replay', available_at from deliveries where state in ('pending', 'processing', 'failed') and replay_id is not null
       union all select provider, state, received_at from deliveries where state = 'dead') open
     group by provider, state order by provider, state`,
  );
}

/**
 * Whether deliveries have been due for longer than `seconds` while nobody works on any. A long queue that moves is not stuck, nor is what
 * waits for its next try.
 */
export async function isInboxStuck(tx: Tx, seconds: number): Promise<boolean> {
  const [row] = await tx.query<{ stuck: boolean }>(
    `select exists (select 1 from deliveries where state in ('pending', 'failed') and replay_id is null and available_at < clock_timestamp() - make_interval(secs => $1))
        and not exists (select 1 from deliveries where state = 'processing' and replay_id is null and lease_until > clock_timestamp()) as stuck`,
    [seconds],
  );
  return row!.stuck;
}

/** The inbox's months: made ahead of time, dropped whole when nobody needs their raw bytes any more (requirement R8). */
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";

/** Months seen to ahead of the present one. */
const AHEAD = 2;
/** Longer than any vendor goes on sending the same event again; beyond that, records are told apart by their own keys. Source: faults §5.2. */
const KEY_DAYS = 45;
const KEYS_AT_ONCE = 10_000;

export interface Keeping {
  /** Days that a pushed delivery is kept at least. */
  readonly webhookDays: number;
  /** The same for what vendors answered. */
  readonly pullDays: number;
}

/** Makes the months that are to come; gives how many were missing. */
export async function makeMonths(tx: Tx, nowMs: number): Promise<number> {
  const [row] = await tx.query<{ made: number }>("select inbox_make_months(to_timestamp($1::float8 / 1000)::date, $2) as made", [nowMs, AHEAD + 1]);
  return row!.made;
}

/** Drops the months whose every day lies further back than is kept; what is not done yet stays (faults ST-15). Gives the names of what was dropped. */
export async function dropMonths(tx: Tx, nowMs: number, keeping: Keeping): Promise<string[]> {
  const dropped: string[] = [];
  for (const [via, days] of [["webhook", keeping.webhookDays], ["pull", keeping.pullDays]] as const) {
    // What is of a patient under a legal hold is filed under the present month, and stays.
    await tx.query(
      `update deliveries set filed_at = to_timestamp($2::float8 / 1000) where via = $1 and filed_at < to_timestamp($3::float8 / 1000)
         and patient_id in (select patient_id from legal_holds where lifted_at is null)`, [via, nowMs, nowMs - days * DAY_MS],
    );
  }
  for (const [kind, days] of [["pushed", keeping.webhookDays], ["pulled", keeping.pullDays]] as const) {
    const [row] = await tx.query<{ dropped: string[] }>("select inbox_drop_months($1, to_timestamp($2::float8 / 1000)) as dropped", [kind, nowMs - days * DAY_MS]);
    dropped.push(...row!.dropped);
  }
  return dropped;
}

/** Forgets the keys of old deliveries but for those of files: one that was imported is known for ever. Gives how many, some thousands at once. */
export async function forgetOldKeys(tx: Tx, nowMs: number): Promise<number> {
  const rows = await tx.query(
    `delete from delivery_keys where (provider, dedupe_key) in (
       select provider, dedupe_key from delivery_keys where provider <> 'import' and first_seen < to_timestamp($1::float8 / 1000) limit ${KEYS_AT_ONCE}) returning 1`,
    [nowMs - KEY_DAYS * DAY_MS],
  );
  return rows.length;
}

/** Taking from the chains' beginnings what is older than it must be kept; what is left goes on from a stub under our MAC, so that it still verifies. */
import type { Database } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { sealPlace, type AuditKeys, type ChainPlace } from "./keys.ts";

/** Six years by 45 CFR 164.316(b)(2), and one to spare (requirement R8). */
export const KEEP_AUDIT_DAYS = 7 * 365 + 2;
/** Entries of one transaction. */
const MOST_AT_ONCE = 20_000;

/** Prunes every chain; gives how many entries went. Safe to be killed at any point. @param keepDays at least 365, below which the database refuses */
export async function pruneAuditLog(database: Database, keys: AuditKeys, { nowMs, keepDays }: { readonly nowMs: number; readonly keepDays: number }): Promise<number> {
  const beforeMs = nowMs - keepDays * DAY_MS;
  const chains = await database.asAuditor(null, (tx) => tx.query<{ chain: string }>("select chain from audit_heads order by chain"));
  let taken = 0;
  for (const { chain } of chains) {
    for (let place = await lastToGo(database, chain, beforeMs); place; place = await lastToGo(database, chain, beforeMs)) {
      const { seq, hash } = place;
      const mac = sealPlace(keys, "pruning", place);
      const [row] = await database.asSystem((tx) =>
        tx.query<{ taken: string }>("select prune_audit($1, $2, $3, $4, to_timestamp($5::float8 / 1000)) as taken", [chain, seq, hash, mac, beforeMs]));
      taken += Number(row!.taken);
    }
  }
  return taken;
}

/** The last of the first links that are all too old; null where the first is not. */
async function lastToGo(database: Database, chain: string, beforeMs: number): Promise<ChainPlace | null> {
  const [row] = await database.asAuditor(null, (tx) =>
    tx.query<{ seq: string; hash: Buffer }>(
      `with first as (select k.seq, k.hash, e.at from audit_links k left join audit_log e on e.id = k.entry_id where k.chain = $1 order by k.seq limit $3)
       select seq, hash from first where seq < coalesce((select min(seq) from first where at is null or at >= to_timestamp($2::float8 / 1000)), 9223372036854775807)
       order by seq desc limit 1`,
      [chain, beforeMs, MOST_AT_ONCE],
    ));
  return row ? { chain, seq: Number(row.seq), hash: row.hash } : null;
}

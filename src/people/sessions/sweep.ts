/** What has run out of sessions and sign-ins goes from the database, too. */
import type { Clock } from "../../clock.ts";
import type { Database } from "#db/database.ts";
import { REUSE_GRACE_MS } from "./refresh-tokens.ts";

/** Safe to repeat. A session of a program whose last refresh token has run out is over. */
export async function sweepSessions({ database, clock }: { readonly database: Database; readonly clock: Clock }): Promise<void> {
  const nowMs = clock.now();
  await database.asSystem(async (tx) => {
    await tx.query("update refresh_tokens set successor_salt = null where successor_salt is not null and used_at < to_timestamp($1::float8 / 1000)", [nowMs - REUSE_GRACE_MS]);
    await tx.query("delete from refresh_tokens where expires_at < to_timestamp($1::float8 / 1000)", [nowMs]);
    await tx.query(
      `delete from sessions s where s.expires_at < to_timestamp($1::float8 / 1000)
         or s.last_seen_at < to_timestamp($1::float8 / 1000) - make_interval(secs => s.idle_seconds)
         or (s.kind = 'bearer' and not exists (select 1 from refresh_tokens r where r.session_id = s.id))`,
      [nowMs],
    );
    await tx.query("delete from outside_sign_ins where expires_at < to_timestamp($1::float8 / 1000)", [nowMs]);
  });
}

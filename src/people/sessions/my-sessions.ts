/** What somebody is signed in with, to look at and to end. ASVS 5.0 7.5.2. */
import type { Tx } from "#db/database.ts";
import { NotFound } from "../../errors.ts";
import { isId } from "../access/access.ts";
import { audit } from "../audit/audit.ts";
import type { Actor } from "./sessions.ts";

export interface MySession {
  readonly id: string;
  readonly kind: "browser" | "program";
  readonly device: string | null;
  readonly startedMs: number;
  readonly lastSeenMs: number;
  readonly expiresMs: number;
  readonly isThis: boolean;
}

interface Row {
  id: string; kind: "cookie" | "bearer"; device: string | null; created_at: number; last_seen_at: number; expires_at: number;
}

/** Those that still open something, the last used first. The transaction is one of islet_system. */
export async function listSessions(tx: Tx, actor: Actor, nowMs: number): Promise<MySession[]> {
  const rows = await tx.query<Row>(
    `select s.id, s.kind, s.device, s.created_at, s.last_seen_at, s.expires_at from sessions s join users u on u.id = s.user_id
     where s.user_id = $1 and s.version = u.session_version and s.expires_at > to_timestamp($2::float8 / 1000)
       and (s.idle_seconds is null or s.last_seen_at > to_timestamp($2::float8 / 1000) - make_interval(secs => s.idle_seconds))
       and (s.kind = 'cookie' or exists (select 1 from refresh_tokens r where r.session_id = s.id and r.used_at is null and r.expires_at > to_timestamp($2::float8 / 1000)))
     order by s.last_seen_at desc, s.id`,
    [actor.userId, nowMs],
  );
  return rows.map((row) => ({
    id: row.id, kind: row.kind === "cookie" ? "browser" : "program", device: row.device, startedMs: row.created_at, lastSeenMs: row.last_seen_at,
    expiresMs: row.expires_at, isThis: row.id === actor.session.id,
  }));
}

/** Ends one of one's own sessions. Throws NotFound for what is none, be it somebody else's. */
export async function endSession(tx: Tx, actor: Actor, sessionId: string): Promise<void> {
  const [ended] = isId(sessionId) ? await tx.query("delete from sessions where id = $1 and user_id = $2 returning id", [sessionId, actor.userId]) : [];
  if (!ended) throw new NotFound("There is no such session.");
  await audit(tx, actor.organizationId, { action: "session.ended", actorUserId: actor.userId, objectType: "session", objectId: sessionId });
}

/** Ends all of one's sessions but the one that asks; gives how many. */
export async function endOtherSessions(tx: Tx, actor: Actor): Promise<number> {
  const ended = await tx.query<{ id: string }>("delete from sessions where user_id = $1 and ($2::uuid is null or id <> $2) returning id", [actor.userId, actor.session.id]);
  for (const { id } of ended) await audit(tx, actor.organizationId, { action: "session.ended", actorUserId: actor.userId, objectType: "session", objectId: id });
  return ended.length;
}

/**
 * Refresh tokens: each works once and gives its successor. Who comes with a used one holds a copy, and the whole family ends; but a program whose
 * answer was lost may ask again for ten seconds and hears the same. Sources: RFC 9700 §4.14; catalogue AU-07; ASVS 5.0 10.4.5.
 */
import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import type { Tx } from "#db/database.ts";
import type { Clock } from "../../clock.ts";
import { SECOND_MS } from "#units/time.ts";
import type { SessionLives } from "./lives.ts";

export const REUSE_GRACE_MS = 10 * SECOND_MS;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The session whose family a token belongs to. */
export interface Family {
  readonly sessionId: string;
  readonly organizationId: string;
  readonly userId: string;
}

export interface Refresh {
  readonly token: string;
  readonly expiresMs: number;
}

/** `reused`: the family has ended with this call. `unknown`: of no family that lives. */
export type Rotation = ({ readonly kind: "rotated" } & Family & Refresh) | ({ readonly kind: "reused" } & Family) | { readonly kind: "unknown" };

export interface RefreshTokens {
  /** The first token of a session's family. */
  begin(tx: Tx, session: { readonly sessionId: string; readonly organizationId: string; readonly expiresMs: number }): Promise<Refresh>;
  /** The successor of a token. Safe to be called by many at once: one statement decides who was first. */
  rotate(tx: Tx, token: string): Promise<Rotation>;
}

interface FamilyRow {
  session_id: string; organization_id: string; user_id: string; generation: number; expires_at: number;
}

interface UsedRow extends FamilyRow {
  used_at: number | null; salt: Buffer | null; next_expires_at: number | null; next_used_at: number | null;
}

/** What a family must be for its tokens to work; `$2` is now. */
const IS_ALIVE = "s.expires_at > to_timestamp($2::float8 / 1000) and s.version = u.session_version and u.blocked_at is null";

export function createRefreshTokens({ clock, lives, secret }: { readonly clock: Clock; readonly lives: SessionLives; readonly secret: string }): RefreshTokens {
  const key = Buffer.from(hkdfSync("sha256", secret, "", "islet/refresh-successor", 32));
  const successorOf = (token: string, salt: Buffer): string => createHmac("sha256", key).update(salt).update(token).digest("base64url");

  const store = async (tx: Tx, family: Omit<FamilyRow, "user_id">, token: string): Promise<Refresh> => {
    const expiresMs = Math.min(clock.now() + lives.refreshIdleMs, family.expires_at);
    await tx.query(
      `insert into refresh_tokens (token_hash, organization_id, session_id, generation, expires_at) values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000))`,
      [digest(token), family.organization_id, family.session_id, family.generation, expiresMs],
    );
    return { token, expiresMs };
  };

  return {
    begin: (tx, { sessionId, organizationId, expiresMs }) =>
      store(tx, { session_id: sessionId, organization_id: organizationId, generation: 1, expires_at: expiresMs }, randomBytes(32).toString("base64url")),
    rotate: async (tx, token) => {
      if (!TOKEN.test(token)) return { kind: "unknown" };
      const salt = randomBytes(32);
      const [used] = await tx.query<FamilyRow>(
        `update refresh_tokens r set used_at = to_timestamp($2::float8 / 1000), successor_salt = $3 from sessions s join users u on u.id = s.user_id
         where r.token_hash = $1 and r.used_at is null and r.expires_at > to_timestamp($2::float8 / 1000) and s.id = r.session_id and ${IS_ALIVE}
         returning r.session_id, r.organization_id, s.user_id, r.generation, s.expires_at`,
        [digest(token), clock.now(), salt],
      );
      if (!used) return again(tx, token);
      await tx.query("update sessions set last_seen_at = greatest(last_seen_at, to_timestamp($2::float8 / 1000)) where id = $1", [used.session_id, clock.now()]);
      return { kind: "rotated", ...familyOf(used), ...(await store(tx, { ...used, generation: used.generation + 1 }, successorOf(token, salt))) };
    },
  };

  /** Of a token that could not be used: it is somebody's who did not hear the answer, or a copy, or nothing. */
  async function again(tx: Tx, token: string): Promise<Rotation> {
    const [row] = await tx.query<UsedRow>(
      `select r.session_id, r.organization_id, s.user_id, r.generation, s.expires_at, r.used_at, r.successor_salt as salt, n.expires_at as next_expires_at, n.used_at as next_used_at
       from refresh_tokens r join sessions s on s.id = r.session_id join users u on u.id = s.user_id
       left join refresh_tokens n on n.session_id = r.session_id and n.generation = r.generation + 1
       where r.token_hash = $1 and r.used_at is not null and ${IS_ALIVE}`,
      [digest(token), clock.now()],
    );
    if (!row) return { kind: "unknown" };
    const isInTime = clock.now() - row.used_at! <= REUSE_GRACE_MS;
    if (isInTime && row.salt !== null && row.next_expires_at !== null && row.next_used_at === null) {
      return { kind: "rotated", ...familyOf(row), token: successorOf(token, row.salt), expiresMs: row.next_expires_at };
    }
    await tx.query("delete from sessions where id = $1", [row.session_id]);
    return { kind: "reused", ...familyOf(row) };
  }
}

function familyOf(row: FamilyRow): Family {
  return { sessionId: row.session_id, organizationId: row.organization_id, userId: row.user_id };
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/**
 * Signed-in browsers and programs. A browser holds a random token whose digest rests in the database; a program a short access token that names
 * its session, and a refresh token. docs/tokens.md.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Database, Tx } from "#db/database.ts";
import { NotAuthenticated } from "../../errors.ts";
import { MINUTE_MS, SECOND_MS } from "#units/time.ts";
import { audit } from "../audit/audit.ts";
import type { Proven } from "../sign-in/sign-in.ts";
import { createAccessTokens } from "./access-token.ts";
import type { KeyScope } from "./keys/key-scopes.ts";
import { idleMsOf, LIVES, type SessionLives } from "./lives.ts";
import { createRefreshTokens, type Family, type Refresh } from "./refresh-tokens.ts";
import { createBelieved, readSession, type SessionRow } from "./session-state.ts";
import { createSigningRing, type PublishedKey } from "./signing-ring.ts";

export type Role = "patient" | "clinician" | "admin" | "follower";

/** By what somebody asks: a browser's session, a program's, a key of an app, a token of an issuer that the operator trusts. */
export type SessionKind = "cookie" | "bearer" | "key" | "foreign";

/** Who asks: a user of one organization, by one session. */
export interface Actor {
  readonly userId: string;
  readonly organizationId: string;
  readonly roles: readonly Role[];
  /** The patient this user is, when it is one. */
  readonly patientId: string | null;
  readonly session: {
    readonly kind: SessionKind;
    /** Of the session or the key; a foreign token has none. */
    readonly id: string | null;
    /** What a flow that begins here is bound to. */
    readonly hash: Buffer;
    readonly expiresMs: number;
    /** When the person last proved to be there; null for keys and foreign tokens, which prove nothing of the kind. */
    readonly provenMs: number | null;
    /** Set while the account must change its password: nothing else is open to a session of its person. */
    readonly mustChangePassword?: boolean;
    /** Set while the organization requires a second factor of its staff and this person has none: nothing but setting one up is open. */
    readonly mustAddSecondFactor?: boolean;
    /** What a key may do; null where the person's own rights are all that counts. */
    readonly scopes: readonly KeyScope[] | null;
    /** Set for a key that opens its person's own data alone. */
    readonly isOwnOnly?: boolean;
  };
}

export interface Opened {
  /** A browser's token, or a program's access token. */
  readonly token: string;
  readonly actor: Actor;
  /** A program's alone. */
  readonly refresh: Refresh | null;
}

/** What is known of how a session comes to be. */
export interface OpenedBy {
  /** As `deviceWords` says it. */
  readonly device?: string | null;
  /** When the person proved to be there: now, unless told otherwise; null where nobody knows. */
  readonly provenMs?: number | null;
}

/** How a token is looked at. `fresh`: nothing remembered counts. `quiet`: no sign of a person, so that an idle session ends all the same. */
export interface Look {
  readonly fresh?: boolean;
  readonly quiet?: boolean;
}

export interface Sessions {
  /** Opens a session for somebody who has proved to be this user. Throws NotAuthenticated for a user who is gone or blocked. */
  open(proven: Proven, kind: "cookie" | "bearer", about?: OpenedBy): Promise<Opened>;
  /** Who holds this browser's or access token; null when nobody does (any more). */
  find(token: string, look?: Look): Promise<Actor | null>;
  /** New tokens of a program for its refresh token. Throws NotAuthenticated; a token that was used before ends the whole session. */
  refresh(refreshToken: string): Promise<Opened>;
  /** Notes that the person of this session has just proved to be there, and gives the session a new token (catalogue AU-09). */
  renew(actor: Actor): Promise<Opened>;
  end(actor: Actor): Promise<void>;
  /** What this process remembers of sessions is asked anew: when somebody's were ended here, that is not to take the seconds that it takes elsewhere. */
  forget(): void;
  /** By which others can check our access tokens. */
  publishedKeys(): PublishedKey[];
  /** The CSRF token of a session: a MAC of its digest, so that nothing needs to be stored. */
  csrfToken(actor: Actor): string;
  isCsrfToken(actor: Actor, given: string | undefined): boolean;
}

export interface SessionParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly secret: string;
  /** The address of this Islet. */
  readonly issuer: string;
  readonly lives?: Partial<SessionLives>;
  /** Tells a person that a copy of their refresh token was shown, in the transaction that ends the session. */
  readonly onReuse?: (tx: Tx, family: Family) => Promise<void>;
}

/** A browser's sign of life is noted no oftener: a write for every request would be too many. */
const SEEN_EVERY_MS = MINUTE_MS;
const GONE = "This account cannot be signed in to.";

export function createSessions(parts: SessionParts): Sessions {
  const { database, clock, secret } = parts;
  const lives = { ...LIVES, ...parts.lives };
  const ring = createSigningRing({ secret, now: () => clock.now() });
  const access = createAccessTokens({ ring, clock, issuer: parts.issuer });
  const refreshTokens = createRefreshTokens({ clock, lives, secret });
  const believed = createBelieved<SessionRow>(clock);
  const csrf = (actor: Actor): string => createHmac("sha256", secret).update("csrf\0").update(actor.session.hash).digest("base64url");
  const issue = async (row: SessionRow, refresh: Refresh): Promise<Opened> => {
    const lifeMs = Math.min(lives.accessMs, row.expires_at - clock.now());
    const { token, expiresMs } = await access.issue({ userId: row.id, sessionId: row.session_id, version: row.version }, lifeMs);
    return { token, refresh, actor: actorOf(row, expiresMs) };
  };
  const read = async (key: Buffer): Promise<SessionRow> => {
    const row = await readSession(database, key, clock.now());
    if (!row) throw new NotAuthenticated(GONE);
    return row;
  };

  return {
    open: async (proven, kind, { device = null, provenMs = clock.now() } = {}) => {
      const token = randomBytes(32).toString("base64url");
      const hash = hashToken(token);
      const made = await database.asSystem(async (tx) => {
        const session = await insertSession(tx, { proven, kind, hash, device, provenMs, lives, nowMs: clock.now() });
        await audit(tx, proven.organizationId, { action: "session.opened", actorUserId: proven.userId, objectType: "session", objectId: session.sessionId });
        return { ...session, refresh: kind === "bearer" ? await refreshTokens.begin(tx, { ...session, organizationId: proven.organizationId }) : null };
      });
      const row = await read(made.refresh ? idBytes(made.sessionId) : hash);
      return made.refresh ? issue(row, made.refresh) : { token, actor: actorOf(row, row.expires_at), refresh: null };
    },

    find: async (token, { fresh = false, quiet = false } = {}) => {
      if (!token.includes(".")) {
        const row = await readSession(database, hashToken(token), clock.now());
        if (row && !quiet && clock.now() - row.last_seen_at >= SEEN_EVERY_MS) await noteSeen(database, row.session_id, clock.now());
        return row && actorOf(row, row.expires_at);
      }
      const claims = await access.verify(token);
      if (!claims) return null;
      const row = await believed.get(claims.sessionId, { fresh, read: () => readSession(database, idBytes(claims.sessionId), clock.now()) });
      const isTheirs = row !== null && row.id === claims.userId && row.version === claims.version && row.expires_at > clock.now();
      return isTheirs ? actorOf(row, Math.min(claims.expiresMs, row.expires_at)) : null;
    },

    refresh: async (refreshToken) => {
      const rotation = await database.asSystem(async (tx) => {
        const result = await refreshTokens.rotate(tx, refreshToken);
        if (result.kind === "reused") {
          await audit(tx, result.organizationId, { action: "token.reuse_detected", actorUserId: result.userId, objectType: "session", objectId: result.sessionId, outcome: "refused" });
          await parts.onReuse?.(tx, result);
        }
        return result;
      });
      // Thrown only now, so that the end of the family is kept. One sentence for every reason.
      if (rotation.kind === "reused") believed.forget((row) => row.session_id === rotation.sessionId);
      if (rotation.kind !== "rotated") throw new NotAuthenticated("The refresh token is not valid: sign in again.");
      return issue(await read(idBytes(rotation.sessionId)), rotation);
    },

    renew: async (actor) => {
      const { id, kind } = actor.session;
      if (id === null || (kind !== "cookie" && kind !== "bearer")) throw new NotAuthenticated("A key or a foreign token cannot prove that its person is there.");
      const token = randomBytes(32).toString("base64url");
      const hash = kind === "cookie" ? hashToken(token) : actor.session.hash;
      await database.asSystem(async (tx) => {
        await tx.query(
          "update sessions set token_hash = $2, proven_at = to_timestamp($3::float8 / 1000), last_seen_at = greatest(last_seen_at, to_timestamp($3::float8 / 1000)) where id = $1",
          [id, hash, clock.now()],
        );
        await audit(tx, actor.organizationId, { action: "session.renewed", actorUserId: actor.userId, objectType: "session", objectId: id });
      });
      believed.forget((row) => row.session_id === id);
      const row = await read(kind === "cookie" ? hash : idBytes(id));
      if (kind === "cookie") return { token, actor: actorOf(row, row.expires_at), refresh: null };
      const { token: accessToken, expiresMs } = await access.issue({ userId: row.id, sessionId: id, version: row.version }, Math.min(lives.accessMs, row.expires_at - clock.now()));
      return { token: accessToken, actor: actorOf(row, expiresMs), refresh: null };
    },

    end: async (actor) => {
      await database.asSystem(async (tx) => {
        await tx.query("delete from sessions where token_hash = $1", [actor.session.hash]);
        await audit(tx, actor.organizationId, { action: "session.ended", actorUserId: actor.userId, ...(actor.session.id ? { objectType: "session", objectId: actor.session.id } : {}) });
      });
      believed.forget((row) => row.session_id === actor.session.id);
    },
    forget: () => believed.forget(() => true),
    publishedKeys: () => ring.published(),
    csrfToken: csrf,
    isCsrfToken: (actor, given) => {
      const expected = Buffer.from(csrf(actor));
      const got = Buffer.from(given ?? "");
      return got.length === expected.length && timingSafeEqual(got, expected);
    },
  };
}

interface NewSession {
  readonly proven: Proven;
  readonly kind: "cookie" | "bearer";
  readonly hash: Buffer;
  readonly device: string | null;
  readonly provenMs: number | null;
  readonly lives: SessionLives;
  readonly nowMs: number;
}

/** Throws NotAuthenticated for a user who is gone or blocked. */
async function insertSession(tx: Tx, { proven, kind, hash, device, provenMs, lives, nowMs }: NewSession): Promise<{ sessionId: string; expiresMs: number }> {
  const [user] = await tx.query<{ roles: Role[]; version: number }>(
    "select roles, session_version as version from users where id = $1 and organization_id = $2 and blocked_at is null", [proven.userId, proven.organizationId],
  );
  if (!user) throw new NotAuthenticated(GONE);
  const expiresMs = nowMs + (kind === "cookie" ? lives.cookieMs : lives.refreshMs);
  const idleSeconds = kind === "cookie" ? Math.ceil(idleMsOf(lives, user.roles) / SECOND_MS) : null;
  const [made] = await tx.query<{ id: string }>(
    `insert into sessions (token_hash, organization_id, user_id, kind, device, version, idle_seconds, created_at, last_seen_at, proven_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000), to_timestamp($8::float8 / 1000), to_timestamp($9::float8 / 1000), to_timestamp($10::float8 / 1000)) returning id`,
    [hash, proven.organizationId, proven.userId, kind, device, user.version, idleSeconds, nowMs, provenMs, expiresMs],
  );
  return { sessionId: made!.id, expiresMs };
}

async function noteSeen(database: Database, sessionId: string, nowMs: number): Promise<void> {
  await database.asSystem((tx) => tx.query("update sessions set last_seen_at = greatest(last_seen_at, to_timestamp($2::float8 / 1000)) where id = $1", [sessionId, nowMs]));
}

function actorOf(row: SessionRow, expiresMs: number): Actor {
  return {
    userId: row.id, organizationId: row.organization_id, roles: row.roles, patientId: row.patient_id,
    session: { kind: row.kind, id: row.session_id, hash: row.token_hash, expiresMs, provenMs: row.proven_at, mustChangePassword: row.must_change_password, mustAddSecondFactor: row.must_add_second_factor, scopes: null },
  };
}

/** A session's id as the bytes by which it is looked up. */
function idBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll("-", ""), "hex");
}

function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

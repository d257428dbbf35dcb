/**
 * Keys of apps: made by a person for their own data, or by an admin; shown once, scoped, expiring, limited, and never of use for signing in or for
 * anything about accounts. Catalogue AU-17; ASVS 5.0 13.3.1, 14.2.1; docs/tokens.md.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../../clock.ts";
import type { Database, Tx } from "#db/database.ts";
import { Conflict, InvalidInput, NotFound, TooManyRequests } from "../../../errors.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import { isId } from "../../access/access.ts";
import { audit } from "../../audit/audit.ts";
import { createBelieved } from "../session-state.ts";
import type { Actor, Role } from "../sessions.ts";
import { makeApiKey, readApiKey } from "./api-key.ts";
import type { KeyScope } from "./key-scopes.ts";

export const KEY_DAYS = { usual: 90, most: 365 } as const;
export const MOST_KEYS = 20;
/** The use of a key is noted no oftener. */
const USED_EVERY_MS = 5 * MINUTE_MS;
/** What a person may hand to an app for their own data; the others are an admin's to give. */
const OWN_SCOPES: readonly KeyScope[] = ["data:read", "data:write", "data:manage"];

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly days: number;
}

export interface ListedApiKey {
  readonly id: string;
  readonly userId: string;
  readonly publicId: string;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly isOwnOnly: boolean;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly lastUsedMs: number | null;
}

interface KeyRow {
  readonly id: string;
  readonly organization_id: string;
  readonly roles: Role[];
  readonly patient_id: string | null;
  readonly key_id: string;
  readonly scopes: KeyScope[];
  readonly is_own_only: boolean;
  readonly expires_at: number;
  readonly last_used_at: number | null;
}

export interface ApiKeys {
  /** Who a key works for. Null when it is none (any more); throws TooManyRequests beyond its limit. */
  find(key: string, look?: { readonly fresh?: boolean }): Promise<Actor | null>;
  /** What this process remembers of a key is asked anew. */
  forget(keyId: string): void;
}

export function createApiKeys({ database, clock, perMinute }: { readonly database: Database; readonly clock: Clock; readonly perMinute: number }): ApiKeys {
  const believed = createBelieved<KeyRow>(clock);
  const limit = createLimit(clock, perMinute);
  const notedMs = new Map<string, number>();
  const noteUse = async (row: KeyRow): Promise<void> => {
    const nowMs = clock.now();
    const lastMs = Math.max(row.last_used_at ?? 0, notedMs.get(row.key_id) ?? 0);
    if (nowMs - lastMs < USED_EVERY_MS) return;
    notedMs.set(row.key_id, nowMs);
    await database.asSystem((tx) => tx.query("update api_keys set last_used_at = greatest(last_used_at, to_timestamp($2::float8 / 1000)) where id = $1", [row.key_id, nowMs]));
  };
  return {
    find: async (text, { fresh = false } = {}) => {
      const read = readApiKey(text);
      if (!read) return null;
      const row = await believed.get(read.hash.toString("base64url"), {
        fresh, read: async () => (await database.look<KeyRow>("select * from api_key_of($1, $2)", [read.hash, clock.now()]))[0] ?? null,
      });
      if (!row || row.expires_at <= clock.now()) return null;
      if (!fresh) {
        limit(row.key_id);
        await noteUse(row);
      }
      return actorOf(row);
    },
    forget: (keyId) => believed.forget((row) => row.key_id === keyId),
  };
}

function actorOf(row: KeyRow): Actor {
  return {
    userId: row.id, organizationId: row.organization_id, patientId: row.patient_id,
    // An admin's right hand is no admin unless the key says so.
    roles: row.roles.filter((role) => role !== "admin" || row.scopes.includes("admin")),
    session: {
      kind: "key", id: row.key_id, hash: createHash("sha256").update(`api-key\0${row.key_id}`).digest(), expiresMs: row.expires_at, provenMs: null, scopes: row.scopes,
      isOwnOnly: row.is_own_only,
    },
  };
}

/** Calls in each minute, of this process. */
function createLimit(clock: Clock, perMinute: number): (keyId: string) => void {
  let minute = -1;
  let calls = new Map<string, number>();
  return (keyId) => {
    const now = Math.floor(clock.now() / MINUTE_MS);
    if (now !== minute) {
      minute = now;
      calls = new Map();
    }
    const made = (calls.get(keyId) ?? 0) + 1;
    calls.set(keyId, made);
    if (made > perMinute) throw new TooManyRequests("This key has been used too often in this minute.", Math.ceil(((now + 1) * MINUTE_MS - clock.now()) / SECOND_MS));
  };
}

/** Makes a key for the actor and gives it, this once. Throws InvalidInput for a scope that is not theirs to give, Conflict beyond twenty keys, and for somebody who has no data of their own. */
export async function addApiKey(tx: Tx, actor: Actor, wanted: NewApiKey, nowMs: number): Promise<ListedApiKey & { key: string }> {
  const isAdmin = actor.roles.includes("admin");
  if (!isAdmin && actor.patientId === null) throw new Conflict("There is no data of your own that a key could open.");
  const scopes = [...new Set(wanted.scopes)];
  const foreign = isAdmin ? undefined : scopes.find((scope) => !OWN_SCOPES.includes(scope));
  if (foreign !== undefined) throw new InvalidInput("Only an admin may give this scope to a key.", { issues: [{ pointer: "/body/scopes", detail: `without ${foreign}` }] });
  // Two at once must not both find the last place free.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('api_keys/' || $1::text, 0))", [actor.userId]);
  const [{ n } = { n: 0 }] = await tx.query<{ n: number }>(
    "select count(*)::int as n from api_keys where user_id = $1 and revoked_at is null and expires_at > to_timestamp($2::float8 / 1000)", [actor.userId, nowMs],
  );
  if (n >= MOST_KEYS) throw new Conflict(`You have ${MOST_KEYS} keys already: revoke one first.`);
  const { key, publicId, hash } = makeApiKey(randomBytes);
  const expiresMs = nowMs + wanted.days * DAY_MS;
  const [row] = await tx.query<{ id: string }>(
    `insert into api_keys (organization_id, user_id, public_id, secret_hash, name, scopes, is_own_only, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000), to_timestamp($9::float8 / 1000)) returning id`,
    [actor.organizationId, actor.userId, publicId, hash, wanted.name, scopes, !isAdmin, nowMs, expiresMs],
  );
  const id = row!.id;
  await audit(tx, actor.organizationId, { action: "api_key.created", actorUserId: actor.userId, patientId: isAdmin ? null : actor.patientId, objectType: "api_key", objectId: id });
  return { id, userId: actor.userId, publicId, name: wanted.name, scopes, isOwnOnly: !isAdmin, createdMs: nowMs, expiresMs, lastUsedMs: null, key };
}

/** Keys that still work, the newest first: one's own, and for admins all of the organization. */
export async function listApiKeys(tx: Tx, actor: Actor, nowMs: number): Promise<ListedApiKey[]> {
  return tx.query<ListedApiKey & Record<string, unknown>>(
    `select id, user_id as "userId", public_id as "publicId", name, scopes, is_own_only as "isOwnOnly", created_at as "createdMs", expires_at as "expiresMs", last_used_at as "lastUsedMs"
     from api_keys where ($1::uuid is null or user_id = $1) and revoked_at is null and expires_at > to_timestamp($2::float8 / 1000) order by created_at desc, id`,
    [actor.roles.includes("admin") ? null : actor.userId, nowMs],
  );
}

/** Throws NotFound for a key that is not there, not theirs or revoked already. */
export async function revokeApiKey(tx: Tx, actor: Actor, keyId: string, nowMs: number): Promise<void> {
  const [revoked] = isId(keyId)
    ? await tx.query(
        "update api_keys set revoked_at = to_timestamp($3::float8 / 1000) where id = $1 and ($2::uuid is null or user_id = $2) and revoked_at is null returning id",
        [keyId, actor.roles.includes("admin") ? null : actor.userId, nowMs],
      )
    : [];
  if (!revoked) throw new NotFound("There is no such key.");
  await audit(tx, actor.organizationId, { action: "api_key.revoked", actorUserId: actor.userId, objectType: "api_key", objectId: keyId });
}

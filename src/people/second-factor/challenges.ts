/** Steps that wait for an answer: once, for five minutes, five tries. The id is known to the asking browser alone; its digest rests. */
import { createHash, randomBytes } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { NotAuthenticated } from "../../errors.ts";

export type Purpose = "second_factor" | "passkey_sign_in" | "passkey_registration";

export interface Challenge {
  readonly userId: string | null;
  readonly organizationId: string | null;
  /** What an authenticator has to sign. */
  readonly challenge: string | null;
}

const LIFE_MS = 5 * 60_000;
/** Wrong answers to one challenge (faults AU-17). */
export const MOST_TRIES = 5;

interface Opened extends Challenge {
  readonly purpose: Purpose;
}

/** Keeps a challenge; gives the id by which it is answered. */
export async function openChallenge(tx: Tx, { purpose, userId, organizationId, challenge }: Opened, nowMs: number): Promise<{ id: string; expiresMs: number }> {
  const id = randomBytes(24).toString("base64url");
  const expiresMs = nowMs + LIFE_MS;
  await tx.query("delete from challenges where expires_at < to_timestamp($1::float8 / 1000)", [nowMs]);
  await tx.query("insert into challenges (id_hash, organization_id, user_id, purpose, challenge, expires_at) values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))", [
    hashOf(id), organizationId, userId, purpose, challenge, expiresMs,
  ]);
  return { id, expiresMs };
}

/** Takes the challenge away: what signs it works once. Throws NotAuthenticated, with the same words for one that is unknown, over or another's. */
export async function takeChallenge(tx: Tx, id: string, purpose: Purpose, nowMs: number): Promise<Challenge> {
  const [row] = await tx.query<{ userId: string | null; organizationId: string | null; challenge: string | null }>(
    `delete from challenges where id_hash = $1 and purpose = $2 and expires_at > to_timestamp($3::float8 / 1000)
     returning user_id as "userId", organization_id as "organizationId", challenge`,
    [hashOf(id), purpose, nowMs],
  );
  if (!row) throw new NotAuthenticated(OVER);
  return row;
}

/** Counts a try at a challenge that stays until it is answered rightly or five times wrongly. Throws NotAuthenticated when there is none left. */
export async function tryChallenge(tx: Tx, id: string, nowMs: number): Promise<Challenge> {
  const [row] = await tx.query<{ userId: string | null; organizationId: string | null; challenge: string | null }>(
    `update challenges set attempts = attempts + 1 where id_hash = $1 and purpose = 'second_factor' and expires_at > to_timestamp($2::float8 / 1000) and attempts < ${MOST_TRIES}
     returning user_id as "userId", organization_id as "organizationId", challenge`,
    [hashOf(id), nowMs],
  );
  if (!row) throw new NotAuthenticated(OVER);
  return row;
}

/** An answered challenge is answered for all. */
export async function endChallenge(tx: Tx, id: string): Promise<void> {
  await tx.query("delete from challenges where id_hash = $1", [hashOf(id)]);
}

const OVER = "This step is over: sign in anew.";

function hashOf(id: string): Buffer {
  return createHash("sha256").update(id).digest();
}

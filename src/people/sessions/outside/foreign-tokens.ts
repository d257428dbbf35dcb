/**
 * Tokens of issuers that the operator trusts, such as a Supabase project's (requirement R7): who somebody is comes from the issuer, what they may do
 * from here. The same is refused as of our own tokens. Sources: RFC 7519, RFC 8725; catalogue AU-06; ASVS 5.0 9.1.1–9.2.4.
 */
import { createHash, createSecretKey } from "node:crypto";
import { errors, jwtVerify, type JWTPayload } from "jose";
import type { Database } from "#db/database.ts";
import { SECOND_MS } from "#units/time.ts";
import type { Clock } from "../../../clock.ts";
import { readClaimed, type Claimed } from "../compact-jwt.ts";
import { createBelieved } from "../session-state.ts";
import type { Actor } from "../sessions.ts";
import { createNewcomer, findKnown, isSubject, type Known, type Told } from "./identities.ts";
import type { PublishedKeys } from "./published-keys.ts";
import type { TokenIssuer } from "./settings.ts";

export interface ForeignTokens {
  /** Whether a token names one of these issuers, so that it is nobody else's to judge. */
  isOfIssuer(token: string): boolean;
  /** Who a token is of; null for whatever is no valid one, or of nobody who may be let in. */
  find(token: string, look?: { readonly fresh?: boolean }): Promise<Actor | null>;
}

export interface ForeignTokensParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly issuers: readonly TokenIssuer[];
  readonly keys: PublishedKeys;
}

/** A token of what is no sign-in (of an e-mail's link, of a log-out) has another type. */
const TYPES: readonly (string | null)[] = [null, "JWT", "jwt", "at+jwt", "application/at+jwt"];

export function createForeignTokens({ database, clock, issuers, keys }: ForeignTokensParts): ForeignTokens {
  const believed = createBelieved<Known>(clock);
  const issuerOf = (said: Claimed | null): TokenIssuer | undefined => issuers.find(({ issuer }) => issuer === said?.iss);

  const verify = async (token: string): Promise<{ issuer: TokenIssuer; payload: JWTPayload; expiresMs: number } | null> => {
    const said = readClaimed(token);
    const issuer = issuerOf(said);
    if (!said || !issuer || !TYPES.includes(said.typ)) return null;
    const found = await keyFor(issuer, said);
    if (!found || said.alg !== found.algorithm) return null;
    try {
      const { payload } = await jwtVerify(token, found.key, {
        algorithms: [found.algorithm], issuer: issuer.issuer, audience: issuer.audience, currentDate: new Date(clock.now()), requiredClaims: ["exp", "aud"],
      });
      return { issuer, payload, expiresMs: payload.exp! * SECOND_MS };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  };

  /** The one key that may have signed it, with the one algorithm of that key. */
  const keyFor = async (issuer: TokenIssuer, said: Claimed) => {
    if (issuer.keys.kind === "shared") return { key: createSecretKey(Buffer.from(issuer.keys.secret.open())), algorithm: "HS256" };
    const published = said.kid === null ? null : await keys.find(issuer.keys.url, said.kid);
    return published && issuer.keys.algorithms.includes(published.algorithm) ? published : null;
  };

  const resolve = async (issuer: TokenIssuer, subject: string, payload: JWTPayload): Promise<Known | null> => {
    const who = { issuer: issuer.issuer, subject };
    const known = await database.asSystem((tx) => findKnown(tx, who));
    // Somebody who gave no name at all to the issuer, as Supabase's anonymous users, gets no account by it.
    if (known || !issuer.newcomers || payload["is_anonymous"] === true) return known;
    return createNewcomer(database, { ...who, told: toldBy(payload), rule: issuer.newcomers, nowMs: clock.now() });
  };

  return {
    isOfIssuer: (token) => issuers.length > 0 && issuerOf(readClaimed(token)) !== undefined,
    find: async (token, { fresh = false } = {}) => {
      const verified = issuers.length > 0 ? await verify(token) : null;
      if (!verified) return null;
      const { issuer, payload, expiresMs } = verified;
      const subject = payload[issuer.userClaim];
      if (!isSubject(subject)) return null;
      const known = await believed.get(`${issuer.issuer}\0${subject}`, { fresh, read: () => resolve(issuer, subject, payload) });
      return known && actorOf(known, { issuer: issuer.issuer, subject, expiresMs });
    },
  };
}

function toldBy(payload: JWTPayload): Told {
  const { email, name } = payload;
  return { email: typeof email === "string" ? email : null, isEmailVerified: payload["email_verified"] === true, name: typeof name === "string" ? name : null };
}

function actorOf(known: Known, from: { readonly issuer: string; readonly subject: string; readonly expiresMs: number }): Actor {
  return {
    userId: known.userId, organizationId: known.organizationId, roles: known.roles, patientId: known.patientId,
    session: {
      kind: "foreign", id: null, hash: createHash("sha256").update(`foreign\0${from.issuer}\0${from.subject}`).digest(), expiresMs: from.expiresMs, provenMs: null, scopes: null,
    },
  };
}

/**
 * Access tokens of programs: short JSON Web Tokens (RFC 9068) that name a session, so that what they open ends with it. Who may do what is never
 * read from them. Sources: RFC 8725; catalogue AU-06, AU-08; ASVS 5.0 9.1.1–9.2.4.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Clock } from "../../clock.ts";
import { SECOND_MS } from "#units/time.ts";
import { readClaimed } from "./compact-jwt.ts";
import { SIGNING_ALGORITHM, type SigningRing } from "./signing-ring.ts";

/** RFC 9068 §2.1. */
const TYPE = "at+jwt";

/** What a token is about. */
export interface AccessClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** The session version of its user when it was made. */
  readonly version: number;
}

export interface AccessTokens {
  /** Ends `lifeMs` from now, or with the session. */
  issue(claims: AccessClaims, lifeMs: number): Promise<{ token: string; expiresMs: number }>;
  /** Null for whatever is no valid token of ours. */
  verify(token: string): Promise<(AccessClaims & { readonly expiresMs: number }) | null>;
}

const seconds = z.number().int();
const claimsShape = z.object({ sub: z.uuid(), sid: z.uuid(), sv: z.number().int().positive(), iat: seconds, nbf: seconds, exp: seconds });

/** @param issuer the address of this Islet, which is the audience, too: its tokens are for itself. */
export function createAccessTokens({ ring, clock, issuer }: { readonly ring: SigningRing; readonly clock: Clock; readonly issuer: string }): AccessTokens {
  return {
    issue: async ({ userId, sessionId, version }, lifeMs) => {
      const { kid, privateKey } = ring.active();
      const nowS = Math.floor(clock.now() / SECOND_MS);
      const exp = Math.floor((clock.now() + lifeMs) / SECOND_MS);
      const token = await new SignJWT({ sid: sessionId, sv: version })
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid, typ: TYPE })
        .setIssuer(issuer).setAudience(issuer).setSubject(userId).setIssuedAt(nowS).setNotBefore(nowS).setExpirationTime(exp)
        .sign(privateKey);
      return { token, expiresMs: exp * SECOND_MS };
    },
    verify: async (token) => {
      const said = readClaimed(token);
      if (!said || said.alg !== SIGNING_ALGORITHM || said.typ !== TYPE || said.kid === null) return null;
      const key = ring.find(said.kid);
      if (!key) return null;
      try {
        const { payload } = await jwtVerify(token, key.publicKey, {
          algorithms: [SIGNING_ALGORITHM], issuer, audience: issuer, typ: TYPE, currentDate: new Date(clock.now()), requiredClaims: ["exp", "iat", "nbf", "sub"],
        });
        const claims = claimsShape.safeParse(payload);
        if (!claims.success || Array.isArray(payload.aud)) return null;
        const { sub, sid, sv, exp } = claims.data;
        return { userId: sub, sessionId: sid, version: sv, expiresMs: exp * SECOND_MS };
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** What a token endpoint gives, checked before anything of it is kept (OA-13). */
import { z } from "zod";
import { ProviderContractBroken } from "../errors.ts";
import { Secret } from "../secret.ts";
import { unwrapAnswer } from "./answer-envelope.ts";
import type { OAuth2Auth, TokenSet } from "./types.ts";

export interface GrantedTokens {
  readonly tokens: TokenSet;
  /** The vendor's whole answer without its tokens: account ids and the like, for the driver's `identify`. */
  readonly answer: Record<string, unknown>;
}

/** A life beyond this is a mistake of unit or a joke, not a promise. */
const LONGEST_LIFE_SECONDS = 20 * 365.25 * 86_400;
const TOKEN_FIELD = /(?:^|_)token$/;

/** Visible ASCII: anything else could not travel in a header. */
const token = z.string().max(16_384).regex(/^[\x21-\x7e]+$/);
const tokenAnswer = z.looseObject({
  access_token: token,
  refresh_token: z.union([token, z.literal(""), z.null()]).optional(),
});

/**
 * Reads the parsed body of a token answer. `nowMs` is the time before the call, so that the tokens never seem to live longer than
 * they do. Unknown fields are tolerated; a life that is missing or nonsense becomes the vendor's default. Throws
 * ProviderContractBroken with the path of the first broken field, never a value.
 */
export function readTokenAnswer(body: unknown, auth: OAuth2Auth, nowMs: number): GrantedTokens {
  const envelope = auth.answerEnvelope;
  const parsed = tokenAnswer.safeParse(envelope ? unwrapAnswer(body, envelope) : body);
  if (!parsed.success) {
    const path = `${envelope?.bodyField ? `/${envelope.bodyField}` : ""}/${(parsed.error.issues[0]?.path ?? []).map(String).join("/")}`;
    throw new ProviderContractBroken(`The token answer does not have the agreed shape at ${path}.`, path);
  }
  const { access_token, refresh_token } = parsed.data;
  return {
    tokens: {
      accessToken: new Secret(access_token),
      refreshToken: refresh_token ? new Secret(refresh_token) : null,
      expiresAtMs: expiryOf(parsed.data, auth, nowMs),
      scopes: scopesOf(parsed.data.scope),
    },
    answer: {
      ...claimsOf(access_token, auth.accessTokenClaims ?? []),
      ...Object.fromEntries(Object.entries(parsed.data).filter(([name]) => !TOKEN_FIELD.test(name))),
    },
  };
}

/** The named claims of a JWT; none of any other token. It came from the vendor over TLS, so its signature proves nothing more. */
function claimsOf(accessToken: string, names: readonly string[]): Record<string, unknown> {
  if (names.length === 0) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString("utf8"));
    if (typeof claims !== "object" || claims === null) return {};
    return Object.fromEntries(Object.entries(claims).filter(([name]) => names.includes(name)));
  } catch {
    return {};
  }
}

/** `expires_in` in seconds, as number or digits; else `expires_at` in Unix seconds (Strava sends both); else the default. */
function expiryOf(answer: Readonly<Record<string, unknown>>, auth: OAuth2Auth, nowMs: number): number {
  const expiresAt = numberOf(answer.expires_at);
  const lives = [numberOf(answer.expires_in), expiresAt === null ? null : expiresAt - nowMs / 1000];
  const lifeSeconds = lives.find((life) => life !== null && life > 0 && life <= LONGEST_LIFE_SECONDS);
  return nowMs + Math.floor((lifeSeconds ?? auth.defaultTokenLifeSeconds) * 1000);
}

function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** Vendors answer with spaces or commas whatever they were asked with. */
function scopesOf(scope: unknown): readonly string[] | null {
  const scopes = typeof scope === "string" ? scope.split(/[\s,]+/).filter((each) => each !== "") : [];
  return scopes.length > 0 ? scopes : null;
}

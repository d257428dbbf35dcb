/** A JSON Web Token in its compact form, read before anything of it is believed. Sources: RFC 7515 §3.1, RFC 8725 §3; catalogue AU-06. */
import { z } from "zod";

const LONGEST = 8_192;
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** By these a token would bring, fetch or demand what decides about itself. */
const REFUSED_HEADERS = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "enc", "zip"];

const headerShape = z.looseObject({ alg: z.string().min(1).max(20), kid: z.string().min(1).max(200).optional(), typ: z.string().max(40).optional() });
const payloadShape = z.looseObject({ iss: z.string().max(500).optional() });

/** What a token says of itself. Nothing of it is true before its signature was found to be. */
export interface Claimed {
  readonly alg: string;
  readonly kid: string | null;
  readonly typ: string | null;
  readonly iss: string | null;
}

/** Whether a text has the form of a token at all. */
export function isCompactJwt(text: string): boolean {
  return text.length <= LONGEST && FORM.test(text);
}

/** Null for whatever is no token in its one and only spelling, or has a header that would lead away from the keys we know. */
export function readClaimed(token: string): Claimed | null {
  if (!isCompactJwt(token)) return null;
  const [header, payload, signature] = token.split(".").map(decode);
  if (!header || !payload || !signature) return null;
  const said = headerShape.safeParse(parse(header));
  const claims = payloadShape.safeParse(parse(payload));
  if (!said.success || !claims.success || REFUSED_HEADERS.some((name) => Object.hasOwn(said.data, name))) return null;
  return { alg: said.data.alg, kid: said.data.kid ?? null, typ: said.data.typ ?? null, iss: claims.data.iss ?? null };
}

/** Strict: a decoder skips bits that mean nothing, and two spellings of one token must not both be taken. */
function decode(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64url");
  return bytes.length > 0 && bytes.toString("base64url") === text ? bytes : null;
}

/** Undefined for what is no JSON; nothing else can be told of it. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The keys that sign access tokens: Ed25519 pairs derived from the operator's secret, one for each span of thirty days. All processes have the
 * same ones without asking anybody; a key is published a span before it signs and opens for a span after. Whoever must change them at
 * once changes ISLET_SESSION_SECRET. Sources: RFC 5869 (HKDF), RFC 8032, RFC 8410 §7, RFC 7638; ASVS 5.0 11.6.1.
 */
import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";
import { DAY_MS } from "#units/time.ts";

/** One algorithm for every key of the ring, whatever a token says. */
export const SIGNING_ALGORITHM = "EdDSA";
export const SIGNING_SPAN_MS = 30 * DAY_MS;
const SEED_BYTES = 32;
/** What stands before the seed in PKCS #8. */
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

export interface SigningKey {
  /** The key's thumbprint. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A public key as others read it (RFC 8037). */
export interface PublishedKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: typeof SIGNING_ALGORITHM;
  readonly use: "sig";
}

export interface SigningRing {
  /** The key that signs now. */
  active(): SigningKey;
  /** The key that a token names; null for every name that is none of the ring's. */
  find(kid: string): SigningKey | null;
  /** Of the span before, this one and the next. */
  published(): PublishedKey[];
}

/** @param now UTC epoch milliseconds. @param secret of at least 32 characters. */
export function createSigningRing({ secret, now }: { readonly secret: string; readonly now: () => number }): SigningRing {
  const made = new Map<number, SigningKey>();
  const keyOf = (span: number): SigningKey => {
    const known = made.get(span);
    if (known) return known;
    // Few stay: a clock that wanders must not fill the memory.
    if (made.size > 8) made.clear();
    const key = deriveKey(secret, span);
    made.set(span, key);
    return key;
  };
  const ring = (): SigningKey[] => {
    const span = Math.floor(now() / SIGNING_SPAN_MS);
    return [span, span - 1, span + 1].map(keyOf);
  };
  return {
    active: () => ring()[0]!,
    find: (kid) => ring().find((key) => key.kid === kid) ?? null,
    published: () => ring().map(({ kid, publicKey }) => ({ kty: "OKP", crv: "Ed25519", x: xOf(publicKey), kid, alg: SIGNING_ALGORITHM, use: "sig" })),
  };
}

function deriveKey(secret: string, span: number): SigningKey {
  const seed = Buffer.from(hkdfSync("sha256", secret, "", `islet/token-signing/${span}`, SEED_BYTES));
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: "der", type: "pkcs8" });
  seed.fill(0);
  const publicKey = createPublicKey(privateKey);
  // Members in this very order are what the thumbprint is a digest of.
  const kid = createHash("sha256").update(JSON.stringify({ crv: "Ed25519", kty: "OKP", x: xOf(publicKey) })).digest("base64url");
  return { kid, privateKey, publicKey };
}

function xOf(key: KeyObject): string {
  return key.export({ format: "jwk" }).x!;
}

/** Proof Key for Code Exchange, S256 only. Source: RFC 7636; requirements R2, P1; faults OA-08. */
import { createHash } from "node:crypto";
import { Secret } from "../secret.ts";

export interface Pkce {
  /** Kept by us, sealed, until the code is exchanged. */
  readonly verifier: Secret;
  /** Goes into the authorize URL. */
  readonly challenge: string;
}

/** 32 bytes are 43 characters of base64url: 256 bits, as RFC 7636 §4.1 recommends. */
const VERIFIER_BYTES = 32;

/** A fresh verifier and its challenge. `randomBytes` must be of cryptographic quality. */
export function createPkce(randomBytes: (size: number) => Uint8Array): Pkce {
  const verifier = Buffer.from(randomBytes(VERIFIER_BYTES)).toString("base64url");
  return { verifier: new Secret(verifier), challenge: challengeOf(verifier) };
}

/** BASE64URL(SHA-256(verifier)) without padding, always 43 characters. */
export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier, "ascii").digest("base64url");
}

/** Whether a text may be a verifier: 43–128 unreserved characters. */
export function isVerifier(text: string): boolean {
  return /^[A-Za-z0-9._~-]{43,128}$/.test(text);
}

/** Keys of the audit log, each for one use, derived from the session secret (RFC 5869). */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

export interface AuditKeys {
  /** Tells by which key an anchor was made, and nothing of the key. */
  readonly id: string;
  /** For the MACs of anchors and prunings. */
  readonly seal: Buffer;
  /** For the hashes of addresses. */
  readonly address: Buffer;
}

export function auditKeys(sessionSecret: string): AuditKeys {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync("sha256", sessionSecret, "", `islet audit ${use}`, 32));
  const seal = derive("seal");
  return { id: createHash("sha256").update("islet audit key id\0").update(seal).digest("hex").slice(0, 16), seal, address: derive("address") };
}

/** A place in a chain: which link, and its hash. */
export interface ChainPlace {
  readonly chain: string;
  readonly seq: number;
  readonly hash: Buffer;
}

/** MAC of a place in a chain, for one use of it. @param atMs epoch milliseconds, 0 where the time is not sealed */
export function sealPlace(keys: AuditKeys, use: "anchor" | "pruning", { chain, seq, hash }: ChainPlace, atMs = 0): Buffer {
  return createHmac("sha256", keys.seal).update(`${use}\0${chain}\0${seq}\0${hash.toString("hex")}\0${atMs}`).digest();
}

export function isSeal(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

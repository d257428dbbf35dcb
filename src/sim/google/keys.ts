/** The keys that Google signs notifications with: ECDSA P-256 in Tink's wrapping. vendors/google-health.md, Authenticity. */

import { createECDH, createHash, createHmac, createPrivateKey, sign } from "node:crypto";
import { DAY_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";

/** Keys rotate about every 30 days; the one before is still published. */
const KEY_MS = 30 * DAY_MS;
const TYPE_URL = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey";

/** A public point of the curve, 32 bytes each. */
export interface PublicPoint {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

interface SigningKey extends PublicPoint {
  readonly id: number;
  /** The secret number, 32 bytes. */
  readonly d: Uint8Array;
}

/** The key of a month, made from the client secret: the same at each call, and nobody outside can guess it. */
function keyOf(context: CloudContext, month: number): SigningKey {
  const d = createHmac("sha256", context.client.clientSecret).update(`google-health webhook key ${month}`).digest();
  // Below the order of the curve.
  d[0]! &= 0x7f;
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const id = createHash("sha256").update(point).digest().readUInt32BE(0);
  return { id, d, x: point.subarray(1, 33), y: point.subarray(33, 65) };
}

const monthOf = (ms: number): number => Math.floor(ms / KEY_MS);

/** Tink's JSON keyset of public keys, the primary one last. */
export function publicKeyset(context: CloudContext): object {
  const month = monthOf(context.now());
  const keys = [keyOf(context, month - 1), keyOf(context, month)];
  return { primaryKeyId: keys[1]?.id, key: keys.map((key) => tinkKey(key.id, key)) };
}

export function tinkKey(keyId: number, point: PublicPoint): object {
  return { keyData: { typeUrl: TYPE_URL, value: tinkValue(point), keyMaterialType: "ASYMMETRIC_PUBLIC" }, status: "ENABLED", keyId, outputPrefixType: "TINK" };
}

/** Protobuf in base64: params (SHA256, P-256, DER), x and y with a leading zero byte; version 0 is left out. */
function tinkValue({ x, y }: PublicPoint): string {
  const coordinate = (tag: number, bytes: Uint8Array): number[] => [tag, 33, 0, ...bytes];
  return Buffer.from([0x12, 6, 0x08, 3, 0x10, 2, 0x18, 2, ...coordinate(0x1a, x), ...coordinate(0x22, y)]).toString("base64");
}

/** Base64 of the byte 1, the key's id and the DER signature. */
export function tinkSignature(keyId: number, der: Uint8Array): string {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(1, 0);
  prefix.writeUInt32BE(keyId, 1);
  return Buffer.concat([prefix, der]).toString("base64");
}

/** The signature over the body with the key of the hour. */
export function signatureOf(context: CloudContext, body: string): string {
  const { id, d, x, y } = keyOf(context, monthOf(context.now()));
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const key = createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", d: text(d), x: text(x), y: text(y) } });
  return tinkSignature(id, sign("sha256", Buffer.from(body, "utf8"), { key, dsaEncoding: "der" }));
}

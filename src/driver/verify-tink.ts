/**
 * Signatures as Google's Tink makes them: ECDSA over P-256 with SHA-256, prefixed with the id of the key. The keys are public, come as a JSON
 * key set and rotate; fetching and keeping them is the caller's work. Source: vendors/google-health.md, Webhooks.
 */
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import { WebhookRejected } from "../errors.ts";

/** What stands before the signature: the version of the prefix, and the key's id in four bytes. */
const PREFIX_VERSION = 1;
const PREFIX_BYTES = 5;
/** A DER-encoded P-256 signature has at most 72 bytes. */
const LONGEST_SIGNATURE_BYTES = PREFIX_BYTES + 80;
const COORDINATE_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const KEY_TYPE = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey";

const keySet = z.looseObject({
  key: z.array(
    z.looseObject({
      keyId: z.int().min(0).max(0xff_ff_ff_ff),
      status: z.string(),
      outputPrefixType: z.string(),
      keyData: z.looseObject({ typeUrl: z.string(), value: z.string() }),
    }),
  ),
});

export interface TinkCheck {
  /** The signature header as the vendor sent it. */
  readonly given: string | undefined;
  /** Raw bytes only: never a re-serialised body. */
  readonly body: Uint8Array;
  /** Text of the key set; null or undefined when none was fetched yet. */
  readonly keySet: string | null | undefined;
}

/** Throws WebhookRejected unless an enabled key of the set made the signature. No key set refuses everything. */
export function checkTinkSignature({ given, body, keySet: text }: TinkCheck): void {
  const signature = readSignature(given);
  const key = signature && keysOf(text).get(signature.keyId);
  const isGenuine = signature && key && verify("sha256", body, { key, dsaEncoding: "der" }, signature.der);
  if (!isGenuine) throw new WebhookRejected("webhook_signature", "The signature of this webhook does not match.");
}

/** Whether a well-formed signature names a key that the set does not have: then a newer set may have it. */
export function isTinkKeyMissing({ given, keySet: text }: Pick<TinkCheck, "given" | "keySet">): boolean {
  const signature = readSignature(given);
  return signature !== null && !keysOf(text).has(signature.keyId);
}

function readSignature(given: string | undefined): { readonly keyId: number; readonly der: Uint8Array } | null {
  const text = given?.trim() ?? "";
  if (text.length > LONGEST_SIGNATURE_BYTES * 2 || !BASE64.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  const isWhole = bytes.length > PREFIX_BYTES && bytes.length <= LONGEST_SIGNATURE_BYTES && bytes.toString("base64") === text;
  return isWhole && bytes[0] === PREFIX_VERSION ? { keyId: bytes.readUInt32BE(1), der: bytes.subarray(PREFIX_BYTES) } : null;
}

/** The last set that was read: the same text comes with every delivery. */
let known: { readonly text: string; readonly keys: ReadonlyMap<number, KeyObject> } | null = null;

/** Usable keys by id. Keys of another kind and unreadable ones are left out: a set may hold what is not for us. */
function keysOf(text: string | null | undefined): ReadonlyMap<number, KeyObject> {
  if (!text) return new Map();
  if (known?.text === text) return known.keys;
  const parsed = keySet.safeParse(parseJson(text));
  const keys = new Map<number, KeyObject>();
  for (const { keyId, status, outputPrefixType, keyData } of parsed.data?.key ?? []) {
    const isUsable = status === "ENABLED" && outputPrefixType === "TINK" && keyData.typeUrl === KEY_TYPE;
    const key = isUsable ? readKey(Buffer.from(keyData.value, "base64")) : null;
    if (key) keys.set(keyId, key);
  }
  known = { text, keys };
  return keys;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/**
 * A key from its protobuf message: field 2 the parameters (hash, curve, encoding), fields 3 and 4 the coordinates. Null for anything but P-256 with
 * SHA-256 and DER, whose enum values are 3, 2 and 2.
 */
function readKey(bytes: Uint8Array): KeyObject | null {
  const fields = readMessage(bytes);
  const parameters = fields && asBytes(fields.get(2)) ? readMessage(asBytes(fields.get(2))!) : null;
  const [x, y] = [coordinate(fields?.get(3)), coordinate(fields?.get(4))];
  const isP256 = parameters?.get(1) === 3 && parameters.get(2) === 2 && parameters.get(3) === 2;
  if (!isP256 || x === null || y === null) return null;
  try {
    return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  } catch {
    // No point of the curve.
    return null;
  }
}

type Field = number | Uint8Array;

const asBytes = (field: Field | undefined): Uint8Array | null => (field instanceof Uint8Array ? field : null);

/** A coordinate as a JWK wants it: 32 bytes. The message may carry a sign byte in front, or leave leading zeros away. */
function coordinate(field: Field | undefined): string | null {
  const bytes = asBytes(field);
  if (!bytes) return null;
  const start = bytes.findIndex((byte) => byte !== 0);
  const significant = start < 0 ? new Uint8Array() : bytes.subarray(start);
  if (significant.length === 0 || significant.length > COORDINATE_BYTES) return null;
  return Buffer.concat([Buffer.alloc(COORDINATE_BYTES - significant.length), significant]).toString("base64url");
}

/** The fields of a protobuf message that are varints or bytes, by number; null for what is none. */
function readMessage(bytes: Uint8Array): Map<number, Field> | null {
  const fields = new Map<number, Field>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 35; factor *= 128) {
      const byte = bytes[at];
      if (byte === undefined) return Number.NaN;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if (Number.isNaN(tag) || Number.isNaN(value)) return null;
    const kind = tag % 8;
    if (kind === 0) fields.set(Math.floor(tag / 8), value);
    else if (kind === 2 && at + value <= bytes.length) fields.set(Math.floor(tag / 8), bytes.subarray(at, (at += value)));
    else return null;
  }
  return fields;
}

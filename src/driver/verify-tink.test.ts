import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { WebhookRejected } from "../errors.ts";
import { checkTinkSignature, isTinkKeyMissing } from "./verify-tink.ts";

/** The vector of vendors/google-health.md: made there from the construction, by other code than this. */
const KEY_SET =
  '{"primaryKeyId":305419896,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.EcdsaPublicKey","value":' +
  '"EgYIAxACGAIaIQBvI0fKt912hY/gVVrDvJkEjEqsr9+2vL4F6mxCxJNFaSIhAB0aGKCks3SnvTP2MrgHl2m3dHWq3kylg4y9puM41yKp",' +
  '"keyMaterialType":"ASYMMETRIC_PUBLIC"},"status":"ENABLED","keyId":305419896,"outputPrefixType":"TINK"}]}';
const BODY = Buffer.from('[{"data":{"version":"1","healthUserId":"1234567890","operation":"UPSERT","dataType":"steps","intervals":[]}}]');
const SIGNATURE = "ARI0VngwRAIgEJfavX0yGXekyNtckzyD9PbgFGivjCdK7VP3zDsslw4CIDjGZmE3huBoPLykOQG3IVqSMrqH2UcUEBYdnpZe7jfM";

const check = (changes: { given?: string | undefined; body?: Uint8Array; keySet?: string | null } = {}) => (): void =>
  checkTinkSignature({ given: SIGNATURE, body: BODY, keySet: KEY_SET, ...changes });

const changedSet = (changes: Record<string, unknown>): string => {
  const set = JSON.parse(KEY_SET) as { key: Record<string, unknown>[] };
  return JSON.stringify({ ...set, key: [{ ...set.key[0], ...changes }] });
};

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A key as Tink writes it: parameters, then both coordinates with a sign byte. */
function tinkKey({ publicKey }: Pair, keyId: number, pad = true): Record<string, unknown> {
  const { x, y } = publicKey.export({ format: "jwk" });
  const field = (number: number, text: string | undefined): Buffer => {
    const bytes = Buffer.from(text ?? "", "base64url");
    const value = pad ? Buffer.concat([Buffer.from([0]), bytes]) : bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    return Buffer.concat([Buffer.from([number * 8 + 2, value.length]), value]);
  };
  const value = Buffer.concat([Buffer.from([0x12, 6, 8, 3, 16, 2, 24, 2]), field(3, x), field(4, y)]).toString("base64");
  return { keyId, status: "ENABLED", outputPrefixType: "TINK", keyData: { typeUrl: "type.googleapis.com/google.crypto.tink.EcdsaPublicKey", value } };
}

function sign({ privateKey }: Pair, keyId: number, body: Uint8Array): string {
  const prefix = Buffer.alloc(5);
  prefix[0] = 1;
  prefix.writeUInt32BE(keyId, 1);
  return Buffer.concat([prefix, createSign("sha256").update(body).sign({ key: privateKey, dsaEncoding: "der" })]).toString("base64");
}

describe("Tink signatures", () => {
  it("are accepted over exactly the bytes that were signed", () => {
    expect(check()).not.toThrow();
    expect(check({ body: Buffer.concat([BODY, Buffer.from(" ")]) })).toThrow(WebhookRejected);
  });

  it.each([
    ["absent", undefined], ["empty", ""], ["no base64", "\u00e9"], ["cut", SIGNATURE.slice(0, -4)], ["too long", `${SIGNATURE}AAAA`], ["huge", "A".repeat(10_000)],
    ["of another version", `AR${SIGNATURE.slice(2)}`.replace("ARI0", "AhI0")], ["of another key", SIGNATURE.replace("ARI0Vng", "ARI0Vnk")], ["a prefix alone", "ARI0Vng="],
    ["twice", `${SIGNATURE},${SIGNATURE}`],
  ])("are refused when %s, and never with another error [WH-01] [WH-03]", (_, given) => {
    expect(check({ given })).toThrow(WebhookRejected);
  });

  it.each([
    ["no set", null], ["no JSON", "<html>"], ["another shape", '{"keys":[]}'], ["an empty set", '{"key":[]}'], ["a disabled key", changedSet({ status: "DISABLED" })],
    ["a raw key", changedSet({ outputPrefixType: "RAW" })], ["a key of another kind", changedSet({ keyData: { typeUrl: "type.googleapis.com/google.crypto.tink.Ed25519PublicKey", value: "" } })],
    ["a key cut short", changedSet({ keyData: { typeUrl: "type.googleapis.com/google.crypto.tink.EcdsaPublicKey", value: "EgYIAxACGAIaIQBv" } })],
    ["a key that is no point of the curve", changedSet({ keyData: { typeUrl: "type.googleapis.com/google.crypto.tink.EcdsaPublicKey", value: "EgYIAxACGAIaAQUiAQU=" } })],
    ["a key for another hash", KEY_SET.replace("EgYIAxACGAIa", "EgYIBBACGAIa")],
  ])("are refused with %s", (_, keySet) => {
    expect(check({ keySet })).toThrow(WebhookRejected);
  });

  it("go on while keys rotate: the set holds the old and the new one [WH-06]", () => {
    const [old, next] = [1, 2].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" })) as [Pair, Pair];
    const keySet = JSON.stringify({ key: [tinkKey(old, 7), tinkKey(next, 0xff_ff_ff_fe, false)] });
    expect(check({ given: sign(old, 7, BODY), keySet })).not.toThrow();
    expect(check({ given: sign(next, 0xff_ff_ff_fe, BODY), keySet })).not.toThrow();
    expect(check({ given: sign(old, 0xff_ff_ff_fe, BODY), keySet })).toThrow(WebhookRejected);
  });

  it("tell when a newer set may help: a well-formed signature by a key that is not there", () => {
    expect(isTinkKeyMissing({ given: SIGNATURE, keySet: null })).toBe(true);
    expect(isTinkKeyMissing({ given: SIGNATURE, keySet: changedSet({ keyId: 1 }) })).toBe(true);
    expect(isTinkKeyMissing({ given: SIGNATURE, keySet: KEY_SET })).toBe(false);
    for (const given of [undefined, "", "x", "A".repeat(10_000)]) expect(isTinkKeyMissing({ given, keySet: null })).toBe(false);
  });
});

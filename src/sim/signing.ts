import { createHmac } from "node:crypto";

export interface HmacForm {
  readonly algorithm: "sha1" | "sha256";
  readonly encoding: "hex" | "base64";
}

/** Digest of the text's UTF-8 bytes, the bytes that a push with this body sends. */
export function hmacOf(text: string, key: string, { algorithm, encoding }: HmacForm = { algorithm: "sha256", encoding: "hex" }): string {
  return createHmac(algorithm, key).update(text, "utf8").digest(encoding);
}

/**
 * Checks of inbound calls, once for all drivers. A driver names header, encoding and secret; it never compares digests itself.
 * All comparisons take constant time on equal lengths; unequal lengths are refused without throwing (faults WH-03).
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { WebhookRejected } from "../errors.ts";

/** Whether two texts are equal, in time that depends on their lengths only. */
export function equalSecrets(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  const a = Buffer.from(given, "utf8");
  const b = Buffer.from(expected, "utf8");
  return a.length === b.length && timingSafeEqual(a, b);
}

export interface SignatureCheck {
  readonly algorithm: "sha256" | "sha1";
  readonly encoding: "hex" | "base64";
  /** The signature as the vendor sent it, without any prefix. */
  readonly given: string | undefined;
  /** What was signed, in order. Raw bytes only: never a re-serialised body. */
  readonly signed: readonly (string | Uint8Array)[];
  /** Every secret accepted at the moment (several during a rotation). */
  readonly secrets: readonly string[];
}

/** Throws WebhookRejected unless one of the secrets gives the signature. An empty list of secrets refuses everything. */
export function checkHmac(check: SignatureCheck): void {
  const given = check.encoding === "hex" ? check.given?.toLowerCase() : check.given;
  let matches = false;
  for (const secret of check.secrets) {
    const hmac = createHmac(check.algorithm, secret);
    for (const part of check.signed) hmac.update(part);
    if (secret !== "" && equalSecrets(given, hmac.digest(check.encoding))) matches = true;
  }
  if (!matches) throw new WebhookRejected("webhook_signature", "The signature of this webhook does not match.");
}

/** Throws WebhookRejected when a signed time is further than `toleranceSeconds` from the receipt, past or future (WH-05). */
export function checkAge(signedAtMs: number, receivedMs: number, toleranceSeconds: number): void {
  if (!Number.isFinite(signedAtMs) || Math.abs(receivedMs - signedAtMs) > toleranceSeconds * 1000) {
    throw new WebhookRejected("webhook_stale", `The webhook was signed more than ${toleranceSeconds} s away from its receipt.`);
  }
}

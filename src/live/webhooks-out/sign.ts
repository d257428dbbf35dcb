/** How messages are signed, so that a receiver knows who sent them and when. Pure. Source: Standard Webhooks 1.0.0 (symmetric signatures). */
import { createHmac } from "node:crypto";

const SECRET_PREFIX = "whsec_";
/** The standard asks for 24 to 64. */
export const SECRET_BYTES = 32;

/** A secret as receivers keep it. */
export function makeSecret(randomBytes: (size: number) => Buffer): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString("base64");
}

export interface SignedMessage {
  /** The same for every attempt: by it a receiver knows what it has had. */
  readonly id: string;
  /** Of this attempt, epoch milliseconds. */
  readonly atMs: number;
  readonly body: string;
}

/** The three headers of a message, with a signature by each secret: a receiver accepts one that it knows. */
export function signedHeaders({ id, atMs, body }: SignedMessage, secrets: readonly string[]): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = (secret: string): string =>
    `v1,${createHmac("sha256", Buffer.from(secret.slice(SECRET_PREFIX.length), "base64")).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": secrets.map(signature).join(" ") };
}

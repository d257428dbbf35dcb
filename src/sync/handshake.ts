/** Answers to a vendor that checks our webhook address with a GET. */
import type { Driver, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { NotFound, WebhookRejected } from "../errors.ts";

export interface Handshake {
  readonly contentType: string;
  readonly body: string;
  /** 200 unless given. */
  readonly status?: 204;
}

const LONGEST_ANSWER = 4_096;

/** Throws NotFound for a vendor that has no such check, WebhookRejected for a wrong verify token or an overlong challenge. */
export function checkHandshake(driver: Driver, request: WebhookRequest, secrets: WebhookSecrets): Handshake {
  const answer = driver.webhook?.handshake?.(request, secrets);
  if (!answer) throw new NotFound("This vendor does not check its webhook address.");
  if (answer.body.length > LONGEST_ANSWER) throw new WebhookRejected("webhook_malformed", "The challenge is too long.");
  return answer;
}

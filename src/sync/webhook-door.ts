/**
 * The vendors' door: checks a webhook on its raw bytes and puts it into the inbox. Nothing else happens before the answer
 * (requirements R5, W1).
 */
import { checkHandshake, type Handshake } from "./handshake.ts";
import type { DriverWebhook, WebhookRequest, WebhookSecrets } from "#driver/types.ts";
import { digestOf } from "#inbox/inbox.ts";
import { NotFound, WebhookRejected } from "../errors.ts";
import type { SyncContext } from "./context.ts";
import type { Provider } from "./providers.ts";
import { createSigningKeys } from "./signing-keys.ts";
import { hasSubscription, type Subscriptions } from "./subscriptions.ts";

export interface WebhookDoor {
  /** Bytes that a vendor's webhook may have at most. */
  maxBytes(providerId: string): number;
  /** What a vendor sends. Throws NotFound. */
  bodyFormat(providerId: string): "json" | "form";
  /**
   * Resolves when the delivery is committed, with what the vendor wants to hear. Throws WebhookRejected, NotFound (unknown vendor),
   * Unavailable.
   */
  accept(providerId: string, request: WebhookRequest): Promise<Acknowledgement>;
  /** Answer to a vendor's GET challenge. */
  handshake(providerId: string, request: WebhookRequest): Promise<Handshake>;
}

export interface Acknowledgement {
  readonly status: 200 | 201 | 204 | 401;
  /** Null: the usual short JSON. */
  readonly answer: { readonly contentType: string; readonly body: string } | null;
}

/** Headers worth keeping with a delivery; never signatures or credentials. */
const KEPT_HEADERS = ["content-type", "user-agent"];

export function createWebhookDoor(context: SyncContext, subscriptions: Subscriptions, largest: number): WebhookDoor {
  const signingKeys = createSigningKeys(context);
  const secretsOf = async (provider: Provider): Promise<WebhookSecrets> => {
    // Most vendors have none; asking the database for it would cost every webhook a round trip.
    const webhook = provider.driver.webhook!;
    const subscription = hasSubscription(webhook) ? await subscriptions.of(provider.driver.id) : null;
    return {
      clientId: provider.config.clientId,
      clientSecrets: [provider.config.clientSecret.open()],
      verifyToken: subscription?.verifyToken.open() ?? null,
      subscriptionId: subscription?.subscriptionId ?? null,
      subscriptionSecret: subscription?.secret?.open() ?? null,
      settings: provider.settings(),
    };
  };
  const providerOf = (id: string): Provider => {
    const provider = context.providers.find(id);
    if (!provider?.driver.webhook) throw new NotFound("There is no such vendor.");
    return provider;
  };
  return {
    bodyFormat: (id) => providerOf(id).driver.webhook!.bodyFormat ?? "json",
    maxBytes: (id) => Math.min(providerOf(id).driver.webhook!.maxBytes, largest),
    accept: async (id, request) => {
      const provider = providerOf(id);
      const webhook = provider.driver.webhook!;
      const secrets = await secretsOf(provider);
      const challenge = inItsWords(webhook, () => webhook.challenge?.(request, secrets));
      if (challenge) return { status: challenge.status, answer: challenge };
      const complete = webhook.signingKeys ? await signingKeys.complete(id, webhook.signingKeys, request, secrets) : secrets;
      inItsWords(webhook, () => {
        webhook.verify(request, complete);
        // An unsigned body that is no JSON could be anybody's: refused. A signed one is authentic and kept (faults WH-12, WH-13).
        if (!webhook.isSigned && webhook.bodyFormat !== "form") refuseNonJson(request.body);
      });
      const eventKey = webhook.dedupeKey?.(request);
      const body = webhook.redact?.(request.body) ?? request.body;
      await context.inbox.accept({
        provider: id, via: "webhook", resource: null, body,
        headers: Object.fromEntries(KEPT_HEADERS.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, request.headers[name]]]))),
        owner: null, causedBy: null, dedupeKey: eventKey ? digestOf("event", eventKey) : digestOf("body", body),
      });
      return { status: webhook.acknowledgeWith ?? 200, answer: webhook.acknowledgeBody ?? null };
    },
    handshake: async (id, request) => {
      const provider = providerOf(id);
      const secrets = await secretsOf(provider);
      return inItsWords(provider.driver.webhook!, () => checkHandshake(provider.driver, request, secrets));
    },
  };
}

/** Runs a check; what is refused gets the status that the vendor wants to see, where it wants another than ours. */
function inItsWords<T>({ refuseWith }: DriverWebhook, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof WebhookRejected && refuseWith === 404) throw new NotFound("The webhook was not accepted.", { cause: error });
    throw error;
  }
}

function refuseNonJson(body: Uint8Array): void {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new WebhookRejected("webhook_malformed", "The webhook's body is no JSON.", { cause: error });
  }
}

/** What telling the organization's own systems needs, built once by the app. */
import type { Dispatcher } from "undici";
import type { Database } from "#db/database.ts";
import type { Queue } from "#jobs/queue.ts";
import type { Vault } from "#vault/seal.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";

export interface WebhooksOutContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly vault: Pick<Vault, "seal" | "open">;
  readonly queue: Pick<Queue, "send">;
  /** In [0, 1). */
  readonly random: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly userAgent: string;
  /** Whether addresses may lead into the operator's own network, and be plain HTTP. */
  readonly allowsPrivateAddresses: boolean;
  /** Vendors whose data is for the person alone: nobody else hears that any came. */
  readonly hiddenProviders: readonly string[];
  /** How long a receiver may take, and by what it is reached, where they are not the usual ones. */
  readonly timeoutMs?: number;
  readonly dispatcher?: Dispatcher;
}

/** An endpoint, by what leads to its rows. */
export interface EndpointRef {
  readonly organizationId: string;
  readonly endpointId: string;
}

export const WEBHOOKS_OUT_QUEUE = "webhook-out";

/** Asks a worker to look after an endpoint now. A wake-up that gets lost is made up for by the next look. */
export async function wakeEndpoint({ queue, log }: Pick<WebhooksOutContext, "queue" | "log">, { organizationId, endpointId }: EndpointRef): Promise<void> {
  try {
    await queue.send(WEBHOOKS_OUT_QUEUE, { organizationId, endpointId }, { key: endpointId });
  } catch (error) {
    log.warn({ endpointId, error }, "a webhook endpoint could not be woken; the next look finds it");
  }
}

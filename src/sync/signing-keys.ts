/**
 * Public keys by which vendors sign their webhooks: fetched without credentials when a delivery needs them, and kept in memory. A vendor that
 * cannot be asked leaves us with those we have.
 */
import type { WebhookRequest, WebhookSecrets, WebhookSigningKeys } from "#driver/types.ts";
import { MINUTE_MS, SECOND_MS } from "#units/time.ts";
import { IsletError } from "../errors.ts";
import type { SyncContext } from "./context.ts";

/** Nobody makes us ask a vendor for its keys more often. */
const SHORTEST_PAUSE_MS = MINUTE_MS;
/** The vendor of the delivery waits meanwhile. */
const TIMEOUT_MS = 5 * SECOND_MS;

interface Kept {
  text: string | null;
  fetchedMs: number;
  triedMs: number;
  /** A fetch under way, which all deliveries share. */
  running: Promise<void> | null;
}

export interface SigningKeys {
  /** The secrets with the vendor's keys, fetched before where they are old or the delivery names one that is missing. */
  complete(provider: string, keys: WebhookSigningKeys, request: WebhookRequest, secrets: WebhookSecrets): Promise<WebhookSecrets>;
}

export function createSigningKeys(context: SyncContext): SigningKeys {
  const kept = new Map<string, Kept>();
  const fetchKeys = async (provider: string, url: string, mine: Kept): Promise<void> => {
    try {
      const answer = await context.http.request({ provider }, { method: "GET", url, headers: { accept: "application/json" }, timeoutMs: TIMEOUT_MS, retries: false });
      mine.text = new TextDecoder().decode(answer.body);
      mine.fetchedMs = context.clock.now();
    } catch (error) {
      if (!(error instanceof IsletError)) throw error;
      context.log.warn({ provider, error }, "the vendor's signing keys could not be fetched");
    }
  };
  return {
    complete: async (provider, keys, request, secrets) => {
      const mine: Kept = kept.get(provider) ?? { text: null, fetchedMs: 0, triedMs: Number.NEGATIVE_INFINITY, running: null };
      kept.set(provider, mine);
      const nowMs = context.clock.now();
      const isOld = mine.text !== null && nowMs - mine.fetchedMs >= keys.keepSeconds * SECOND_MS;
      if (isOld || keys.isMissingKey(request, { ...secrets, signingKeys: mine.text })) {
        if (!mine.running && nowMs - mine.triedMs >= SHORTEST_PAUSE_MS) {
          mine.triedMs = nowMs;
          mine.running = fetchKeys(provider, keys.url(secrets.settings), mine).finally(() => (mine.running = null));
        }
        await mine.running;
      }
      return { ...secrets, signingKeys: mine.text };
    },
  };
}

/** What the sync rooms need, built once by the app. */
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Database } from "#db/database.ts";
import type { HttpClient } from "#http/types.ts";
import type { Inbox } from "#inbox/inbox.ts";
import type { Keeping } from "#inbox/months.ts";
import type { Queue } from "#jobs/queue.ts";
import type { AuditKeys } from "#people/audit/keys.ts";
import type { Telemetry } from "#telemetry/telemetry.ts";
import type { Vault } from "#vault/seal.ts";
import type { ConnectionRef } from "./connections.ts";
import type { Providers } from "./providers.ts";
import type { Slots } from "./slots.ts";

export interface SyncContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly http: HttpClient;
  readonly vault: Vault;
  readonly inbox: Inbox;
  readonly providers: Providers;
  readonly queue: Pick<Queue, "send">;
  readonly random: () => number;
  readonly randomBytes: (size: number) => Buffer;
  /** Schemes of mobile apps that a flow may return to. */
  readonly returnSchemes: readonly string[];
  /** Whether addresses that people give may lead into the operator's own network. */
  readonly allowsPrivateAddresses: boolean;
  /** Places of this process for work on the past. */
  readonly backfillSlots: Slots;
  /** How long raw deliveries are kept. */
  readonly keeping: Keeping;
  /** How long the audit log is kept, and what seals its stubs. */
  readonly auditKeeping: { readonly keepDays: number; readonly keys: AuditKeys };
}

export const QUEUES = {
  /** Bring one connection up to date. */
  healthSync: "health-sync",
  /** Drain the inbox. */
  webhookProcessing: "webhook-processing",
  /** Find due connections and forgotten deliveries. */
  sweep: "sweep",
  /** Refresh tokens that expire soon. */
  tokenRefresh: "token-refresh",
  /** Ask a vendor to push, for one connection or for the whole app. */
  webhookSubscription: "webhook-subscription",
  /** Tell a vendor that was away that a connection has ended. */
  farewell: "farewell",
  /** Once a day: make the inbox's months, drop what need not be kept. */
  housekeeping: "housekeeping",
} as const;

/** Asks for a sync of a connection now, or in so many seconds. A wake-up that gets lost is found by the sweep. */
export async function wakeSync(context: SyncContext, ref: ConnectionRef, afterSeconds = 0): Promise<void> {
  const { organizationId, patientId, connectionId } = ref;
  try {
    await context.queue.send(QUEUES.healthSync, { organizationId, patientId, connectionId }, { key: connectionId, afterSeconds });
  } catch (error) {
    context.log.warn({ connection: connectionId, error }, "a sync could not be woken; the sweep will find it");
  }
}

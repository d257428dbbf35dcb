/**
 * From a stored delivery to stored records: parse (pure, the driver's), ingest, and the delivery's end — in one transaction. Whoever
 * claims deliveries comes through here, be it the sync with its page in hand or a worker that drains the inbox.
 */
import { errorCode, InternalError, IsletError, ProviderRateLimited, ReauthorizationRequired } from "../errors.ts";
import type { MappingProblem, VendorRecord } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { addResults, ingest, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import {
  backOffMs, claimDeliveries, failDelivery, finishDelivery, MOST_ATTEMPTS, releaseClaims, renewClaims, type ClaimedDelivery, type Outcome,
} from "#inbox/claims.ts";
import type { NewDelivery } from "#inbox/inbox.ts";
import type { Tx } from "#db/database.ts";
import { isSameEpoch, readConnection, type Connection } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { keepAlive } from "./keep-alive.ts";
import { parseJson } from "./payload.ts";
import { readImport } from "./read-import.ts";
import { followEvents, takeWebhookApart } from "./webhook-events.ts";

/** Resource name of the part of a webhook that belongs to one account, split off from a body of several. */
export const EVENTS = "webhook-events";

const AT_ONCE = 20;

/** How work on a delivery is done: until when, and what becomes of a failure after it was noted. */
export interface Work {
  readonly signal: AbortSignal;
  readonly onFailure: "keep" | "throw";
}

/** Claims and processes due deliveries until there are none; gives what was stored. Failures are kept with the delivery. */
export async function drainInbox(context: SyncContext, signal: AbortSignal): Promise<IngestResult> {
  let total = NOTHING;
  while (!signal.aborted) {
    const claimed = await context.database.asSystem((tx) => claimDeliveries(tx, AT_ONCE));
    if (claimed.length === 0) break;
    total = addResults(total, await processAll(context, claimed, { signal, onFailure: "keep" }));
  }
  return total;
}

/** Processes those of these deliveries that are due and free. Throws what a delivery failed with, after noting it. */
export async function processNow(context: SyncContext, ids: readonly string[], signal: AbortSignal): Promise<IngestResult> {
  const claimed = await context.database.asSystem((tx) => claimDeliveries(tx, ids.length, ids));
  return processAll(context, claimed, { signal, onFailure: "throw" });
}

/**
 * Stores a delivery and makes records of it at once; an equal one that was here before is processed if it still is to be. `connection` is
 * what the delivery was asked for by: if it has ended or was made anew since, nothing is stored. Throws what it failed with, after noting it.
 */
export async function takeIn(context: SyncContext, delivery: NewDelivery, work: { signal: AbortSignal; connection?: Connection }): Promise<IngestResult> {
  const { id, claimed } = await context.inbox.acceptAndClaim(delivery);
  if (!claimed) return processNow(context, [id], work.signal);
  return processAll(context, [claimed], { signal: work.signal, onFailure: "throw" }, work.connection);
}

/** Processes claimed deliveries one after the other; their leases live as long as this does. What is left when it has to stop is given back. */
async function processAll(context: SyncContext, claimed: readonly ClaimedDelivery[], work: Work, connection?: Connection): Promise<IngestResult> {
  const left = new Set(claimed);
  const alive = keepAlive(context.log, () => context.database.asSystem((tx) => renewClaims(tx, [...left])));
  let total = NOTHING;
  try {
    for (const delivery of claimed) {
      if (work.signal.aborted) break;
      left.delete(delivery);
      total = addResults(total, await processOne(context, delivery, work, connection));
    }
    return total;
  } finally {
    alive.stop();
    if (left.size > 0) await context.database.asSystem((tx) => releaseClaims(tx, [...left]));
  }
}

async function processOne(context: SyncContext, delivery: ClaimedDelivery, work: Work, known?: Connection): Promise<IngestResult> {
  const alive = keepAlive(context.log, () => context.database.asSystem((tx) => renewClaims(tx, [delivery])));
  try {
    if (delivery.via === "import") return await storeImport(context, delivery);
    if (delivery.connectionId === null) return await takeWebhookApart(context, delivery, work);
    const connection = known ?? (await connectionOf(context, delivery));
    if (delivery.resource === null || delivery.resource === EVENTS) return await followEvents(context, delivery, connection, work);
    return await storePage(context, delivery, connection);
  } catch (error) {
    // Told to stop in the middle: nothing is wrong with the delivery.
    if (work.signal.aborted) await context.database.asSystem((tx) => releaseClaims(tx, [delivery]));
    else await noteFailedDelivery(context, delivery, error);
    if (work.onFailure === "throw") throw error;
    return NOTHING;
  } finally {
    alive.stop();
  }
}

async function noteFailedDelivery(context: SyncContext, delivery: ClaimedDelivery, error: unknown): Promise<void> {
  const delayMs = delivery.attempts >= MOST_ATTEMPTS ? null : retryDelay(context, delivery, error);
  context.log.warn(
    { delivery: delivery.id, provider: delivery.provider, attempt: delivery.attempts, isDead: delayMs === null, error }, "a delivery could not be processed",
  );
  await context.database.asSystem((tx) => failDelivery(tx, delivery, errorCode(error), delayMs));
}

/** Null when another try cannot help. */
function retryDelay(context: SyncContext, delivery: ClaimedDelivery, error: unknown): number | null {
  if (error instanceof ProviderRateLimited) return Math.max(error.retryAtMs - context.clock.now(), 1_000);
  if (error instanceof IsletError && error.retry === "never" && !(error instanceof ReauthorizationRequired)) return null;
  return backOffMs(delivery.attempts, context.random);
}

async function connectionOf(context: SyncContext, delivery: ClaimedDelivery): Promise<Connection> {
  return context.database.withOrganization(delivery.organizationId!, (tx) => readConnection(tx, delivery.patientId!, delivery.connectionId!));
}

/** A pulled page, or pushed data of one resource: mapped and stored. */
async function storePage(context: SyncContext, delivery: ClaimedDelivery, connection: Connection): Promise<IngestResult> {
  const { driver } = context.providers.require(delivery.provider);
  const format = driver.resources.find((resource) => resource.name === delivery.resource)?.format ?? "json";
  const payload = format === "json" ? parseJson(delivery.body()) : new TextDecoder().decode(delivery.body());
  return store(context, delivery, connection, driver.map(delivery.resource!, payload, mapContext(delivery, connection)));
}

export function mapContext(delivery: ClaimedDelivery, connection: Connection): MapContext {
  return { receivedMs: delivery.receivedMs, zone: connection.zone };
}

/** Records and the delivery's end, together or not at all. For a connection that has ended, nothing is stored. */
export async function store(
  context: SyncContext, delivery: ClaimedDelivery, connection: Connection, mapped: { records: readonly VendorRecord[]; problems: readonly MappingProblem[] },
): Promise<IngestResult> {
  return context.database.withOrganization(connection.organizationId, async (tx) => {
    const isLive = connection.status !== "disconnected" && connection.status !== "revoked" && (await isSameEpoch(tx, connection));
    if (!isLive) {
      await end(tx, delivery, { state: "ignored", problems: [], ...(delivery.via === "webhook" ? { account: connection.vendorUserId } : {}) });
      return NOTHING;
    }
    const { stored, problems } = await ingest(tx, { ...connection, deliveryId: delivery.id }, mapped.records);
    await end(tx, delivery, { state: "done", problems: [...mapped.problems, ...problems] });
    return stored;
  });
}

/** Throws InternalError when another worker took over after our lease ended: that undoes everything here, and its result stands. */
export async function end(tx: Tx, delivery: ClaimedDelivery, outcome: Outcome): Promise<void> {
  if (!(await finishDelivery(tx, delivery, outcome))) throw new InternalError("The lease of the delivery was lost.");
}

async function storeImport(context: SyncContext, delivery: ClaimedDelivery): Promise<IngestResult> {
  const { organizationId, patientId, provider } = delivery;
  if (organizationId === null || patientId === null) throw new InternalError("An import belongs to nobody.");
  const { records, file } = readImport({ resource: delivery.resource, body: delivery.body() });
  return context.database.withOrganization(organizationId, async (tx) => {
    const { stored, problems } = await ingest(tx, { organizationId, patientId, connectionId: null, provider, deliveryId: delivery.id }, records);
    await end(tx, delivery, { state: "done", problems: [...file.problems.map(({ line, reason }) => ({ path: `line ${line}`, reason })), ...problems] });
    return stored;
  });
}

/**
 * From a stored delivery to stored records: whoever claims deliveries comes through here, be it the sync with its page in hand or a
 * worker that drains the inbox. A failure is kept with the delivery, which is tried again later, three times at most.
 */
import { setTimeout } from "node:timers/promises";
import { errorCode, InternalError, InvalidInput, IsletError, ProviderRateLimited, ReauthorizationRequired } from "../errors.ts";
import { addResults, ingest, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { backOffMs, claimDeliveries, claimThese, failDelivery, MOST_ATTEMPTS, releaseClaims, renewClaims, type ClaimedDelivery } from "#inbox/claims.ts";
import type { NewDelivery } from "#inbox/inbox.ts";
import type { Tx } from "#db/database.ts";
import { readConnection, type Connection } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { EXPORT } from "./import-export.ts";
import { keepAlive } from "./keep-alive.ts";
import { parseJson } from "./payload.ts";
import { processTogether } from "./process-together.ts";
import { readImport } from "./read-import.ts";
import { endDelivery, mappingVersion, mapPage, storeRecords } from "./store-records.ts";
import type { Turns } from "./turns.ts";
import { EVENTS, followEvents, takeWebhookApart } from "./webhook-events.ts";

/** Claimed at once where they are stored together, and where each may have to wait for a vendor. */
const TOGETHER = 200;
const ONE_BY_ONE = 20;
/** So many at once, and yet not all that fit, are part of a burst: waiting a moment for the next ones makes fewer and fuller transactions, and leaves the machine to those who take the burst in. */
const BURST = 10;
const GATHERING_MS = 200;

/** How long to work, what becomes of a failure after it was noted, and on behalf of which connection where that is known. */
interface Work {
  readonly signal: AbortSignal;
  readonly onFailure: "keep" | "throw";
  readonly connection?: Connection;
}

/**
 * Claims and processes due deliveries until there are none; gives what was stored. Failures are kept with the delivery. Of several drains with the
 * same `turns` one at a time claims and stores together, which is fastest so; what waits for vendors waits beside the others.
 */
export async function drainInbox(context: SyncContext, signal: AbortSignal, turns: Turns = (work) => work()): Promise<IngestResult> {
  let total = NOTHING;
  let limit = TOGETHER;
  while (!signal.aborted) {
    const { claimed, stored, left } = await turns(() => claimAndStore(context, limit, signal));
    if (claimed === 0) break;
    total = addResults(total, stored);
    limit = left.length > 0 ? ONE_BY_ONE : TOGETHER;
    try {
      total = addResults(total, await processAll(context, left, { signal, onFailure: "keep" }));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  return total;
}

/** Gives how many were claimed, and those that are left to be processed one by one. */
async function claimAndStore(context: SyncContext, limit: number, signal: AbortSignal): Promise<{ claimed: number; stored: IngestResult; left: ClaimedDelivery[] }> {
  if (signal.aborted) return { claimed: 0, stored: NOTHING, left: [] };
  const claimed = await context.telemetry.span("inbox.claim", {}, async (span) => {
    const found = await context.database.asSystem((tx) => claimDeliveries(tx, limit));
    span.note({ "islet.deliveries": found.length });
    return found;
  });
  if (claimed.length === 0) return { claimed: 0, stored: NOTHING, left: [] };
  const { stored, left } = await processTogether(context, claimed);
  // What waits for vendors is not one worker's alone.
  if (left.length > ONE_BY_ONE) await context.database.asSystem((tx) => releaseClaims(tx, left.slice(ONE_BY_ONE)));
  else if (left.length === 0 && claimed.length >= BURST && claimed.length < TOGETHER) await setTimeout(GATHERING_MS, undefined, { signal }).catch(() => undefined);
  return { claimed: claimed.length, stored, left: left.slice(0, ONE_BY_ONE) };
}

/** Processes those of these deliveries that are due and free. Throws what a delivery failed with, after noting it. */
export async function processNow(context: SyncContext, ids: readonly string[], signal: AbortSignal): Promise<IngestResult> {
  const claimed = await context.database.asSystem((tx) => claimThese(tx, ids));
  return processAll(context, claimed, { signal, onFailure: "throw" });
}

/**
 * Stores a delivery and makes records of it at once; an equal one that was here before is processed if it still is to be. `connection` is
 * what the delivery was asked for by: if it has ended or was made anew since, nothing is stored. Throws what it failed with, after noting it.
 */
export async function takeIn(context: SyncContext, delivery: NewDelivery, work: Omit<Work, "onFailure">): Promise<IngestResult> {
  const { id, claimed } = await context.inbox.acceptAndClaim(delivery);
  return claimed ? processClaimed(context, claimed, work) : processNow(context, [id], work.signal);
}

/** Processes a delivery that was accepted as claimed. Throws what it failed with, after noting it. */
export async function processClaimed(context: SyncContext, claimed: ClaimedDelivery, work: Omit<Work, "onFailure">): Promise<IngestResult> {
  return processAll(context, [claimed], { ...work, onFailure: "throw" });
}

/** Processes claimed deliveries one after the other; their leases live as long as this does. What is left when it has to stop is given back. */
async function processAll(context: SyncContext, claimed: readonly ClaimedDelivery[], work: Work): Promise<IngestResult> {
  const { database, log } = context;
  const left = new Set(claimed);
  const alive = keepAlive(log, () => database.asSystem((tx) => renewClaims(tx, [...left])));
  let total = NOTHING;
  try {
    for (const delivery of claimed) {
      // Whoever waits for the result must not take an interruption for one.
      if (work.onFailure === "throw") work.signal.throwIfAborted();
      if (work.signal.aborted) break;
      total = addResults(total, await processOne(context, delivery, work));
      left.delete(delivery);
    }
    return total;
  } finally {
    alive.stop();
    if (left.size > 0) await database.asSystem((tx) => releaseClaims(tx, [...left]));
  }
}

async function processOne(context: SyncContext, delivery: ClaimedDelivery, work: Work): Promise<IngestResult> {
  return context.telemetry.delivery(delivery, (failed) => tryOne(context, delivery, { ...work, failed }));
}

async function tryOne(context: SyncContext, delivery: ClaimedDelivery, work: Work & { readonly failed: (code: string) => void }): Promise<IngestResult> {
  try {
    return await makeRecords(context, delivery, work);
  } catch (error) {
    // Told to stop in the middle: nothing is wrong with the delivery, and it is given back with the others.
    if (work.signal.aborted) throw error;
    work.failed(errorCode(error));
    const delayMs = delivery.attempts >= MOST_ATTEMPTS ? null : retryDelay(context, delivery, error);
    context.log.warn(
      { delivery: delivery.id, provider: delivery.provider, attempt: delivery.attempts, isDead: delayMs === null, error }, "a delivery could not be processed",
    );
    await context.database.asSystem((tx) => failDelivery(tx, delivery, errorCode(error), delayMs));
    if (work.onFailure === "throw") throw error;
    return NOTHING;
  }
}

/** Null when another try cannot help. */
function retryDelay(context: SyncContext, delivery: ClaimedDelivery, error: unknown): number | null {
  if (error instanceof ProviderRateLimited) return Math.max(error.retryAtMs - context.clock.now(), 1_000);
  if (error instanceof IsletError && error.retry === "never" && !(error instanceof ReauthorizationRequired)) return null;
  return backOffMs(delivery.attempts, context.random);
}

async function makeRecords(context: SyncContext, delivery: ClaimedDelivery, work: Work): Promise<IngestResult> {
  if (delivery.resource === EXPORT) throw new InvalidInput("The import was interrupted and its bytes are gone: send the file again.");
  if (delivery.via === "import") return storeImport(context, delivery);
  if (delivery.via === "push" && delivery.connectionId === null) return storeTyped(context, delivery);
  const ways = { signal: work.signal, takeIn: (page: NewDelivery, connection: Connection) => takeIn(context, page, { signal: work.signal, connection }) };
  if (delivery.connectionId === null) return takeWebhookApart(context, delivery, ways);
  const connection = work.connection ?? (await connectionOf(context, delivery));
  if (delivery.resource === null || delivery.resource === EVENTS) return followEvents(context, delivery, connection, ways);
  return storePage(context, delivery, connection);
}

async function connectionOf(context: SyncContext, delivery: ClaimedDelivery): Promise<Connection> {
  return context.database.withOrganization(delivery.organizationId!, (tx) => readConnection(tx, delivery.patientId!, delivery.connectionId!));
}

/** A pulled page, or pushed data of one resource: mapped by the driver and stored. */
async function storePage(context: SyncContext, delivery: ClaimedDelivery, connection: Connection): Promise<IngestResult> {
  return storeRecords(context, delivery, connection, mapPage(context, delivery, connection));
}

/** What a person typed, or a meter sent in their name: theirs by no connection. */
async function storeTyped(context: SyncContext, delivery: ClaimedDelivery): Promise<IngestResult> {
  const { organizationId, patientId, provider, resource } = delivery;
  if (organizationId === null || patientId === null || resource === null) throw new InternalError("What was typed belongs to nobody.");
  const { driver } = context.providers.require(provider);
  return context.telemetry.storing(provider, () => context.database.withOrganization(organizationId, async (tx) => {
    const [patient] = await tx.query<{ zone: string }>("select zone from patients where id = $1", [patientId]);
    if (!patient) return ignoreOrphan(tx, delivery);
    const mapped = driver.map(resource, parseJson(delivery.body()), { receivedMs: delivery.receivedMs, zone: patient.zone });
    const { stored, problems } = await ingest(tx, { organizationId, patientId, connectionId: null, provider, deliveryId: delivery.id }, mapped.records);
    await endDelivery(tx, delivery, { state: "done", problems: [...mapped.problems, ...problems], mappingVersion: mappingVersion(context, provider) });
    return stored;
  }));
}

async function storeImport(context: SyncContext, delivery: ClaimedDelivery): Promise<IngestResult> {
  const { organizationId, patientId, provider } = delivery;
  if (organizationId === null || patientId === null) throw new InternalError("An import belongs to nobody.");
  const { records, file } = readImport({ resource: delivery.resource, body: delivery.body() });
  return context.telemetry.storing(provider, () => context.database.withOrganization(organizationId, async (tx) => {
    if ((await tx.query("select 1 from patients where id = $1", [patientId])).length === 0) return ignoreOrphan(tx, delivery);
    const { stored, problems } = await ingest(tx, { organizationId, patientId, connectionId: null, provider, deliveryId: delivery.id }, records);
    await endDelivery(tx, delivery, { state: "done", problems: [...file.problems.map(({ line, reason }) => ({ path: `line ${line}`, reason })), ...problems] });
    return stored;
  }));
}

/** What came in while its patient was erased loses its body. */
async function ignoreOrphan(tx: Tx, delivery: ClaimedDelivery): Promise<IngestResult> {
  await endDelivery(tx, delivery, { state: "ignored", problems: [] });
  return NOTHING;
}

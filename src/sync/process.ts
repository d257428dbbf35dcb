/**
 * From a stored delivery to stored records: parse (pure, the driver's), ingest, and the delivery's end — in one transaction.
 * A webhook is first taken apart into events and matched to the connections they belong to.
 */
import { errorCode, InternalError, IsletError, ProviderContractBroken, ProviderRateLimited, ReauthorizationRequired } from "../errors.ts";
import type { MapContext, WebhookEvent } from "#driver/types.ts";
import type { MappingProblem, VendorRecord } from "#driver/records.ts";
import { ingest, NOTHING, addResults, type IngestResult } from "#ingest/ingest.ts";
import {
  assignDelivery, backOffMs, claimDeliveries, failDelivery, finishDelivery, MOST_ATTEMPTS, type ClaimedDelivery, type Outcome,
} from "#inbox/claims.ts";
import { digestOf } from "#inbox/inbox.ts";
import { findAccount, isSameEpoch, readConnection, type Connection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { accountEvents } from "./account-events.ts";
import { driverCall } from "./driver-call.ts";
import { readImport } from "./read-import.ts";

/** Resource name of the part of a webhook that belongs to one account, split off from a body of several. */
const EVENTS = "webhook-events";

/** Claims and processes due deliveries until there are none; gives what was stored. Failures are kept with the delivery. */
export async function drainInbox(context: SyncContext, signal: AbortSignal): Promise<IngestResult> {
  let total = NOTHING;
  while (!signal.aborted) {
    const claimed = await context.database.asSystem((tx) => claimDeliveries(tx, 20));
    if (claimed.length === 0) break;
    for (const delivery of claimed) total = addResults(total, await processOne(context, delivery, signal));
  }
  return total;
}

/** Processes these deliveries now. Throws what a delivery failed with, after noting it. */
export async function processNow(context: SyncContext, ids: readonly string[], signal: AbortSignal): Promise<IngestResult> {
  let total = NOTHING;
  for (const delivery of await context.database.asSystem((tx) => claimDeliveries(tx, ids.length, ids))) {
    total = addResults(total, await processOne(context, delivery, signal, "throw"));
  }
  return total;
}

async function processOne(context: SyncContext, delivery: ClaimedDelivery, signal: AbortSignal, onFailure: "keep" | "throw" = "keep"): Promise<IngestResult> {
  try {
    if (delivery.patientId && delivery.via === "import") return await storeImport(context, delivery);
    if (delivery.connectionId && delivery.resource === EVENTS) {
      return await processEvents(context, delivery, await connectionOf(context, delivery), { events: parseJson(delivery.body) as WebhookEvent[], problems: [] }, signal);
    }
    if (delivery.connectionId && delivery.resource) return await storePage(context, delivery);
    return await takeWebhookApart(context, delivery, signal);
  } catch (error) {
    const retryMs = delivery.attempts >= MOST_ATTEMPTS ? null : retryTime(context, delivery, error);
    context.log.warn({ delivery: delivery.id, provider: delivery.provider, attempt: delivery.attempts, isDead: retryMs === null, error }, "a delivery could not be processed");
    await context.database.asSystem((tx) => failDelivery(tx, delivery, errorCode(error), retryMs));
    if (onFailure === "throw") throw error;
    return NOTHING;
  }
}

function retryTime(context: SyncContext, delivery: ClaimedDelivery, error: unknown): number | null {
  if (error instanceof ProviderRateLimited) return error.retryAtMs;
  if (error instanceof IsletError && error.retry === "never" && !(error instanceof ReauthorizationRequired)) return null;
  return context.clock.now() + backOffMs(delivery.attempts, context.random);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new ProviderContractBroken("The body is no JSON.", "", { cause: error instanceof SyntaxError ? undefined : error });
  }
}

async function connectionOf(context: SyncContext, delivery: ClaimedDelivery): Promise<Connection> {
  return context.database.withOrganization(delivery.organizationId!, (tx) => readConnection(tx, delivery.patientId!, delivery.connectionId!));
}

/** A pulled page, or pushed data of one resource: mapped and stored. */
async function storePage(context: SyncContext, delivery: ClaimedDelivery): Promise<IngestResult> {
  const connection = await connectionOf(context, delivery);
  const { driver } = context.providers.require(delivery.provider);
  const format = driver.resources.find((resource) => resource.name === delivery.resource)?.format ?? "json";
  const payload = format === "json" ? parseJson(delivery.body) : new TextDecoder().decode(delivery.body);
  const mapped = driver.map(delivery.resource!, payload, mapContext(delivery, connection));
  return store(context, delivery, connection, mapped);
}

function mapContext(delivery: ClaimedDelivery, connection: Connection): MapContext {
  return { receivedMs: delivery.receivedMs, zone: connection.zone };
}

/** Records and the delivery's end, together or not at all. What belongs to an ended connection is kept but not stored. */
async function store(
  context: SyncContext, delivery: ClaimedDelivery, connection: Connection, mapped: { records: readonly VendorRecord[]; problems: readonly MappingProblem[] },
): Promise<IngestResult> {
  return context.database.withOrganization(connection.organizationId, async (tx) => {
    const isLive = connection.status !== "disconnected" && connection.status !== "revoked" && (await isSameEpoch(tx, connection));
    const result = isLive
      ? await ingest(tx, { ...connection, deliveryId: delivery.id }, mapped.records)
      : NOTHING;
    await end(tx, delivery, { state: isLive ? "done" : "ignored", problems: mapped.problems });
    return result;
  });
}

async function end(tx: Parameters<typeof finishDelivery>[0], delivery: ClaimedDelivery, outcome: Outcome): Promise<void> {
  // Another worker took over after our lease ended: undo everything, its result stands.
  if (!(await finishDelivery(tx, delivery, outcome))) throw new InternalError("The lease of the delivery was lost.");
}

async function storeImport(context: SyncContext, delivery: ClaimedDelivery): Promise<IngestResult> {
  const { records, file } = readImport(delivery);
  return context.database.withOrganization(delivery.organizationId!, async (tx) => {
    const result = await ingest(
      tx,
      { organizationId: delivery.organizationId!, patientId: delivery.patientId!, connectionId: null, provider: delivery.provider, deliveryId: delivery.id },
      records,
    );
    await end(tx, delivery, { state: "done", problems: file.problems.map(({ line, reason }) => ({ path: `line ${line}`, reason })) });
    return result;
  });
}

async function takeWebhookApart(context: SyncContext, delivery: ClaimedDelivery, signal: AbortSignal): Promise<IngestResult> {
  const { driver } = context.providers.require(delivery.provider);
  if (!driver.webhook) throw new InternalError(`${delivery.provider} has no webhooks.`);
  const parsed = driver.webhook.parse(parseJson(delivery.body));
  const byAccount = Map.groupBy(parsed.events, (event) => event.account);
  const matched: { ref: ConnectionRef; events: WebhookEvent[] }[] = [];
  const strangers: MappingProblem[] = [];
  for (const [account, events] of byAccount) {
    const ref = await context.database.asSystem((tx) => findAccount(tx, delivery.provider, account));
    if (ref) matched.push({ ref, events });
    else strangers.push({ path: "", reason: `${events.length} event(s) of an account that is not connected` });
  }
  const problems = [...parsed.problems, ...strangers];
  const only = matched.length === 1 && strangers.length === 0 ? matched[0]! : null;
  if (only) {
    await context.database.asSystem((tx) => assignDelivery(tx, delivery.id, only.ref));
    const connection = await context.database.withOrganization(only.ref.organizationId, (tx) => readConnection(tx, only.ref.patientId, only.ref.connectionId));
    return processEvents(context, delivery, connection, { events: only.events, problems }, signal);
  }
  // A body of several people: each gets a delivery of their own, so that nobody's raw data shows another's.
  let total = NOTHING;
  for (const { ref, events } of matched) {
    const part = await context.inbox.accept({
      provider: delivery.provider, via: "webhook", resource: EVENTS, body: Buffer.from(JSON.stringify(events)), headers: {},
      owner: ref, causedBy: delivery.id, dedupeKey: digestOf("part", delivery.id, ref.connectionId),
    });
    total = addResults(total, await processNow(context, [part.id], signal));
  }
  await context.database.asSystem((tx) => end(tx, delivery, { state: matched.length === 0 ? "unmatched" : "done", problems }));
  return total;
}

/** Events of one connection: data is mapped, hints are followed by asking the vendor, changes of the account take effect. */
async function processEvents(
  context: SyncContext, delivery: ClaimedDelivery, connection: Connection,
  parsed: { events: readonly WebhookEvent[]; problems: readonly MappingProblem[] }, signal: AbortSignal,
): Promise<IngestResult> {
  const { driver } = context.providers.require(delivery.provider);
  const records: VendorRecord[] = [];
  const problems = [...parsed.problems];
  let total = NOTHING;
  if (connection.status === "disconnected" || connection.status === "revoked") return store(context, delivery, connection, { records, problems });
  for (const [index, event] of parsed.events.entries()) {
    if (event.kind === "data") {
      const mapped = driver.map(event.resource, event.payload, mapContext(delivery, connection));
      records.push(...mapped.records);
      problems.push(...mapped.problems);
    } else if (event.kind === "withdrawn") {
      records.push({ record: "withdrawal", of: event.of, vendorId: event.vendorId });
    } else if (event.kind === "pull") {
      let page = 0;
      for await (const pulled of driver.pull(driverCall(context, connection, signal), event.request)) {
        const { id } = await context.inbox.accept({
          provider: delivery.provider, via: "pull", resource: pulled.resource, body: pulled.body, headers: {}, owner: connection,
          causedBy: delivery.id, dedupeKey: digestOf("hint", delivery.id, String(index), String(page++), pulled.body),
        });
        total = addResults(total, await processNow(context, [id], signal));
      }
    } else {
      problems.push(...(await accountEvents(context, connection, event, driver.webhook?.isSigned ?? false, signal)));
    }
  }
  return addResults(total, await store(context, delivery, connection, { records, problems }));
}

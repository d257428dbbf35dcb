/**
 * What a webhook says: taken apart into events, matched to the connections they belong to, and followed. Data is mapped, a hint is
 * answered by asking the vendor, a change of the account takes effect.
 */
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired } from "../errors.ts";
import type { MappingProblem, VendorRecord } from "#driver/records.ts";
import type { WebhookEvent, WebhookParse } from "#driver/types.ts";
import { addResults, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { assignDelivery, type ClaimedDelivery } from "#inbox/claims.ts";
import { digestOf } from "#inbox/inbox.ts";
import { accountEvents, type AccountEvent } from "./account-events.ts";
import { findAccount, readConnection, wasConnected, type Connection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { driverCall } from "./driver-call.ts";
import { noteFailure } from "./failures.ts";
import { parseJson } from "./payload.ts";
import { end, EVENTS, mapContext, processNow, store, takeIn, type Work } from "./process.ts";

function eventsOf(context: SyncContext, delivery: ClaimedDelivery): WebhookParse {
  if (delivery.resource === EVENTS) return { events: parseJson(delivery.body()) as WebhookEvent[], problems: [] };
  const { driver } = context.providers.require(delivery.provider);
  if (!driver.webhook) throw new InvalidInput(`${driver.displayName} has no webhooks.`);
  return driver.webhook.parse(parseJson(delivery.body()));
}

/**
 * Finds out whose a webhook is. A body of several accounts becomes a delivery for each, so that nobody's raw data shows another's and
 * one's trouble is not another's.
 */
export async function takeWebhookApart(context: SyncContext, delivery: ClaimedDelivery, work: Work): Promise<IngestResult> {
  const { events, problems } = eventsOf(context, delivery);
  const byAccount = Map.groupBy(events, (event) => event.account);
  const [account] = byAccount.keys();
  if (account === undefined) {
    await context.database.asSystem((tx) => end(tx, delivery, { state: "done", problems }));
    return NOTHING;
  }
  if (byAccount.size === 1) {
    const ref = await context.database.asSystem((tx) => findAccount(tx, delivery.provider, account));
    if (ref) return takeOver(context, delivery, ref, work);
    await context.database.asSystem(async (tx) => {
      // Nobody's yet: it waits for whoever links the account. After a disconnect there is no consent to keep it.
      const state = (await wasConnected(tx, delivery.provider, account)) ? "ignored" : "unmatched";
      await end(tx, delivery, { state, problems, account });
    });
    return NOTHING;
  }
  const ids: string[] = [];
  for (const [owner, own] of byAccount) {
    const ref = await context.database.asSystem((tx) => findAccount(tx, delivery.provider, owner));
    const part = await context.inbox.accept({
      provider: delivery.provider, via: "webhook", resource: EVENTS, body: Buffer.from(JSON.stringify(own)), headers: {},
      owner: ref, causedBy: delivery.id, dedupeKey: digestOf("part", delivery.id, "\0", owner),
    });
    ids.push(part.id);
  }
  await context.database.asSystem((tx) => end(tx, delivery, { state: "done", problems }));
  return processNow(context, ids, work.signal, "keep");
}

async function takeOver(context: SyncContext, delivery: ClaimedDelivery, ref: ConnectionRef, work: Work): Promise<IngestResult> {
  await context.database.asSystem((tx) => assignDelivery(tx, delivery.id, ref));
  const connection = await context.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
  return followEvents(context, { ...delivery, ...ref }, connection, work);
}

/** What the events of one connection gave. */
interface Findings {
  readonly records: VendorRecord[];
  readonly problems: MappingProblem[];
  stored: IngestResult;
}

/** Follows the events of one connection. Changes of the account come first: what they end is not fetched and not stored. */
export async function followEvents(context: SyncContext, delivery: ClaimedDelivery, connection: Connection, work: Work): Promise<IngestResult> {
  const parsed = eventsOf(context, delivery);
  const found: Findings = { records: [], problems: [...parsed.problems], stored: NOTHING };
  if (connection.status === "disconnected" || connection.status === "revoked") return store(context, delivery, connection, found);
  let current = connection;
  for (const event of parsed.events) {
    if (event.kind !== "deauthorized" && event.kind !== "permissions") continue;
    found.problems.push(...(await tellAccount(context, current, event, work.signal)));
    current = await context.database.withOrganization(connection.organizationId, (tx) => readConnection(tx, connection.patientId, connection.connectionId));
    if (current.status !== "revoked") continue;
    await context.database.asSystem((tx) => end(tx, delivery, { state: "done", problems: found.problems }));
    return NOTHING;
  }
  for (const [index, event] of parsed.events.entries()) {
    try {
      await followEvent(context, { delivery, connection: current, index, found }, event, work);
    } catch (error) {
      // What will not get better by another try costs this event alone, not its neighbours (faults WH-25).
      const isHopeless = error instanceof ProviderRefused || error instanceof ProviderContractBroken || error instanceof InvalidInput;
      if (!isHopeless) throw error;
      found.problems.push({ path: `/${index}`, reason: `the event could not be followed: ${error.code}` });
    }
  }
  return addResults(found.stored, await store(context, delivery, current, found));
}

async function tellAccount(context: SyncContext, connection: Connection, event: AccountEvent, signal: AbortSignal): Promise<MappingProblem[]> {
  return accountEvents(context, connection, event, signal);
}

async function followEvent(
  context: SyncContext, at: { delivery: ClaimedDelivery; connection: Connection; index: number; found: Findings }, event: WebhookEvent, work: Work,
): Promise<void> {
  const { delivery, connection, found } = at;
  const { driver } = context.providers.require(delivery.provider);
  if (event.kind === "data") {
    const mapped = driver.map(event.resource, event.payload, mapContext(delivery, connection));
    found.records.push(...mapped.records);
    found.problems.push(...mapped.problems.map((problem) => ({ ...problem, path: `/${at.index}${problem.path}` })));
  } else if (event.kind === "withdrawn") {
    found.records.push({ record: "withdrawal", of: event.of, vendorId: event.vendorId });
  } else if (event.kind === "pull") {
    if (connection.status === "needs_reauthorization") {
      found.problems.push({ path: `/${at.index}`, reason: "the connection waits for a new consent" });
      return;
    }
    found.stored = addResults(found.stored, await followHint(context, at, event, work.signal));
  }
}

/** Asks the vendor for what a hint points to. Each page is a delivery of its own, known again when the hint is followed twice. */
async function followHint(
  context: SyncContext, at: { delivery: ClaimedDelivery; connection: Connection; index: number }, event: WebhookEvent & { kind: "pull" }, signal: AbortSignal,
): Promise<IngestResult> {
  const { delivery, connection } = at;
  const { driver } = context.providers.require(delivery.provider);
  let stored = NOTHING;
  let page = 0;
  try {
    for await (const pulled of driver.pull(driverCall(context, connection, signal), event.request)) {
      stored = addResults(stored, await takeIn(context, {
        provider: delivery.provider, via: "pull", resource: pulled.resource, body: pulled.body, headers: {}, owner: connection, causedBy: delivery.id,
        dedupeKey: digestOf("hint", delivery.id, "\0", String(at.index), "\0", String(page), "\0", pulled.body),
      }, { signal, connection }));
      page += 1;
    }
  } catch (error) {
    if (error instanceof ReauthorizationRequired) await noteFailure(context, connection, error);
    throw error;
  }
  return stored;
}

/**
 * What a webhook says: taken apart into events, matched to the connections they belong to, and followed. Data is mapped, a hint is
 * answered by asking the vendor, a change of the account takes effect.
 */
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired } from "../errors.ts";
import type { MappingProblem, VendorRecord } from "#driver/records.ts";
import type { WebhookEvent, WebhookParse } from "#driver/types.ts";
import { addResults, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { assignDelivery, forgetKey, type ClaimedDelivery } from "#inbox/claims.ts";
import { digestOf, type NewDelivery } from "#inbox/inbox.ts";
import { applyAccountEvent, isAccountEvent } from "./account-events.ts";
import { findAccount, readConnection, wasConnected, type Connection, type ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { driverCall } from "./driver-call.ts";
import { isErased } from "./erased-accounts.ts";
import { noteFailure } from "./failures.ts";
import { parseJson, parseWebhookBody } from "./payload.ts";
import { CONSENT_MISSING } from "./consent-stops.ts";
import { endDelivery, mapContext, storeRecords } from "./store-records.ts";

/** Resource name of the part of a webhook that belongs to one account, split off from a body of several. */
export const EVENTS = "webhook-events";

/** How to go on from here. */
export interface Ways {
  readonly signal: AbortSignal;
  /** Stores a page that a hint led to, and makes records of it. */
  takeIn(page: NewDelivery, connection: Connection): Promise<IngestResult>;
}

/** The events of a webhook, or of the part of one that belongs to one account. Throws what its driver cannot read. */
export function eventsOf(context: SyncContext, delivery: ClaimedDelivery): WebhookParse {
  if (delivery.resource === EVENTS) return { events: parseJson(delivery.body()) as WebhookEvent[], problems: [] };
  const { driver } = context.providers.require(delivery.provider);
  if (!driver.webhook) throw new InvalidInput(`${driver.displayName} has no webhooks.`);
  return driver.webhook.parse(parseWebhookBody(driver.webhook, delivery.body()));
}

/**
 * Finds out whose a webhook is. A body of several accounts becomes a delivery for each, so that nobody's raw data shows another's and
 * one's trouble is not another's; they come by themselves.
 */
export async function takeWebhookApart(context: SyncContext, delivery: ClaimedDelivery, ways: Ways): Promise<IngestResult> {
  const { database } = context;
  const { events, problems } = eventsOf(context, delivery);
  const byAccount = Map.groupBy(events, (event) => event.account);
  const [account] = byAccount.keys();
  if (byAccount.size === 1 && account !== undefined) {
    const ref = await database.asSystem((tx) => findAccount(tx, delivery.provider, account));
    if (ref) return takeOver(context, delivery, ref, ways);
    await database.asSystem(async (tx) => {
      // Of whoever was erased not even the account is kept.
      if (await isErased(tx, context, { provider: delivery.provider, account })) return endDelivery(tx, delivery, { state: "ignored", problems: [] });
      // Nobody's yet: it waits for whoever links the account. After a disconnect there is no consent to keep it.
      const state = (await wasConnected(tx, delivery.provider, account)) ? "ignored" : "unmatched";
      await endDelivery(tx, delivery, { state, problems, account });
    });
    return NOTHING;
  }
  let hasErased = false;
  for (const [owner, own] of byAccount) {
    const ref = await database.asSystem((tx) => findAccount(tx, delivery.provider, owner));
    if (ref === null && (await database.asSystem((tx) => isErased(tx, context, { provider: delivery.provider, account: owner })))) {
      hasErased = true;
      continue;
    }
    await context.inbox.accept({
      provider: delivery.provider, via: "webhook", resource: EVENTS, body: Buffer.from(JSON.stringify(own)), headers: {},
      owner: ref, causedBy: delivery.id, dedupeKey: digestOf("part", delivery.id, "\0", owner),
    });
  }
  // What is ignored loses its body: the others' parts stand on their own.
  await database.asSystem((tx) => endDelivery(tx, delivery, hasErased ? { state: "ignored", problems: [] } : { state: "done", problems }));
  return NOTHING;
}

async function takeOver(context: SyncContext, delivery: ClaimedDelivery, ref: ConnectionRef, ways: Ways): Promise<IngestResult> {
  await context.database.asSystem((tx) => assignDelivery(tx, delivery.id, ref));
  return followEvents(context, delivery, await currentOf(context, ref), ways);
}

async function currentOf(context: SyncContext, ref: ConnectionRef): Promise<Connection> {
  return context.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
}

/** Follows the events of one connection. Changes of the account come first: what they end is not fetched and not stored. */
export async function followEvents(context: SyncContext, delivery: ClaimedDelivery, connection: Connection, ways: Ways): Promise<IngestResult> {
  const { events, problems: parseProblems } = eventsOf(context, delivery);
  const problems = [...parseProblems];
  if (connection.status === "disconnected" || connection.status === "revoked" || connection.statusCode === CONSENT_MISSING) return storeRecords(context, delivery, connection, { records: [], problems });
  let current = connection;
  for (const event of events) {
    // Once more means the records: what became of the account then has long taken effect.
    if (!isAccountEvent(event) || delivery.isReplay) continue;
    const doubts = await applyAccountEvent(context, current, event, ways.signal);
    if (doubts.length > 0) await context.database.asSystem((tx) => forgetKey(tx, delivery.id));
    problems.push(...doubts);
    current = await currentOf(context, connection);
  }
  if (current.status === "revoked") {
    await context.database.asSystem((tx) => endDelivery(tx, delivery, { state: "done", problems }));
    return NOTHING;
  }
  const records: VendorRecord[] = [];
  let stored = NOTHING;
  for (const [index, event] of events.entries()) {
    try {
      const found = await followEvent(context, { delivery, connection: current, index }, event, ways);
      for (const record of found.records) records.push(record);
      problems.push(...found.problems);
      stored = addResults(stored, found.stored);
    } catch (error) {
      // What another try will not mend costs this event alone, not its neighbours (faults WH-25).
      const isHopeless = error instanceof ProviderRefused || error instanceof ProviderContractBroken || error instanceof InvalidInput;
      if (!isHopeless) throw error;
      problems.push({ path: `event ${index}`, reason: `could not be followed: ${error.code}` });
    }
  }
  return addResults(stored, await storeRecords(context, delivery, current, { records, problems }));
}

interface EventPlace {
  readonly delivery: ClaimedDelivery;
  readonly connection: Connection;
  readonly index: number;
}

interface Found {
  readonly records: readonly VendorRecord[];
  readonly problems: readonly MappingProblem[];
  readonly stored: IngestResult;
}

async function followEvent(context: SyncContext, place: EventPlace, event: WebhookEvent, ways: Ways): Promise<Found> {
  const { delivery, connection, index } = place;
  const { driver } = context.providers.require(delivery.provider);
  switch (event.kind) {
    case "data":
      return { ...driver.map(event.resource, event.payload, mapContext(delivery, connection)), stored: NOTHING };
    case "withdrawn":
      return { records: [{ record: "withdrawal", of: event.of, vendorId: event.vendorId }], problems: [], stored: NOTHING };
    case "pull":
      // The pages that a hint led to are deliveries of their own.
      if (delivery.isReplay) return { records: [], problems: [], stored: NOTHING };
      if (connection.status === "needs_reauthorization") {
        return { records: [], problems: [{ path: `event ${index}`, reason: "the connection waits for a new consent" }], stored: NOTHING };
      }
      return { records: [], problems: [], stored: await followHint(context, place, event, ways) };
    default:
      return { records: [], problems: [], stored: NOTHING };
  }
}

/** Asks the vendor for what a hint points to. Each page is a delivery of its own, known again when the hint is followed twice. */
async function followHint(context: SyncContext, { delivery, connection, index }: EventPlace, event: WebhookEvent & { kind: "pull" }, ways: Ways): Promise<IngestResult> {
  const { driver } = context.providers.require(delivery.provider);
  let stored = NOTHING;
  let page = 0;
  try {
    for await (const { resource, body } of driver.pull(driverCall(context, connection, ways.signal), event.request)) {
      const dedupeKey = digestOf("hint", delivery.id, "\0", String(index), "\0", String(page), "\0", body);
      const pulled = { provider: delivery.provider, via: "pull", resource, body, headers: {}, owner: connection, causedBy: delivery.id, dedupeKey } as const;
      stored = addResults(stored, await ways.takeIn(pulled, connection));
      page += 1;
    }
  } catch (error) {
    if (error instanceof ReauthorizationRequired) await noteFailure(context, connection, error);
    throw error;
  }
  return stored;
}

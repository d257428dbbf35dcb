/**
 * Many deliveries in a few statements: those that bring their data along and are stored at the first try. Each is mapped on its own; whatever
 * is out of the ordinary (a vendor to be asked, a change of an account, an ended connection, a failure) is left to be processed one by one.
 */
import { InternalError, IsletError } from "../errors.ts";
import type { MapResult } from "#driver/records.ts";
import { assignByAccount, finishAll, renewClaims, type Assigned, type ClaimedDelivery } from "#inbox/claims.ts";
import { addResults, ingestAll, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { stoppedAmong } from "#people/consent/consents.ts";
import type { Connection } from "./connections.ts";
import { holdConnections } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { EXPORT } from "./import-export.ts";
import { keepAlive } from "./keep-alive.ts";
import { mapContext, mapPage, mappingVersion } from "./store-records.ts";
import { EVENTS, eventsOf } from "./webhook-events.ts";

/** Larger ones take their time alone. */
const LARGEST_BYTES = 256 * 1024;
/** A transaction takes no more than this of raw bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** A delivery that needs nothing but mapping and storing. */
interface Simple {
  readonly delivery: ClaimedDelivery;
  /** The vendor's account of a webhook that belongs to nobody yet. */
  readonly account: string | null;
  map(connection: Connection): MapResult;
}

interface Owned extends Simple {
  readonly owner: Assigned;
}

/** Stores what is simple among claimed deliveries, in one transaction an organization. Gives back, still claimed, what is to be processed one by one. */
export async function processTogether(context: SyncContext, claimed: readonly ClaimedDelivery[]): Promise<{ stored: IngestResult; left: ClaimedDelivery[] }> {
  const simple = simpleOf(context, claimed);
  if (simple.length < 2) return { stored: NOTHING, left: [...claimed] };
  const alive = keepAlive(context.log, () => context.database.asSystem((tx) => renewClaims(tx, claimed)));
  let stored = NOTHING;
  const done = new Set<string>();
  try {
    const owned = await withOwners(context, simple);
    for (const [organizationId, own] of Map.groupBy(owned, ({ owner }) => owner.organizationId)) {
      const result = await storeAll(context, organizationId, own);
      stored = addResults(stored, result.stored);
      for (const id of result.done) done.add(id);
    }
  } finally {
    alive.stop();
  }
  return { stored, left: claimed.filter(({ id }) => !done.has(id)) };
}

function simpleOf(context: SyncContext, claimed: readonly ClaimedDelivery[]): Simple[] {
  const simple: Simple[] = [];
  let bytes = 0;
  for (const delivery of claimed) {
    // What failed before must not make its neighbours fail.
    if (delivery.attempts > 1 || delivery.bytes > LARGEST_BYTES || bytes + delivery.bytes > MOST_BYTES) continue;
    const found = readSimple(context, delivery);
    if (!found) continue;
    simple.push(found);
    bytes += delivery.bytes;
  }
  return simple;
}

function readSimple(context: SyncContext, delivery: ClaimedDelivery): Simple | null {
  const { resource, via, connectionId } = delivery;
  if (via === "import" || resource === EXPORT) return null;
  if (resource !== null && resource !== EVENTS) {
    return connectionId === null ? null : { delivery, account: null, map: (connection) => mapPage(context, delivery, connection) };
  }
  return readWebhook(context, delivery);
}

/** A webhook of one account that brings its data along. */
function readWebhook(context: SyncContext, delivery: ClaimedDelivery): Simple | null {
  let parsed: ReturnType<typeof eventsOf>;
  try {
    parsed = eventsOf(context, delivery);
  } catch (error) {
    // It fails the same way when its turn comes, and that is noted with it.
    if (error instanceof IsletError) return null;
    throw error;
  }
  const { events, problems } = parsed;
  const account = events[0]?.account;
  if (account === undefined || events.some((event) => (event.kind !== "data" && event.kind !== "withdrawn") || event.account !== account)) return null;
  return {
    delivery,
    account: delivery.connectionId === null ? account : null,
    map: (connection) => {
      const { driver } = context.providers.require(delivery.provider);
      const result = { records: [] as MapResult["records"][number][], problems: [...problems] };
      for (const event of events) {
        if (event.kind === "withdrawn") result.records.push({ record: "withdrawal", of: event.of, vendorId: event.vendorId });
        if (event.kind !== "data") continue;
        const mapped = driver.map(event.resource, event.payload, mapContext(delivery, connection));
        for (const record of mapped.records) result.records.push(record);
        result.problems.push(...mapped.problems);
      }
      return result;
    },
  };
}

/** Those that belong to somebody. */
async function withOwners(context: SyncContext, simple: readonly Simple[]): Promise<Owned[]> {
  const strangers = simple.flatMap(({ delivery, account }) => (account === null ? [] : [{ delivery, provider: delivery.provider, account }]));
  const found = strangers.length === 0 ? new Map<string, Assigned>() : await context.database.asSystem((tx) => assignByAccount(tx, strangers));
  return simple.flatMap((one) => {
    const { organizationId, patientId, connectionId, id } = one.delivery;
    const own = organizationId !== null && patientId !== null && connectionId !== null ? { organizationId, patientId, connectionId } : null;
    const owner = one.account === null ? own : found.get(id);
    return owner ? [{ ...one, owner }] : [];
  });
}

/** All of one organization, or none of it: then each is processed alone, and the one that is at fault fails alone. */
async function storeAll(context: SyncContext, organizationId: string, owned: readonly Owned[]): Promise<{ stored: IngestResult; done: readonly string[] }> {
  try {
    const done = await context.telemetry.together(owned.map(({ delivery }) => delivery), () => context.database.withOrganization(organizationId, async (tx) => {
      const connections = await holdConnections(tx, owned.map(({ owner }) => owner));
      const isStopped = await stoppedAmong(tx, [...connections.values()]);
      const items = owned.flatMap((one) => {
        const connection = connections.get(one.owner.connectionId);
        const mapped = connection && isLive(connection) && !isStopped(connection.patientId, connection.provider) ? mapQuietly(one, connection) : null;
        return connection && mapped ? [{ delivery: one.delivery, mapped, context: { ...one.owner, provider: connection.provider, deliveryId: one.delivery.id } }] : [];
      });
      const outcomes = await ingestAll(tx, items.map(({ context: ingestContext, mapped: { records, replaces } }) => ({ context: ingestContext, records, replaces })));
      const finished = items.map(({ delivery, mapped }, index) => ({
        delivery, problems: [...mapped.problems, ...outcomes[index]!.problems], mappingVersion: mappingVersion(context, delivery.provider),
      }));
      if (!(await finishAll(tx, finished))) throw new InternalError("The lease of a delivery was lost.");
      return items.map(({ delivery }, index) => ({ delivery, stored: outcomes[index]!.stored }));
    }));
    return { stored: done.reduce((sum, { stored }) => addResults(sum, stored), NOTHING), done: done.map(({ delivery }) => delivery.id) };
  } catch (error) {
    context.log.warn({ organization: organizationId, count: owned.length, error }, "deliveries could not be stored together; each is tried alone");
    return { stored: NOTHING, done: [] };
  }
}

const isLive = ({ status }: Connection): boolean => status !== "disconnected" && status !== "revoked";

/** Null where the driver cannot read it: that is noted when its own turn comes. */
function mapQuietly(one: Owned, connection: Connection): MapResult | null {
  try {
    return one.map(connection);
  } catch {
    return null;
  }
}

/** The end of a delivery's way: its records and its own end, together or not at all. */
import { InternalError } from "../errors.ts";
import type { Tx } from "#db/database.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { ingest, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { finishDelivery, type ClaimedDelivery, type Outcome } from "#inbox/claims.ts";
import { isSameEpoch, type Connection } from "./connections.ts";
import { isUnwanted } from "./consent-gate.ts";
import type { SyncContext } from "./context.ts";
import { parseJson } from "./payload.ts";

/** Stores records of a connection and ends their delivery. For a connection that has ended, was made anew since, or lacks consent, nothing is stored. */
export async function storeRecords(context: SyncContext, delivery: ClaimedDelivery, connection: Connection, mapped: MapResult): Promise<IngestResult> {
  return context.telemetry.storing(delivery.provider, () => context.database.withOrganization(connection.organizationId, async (tx) => {
    const isLive = connection.status !== "disconnected" && connection.status !== "revoked" && (await isSameEpoch(tx, connection)) && !(await isUnwanted(tx, connection));
    if (!isLive && delivery.isReplay) {
      // What came by a connection that has ended stays as it was.
      await endDelivery(tx, delivery, { state: "done", problems: [{ path: "", reason: "the connection has ended: nothing was made of it once more" }] });
      return NOTHING;
    }
    if (!isLive) {
      await endDelivery(tx, delivery, { state: "ignored", problems: [], ...(delivery.via === "webhook" ? { account: connection.vendorUserId } : {}) });
      return NOTHING;
    }
    const { stored, problems } = await ingest(tx, { ...connection, deliveryId: delivery.id }, mapped.records, mapped.replaces);
    await endDelivery(tx, delivery, { state: "done", problems: [...mapped.problems, ...problems], mappingVersion: mappingVersion(context, delivery.provider) });
    return stored;
  }));
}

/** Version of the mapping that makes records of this provider's payloads now. */
export function mappingVersion(context: SyncContext, provider: string): number {
  return context.providers.drivers.find((driver) => driver.id === provider)?.mappingVersion ?? 1;
}

/** Throws InternalError when another worker took over after our lease ended: that undoes the transaction, and the other's result stands. */
export async function endDelivery(tx: Tx, delivery: ClaimedDelivery, outcome: Outcome): Promise<void> {
  if (!(await finishDelivery(tx, delivery, outcome))) throw new InternalError("The lease of the delivery was lost.");
}

/** What a driver may know of a delivery when it maps it. */
export function mapContext(delivery: ClaimedDelivery, connection: Connection): MapContext {
  return { receivedMs: delivery.receivedMs, zone: connection.zone };
}

/** The records of a page that a vendor gave, or of data of one resource that was pushed. Throws what the driver cannot read. */
export function mapPage(context: SyncContext, delivery: ClaimedDelivery, connection: Connection): MapResult {
  const { driver } = context.providers.require(delivery.provider);
  const format = driver.resources.find((resource) => resource.name === delivery.resource)?.format ?? "json";
  const payload = format === "json" ? parseJson(delivery.body()) : new TextDecoder().decode(delivery.body());
  return driver.map(delivery.resource!, payload, mapContext(delivery, connection));
}

/**
 * Bringing one connection up to date: due windows of each resource, page by page into the inbox and on into records. A cursor moves
 * only over what is stored, so a kill at any point costs a repetition and nothing else. Requirement E4.
 */
import type { Resource } from "#driver/types.ts";
import { ProviderRefused } from "../errors.ts";
import { announce } from "#ingest/changes.ts";
import { addResults, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { digestOf } from "#inbox/inbox.ts";
import { isSameEpoch, readConnection, type Connection, type ConnectionRef, type Cursor } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { driverCall } from "./driver-call.ts";
import { noteFailure } from "./failures.ts";
import { processNow } from "./process.ts";
import { backfillProgress, nextDueMs, planWindows, type PlannedWindow } from "./windows.ts";

/** A sync that shows no end for so long was killed; another may begin. */
const ABANDONED_AFTER_SECONDS = 600;
/** Spread of the next time, so that connections made together do not call together. */
const JITTER = 0.1;

export interface SyncResult {
  readonly stored: IngestResult;
  /** False when another sync of this connection is under way, or it has ended. */
  readonly wasRun: boolean;
}

/**
 * Syncs a connection. `askAll` asks for news even where none is due ("sync now"). Throws the vendor's error after noting it with the
 * connection; what was stored before stays.
 */
export async function syncConnection(
  context: SyncContext, ref: ConnectionRef, options: { signal: AbortSignal; askAll?: boolean },
): Promise<SyncResult> {
  const connection = await begin(context, ref);
  if (!connection) return { stored: NOTHING, wasRun: false };
  const { driver } = context.providers.require(connection.provider);
  const progress = { cursors: { ...connection.cursors }, stored: NOTHING, isLimited: false };
  try {
    for (const { resource, window } of interleave(driver.resources, connection, context.clock.now(), options.askAll ?? false)) {
      if (options.signal.aborted) break;
      if (progress.cursors[resource.name]?.isRefused) continue;
      if (!(await syncWindow(context, connection, { resource, window, progress, signal: options.signal }))) break;
    }
    await finish(context, connection, progress);
  } catch (error) {
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, "a sync failed");
    await noteFailure(context, connection, error);
    throw error;
  }
  return { stored: progress.stored, wasRun: true };
}

interface Progress {
  cursors: Record<string, Cursor>;
  stored: IngestResult;
  isLimited: boolean;
}

/** All due windows, first those of every resource that matter to today, then the deeper past turn by turn. */
function interleave(
  resources: readonly Resource[], connection: Connection, nowMs: number, askAll: boolean,
): { resource: Resource; window: PlannedWindow }[] {
  const plans = resources.flatMap((resource) => {
    if (!resource.pull) return [];
    const cursor = connection.cursors[resource.name];
    const asked = cursor && askAll ? { ...cursor, askedMs: 0 } : cursor;
    return [{ resource, windows: planWindows(resource.pull, asked, nowMs) }];
  });
  const order: { resource: Resource; window: PlannedWindow }[] = [];
  const most = Math.max(0, ...plans.map((plan) => plan.windows.length));
  for (let turn = 0; turn < most; turn += 1) {
    for (const { resource, windows } of plans) {
      const window = windows[turn];
      if (window) order.push({ resource, window });
    }
  }
  return order;
}

async function begin(context: SyncContext, ref: ConnectionRef): Promise<Connection | null> {
  return context.database.withOrganization(ref.organizationId, async (tx) => {
    const rows = await tx.query(
      `update connections set syncing_since = now() where patient_id = $1 and id = $2 and disconnected_at is null
         and status <> 'needs_reauthorization' and (syncing_since is null or syncing_since < now() - make_interval(secs => $3)) returning 1`,
      [ref.patientId, ref.connectionId, ABANDONED_AFTER_SECONDS],
    );
    if (rows.length === 0) return null;
    return readConnection(tx, ref.patientId, ref.connectionId);
  });
}

/** Asks for one window. False when the connection has meanwhile ended or was made anew: then nothing more is to be done. */
async function syncWindow(
  context: SyncContext, connection: Connection,
  step: { resource: Resource; window: PlannedWindow; progress: Progress; signal: AbortSignal },
): Promise<boolean> {
  const { resource, window, progress } = step;
  const { driver } = context.providers.require(connection.provider);
  const call = driverCall(context, connection, step.signal);
  const earlier = progress.cursors[resource.name];
  let lastDigest = earlier?.lastDigest;
  let isRefused = false;
  try {
    for await (const page of driver.pull(call, { resource: resource.name, window: { fromMs: window.fromMs, toMs: window.toMs } })) {
      const digest = digestOf(page.resource, page.body).toString("base64url");
      if (digest === lastDigest) continue;
      lastDigest = digest;
      const { id } = await context.inbox.accept({
        provider: connection.provider, via: "pull", resource: page.resource, body: page.body, headers: {}, owner: connection,
        causedBy: null, dedupeKey: null,
      });
      progress.stored = addResults(progress.stored, await processNow(context, [id], step.signal));
    }
  } catch (error) {
    // A missing permission closes this resource, not the connection (OA-14).
    if (!(error instanceof ProviderRefused) || (error.vendorStatus !== 403 && error.vendorStatus !== 412)) throw error;
    isRefused = true;
    progress.isLimited = true;
  }
  progress.cursors[resource.name] = {
    fromMs: isRefused ? (earlier?.fromMs ?? window.toMs) : Math.min(window.covers.fromMs, earlier?.fromMs ?? window.covers.fromMs),
    throughMs: isRefused ? (earlier?.throughMs ?? window.toMs) : Math.max(window.covers.toMs, earlier?.throughMs ?? window.covers.toMs),
    askedMs: context.clock.now(),
    ...(isRefused ? { isRefused: true as const } : {}),
    ...(lastDigest ? { lastDigest } : {}),
  };
  return saveProgress(context, connection, progress);
}

async function saveProgress(context: SyncContext, connection: Connection, progress: Progress): Promise<boolean> {
  const { driver } = context.providers.require(connection.provider);
  return context.database.withOrganization(connection.organizationId, async (tx) => {
    if (!(await isSameEpoch(tx, connection))) return false;
    await tx.query("update connections set cursors = $3, backfill_progress = $4, syncing_since = now() where patient_id = $1 and id = $2", [
      connection.patientId, connection.connectionId, JSON.stringify(progress.cursors),
      backfillProgress(driver.resources, progress.cursors, context.clock.now()),
    ]);
    return true;
  });
}

async function finish(context: SyncContext, connection: Connection, progress: Progress): Promise<void> {
  const { driver } = context.providers.require(connection.provider);
  const nowMs = context.clock.now();
  const dueMs = nextDueMs(driver.resources, progress.cursors, nowMs);
  const nextMs = dueMs === null ? null : nowMs + Math.max(dueMs - nowMs, 30_000) * (1 + JITTER * context.random());
  const isLimited = progress.isLimited || connection.statusCode === "missing_scopes";
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const rows = await tx.query(
      `update connections set last_sync_at = to_timestamp($4::float8 / 1000), next_sync_at = to_timestamp($5::float8 / 1000),
              syncing_since = null, failures = 0, status = $6, status_code = $7, backfill_progress = $8
       where patient_id = $1 and id = $2 and epoch = $3 returning 1`,
      [
        connection.patientId, connection.connectionId, connection.epoch, nowMs, nextMs, isLimited ? "limited" : "active",
        isLimited ? "missing_scopes" : null, backfillProgress(driver.resources, progress.cursors, nowMs),
      ],
    );
    if (rows.length > 0) {
      await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    }
  });
}

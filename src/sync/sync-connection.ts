/**
 * Bringing one connection up to date: due windows of each resource, page by page into the inbox and on into records. A cursor moves
 * only over what is stored, so a kill at any point costs a repetition and nothing else. Requirement E4.
 */
import { randomUUID } from "node:crypto";
import type { Resource } from "#driver/types.ts";
import {
  ProviderMisconfigured, ProviderRateLimited, ProviderRefused, ProviderUnavailable, ReauthorizationRequired, Unavailable, VaultRefused,
} from "../errors.ts";
import { announce } from "#ingest/changes.ts";
import { addResults, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { digestOf } from "#inbox/inbox.ts";
import { LEASE_SECONDS } from "#inbox/lease.ts";
import { lockConnection, readConnection, type Connection, type ConnectionRef, type Cursor } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { driverCall } from "./driver-call.ts";
import { noteFailure } from "./failures.ts";
import { keepAlive } from "./keep-alive.ts";
import { allowedResources, withoutRefusals, workingStatus } from "./permissions.ts";
import { takeIn } from "./process.ts";
import { advance, backfillProgress, nextDueMs, planWindows, type PlannedWindow } from "./windows.ts";

/** Spread of the next time, so that connections made together do not call together. */
const JITTER = 0.1;
const SHORTEST_PAUSE_MS = 30_000;
/** Answers of a resource that are remembered by their digests. */
const DIGESTS_KEPT = 8;

export interface SyncResult {
  readonly stored: IngestResult;
  /** False when another sync of this connection is under way, or it has ended. */
  readonly wasRun: boolean;
}

/** One run of one connection's sync, under its lease. */
interface Run {
  readonly connection: Connection;
  readonly leaseId: string;
  readonly signal: AbortSignal;
  readonly asksNow: boolean;
  cursors: Record<string, Cursor>;
  stored: IngestResult;
  /** Resources that nothing more is asked of in this run: refused, or failed. */
  readonly closed: Set<string>;
}

/**
 * Syncs a connection. `askAll` asks for news even where none is due ("sync now"). A resource that fails does not hold up the others.
 * Throws the vendor's error after noting it with the connection, ReauthorizationRequired at once when a person must consent first; what
 * was stored before stays. When told to stop it ends early without an error, and goes on at the next sync.
 */
export async function syncConnection(
  context: SyncContext, ref: ConnectionRef, options: { signal: AbortSignal; askAll?: boolean },
): Promise<SyncResult> {
  const leaseId = randomUUID();
  const connection = await begin(context, ref, leaseId);
  if (!connection) return { stored: NOTHING, wasRun: false };
  const run: Run = { connection, leaseId, signal: options.signal, asksNow: options.askAll ?? false, cursors: { ...connection.cursors }, stored: NOTHING, closed: new Set() };
  const alive = keepAlive(context.log, () => renew(context, run));
  try {
    await context.telemetry.sync(connection.provider, async () => {
      await askAllWindows(context, run);
      await finish(context, run);
    });
  } catch (error) {
    context.log.warn({ provider: connection.provider, connection: connection.connectionId, error }, "a sync failed");
    await noteFailedRun(context, run, error);
    throw error;
  } finally {
    alive.stop();
  }
  return { stored: run.stored, wasRun: true };
}

async function begin(context: SyncContext, ref: ConnectionRef, leaseId: string): Promise<Connection | null> {
  return context.database.withOrganization(ref.organizationId, async (tx) => {
    const rows = await tx.query(
      `update connections set syncing_since = now(), sync_lease_id = $3, sync_lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
       where patient_id = $1 and id = $2 and disconnected_at is null and status <> 'needs_reauthorization'
         and (sync_lease_until is null or sync_lease_until < now()) returning 1`,
      [ref.patientId, ref.connectionId, leaseId],
    );
    const connection = await readConnection(tx, ref.patientId, ref.connectionId);
    if (rows.length === 1) return connection;
    if (connection.status === "needs_reauthorization") throw new ReauthorizationRequired("The connection must be made again before it can be synced.");
    return null;
  });
}

async function renew(context: SyncContext, { connection, leaseId }: Run): Promise<void> {
  await context.database.withOrganization(connection.organizationId, (tx) =>
    tx.query(
      `update connections set sync_lease_until = now() + make_interval(secs => ${LEASE_SECONDS}) where patient_id = $1 and id = $2 and sync_lease_id = $3`,
      [connection.patientId, connection.connectionId, leaseId],
    ),
  );
}

/** Returns when all is asked for, when told to stop, or when the connection is no longer ours to sync. Throws the first failure. */
async function askAllWindows(context: SyncContext, run: Run): Promise<void> {
  let failure: { readonly error: unknown } | null = null;
  for (const { resource, window } of interleave(resourcesOf(context, run.connection), run, context.clock.now())) {
    if (run.signal.aborted) return;
    if (run.closed.has(resource.name)) continue;
    try {
      if (!(await syncWindow(context, run, resource, window))) return;
    } catch (error) {
      if (run.signal.aborted) return;
      if (concernsAll(error)) throw error;
      run.closed.add(resource.name);
      failure ??= { error };
    }
  }
  if (failure) throw failure.error;
}

/** What the person allowed to ask for. */
function resourcesOf(context: SyncContext, { provider: id, settings, grantedScopes }: Connection): readonly Resource[] {
  const provider = context.providers.require(id);
  return allowedResources(provider.driver.resources, provider.driver.auth, provider.settings(settings), grantedScopes);
}

/** Whether a failure would meet every other resource of the connection, too. */
function concernsAll(error: unknown): boolean {
  if (error instanceof ProviderUnavailable) return error.vendorStatus === null;
  return [ReauthorizationRequired, ProviderRateLimited, ProviderMisconfigured, Unavailable, VaultRefused].some((kind) => error instanceof kind);
}

/** All due windows, first those of every resource that matter to today, then the deeper past turn by turn. */
function interleave(resources: readonly Resource[], run: Run, nowMs: number): { resource: Resource; window: PlannedWindow }[] {
  const time = { nowMs, connectedMs: run.connection.connectedMs, asksNow: run.asksNow };
  const plans = resources.flatMap((resource) => (resource.pull ? [{ resource, windows: planWindows(resource.pull, run.cursors[resource.name], time) }] : []));
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

/** Asks for one window. False when the connection has meanwhile ended, was made anew, or is synced by another: then nothing more is to be done. */
async function syncWindow(context: SyncContext, run: Run, resource: Resource, window: PlannedWindow): Promise<boolean> {
  const { connection, signal } = run;
  const { driver } = context.providers.require(connection.provider);
  const earlier = run.cursors[resource.name];
  const known = earlier?.digests ?? [];
  const digests: string[] = [];
  let isRefused = false;
  try {
    const call = driverCall(context, connection, signal);
    for await (const page of driver.pull(call, { resource: resource.name, window: { fromMs: window.fromMs, toMs: window.toMs } })) {
      const digest = digestOf(page.resource, "\0", page.body).toString("base64url");
      if (known.includes(digest) || digests.includes(digest)) continue;
      const delivery = {
        provider: connection.provider, via: "pull", resource: page.resource, body: page.body, headers: {}, owner: connection, causedBy: null, dedupeKey: null,
      } as const;
      run.stored = addResults(run.stored, await takeIn(context, delivery, { signal, connection }));
      digests.push(digest);
    }
  } catch (error) {
    // A missing permission closes this resource, not the connection (OA-14).
    if (!(error instanceof ProviderRefused) || (error.vendorStatus !== 403 && error.vendorStatus !== 412)) throw error;
    isRefused = true;
    run.closed.add(resource.name);
  }
  const remembered = [...digests, ...known].slice(0, DIGESTS_KEPT);
  run.cursors[resource.name] = advance(earlier, window, { nowMs: context.clock.now(), isRefused, digests: remembered });
  return saveProgress(context, run);
}

async function saveProgress(context: SyncContext, { connection, leaseId, cursors }: Run): Promise<boolean> {
  const rows = await context.database.withOrganization(connection.organizationId, (tx) =>
    tx.query(
      `update connections set cursors = $5, backfill_progress = $6 where patient_id = $1 and id = $2 and epoch = $3 and sync_lease_id = $4 returning 1`,
      [
        connection.patientId, connection.connectionId, connection.epoch, leaseId, JSON.stringify(cursors),
        backfillProgress(resourcesOf(context, connection), cursors, context.clock.now()),
      ],
    ),
  );
  return rows.length === 1;
}

/** Says that all is well and when to look again; after an interruption that is at once. */
async function finish(context: SyncContext, run: Run): Promise<void> {
  const { connection, leaseId } = run;
  const provider = context.providers.require(connection.provider);
  const nowMs = context.clock.now();
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const current = await lockConnection(tx, connection);
    if (current.epoch !== connection.epoch) return;
    // Permissions that changed meanwhile may open what was refused before.
    const isChanged = JSON.stringify(current.grantedScopes) !== JSON.stringify(connection.grantedScopes);
    const cursors = isChanged ? withoutRefusals(run.cursors) : run.cursors;
    const dueMs = nextDueMs(resourcesOf(context, current), cursors, { nowMs, connectedMs: connection.connectedMs });
    const pauseMs = dueMs === null ? null : run.signal.aborted ? 0 : Math.max(dueMs - nowMs, SHORTEST_PAUSE_MS) * (1 + JITTER * context.random());
    const working = workingStatus(provider.driver.auth, provider.settings(current.settings), current.grantedScopes, cursors);
    const rows = await tx.query(
      `update connections set last_sync_at = case when $10 then last_sync_at else to_timestamp($5::float8 / 1000) end,
              next_sync_at = to_timestamp($6::float8 / 1000), syncing_since = null, sync_lease_id = null, sync_lease_until = null, failures = 0,
              status = $7, status_code = $8, cursors = $9
       where patient_id = $1 and id = $2 and epoch = $3 and sync_lease_id = $4 returning 1`,
      [
        connection.patientId, connection.connectionId, connection.epoch, leaseId, nowMs, pauseMs === null ? null : nowMs + pauseMs, working.status,
        working.code, JSON.stringify(cursors), run.signal.aborted,
      ],
    );
    if (rows.length > 0) {
      await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
    }
  });
}

/** Gives the lease back and notes the failure. Our own database's trouble is no fault of the connection: its lease runs out by itself. */
async function noteFailedRun(context: SyncContext, { connection, leaseId }: Run, error: unknown): Promise<void> {
  if (error instanceof Unavailable) return;
  await context.database.withOrganization(connection.organizationId, (tx) =>
    tx.query(
      "update connections set syncing_since = null, sync_lease_id = null, sync_lease_until = null where patient_id = $1 and id = $2 and sync_lease_id = $3",
      [connection.patientId, connection.connectionId, leaseId],
    ),
  );
  await noteFailure(context, connection, error);
}

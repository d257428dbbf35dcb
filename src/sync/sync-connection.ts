/**
 * Bringing one connection up to date, one run at a time however many ask. A cursor moves only over what is stored, so a kill at any point
 * costs a repetition and nothing else. Requirement E4; faults QU-07.
 */
import { randomUUID } from "node:crypto";
import { ReauthorizationRequired, Unavailable } from "../errors.ts";
import { announce } from "#ingest/changes.ts";
import { NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { LEASE_SECONDS } from "#inbox/lease.ts";
import type { Tx } from "#db/database.ts";
import { audit } from "#people/audit/audit.ts";
import { lockConnection, readConnection, type Connection, type ConnectionRef, type ConnectionStatus, type Cursor } from "./connections.ts";
import { isUnwanted, rest } from "./consent-gate.ts";
import { wakeSync, type SyncContext } from "./context.ts";
import { FAILURES_UNTIL_ERROR, noteFailure } from "./failures.ts";
import { keepAlive } from "./keep-alive.ts";
import { withoutRefusals, workingStatus } from "./permissions.ts";
import { firstDueMs, planAfter, readPlan, savePlan, worstOf, type Plan } from "./plan.ts";
import { retire } from "./retired.ts";
import { askAllWindows, resourcesOf, type Run, type RunEnd } from "./sync-run.ts";

/** When a run that found no place for the past looks again. */
const CROWDED_PAUSE_S = 15;

export interface SyncResult {
  readonly stored: IngestResult;
  /** False when another sync of this connection is under way, or it has ended. */
  readonly wasRun: boolean;
}

/**
 * Syncs a connection. `askAll` asks for news even where none is due ("sync now"). A resource that fails does not hold up the others and
 * backs off alone. Throws the vendor's error after noting it, ReauthorizationRequired at once when a person must consent first; what was
 * stored before stays. When told to stop, or when its slice of time is over, it ends early without an error and goes on at the next sync.
 */
export async function syncConnection(
  context: SyncContext, ref: ConnectionRef, options: { signal: AbortSignal; askAll?: boolean },
): Promise<SyncResult> {
  const leaseId = randomUUID();
  const begun = await begin(context, ref, leaseId);
  if (!begun) return { stored: NOTHING, wasRun: false };
  const { connection, plan } = begun;
  const run: Run = {
    connection, leaseId, plan, signal: options.signal, asksNow: options.askAll ?? false, startedMs: context.clock.now(), cursors: { ...connection.cursors },
    stored: NOTHING, progress: connection.backfillProgress, asked: new Set(), closed: new Set(), failed: new Map(), isFresh: false,
  };
  const alive = keepAlive(context.log, () => renew(context, run));
  try {
    if (await retire(context, connection)) return { stored: NOTHING, wasRun: false };
    await context.telemetry.sync(connection.provider, () => runAll(context, run));
  } finally {
    alive.stop();
  }
  return { stored: run.stored, wasRun: true };
}

/** All that one run does. Throws what concerns the whole connection, after noting it; else, at the end, what a resource failed with. */
async function runAll(context: SyncContext, run: Run): Promise<void> {
  const { connection } = run;
  const about = { provider: connection.provider, connection: connection.connectionId };
  try {
    const end = await askAllWindows(context, run);
    await finish(context, run, end);
    if (end.kind === "sliced") await wakeSync(context, connection);
    if (end.kind === "crowded") await wakeSync(context, connection, CROWDED_PAUSE_S);
  } catch (error) {
    context.log.warn({ ...about, error }, "a sync failed");
    await noteFailedRun(context, run, error);
    throw error;
  }
  for (const [resource, error] of run.failed) context.log.warn({ ...about, resource, error }, "a resource could not be synced");
  const [failure] = run.failed.values();
  if (failure !== undefined) throw failure;
}

async function begin(context: SyncContext, ref: ConnectionRef, leaseId: string): Promise<{ connection: Connection; plan: Plan } | null> {
  return context.database.withOrganization(ref.organizationId, async (tx) => {
    const found = await readConnection(tx, ref.patientId, ref.connectionId);
    if (await isUnwanted(tx, found)) {
      await rest(tx, ref);
      return null;
    }
    const rows = await tx.query(
      `update connections set syncing_since = now(), sync_lease_id = $3, sync_lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
       where patient_id = $1 and id = $2 and disconnected_at is null and status not in ('needs_reauthorization', 'retired')
         and (sync_lease_until is null or sync_lease_until < now()) returning 1`,
      [ref.patientId, ref.connectionId, leaseId],
    );
    const connection = await readConnection(tx, ref.patientId, ref.connectionId);
    if (rows.length === 1) return { connection, plan: await readPlan(tx, ref) };
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

/** Says how the connection is and when to look again: with the first of its resources, or at once when the run was cut short. */
async function finish(context: SyncContext, run: Run, end: RunEnd): Promise<void> {
  const { connection } = run;
  const nowMs = context.clock.now();
  if (end.kind === "superseded") return;
  await context.database.withOrganization(connection.organizationId, async (tx) => {
    const current = await lockConnection(tx, connection);
    if (current.epoch !== connection.epoch) return;
    // Permissions that changed meanwhile may open what was refused before.
    const isChanged = JSON.stringify(current.grantedScopes) !== JSON.stringify(connection.grantedScopes);
    const cursors = isChanged ? withoutRefusals(run.cursors) : run.cursors;
    const facts = { earlier: run.plan, cursors, asked: run.asked, failed: run.failed, pastNotBeforeMs: end.kind === "held" ? end.untilMs : null };
    const plan = planAfter(resourcesOf(context, current), facts, { nowMs, connectedMs: connection.connectedMs }, context.random);
    const isUpToDate = run.isFresh && run.failed.size === 0 && end.kind !== "stopped";
    await writeEnd(tx, context, run, { current, cursors, plan, nextMs: nextMsOf(end, plan, nowMs), nowMs, isUpToDate });
  });
}

function nextMsOf(end: RunEnd, plan: Plan, nowMs: number): number | null {
  if (end.kind === "stopped" || end.kind === "sliced") return nowMs;
  if (end.kind === "crowded") return nowMs + CROWDED_PAUSE_S * 1000;
  return firstDueMs(plan);
}

interface EndFacts {
  readonly current: Connection;
  readonly cursors: Readonly<Record<string, Cursor>>;
  readonly plan: Plan;
  readonly nextMs: number | null;
  readonly nowMs: number;
  /** Whether all that matters to today is stored. */
  readonly isUpToDate: boolean;
}

async function writeEnd(tx: Tx, context: SyncContext, run: Run, { current, cursors, plan, nextMs, nowMs, isUpToDate }: EndFacts): Promise<void> {
  const { connection, leaseId } = run;
  const provider = context.providers.require(connection.provider);
  const working = workingStatus(provider.driver.auth, provider.settings(current.settings), current.grantedScopes, cursors);
  const worst = worstOf(plan);
  const status: ConnectionStatus = worst && worst.failures >= FAILURES_UNTIL_ERROR ? "error" : working.status;
  const rows = await tx.query(
    `update connections set last_sync_at = case when $10 then to_timestamp($5::float8 / 1000) else last_sync_at end,
            next_sync_at = to_timestamp($6::float8 / 1000), syncing_since = null, sync_lease_id = null, sync_lease_until = null, failures = $11,
            status = $7, status_code = $8, cursors = $9
     where patient_id = $1 and id = $2 and epoch = $3 and sync_lease_id = $4 returning 1`,
    [
      connection.patientId, connection.connectionId, connection.epoch, leaseId, nowMs, nextMs, status, worst ? worst.code : working.code,
      JSON.stringify(cursors), isUpToDate, worst?.failures ?? 0,
    ],
  );
  if (rows.length === 0) return;
  await savePlan(tx, connection, plan);
  await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
  if (status === "error" && current.status !== "error") {
    await audit(tx, connection.organizationId, {
      action: "connection.error", patientId: connection.patientId, objectType: "connection", objectId: connection.connectionId, outcome: "failed",
    });
  }
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

/**
 * One run of one connection's sync: due windows of each resource, page by page into the inbox and on into records. News come first; the
 * past is asked for in slices, so that a person with years of data does not keep others waiting. Requirement E4; faults QU-08, VA-04, VA-08.
 */
import type { Resource } from "#driver/types.ts";
import {
  ProviderMisconfigured, ProviderRateLimited, ProviderRefused, ProviderResting, ProviderUnavailable, ReauthorizationRequired, Unavailable, VaultRefused,
} from "../errors.ts";
import { announce } from "#ingest/changes.ts";
import { addResults, type IngestResult } from "#ingest/ingest.ts";
import { digestOf } from "#inbox/inbox.ts";
import type { Connection, Cursor } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { driverCall } from "./driver-call.ts";
import { allowedResources } from "./permissions.ts";
import { isResting, type Plan } from "./plan.ts";
import { takeIn } from "./process.ts";
import { advance, backfillProgress, planWindows, type PlannedWindow } from "./windows.ts";

/** After so long a run gives its worker to others and comes again. */
export const SLICE_MS = 20_000;
/** Answers of a resource that are remembered by their digests. */
const DIGESTS_KEPT = 8;
/** The same while a window is half stored: its pages are asked again and must not be stored again. */
const DIGESTS_KEPT_MEANWHILE = 64;
/** Percent points between two announcements of the back-fill's progress. */
const ANNOUNCED_STEPS = 100;

/** One run of one connection's sync, under its lease. */
export interface Run {
  readonly connection: Connection;
  readonly leaseId: string;
  readonly signal: AbortSignal;
  readonly asksNow: boolean;
  readonly plan: Plan;
  readonly startedMs: number;
  cursors: Record<string, Cursor>;
  stored: IngestResult;
  progress: number;
  /** Resources that something was asked of. */
  readonly asked: Set<string>;
  /** Resources that nothing more is asked of in this run: refused, or failed. */
  readonly closed: Set<string>;
  /** What resources failed with. */
  readonly failed: Map<string, Error>;
  /** Whether all that matters to today was asked for. */
  isFresh: boolean;
}

/**
 * How a run ended: all was asked; told to stop; no longer ours; its slice is over; no place for the past now; the vendor wants no more
 * calls for the past until then.
 */
export type RunEnd = { readonly kind: "done" | "stopped" | "superseded" | "sliced" | "crowded" } | { readonly kind: "held"; readonly untilMs: number };

interface Step {
  readonly resource: Resource;
  readonly window: PlannedWindow;
  /** News, or the first window of a resource: what people see today. */
  readonly isFresh: boolean;
}

/** What the person allowed to ask for. */
export function resourcesOf(context: SyncContext, { provider: id, settings, grantedScopes }: Connection): readonly Resource[] {
  const provider = context.providers.require(id);
  return allowedResources(provider.driver.resources, provider.driver.auth, provider.settings(settings), grantedScopes);
}

/** Asks for all that is due, as far as one run may go. Throws what concerns the whole connection; what a resource fails with stands in `run.failed`. */
export async function askAllWindows(context: SyncContext, run: Run): Promise<RunEnd> {
  let release: (() => void) | null = null;
  try {
    for (const step of stepsOf(resourcesOf(context, run.connection), run, context.clock.now())) {
      if (run.signal.aborted) return { kind: "stopped" };
      if (run.closed.has(step.resource.name)) continue;
      if (!step.isFresh) {
        run.isFresh = true;
        release ??= context.backfillSlots.tryTake();
        if (!release) return { kind: "crowded" };
      }
      if (context.clock.now() - run.startedMs >= SLICE_MS) return { kind: "sliced" };
      const end = await takeStep(context, run, step);
      if (end) return end;
    }
    run.isFresh = true;
    return { kind: "done" };
  } finally {
    release?.();
  }
}

/** Null when the run goes on. */
async function takeStep(context: SyncContext, run: Run, { resource, window, isFresh }: Step): Promise<RunEnd | null> {
  run.asked.add(resource.name);
  try {
    return (await syncWindow(context, run, resource, window)) ? null : { kind: "superseded" };
  } catch (error) {
    if (run.signal.aborted) return { kind: "stopped" };
    // The past may wait: today's news are stored, and come again at their own time.
    if (!isFresh && error instanceof ProviderRateLimited) return { kind: "held", untilMs: error.retryAtMs };
    if (error instanceof ProviderResting && (!isFresh || run.failed.size > 0)) return { kind: "held", untilMs: error.retryAtMs };
    if (concernsAll(error) || !(error instanceof Error)) throw error;
    run.closed.add(resource.name);
    run.failed.set(resource.name, error);
    return null;
  }
}

/** Whether a failure would meet every other resource of the connection, too. */
function concernsAll(error: unknown): boolean {
  if (error instanceof ProviderUnavailable) return error.vendorStatus === null;
  return [ReauthorizationRequired, ProviderRateLimited, ProviderMisconfigured, Unavailable, VaultRefused].some((kind) => error instanceof kind);
}

/** All due windows: first those of every resource that matter to today, then the deeper past, each turn by turn. */
function stepsOf(resources: readonly Resource[], run: Run, nowMs: number): Step[] {
  const { plan, cursors, asksNow, connection } = run;
  const plans = resources.flatMap((resource) => {
    const entry = plan[resource.name];
    if (!resource.pull || (isResting(entry, nowMs) && !asksNow)) return [];
    const time = { nowMs, connectedMs: connection.connectedMs, asksNow, dueMs: entry?.dueMs ?? null };
    const cursor = cursors[resource.name];
    return [planWindows(resource.pull, cursor, time).map((window, index): Step => ({ resource, window, isFresh: window.news !== null || (!cursor && index === 0) }))];
  });
  const steps = inTurns(plans);
  return [...steps.filter(({ isFresh }) => isFresh), ...steps.filter(({ isFresh }) => !isFresh)];
}

function inTurns<T>(rows: readonly (readonly T[])[]): T[] {
  const most = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: most }, (_, turn) => rows.flatMap((row) => row.slice(turn, turn + 1))).flat();
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
    const call = driverCall(context, connection, signal, { isForThePast: window.news === null });
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
    if (!(error instanceof ProviderRefused) || (error.vendorStatus !== 403 && error.vendorStatus !== 412)) {
      await rememberPages(context, run, resource, { digests, window });
      throw error;
    }
    isRefused = true;
    run.closed.add(resource.name);
  }
  const remembered = [...digests, ...known].slice(0, DIGESTS_KEPT);
  run.cursors[resource.name] = advance(earlier, window, { nowMs: context.clock.now(), isRefused, digests: remembered });
  return saveProgress(context, run);
}

/** Pages of a window that broke off: they come again with it and are not stored twice (faults VA-08). The cursor covers nothing more. */
async function rememberPages(context: SyncContext, run: Run, resource: Resource, part: { digests: readonly string[]; window: PlannedWindow }): Promise<void> {
  if (part.digests.length === 0) return;
  const earlier = run.cursors[resource.name] ?? { fromMs: part.window.toMs, throughMs: part.window.toMs, askedMs: 0 };
  run.cursors[resource.name] = { ...earlier, digests: [...part.digests, ...(earlier.digests ?? [])].slice(0, DIGESTS_KEPT_MEANWHILE) };
  await saveProgress(context, run);
}

/** Announces the back-fill's progress with every percent of it. */
async function saveProgress(context: SyncContext, run: Run): Promise<boolean> {
  const { connection, leaseId, cursors } = run;
  const progress = backfillProgress(resourcesOf(context, connection), cursors, context.clock.now());
  return context.database.withOrganization(connection.organizationId, async (tx) => {
    const rows = await tx.query(
      `update connections set cursors = $5, backfill_progress = $6 where patient_id = $1 and id = $2 and epoch = $3 and sync_lease_id = $4 returning 1`,
      [connection.patientId, connection.connectionId, connection.epoch, leaseId, JSON.stringify(cursors), progress],
    );
    if (rows.length === 0) return false;
    if (Math.floor(progress * ANNOUNCED_STEPS) > Math.floor(run.progress * ANNOUNCED_STEPS)) {
      await announce(tx, { ...connection, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
      run.progress = progress;
    }
    return true;
  });
}

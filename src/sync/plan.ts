/** When each resource of a connection is due: by the vendor's own rhythm, spread by chance, and later after failures of its own. */
import type { Resource } from "#driver/types.ts";
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { errorCode } from "../errors.ts";
import type { ConnectionRef, Cursor } from "./connections.ts";
import { nextDueMs, type PlanTime } from "./windows.ts";

/** One resource's place in the plan. */
export interface PlanEntry {
  /** UTC epoch milliseconds; null: never by itself. */
  readonly dueMs: number | null;
  /** Failures of this resource in a row. */
  readonly failures: number;
  readonly code: string | null;
}

export type Plan = Readonly<Record<string, PlanEntry>>;

/** What a run did, as far as the plan is concerned. */
export interface RunFacts {
  readonly earlier: Plan;
  readonly cursors: Readonly<Record<string, Cursor>>;
  /** Resources that something was asked of. */
  readonly asked: ReadonlySet<string>;
  /** What resources failed with. */
  readonly failed: ReadonlyMap<string, unknown>;
  /** The past is not asked for before this; null where nothing holds it back. */
  readonly pastNotBeforeMs: number | null;
}

/** Spread of the next time, so that connections made together do not call together. */
const JITTER = 0.1;
const SHORTEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;
const LEAST_AFTER_FAILURE_MS = 30_000;

/** Back-off after so many failures in a row: full jitter under a doubling ceiling of at most six hours, never under half a minute (faults QU-04). Pure. */
export function failurePauseMs(failures: number, random: number): number {
  return Math.max(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * random, LEAST_AFTER_FAILURE_MS);
}

/** Whether a resource rests after a failure of its own. Pure. */
export function isResting(entry: PlanEntry | undefined, nowMs: number): boolean {
  return entry !== undefined && entry.failures > 0 && entry.dueMs !== null && nowMs < entry.dueMs;
}

/** The plan after a run. Pure. */
export function planAfter(resources: readonly Resource[], facts: RunFacts, time: PlanTime, random: () => number): Plan {
  const plan: Record<string, PlanEntry> = {};
  for (const resource of resources) if (resource.pull) plan[resource.name] = entryAfter(resource, facts, time, random);
  return plan;
}

function entryAfter({ name, pull }: Resource, facts: RunFacts, time: PlanTime, random: () => number): PlanEntry {
  const { nowMs } = time;
  const earlier = facts.earlier[name];
  if (facts.failed.has(name)) {
    const failures = (earlier?.failures ?? 0) + 1;
    return { dueMs: nowMs + failurePauseMs(failures, random()), failures, code: errorCode(facts.failed.get(name)) };
  }
  const isAhead = earlier !== undefined && (earlier.dueMs === null || earlier.dueMs > nowMs);
  if (!facts.asked.has(name) && isAhead) return earlier;
  const rest = facts.asked.has(name) ? { failures: 0, code: null } : { failures: earlier?.failures ?? 0, code: earlier?.code ?? null };
  const dueMs = nextDueMs(pull!, facts.cursors[name], time);
  if (dueMs === null) return { dueMs, ...rest };
  if (dueMs <= nowMs) return { dueMs: Math.max(nowMs + SHORTEST_PAUSE_MS, Math.min(facts.pastNotBeforeMs ?? 0, newsMs(pull!, facts.cursors[name]))), ...rest };
  return { dueMs: Math.max(spread(dueMs, pull!.everySeconds * 1000, random()), nowMs + SHORTEST_PAUSE_MS), ...rest };
}

/** When news are wanted, whatever is left of the past. */
function newsMs(pull: NonNullable<Resource["pull"]>, cursor: Cursor | undefined): number {
  return cursor && !pull.backfillOnly ? cursor.askedMs + pull.everySeconds * 1000 : Number.POSITIVE_INFINITY;
}

/** Later by up to a tenth of the rhythm; what is asked for daily earlier, so that a missed webhook is found within a day (faults WH-29). */
function spread(dueMs: number, everyMs: number, random: number): number {
  const widthMs = JITTER * everyMs;
  return everyMs + widthMs <= DAY_MS ? dueMs + widthMs * random : dueMs - widthMs * random;
}

/** When the connection as a whole is due: with the first of its resources. Pure. */
export function firstDueMs(plan: Plan): number | null {
  const dues = Object.values(plan).flatMap(({ dueMs }) => (dueMs === null ? [] : [dueMs]));
  return dues.length === 0 ? null : Math.min(...dues);
}

/** The resource that failed most often in a row; null where none does. Pure. */
export function worstOf(plan: Plan): PlanEntry | null {
  const [worst] = Object.values(plan).toSorted((one, other) => other.failures - one.failures);
  return worst && worst.failures > 0 ? worst : null;
}

interface PlanRow {
  resource: string; due_at: number | null; failures: number; last_error: string | null;
}

export async function readPlan(tx: Tx, ref: Pick<ConnectionRef, "patientId" | "connectionId">): Promise<Plan> {
  const rows = await tx.query<PlanRow>("select resource, due_at, failures, last_error from sync_plan where patient_id = $1 and connection_id = $2", [ref.patientId, ref.connectionId]);
  return Object.fromEntries(rows.map((row) => [row.resource, { dueMs: row.due_at, failures: row.failures, code: row.last_error }]));
}

/** Puts a plan in place of the one there was. */
export async function savePlan(tx: Tx, ref: ConnectionRef, plan: Plan): Promise<void> {
  const entries = Object.entries(plan);
  await tx.query("delete from sync_plan where patient_id = $1 and connection_id = $2 and resource <> all($3::text[])", [ref.patientId, ref.connectionId, entries.map(([name]) => name)]);
  await tx.query(
    `insert into sync_plan (organization_id, patient_id, connection_id, resource, due_at, failures, last_error)
     select $1, $2, $3, r.resource, to_timestamp(r.due_ms / 1000), r.failures, r.last_error
     from unnest($4::text[], $5::float8[], $6::int[], $7::text[]) as r (resource, due_ms, failures, last_error)
     on conflict (patient_id, connection_id, resource) do update
       set due_at = excluded.due_at, failures = excluded.failures, last_error = excluded.last_error`,
    [
      ref.organizationId, ref.patientId, ref.connectionId, entries.map(([name]) => name), entries.map(([, entry]) => entry.dueMs),
      entries.map(([, entry]) => entry.failures), entries.map(([, entry]) => entry.code),
    ],
  );
}

/** Forgets the plan: after a new consent, all is due by its cursor. */
export async function dropPlan(tx: Tx, ref: Pick<ConnectionRef, "patientId" | "connectionId">): Promise<void> {
  await tx.query("delete from sync_plan where patient_id = $1 and connection_id = $2", [ref.patientId, ref.connectionId]);
}

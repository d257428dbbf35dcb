/**
 * The follower of the change feed that keeps summaries. Its first step turns changes into work and moves on, in one transaction; the second does the work,
 * a patient at a time, in short transactions. Killed anywhere, what was committed stands and the rest is still work. Any number of workers may run:
 * a row lock lets one of them read the feed, and one write a patient's summaries.
 */
import type { Database, Tx } from "#db/database.ts";
import { readZones } from "#people/zones.ts";
import { extentsOf } from "#samples/store/extent.ts";
import { readSeries, type KnownSeries } from "#samples/read.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS, type Window } from "#units/time.ts";
import { daysTouching } from "#units/zones.ts";
import type { Log } from "../log.ts";
import { lookAgain, type Looking } from "../look.ts";
import { KINDS, staleBy, touchedBy, type Stale, type Touched } from "./pending.ts";
import { mergeWindows, orderOf } from "./ranks.ts";
import { summarizeDays, type Reader } from "./read-days.ts";
import { holdState, keptExtents, replaceKept, writeState, type KeptState, type Owner } from "./store.ts";

/** Changes that are read at once. */
const CHANGES_AT_ONCE = 5_000;
/** Stretches of work of one patient that one transaction takes. */
const WORK_AT_ONCE = 2_000;
/** Days of one metric after which a transaction ends, and the next goes on. */
const DAYS_AT_ONCE = 120;
/** Patients that are looked for at once. */
const PATIENTS_AT_ONCE = 200;
/** How often a worker looks for changes. */
const LOOK_EVERY_MS = 1_000;
/** No sensible time lies further away. */
const EARLIEST_MS = Date.UTC(1900, 0, 1);
const LATEST_MS = Date.UTC(2199, 11, 30);

type ChangeRow = Owner & Touched & { readonly kind: string; readonly transactionId: string; readonly id: string };

/** Turns the next changes into work; gives how many were read. Changes of running transactions, and all after them, are left for later. */
export async function followChanges(database: Database): Promise<number> {
  return database.asSystem(async (tx) => {
    const [place] = await tx.query<{ transaction_id: string; id: string }>("select transaction_id::text, id::text from summary_follower for update skip locked");
    if (!place) return 0;
    const rows = await tx.query<ChangeRow>(
      `select transaction_id::text as "transactionId", id::text, organization_id as "organizationId", patient_id as "patientId", kind, metric, from_at as "fromMs", to_at as "toMs"
       from changes where (transaction_id, id) > ($1::xid8, $2::bigint) and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
       order by changes.transaction_id, changes.id limit ${CHANGES_AT_ONCE}`,
      [place.transaction_id, place.id],
    );
    const last = rows.at(-1);
    if (!last) return 0;
    await addWork(tx, gathered(rows.filter(({ kind }) => (KINDS as readonly string[]).includes(kind)).map(touchedBy)));
    await tx.query("update summary_follower set transaction_id = $1::xid8, id = $2::bigint", [last.transactionId, last.id]);
    return rows.length;
  });
}

/** One stretch where several touch one another: a back-fill announces thousands. */
function gathered(rows: readonly (Owner & Touched)[]): (Owner & Touched)[] {
  const groups = Map.groupBy(rows, ({ patientId, metric }) => `${patientId} ${metric}`);
  return [...groups.values()].flatMap((group) => {
    const { organizationId, patientId, metric } = group[0]!;
    const windows = mergeWindows(group.map(({ fromMs, toMs }) => ({ fromMs: fromMs ?? Number.NEGATIVE_INFINITY, toMs: toMs ?? Number.POSITIVE_INFINITY })));
    return windows.map((window) => ({ organizationId, patientId, metric, fromMs: finite(window.fromMs), toMs: finite(window.toMs) }));
  });
}

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);

/** Lets these stretches be summarized anew. */
export async function addWork(tx: Tx, work: readonly (Owner & Touched)[]): Promise<void> {
  if (work.length === 0) return;
  await tx.query(
    `insert into summary_work (organization_id, patient_id, metric, from_at, to_at)
     select w.organization_id, w.patient_id, w.metric, to_timestamp(w.from_ms / 1000), to_timestamp(w.to_ms / 1000)
     from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::float8[], $5::float8[]) as w (organization_id, patient_id, metric, from_ms, to_ms)`,
    [
      work.map(({ organizationId }) => organizationId), work.map(({ patientId }) => patientId), work.map(({ metric }) => metric), work.map(({ fromMs }) => fromMs),
      work.map(({ toMs }) => toMs),
    ],
  );
}

/** Patients that have work waiting, in the order of their ids after `after`. */
export async function patientsWithWork(database: Database, after: string | null): Promise<Owner[]> {
  return database.asSystem((tx) =>
    tx.query<Owner>(
      `select distinct organization_id as "organizationId", patient_id as "patientId" from summary_work where $1::uuid is null or patient_id > $1
       order by 2 limit ${PATIENTS_AT_ONCE}`,
      [after],
    ),
  );
}

/** Does some of a patient's work; gives whether it may have left any. */
export async function keepPatient(database: Database, owner: Owner): Promise<boolean> {
  return database.withOrganization(owner.organizationId, async (tx) => {
    const state = await holdState(tx, owner);
    // Another worker is at it.
    if (!state) return false;
    const work = await takeWork(tx, owner.patientId);
    if (work.length === 0) return false;
    const known = await readSeries(tx, owner.patientId);
    const kept = await keptExtents(tx, owner.patientId);
    const stale = await staleBy(tx, owner.patientId, { touched: work, state, known, others: kept.keys() });
    const within = await bounded(tx, owner.patientId, { stale, known, kept });
    const { left, providers } = await summarizeStale({ tx, owner, known, stale: within });
    await addWork(tx, left);
    await writeState(tx, owner, stateAfter(state, { known, metrics: stale.keys(), providers }));
    return left.length > 0 || work.length === WORK_AT_ONCE;
  });
}

async function takeWork(tx: Tx, patientId: string): Promise<Touched[]> {
  return tx.query<{ metric: number | null; fromMs: number | null; toMs: number | null }>(
    `delete from summary_work where patient_id = $1 and id in (select id from summary_work where patient_id = $1 order by id limit ${WORK_AT_ONCE})
     returning metric, from_at as "fromMs", to_at as "toMs"`,
    [patientId],
  );
}

/** The stretches as far as there is, or was, anything in them. */
async function bounded(tx: Tx, patientId: string, { stale, known, kept }: { stale: Stale; known: KnownSeries; kept: ReadonlyMap<MetricName, Window> }): Promise<Map<MetricName, Window[]>> {
  const series = known.series.filter(({ metric }) => stale.has(metric));
  const extents = await extentsOf(tx, patientId, series.map(({ id }) => id));
  const result = new Map<MetricName, Window[]>();
  for (const [metric, windows] of stale) {
    const all = series.flatMap((each) => (each.metric === metric ? (extents.get(each.id) ?? []) : []));
    const old = kept.get(metric);
    if (old) all.push(old);
    if (all.length === 0) continue;
    const fromMs = Math.max(EARLIEST_MS, Math.min(...all.map((each) => each.fromMs)));
    const toMs = Math.min(LATEST_MS, Math.max(...all.map((each) => each.toMs)) + 1);
    result.set(metric, windows.map((window) => ({ fromMs: Math.max(fromMs, window.fromMs), toMs: Math.min(toMs, window.toMs) })).filter((window) => window.fromMs < window.toMs));
  }
  return result;
}

/** Summarizes until the transaction is long enough; gives what is left. */
async function summarizeStale(
  { tx, owner, known, stale }: { tx: Tx; owner: Owner; known: KnownSeries; stale: ReadonlyMap<MetricName, readonly Window[]> },
): Promise<{ left: (Owner & Touched)[]; providers: Set<string> }> {
  const reader: Reader = { tx, patientId: owner.patientId, known, history: await readZones(tx, owner.patientId) };
  const left: (Owner & Touched)[] = [];
  const providers = new Set<string>();
  let room = DAYS_AT_ONCE;
  for (const [metric, windows] of stale) {
    for (const window of windows) {
      // A year more than there is room for: where days begin costs time, too.
      const days = daysTouching(reader.history, { fromMs: window.fromMs, toMs: Math.min(window.toMs, window.fromMs + (room + 2) * DAY_MS) });
      const some = days.slice(0, room);
      room -= some.length;
      const summaries = await summarizeDays(reader, metric, some);
      await replaceKept(tx, owner, metric, { days: some, summaries });
      for (const summary of summaries) for (const provider of summary.providers) providers.add(provider);
      const doneMs = some.at(-1)?.toMs ?? window.fromMs;
      if (doneMs < window.toMs) left.push({ ...owner, metric: METRICS[metric].id, fromMs: doneMs, toMs: window.toMs });
    }
  }
  return { left, providers };
}

function stateAfter(state: KeptState, { known, metrics, providers }: { known: KnownSeries; metrics: Iterable<MetricName>; providers: ReadonlySet<string> }): KeptState {
  const orders = [...metrics].map((metric) => [METRICS[metric].id, orderOf(known, metric)] as const);
  return { rankings: { ...state.rankings, ...Object.fromEntries(orders) }, providers: [...new Set([...state.providers, ...providers])].toSorted() };
}

/** Follows to the end of the feed as it is now, and does all the work there is. Safe to repeat, to be killed, and beside others. */
export async function keepSummaries(database: Database, isStopping: () => boolean = () => false): Promise<void> {
  while (!isStopping() && (await followChanges(database)) === CHANGES_AT_ONCE);
  for (let after: string | null = null; ; ) {
    const patients = await patientsWithWork(database, after);
    for (const owner of patients) while (!isStopping() && (await keepPatient(database, owner)));
    after = patients.at(-1)?.patientId ?? null;
    if (patients.length < PATIENTS_AT_ONCE || isStopping()) return;
  }
}

/** Keeps until stopped. A look that fails is logged; the next one comes anyway. */
export function watchChanges({ database, log }: { readonly database: Database; readonly log: Log }, everyMs = LOOK_EVERY_MS): Looking {
  return lookAgain({ everyMs, look: (isStopping) => keepSummaries(database, isStopping), onError: (error) => log.warn({ error }, "summaries could not be kept; the next look goes on") });
}

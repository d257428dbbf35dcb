/** Summaries made from scratch, and held against those that are kept. */
import type { Database } from "#db/database.ts";
import { readZones } from "#people/zones.ts";
import { extentsOf } from "#samples/store/extent.ts";
import { readSeries } from "#samples/read.ts";
import { METRIC_NAMES, type MetricName } from "#units/metrics.ts";
import { DAY_MS, type Window } from "#units/time.ts";
import { daysTouching } from "#units/zones.ts";
import { addWork, keepPatient } from "./keep.ts";
import { readPending } from "./pending.ts";
import { summarizeDays } from "./read-days.ts";
import { holdState, keptExtents, readKept, writeState, type Owner } from "./store.ts";
import type { DaySummary } from "./summarize.ts";

/** Days of one transaction. */
const DAYS_AT_ONCE = 200;

/** Forgets what is kept of a patient and summarizes everything again. Meanwhile days are told from the samples. */
export async function recomputePatient(database: Database, owner: Owner): Promise<void> {
  await database.withOrganization(owner.organizationId, async (tx) => {
    await holdState(tx, owner, true);
    await tx.query("delete from day_summaries where patient_id = $1", [owner.patientId]);
    await writeState(tx, owner, { rankings: {}, providers: [] });
    await addWork(tx, [{ ...owner, metric: null, fromMs: null, toMs: null }]);
  });
  while (await keepPatient(database, owner));
}

/** A day on which what is kept is not what the samples say. */
export interface Difference {
  readonly metric: MetricName;
  readonly date: string;
  /** Null: not kept. */
  readonly kept: DaySummary | null;
  /** Null: the samples say nothing of that day. */
  readonly recomputed: DaySummary | null;
}

/** How a patient's kept summaries stand. */
export interface Verdict {
  /** True: changes wait to be summarized, so that differences may be no fault. */
  readonly isBehind: boolean;
  readonly days: number;
  readonly differences: readonly Difference[];
}

/** Holds what is kept of a patient against what the samples say now. Changes nothing. */
export async function verifyPatient(database: Database, owner: Owner): Promise<Verdict> {
  const differences: Difference[] = [];
  let days = 0;
  const whole = await database.withOrganization(owner.organizationId, async (tx) => {
    const known = await readSeries(tx, owner.patientId);
    const extents = await extentsOf(tx, owner.patientId, known.series.map(({ id }) => id));
    return spanOf([...extents.values(), ...(await keptExtents(tx, owner.patientId)).values()]);
  });
  const [beginMs, endMs] = whole ? [whole.fromMs, whole.toMs] : [0, 0];
  for (let fromMs = beginMs; fromMs < endMs; ) {
    const part = { fromMs, toMs: Math.min(endMs, fromMs + DAYS_AT_ONCE * DAY_MS) };
    const compared = await compareDays(database, owner, part);
    differences.push(...compared.differences);
    days += compared.days;
    fromMs = compared.doneMs;
  }
  const isBehind = await database.withOrganization(owner.organizationId, async (tx) => (await readPending(tx, owner.patientId)).length > 0);
  return { isBehind, days, differences };
}

/** From the first to the last of them, a day further on both sides: a day of another zone may hang over. */
function spanOf(windows: readonly Window[]): Window | null {
  if (windows.length === 0) return null;
  return {
    fromMs: windows.reduce((least, { fromMs }) => Math.min(least, fromMs), Number.POSITIVE_INFINITY) - DAY_MS,
    toMs: windows.reduce((most, { toMs }) => Math.max(most, toMs), Number.NEGATIVE_INFINITY) + 2 * DAY_MS,
  };
}

async function compareDays(database: Database, owner: Owner, window: Window): Promise<{ differences: Difference[]; days: number; doneMs: number }> {
  return database.withOrganization(owner.organizationId, async (tx) => {
    const { patientId } = owner;
    const history = await readZones(tx, patientId);
    const known = await readSeries(tx, patientId);
    const days = daysTouching(history, window);
    const allKept = await readKept(tx, patientId, { fromDate: days[0]!.date, toDate: days.at(-1)!.date });
    const differences: Difference[] = [];
    let compared = 0;
    for (const metric of METRIC_NAMES) {
      const kept = new Map((allKept.get(metric) ?? []).map((summary) => [summary.date, summary]));
      const hasSeries = known.series.some((series) => series.metric === metric);
      const anew = new Map((hasSeries ? await summarizeDays({ tx, patientId, history, known }, metric, days) : []).map((summary) => [summary.date, summary]));
      const dates = new Set([...kept.keys(), ...anew.keys()]);
      compared += dates.size;
      for (const date of [...dates].toSorted()) {
        const [one, other] = [kept.get(date) ?? null, anew.get(date) ?? null];
        if (!isSame(one, other)) differences.push({ metric, date, kept: one, recomputed: other });
      }
    }
    return { differences, days: compared, doneMs: days.at(-1)!.toMs };
  });
}

/** By what they tell, to the last bit: both were made in one way. Whose data may have a part in a day is a guess on the safe side, and told to nobody. */
function isSame(one: DaySummary | null, other: DaySummary | null): boolean {
  const text = (summary: DaySummary | null): string => JSON.stringify(summary && Object.entries({ ...summary, providers: null }).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return text(one) === text(other);
}

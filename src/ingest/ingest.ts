/**
 * The one way in for records: series resolved, rows written idempotently by natural key, every change announced in the change
 * feed — all in the caller's transaction, so that a delivery is done exactly when its records are stored.
 */
import type { Tx } from "#db/database.ts";
import type { SampleRecord, SleepRecord, TreatmentRecord, VendorRecord, WithdrawalRecord, WorkoutRecord } from "#driver/records.ts";
import { flagBits } from "#samples/flags.ts";
import { resolveSeries, writeSamples, type SampleColumns, type SeriesKey } from "#samples/store.ts";
import { METRICS } from "#units/metrics.ts";
import { announce, type Change } from "./changes.ts";
import { withdraw, writeSleep, writeTreatment, writeWorkout } from "./write-records.ts";

/** Whose records they are and which delivery they came in. */
export interface IngestContext {
  readonly organizationId: string;
  readonly patientId: string;
  /** Null for imports and what people type. */
  readonly connectionId: string | null;
  readonly provider: string;
  readonly deliveryId: string;
}

/** How many records were new or changed. */
export interface IngestResult {
  readonly samples: number;
  readonly sleeps: number;
  readonly workouts: number;
  readonly treatments: number;
}

export const NOTHING: IngestResult = { samples: 0, sleeps: 0, workouts: 0, treatments: 0 };

export function addResults(a: IngestResult, b: IngestResult): IngestResult {
  return {
    samples: a.samples + b.samples, sleeps: a.sleeps + b.sleeps, workouts: a.workouts + b.workouts,
    treatments: a.treatments + b.treatments,
  };
}

/** Stores records. Safe to repeat; an older delivery never overwrites a newer one's values. */
export async function ingest(tx: Tx, context: IngestContext, records: readonly VendorRecord[]): Promise<IngestResult> {
  const changes: Change[] = [];
  const samples = await storeSamples(tx, context, records.filter((record): record is SampleRecord => record.record === "sample"), changes);
  let sleeps = 0;
  let workouts = 0;
  let treatments = 0;
  for (const record of records) {
    if (record.record === "sample") continue;
    if (!(await storeOne(tx, context, record))) continue;
    const kind = record.record === "withdrawal" ? record.of : record.record;
    if (kind === "sleep") sleeps += 1;
    if (kind === "workout") workouts += 1;
    if (kind === "treatment") treatments += 1;
    changes.push({ kind, metric: null, count: 1, ...timesOf(record) });
  }
  await announce(tx, context, changes);
  return { samples, sleeps, workouts, treatments };
}

async function storeOne(tx: Tx, context: IngestContext, record: SleepRecord | WorkoutRecord | TreatmentRecord | WithdrawalRecord): Promise<boolean> {
  switch (record.record) {
    case "sleep":
      return writeSleep(tx, context, record);
    case "workout":
      return writeWorkout(tx, context, record);
    case "treatment":
      return writeTreatment(tx, context, record);
    case "withdrawal":
      return withdraw(tx, context, record);
  }
}

function timesOf(record: VendorRecord): { fromMs: number | null; toMs: number | null } {
  if (record.record === "treatment") return { fromMs: record.atMs, toMs: record.atMs };
  if (record.record === "sleep" || record.record === "workout") return { fromMs: record.startMs, toMs: record.endMs };
  return { fromMs: null, toMs: null };
}

async function storeSamples(tx: Tx, context: IngestContext, samples: readonly SampleRecord[], changes: Change[]): Promise<number> {
  if (samples.length === 0) return 0;
  const groups = groupBySeries(context, samples);
  const ids = await resolveSeries(tx, context, [...groups.values()].map((group) => group.key));
  const columns: SampleColumns = { seriesIds: [], startMs: [], endMs: [], values: [], offsetMinutes: [], flags: [] };
  const keyOf = new Map<string, SeriesKey>();
  [...groups.values()].forEach((group, index) => {
    const id = ids[index]!;
    keyOf.set(id, group.key);
    for (const sample of group.byStart.values()) {
      columns.seriesIds.push(id);
      columns.startMs.push(sample.startMs);
      columns.endMs.push(sample.endMs ?? null);
      columns.values.push(sample.value);
      columns.offsetMinutes.push(sample.offsetMinutes);
      columns.flags.push(flagBits(sample.flags));
    }
  });
  let count = 0;
  for (const written of await writeSamples(tx, context, context.deliveryId, columns)) {
    count += written.count;
    changes.push({
      kind: "samples", metric: METRICS[keyOf.get(written.seriesId)!.metric].id, count: written.count, fromMs: written.fromMs, toMs: written.toMs,
    });
  }
  return count;
}

interface SeriesGroup {
  readonly key: SeriesKey;
  /** The last record of a start wins, as it would arrive in a later delivery. */
  readonly byStart: Map<number, SampleRecord>;
}

function groupBySeries(context: IngestContext, samples: readonly SampleRecord[]): Map<string, SeriesGroup> {
  const groups = new Map<string, SeriesGroup>();
  for (const sample of samples) {
    const isDayTotal = sample.flags?.includes("day_total") ?? false;
    const name = `${sample.metric}\n${isDayTotal}\n${sample.device?.id ?? ""}`;
    let group = groups.get(name);
    if (!group) {
      const key: SeriesKey = {
        metric: sample.metric, provider: context.provider, connectionId: context.connectionId, deviceId: sample.device?.id ?? "",
        deviceName: sample.device?.name ?? null, isDayTotal,
      };
      groups.set(name, (group = { key, byStart: new Map() }));
    }
    group.byStart.set(sample.startMs, sample);
  }
  return groups;
}

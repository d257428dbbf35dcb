/**
 * The one way in for records: checked, series resolved, rows written idempotently by natural key, every change announced in the change
 * feed — all in the caller's transaction, so that a delivery is done exactly when its records are stored.
 */
import type { Tx } from "#db/database.ts";
import { keyText, storableText } from "#db/text.ts";
import type { MappingProblem, Replacement, SampleRecord, VendorRecord } from "#driver/records.ts";
import { flagBits } from "#samples/flags.ts";
import { resolveSeries, writeSamples, type SampleColumns, type SeriesKey } from "#samples/store.ts";
import { METRICS } from "#units/metrics.ts";
import { announce, type Change } from "./changes.ts";
import { checkRecords } from "./check-records.ts";
import { deleteGone, withdrawalsOf } from "./replace.ts";
import { writeRecords } from "./write-records.ts";

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

export interface IngestOutcome {
  readonly stored: IngestResult;
  /** Records that were refused, by their place in the list. */
  readonly problems: readonly MappingProblem[];
}

/**
 * Stores records. Safe to repeat: the same records again change nothing and announce nothing; an older delivery never overwrites a newer
 * one's values. Records that cannot be are refused one by one. With `replaces` what else the connection has of that stretch is withdrawn or
 * deleted, unless a newer delivery brought it.
 */
export async function ingest(tx: Tx, context: IngestContext, records: readonly VendorRecord[], replaces?: Replacement): Promise<IngestOutcome> {
  const { good, problems } = checkRecords(records);
  const placed = await placeSamples(tx, context, good.filter((record): record is SampleRecord => record.record === "sample"));
  const samples = await storeSamples(tx, context, placed);
  if (replaces) samples.push(...(await deleteGone(tx, context, replaces, placed.columns)));
  const others = await writeRecords(tx, context, replaces ? [...good, ...(await withdrawalsOf(tx, context, replaces, records))] : good);
  const count = (kind: Change["kind"]): number => others.find((change) => change.kind === kind)?.count ?? 0;
  await announce(tx, context, [...samples, ...others]);
  return {
    stored: {
      samples: samples.reduce((sum, change) => sum + change.count, 0), sleeps: count("sleep"), workouts: count("workout"), treatments: count("treatment"),
    },
    problems,
  };
}

interface PlacedSamples {
  readonly columns: SampleColumns;
  /** Metric id by series id. */
  readonly metricOf: ReadonlyMap<string, number>;
}

async function placeSamples(tx: Tx, context: IngestContext, samples: readonly SampleRecord[]): Promise<PlacedSamples> {
  const columns: SampleColumns = { seriesIds: [], startMs: [], endMs: [], values: [], offsetMinutes: [], flags: [] };
  if (samples.length === 0) return { columns, metricOf: new Map() };
  const groups = groupBySeries(context, samples);
  const ids = await resolveSeries(tx, context, groups.map((group) => group.key));
  // In the order of their keys, so that two deliveries with the same samples never wait for one another in a circle.
  const placed = groups.map((group, index) => ({ group, id: ids[index]! })).toSorted((a, b) => Number(a.id) - Number(b.id));
  for (const { group, id } of placed) {
    for (const sample of [...group.byStart.values()].toSorted((a, b) => a.startMs - b.startMs)) {
      columns.seriesIds.push(id);
      columns.startMs.push(sample.startMs);
      columns.endMs.push(sample.endMs ?? null);
      columns.values.push(sample.value);
      columns.offsetMinutes.push(sample.offsetMinutes);
      columns.flags.push(flagBits(sample.flags));
    }
  }
  return { columns, metricOf: new Map(placed.map(({ group, id }) => [id, METRICS[group.key.metric].id])) };
}

async function storeSamples(tx: Tx, context: IngestContext, { columns, metricOf }: PlacedSamples): Promise<Change[]> {
  if (columns.values.length === 0) return [];
  const written = await writeSamples(tx, context, context.deliveryId, columns);
  return written.map(({ seriesId, count, fromMs, toMs }) => ({ kind: "samples", metric: metricOf.get(seriesId)!, count, fromMs, toMs }));
}

interface SeriesGroup {
  readonly name: string;
  readonly key: SeriesKey;
  /** The last record of a start wins, as it would arrive in a later delivery. */
  readonly byStart: Map<number, SampleRecord>;
}

function groupBySeries(context: IngestContext, samples: readonly SampleRecord[]): SeriesGroup[] {
  const groups = new Map<string, SeriesGroup>();
  for (const sample of samples) {
    const isDayTotal = sample.flags?.includes("day_total") ?? false;
    const name = `${sample.metric}\n${isDayTotal}\n${sample.device?.id ?? ""}`;
    let group = groups.get(name);
    if (!group) {
      const key: SeriesKey = {
        metric: sample.metric, provider: context.provider, connectionId: context.connectionId, deviceId: keyText(sample.device?.id ?? ""),
        deviceName: sample.device?.name === undefined ? null : storableText(sample.device.name), isDayTotal,
      };
      groups.set(name, (group = { name, key, byStart: new Map() }));
    }
    group.byStart.set(sample.startMs, sample);
  }
  return [...groups.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The one way in for records: checked, series resolved, rows written idempotently by natural key, every change announced in the change
 * feed — all in the caller's transaction, so that a delivery is done exactly when its records are stored.
 */
import type { Tx } from "#db/database.ts";
import { keyText, storableText } from "#db/text.ts";
import type { MappingProblem, Replacement, SampleRecord, VendorRecord } from "#driver/records.ts";
import { flagBits } from "#samples/store/flags.ts";
import type { SampleColumns } from "#samples/store/hot.ts";
import { resolveSeries, type OwnedKey } from "#samples/store/series.ts";
import { writeSamples } from "#samples/store/write.ts";
import { METRICS } from "#units/metrics.ts";
import { announceAll, type Change } from "./changes.ts";
import { checkRecords } from "./check-records.ts";
import { deleteGone, withdrawalsOf } from "./replace.ts";
import { withdrawnAmong } from "./withdrawn.ts";
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

/** What one delivery brings. */
export interface IngestItem {
  readonly context: IngestContext;
  readonly records: readonly VendorRecord[];
  /** What else the connection has of that stretch is withdrawn or deleted, unless a newer delivery brought it. */
  readonly replaces?: Replacement | undefined;
}

/**
 * Stores records. Safe to repeat: the same records again change nothing and announce nothing; an older delivery never overwrites a newer
 * one's values. Records that cannot be are refused one by one.
 */
export async function ingest(tx: Tx, context: IngestContext, records: readonly VendorRecord[], replaces?: Replacement): Promise<IngestOutcome> {
  const [outcome] = await ingestAll(tx, [{ context, records, replaces }]);
  return outcome!;
}

/** Like ingest, for several deliveries of one organization, the oldest first: in as few statements as for one. */
export async function ingestAll(tx: Tx, items: readonly IngestItem[]): Promise<IngestOutcome[]> {
  const [first] = items;
  if (!first) return [];
  const { organizationId } = first.context;
  const checked = items.map((item) => checkRecords(item.records));
  const withdrawn = await withdrawnAmong(tx, items.map(({ context }, index) => ({ context, records: checked[index]!.good })));
  const kept = items.map(({ context }, index) => withdrawn.without(context, checked[index]!.good));
  const { columns: placed, metricOf } = await placeSamples(tx, organizationId, items.map((item, index) => ({ context: item.context, records: kept[index]! })));
  const columns = withdrawn.leave(placed);
  const written = columns.values.length === 0 ? [] : await writeSamples(tx, organizationId, items.map((item) => item.context), columns);
  const byDelivery = Map.groupBy(written, (result) => result.deliveryId);
  const changes = items.map(({ context }): Change[] =>
    (byDelivery.get(context.deliveryId) ?? []).map(({ seriesId, count, fromMs, toMs }) => ({ kind: "samples", metric: metricOf.get(seriesId)!, count, fromMs, toMs })));
  const others: { context: IngestContext; records: readonly VendorRecord[] }[] = [];
  for (const [index, { context, replaces, records }] of items.entries()) {
    const good = kept[index]!;
    if (replaces) changes[index]!.push(...(await deleteGone(tx, context, replaces, columns)));
    others.push({ context, records: replaces ? [...good, ...(await withdrawalsOf(tx, context, replaces, records))] : good });
  }
  for (const [index, found] of (await writeRecords(tx, organizationId, others)).entries()) changes[index]!.push(...found);
  await announceAll(tx, organizationId, items.flatMap(({ context: owner }, index) => changes[index]!.map((change) => ({ owner, change }))));
  return items.map((_, index) => ({ stored: resultOf(changes[index]!), problems: checked[index]!.problems }));
}

function resultOf(changes: readonly Change[]): IngestResult {
  const count = (kind: Change["kind"]): number => changes.reduce((sum, change) => (change.kind === kind ? sum + change.count : sum), 0);
  return { samples: count("samples"), sleeps: count("sleep"), workouts: count("workout"), treatments: count("treatment") };
}

interface PlacedSamples {
  readonly columns: SampleColumns;
  /** Metric id by series id. */
  readonly metricOf: ReadonlyMap<string, number>;
}

async function placeSamples(tx: Tx, organizationId: string, items: readonly Pick<IngestItem, "context" | "records">[]): Promise<PlacedSamples> {
  const columns: SampleColumns = { origins: [], seriesIds: [], startMs: [], endMs: [], values: [], offsetMinutes: [], flags: [] };
  const groups = groupBySeries(items);
  if (groups.length === 0) return { columns, metricOf: new Map() };
  const ids = await resolveSeries(tx, organizationId, groups.map((group) => group.key));
  // In the order of their keys, so that two transactions with the same samples never wait for one another in a circle.
  const placed = groups.map((group, index) => ({ group, id: ids[index]! })).toSorted((a, b) => Number(a.id) - Number(b.id));
  for (const { group, id } of placed) {
    for (const { sample, origin } of inOrder(group.samples)) {
      columns.origins.push(origin);
      columns.seriesIds.push(id);
      columns.startMs.push(sample.startMs);
      columns.endMs.push(sample.endMs ?? null);
      columns.values.push(sample.value);
      columns.offsetMinutes.push(sample.offsetMinutes);
      columns.flags.push(sample.flags === undefined ? 0 : flagBits(sample.flags));
    }
  }
  return { columns, metricOf: new Map(placed.map(({ group, id }) => [id, METRICS[group.key.metric].id])) };
}

interface PlacedSample {
  readonly sample: SampleRecord;
  /** Place of its delivery among the items. */
  readonly origin: number;
}

interface SeriesGroup {
  readonly name: string;
  readonly key: OwnedKey;
  /** As they came. */
  readonly samples: PlacedSample[];
}

function groupBySeries(items: readonly Pick<IngestItem, "context" | "records">[]): SeriesGroup[] {
  const groups = new Map<string, SeriesGroup>();
  for (const [origin, { context, records }] of items.entries()) {
    const source = `${context.patientId}\n${context.provider}\n${context.connectionId ?? ""}`;
    // Names are costly to make for each of a million samples.
    const ofDevices = { true: new Map<string, Map<string, SeriesGroup>>(), false: new Map<string, Map<string, SeriesGroup>>() };
    for (const sample of records) {
      if (sample.record !== "sample") continue;
      const isDayTotal = sample.flags?.includes("day_total") ?? false;
      const deviceId = sample.device?.id ?? "";
      const ofDevice = found(ofDevices[isDayTotal ? "true" : "false"], deviceId, () => new Map<string, SeriesGroup>());
      const group = found(ofDevice, sample.metric, () => {
        const name = `${source}\n${sample.metric}\n${isDayTotal}\n${deviceId}`;
        return found(groups, name, () => ({ name, key: keyOfSeries(context, sample, isDayTotal), samples: [] }));
      });
      group.samples.push({ sample, origin });
    }
  }
  return [...groups.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function found<Value>(map: Map<string, Value>, name: string, make: () => Value): Value {
  let value = map.get(name);
  if (value === undefined) map.set(name, (value = make()));
  return value;
}

/** By start, each once: the last record of a start wins, as it would arrive in a later delivery. */
function inOrder(samples: readonly PlacedSample[]): readonly PlacedSample[] {
  const isInOrder = samples.every(({ sample }, index) => index === 0 || sample.startMs > samples[index - 1]!.sample.startMs);
  if (isInOrder) return samples;
  const byStart = new Map(samples.map((placed) => [placed.sample.startMs, placed]));
  return [...byStart.values()].toSorted((a, b) => a.sample.startMs - b.sample.startMs);
}

function keyOfSeries(context: IngestContext, { metric, device }: SampleRecord, isDayTotal: boolean): OwnedKey {
  return {
    patientId: context.patientId, metric, provider: context.provider, connectionId: context.connectionId, deviceId: keyText(device?.id ?? ""),
    deviceName: device?.name === undefined ? null : storableText(device.name), isDayTotal,
  };
}

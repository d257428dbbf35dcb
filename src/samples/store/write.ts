/**
 * Writing samples, in whichever of the two forms they rest. What comes with enough of one series and day for a block, or for a day that has one, is
 * merged into it; what comes one by one is a hot row until its day has settled and is folded (fold.ts).
 */
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { holdBlocks, knownBlocks, putBlocks, type Block, type BlockKey } from "./blocks.ts";
import type { DaySamples } from "./codec.ts";
import { dayFrom, dayOf, joinDays, mergeSamples, samplesOf, type Sample } from "./day.ts";
import { deleteOthersHot, eraseHot, takeHot, writeHot, type Origin, type SampleColumns, type SampleStretch, type WriteResult } from "./hot.ts";
import { holdSeries, seriesWithVersions } from "./series.ts";

/** A day has settled when it has been over for so long everywhere: then its rows are folded. What comes later is late. */
export const SETTLED_AFTER_MS = 2 * DAY_MS;
/** With fewer samples a block is larger than its rows. */
export const FEWEST_IN_BLOCK = 8;

/** Samples of one series and day, by their places in the columns. */
interface Day extends BlockKey {
  readonly places: number[];
}

/**
 * Writes samples, idempotent by series and start: an equal sample changes nothing, a different one replaces the older delivery's value and never
 * a newer one's. Each (series, start) may occur once in `columns`.
 */
export async function writeSamples(tx: Tx, organizationId: string, origins: readonly Origin[], columns: SampleColumns): Promise<WriteResult[]> {
  const days = daysOf(origins, columns);
  const packed = await daysToPack(tx, days);
  if (packed.length === 0) return writeHot(tx, organizationId, origins, columns);
  const changed = await mergeDays(tx, organizationId, packed.map((day) => ({ ...day, newcomers: dayAt(origins, columns, day.places) })));
  const results = resultsOf(changed);
  const rest = days.filter((day) => !packed.includes(day)).flatMap(({ places }) => places);
  if (rest.length > 0) results.push(...(await writeHot(tx, organizationId, origins, pick(columns, rest.toSorted((a, b) => a - b)))));
  return joined(results);
}

function daysOf(origins: readonly Origin[], columns: SampleColumns): Day[] {
  const days = new Map<string, Day>();
  let last: Day | undefined;
  columns.startMs.forEach((startMs, place) => {
    const seriesId = columns.seriesIds[place]!;
    const dayMs = dayOf(startMs);
    if (last?.seriesId !== seriesId || last.dayMs !== dayMs) {
      const name = `${seriesId} ${dayMs}`;
      last = days.get(name);
      if (!last) days.set(name, (last = { patientId: origins[columns.origins[place]!]!.patientId, seriesId, dayMs, places: [] }));
    }
    last.places.push(place);
  });
  return [...days.values()];
}

/** Those that have a block, and those that come with enough for one; series whose earlier values are kept have none. */
async function daysToPack(tx: Tx, days: readonly Day[]): Promise<Day[]> {
  const known = await knownBlocks(tx, days);
  const isKnown = (day: Day): boolean => known.has(`${day.seriesId} ${day.dayMs}`);
  const fresh = days.filter((day) => day.places.length >= FEWEST_IN_BLOCK && !isKnown(day));
  if (fresh.length === 0) return days.filter(isKnown);
  const keeping = await seriesWithVersions(tx, [...new Map(fresh.map((day) => [day.seriesId, day])).values()]);
  const packable = new Set(fresh.filter(({ seriesId }) => !keeping.has(seriesId)));
  return days.filter((day) => isKnown(day) || packable.has(day));
}

/** Samples that come to a block. */
export interface Arrival extends BlockKey {
  /** Ascending, each start once. */
  readonly newcomers: DaySamples;
}

type Changed = BlockKey & { readonly samples: DaySamples };

/** Merges block, hot rows and newcomers of each day into its block. Gives the newcomers that were new or changed something. */
export async function mergeDays(tx: Tx, organizationId: string, days: readonly Arrival[]): Promise<Changed[]> {
  await holdSeries(tx, days);
  const nameOf = ({ seriesId, dayMs }: BlockKey): string => `${seriesId} ${dayMs}`;
  const blocks = new Map((await holdBlocks(tx, days)).map((block) => [nameOf(block), block]));
  const hot = Map.groupBy(await takeHot(tx, days), nameOf);
  const changed: Changed[] = [];
  const next: Block[] = [];
  for (const { newcomers, patientId, seriesId, dayMs } of days) {
    const key = { patientId, seriesId, dayMs };
    const before = blocks.get(nameOf(key))?.samples;
    const rows = hot.get(nameOf(key))?.map(({ sample }) => sample) ?? [];
    if (!before && rows.length === 0) {
      // Back-fills and imports: nothing to merge with.
      if (newcomers.values.length === 0) continue;
      changed.push({ ...key, samples: newcomers });
      next.push({ ...key, samples: newcomers });
      continue;
    }
    if (before && rows.length === 0 && newcomers.values.length > 0 && newcomers.startMs[0]! > before.startMs.at(-1)!) {
      // Readings as they come: after all that is there.
      changed.push({ ...key, samples: newcomers });
      next.push({ ...key, samples: joinDays([before, newcomers]) });
      continue;
    }
    const known = before ? samplesOf(before) : [];
    const merged = mergeSamples(rows.length === 0 ? known : mergeSamples(known, rows).samples, samplesOf(newcomers));
    if (merged.changed.length > 0) changed.push({ ...key, samples: dayFrom(merged.changed) });
    if (merged.changed.length > 0 || rows.length > 0) next.push({ ...key, samples: dayFrom(merged.samples) });
  }
  await putBlocks(tx, organizationId, next);
  return changed;
}

/** The samples at these places, which are of one series and day and ascend. */
function dayAt(origins: readonly Origin[], columns: SampleColumns, places: readonly number[]): DaySamples {
  const count = places.length;
  const day = {
    startMs: new Float64Array(count), endMs: new Float64Array(count), values: new Float64Array(count), flags: new Uint16Array(count), deliveryIds: new Float64Array(count),
    offsetMinutes: places.map((place) => columns.offsetMinutes[place]!),
  };
  for (let index = 0; index < count; index += 1) {
    const place = places[index]!;
    day.startMs[index] = columns.startMs[place]!;
    day.endMs[index] = columns.endMs[place] ?? Number.NaN;
    day.values[index] = columns.values[place]!;
    day.flags[index] = columns.flags[place]!;
    day.deliveryIds[index] = Number(origins[columns.origins[place]!]!.deliveryId);
  }
  return day;
}

function pick(columns: SampleColumns, places: readonly number[]): SampleColumns {
  const of = <T>(column: readonly T[]): T[] => places.map((place) => column[place]!);
  return {
    origins: of(columns.origins), seriesIds: of(columns.seriesIds), startMs: of(columns.startMs), endMs: of(columns.endMs), values: of(columns.values),
    offsetMinutes: of(columns.offsetMinutes), flags: of(columns.flags),
  };
}

function resultsOf(changed: readonly Changed[]): WriteResult[] {
  return changed.flatMap(({ seriesId, samples: { startMs, endMs, deliveryIds } }) => {
    const byDelivery = new Map<number, { count: number; fromMs: number; toMs: number }>();
    for (let index = 0; index < startMs.length; index += 1) {
      const reachMs = Number.isNaN(endMs[index]!) ? startMs[index]! : endMs[index]!;
      const result = byDelivery.get(deliveryIds[index]!);
      if (!result) byDelivery.set(deliveryIds[index]!, { count: 1, fromMs: startMs[index]!, toMs: reachMs });
      else {
        result.count += 1;
        result.toMs = Math.max(result.toMs, reachMs);
      }
    }
    return [...byDelivery].map(([deliveryId, result]) => ({ seriesId, deliveryId: String(deliveryId), ...result }));
  });
}

/** One result a series and delivery. */
function joined(results: readonly WriteResult[]): WriteResult[] {
  return [...Map.groupBy(results, ({ seriesId, deliveryId }) => `${seriesId} ${deliveryId}`).values()].map((some) => ({
    ...some[0]!, count: some.reduce((sum, { count }) => sum + count, 0), fromMs: Math.min(...some.map(({ fromMs }) => fromMs)), toMs: Math.max(...some.map(({ toMs }) => toMs)),
  }));
}

/** How many samples a series has lost, and over what time. */
type DeleteResult = Omit<WriteResult, "deliveryId"> & { readonly metric: number };

/** Deletes the samples that start in the stretch, but for those at the places of `left`. Gives what was deleted of each series. */
export async function deleteOthers(
  tx: Tx, owner: { readonly organizationId: string; readonly patientId: string }, stretch: SampleStretch, left: Pick<SampleColumns, "seriesIds" | "startMs">,
): Promise<DeleteResult[]> {
  const { organizationId, patientId } = owner;
  const series = await tx.query<{ id: string; metric: number }>(
    `select id::text, metric from series where patient_id = $1 and connection_id = $2 and metric = any($3::smallint[]) and ($4::boolean is null or is_day_total = $4)
     order by series.id`, [patientId, stretch.connectionId, stretch.metrics, stretch.isDayTotal],
  );
  const metricOf = new Map(series.map(({ id, metric }) => [id, metric]));
  const results: DeleteResult[] = [...(await deleteOthersHot(tx, patientId, stretch, left))];
  const days = Array.from({ length: Math.max(0, Math.ceil(stretch.toMs / DAY_MS) - Math.floor(stretch.fromMs / DAY_MS)) }, (_, index) => dayOf(stretch.fromMs) + index * DAY_MS);
  const keys = series.flatMap(({ id: seriesId }) => days.map((dayMs) => ({ patientId, seriesId, dayMs })));
  const known = await knownBlocks(tx, keys);
  if (known.size === 0) return results;
  const some = keys.filter(({ seriesId, dayMs }) => known.has(`${seriesId} ${dayMs}`));
  await holdSeries(tx, some);
  const stays = new Set(left.startMs.map((startMs, place) => `${left.seriesIds[place]!} ${startMs}`));
  const next: Block[] = [];
  for (const block of await holdBlocks(tx, some)) {
    const isGone = (sample: Sample): boolean =>
      sample.startMs >= stretch.fromMs && sample.startMs < stretch.toMs && sample.deliveryId <= Number(stretch.upToDelivery) && !stays.has(`${block.seriesId} ${sample.startMs}`);
    const samples = samplesOf(block.samples);
    const gone = samples.filter(isGone);
    if (gone.length === 0) continue;
    next.push({ ...block, samples: dayFrom(samples.filter((sample) => !isGone(sample))) });
    results.push(...resultsOf([{ ...block, samples: dayFrom(gone) }]).map((result) => ({ ...result, metric: metricOf.get(block.seriesId)! })));
  }
  await putBlocks(tx, organizationId, next);
  return [...Map.groupBy(results, ({ seriesId }) => seriesId).values()].map((each) => ({ ...joined(each.map((one) => ({ ...one, deliveryId: "" })))[0]!, metric: each[0]!.metric }));
}

/** Erases all samples and series of a connection, in both forms. Gives the number of samples erased. */
export async function eraseConnectionSamples(tx: Tx, patientId: string, connectionId: string): Promise<number> {
  const series = (await tx.query<{ id: string }>("select id::text from series where patient_id = $1 and connection_id = $2 order by series.id", [patientId, connectionId])).map(({ id }) => id);
  await holdSeries(tx, series.map((seriesId) => ({ patientId, seriesId })));
  const rows = await eraseHot(tx, patientId, series);
  const [packed] = await tx.query<{ count: number }>(
    `with gone as (delete from day_blocks where patient_id = $1 and series_id = any($2::bigint[]) returning count)
     select coalesce(sum(count), 0)::int as count from gone`, [patientId, series],
  );
  await tx.query("delete from series where patient_id = $1 and connection_id = $2", [patientId, connectionId]);
  return rows + packed!.count;
}

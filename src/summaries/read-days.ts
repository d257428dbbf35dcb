/** Reading what a metric measured on local days, sources resolved: the same for a day whatever other days it is read with. */
import type { Tx } from "#db/database.ts";
import { readMetric, type KnownSeries, type MetricRead } from "#samples/read.ts";
import { combine } from "#samples/resolution.ts";
import type { MetricName } from "#units/metrics.ts";
import { localDay } from "#units/time.ts";
import { zoneAt, type LocalDay, type ZoneHistory } from "#units/zones.ts";
import { marginOf, resolutionOf } from "./ranks.ts";
import { summarizeDay, type DaySummary, type DayValues } from "./summarize.ts";

/** Of a patient whose series are known. */
export interface Reader {
  readonly tx: Tx;
  readonly patientId: string;
  readonly history: ZoneHistory;
  readonly known: KnownSeries;
}

/** Samples of one source that are held at once: a month of one every five seconds. */
const SAMPLES_AT_ONCE = 600_000;
/** Days that are read in one go. */
const DAYS_AT_ONCE = 30;

/** Days that can be read together. */
interface Run {
  readonly days: LocalDay[];
  /** Whose days they are; null for one that is no whole day of any zone's. */
  readonly zone: string | null;
}

/** Summaries of those of the days that have values. `days` ascending; they need not follow one another. */
export async function summarizeDays(reader: Reader, metric: MetricName, days: readonly LocalDay[]): Promise<DaySummary[]> {
  const summaries: DaySummary[] = [];
  for (const run of runsOf(reader.history, metric, days)) {
    const values = await readRun(reader, metric, run);
    for (const [index, day] of run.days.entries()) {
      const ofDay = values.get(index);
      if (ofDay) summaries.push(summarizeDay(metric, day, ofDay));
    }
  }
  return summaries;
}

function runsOf(history: ZoneHistory, metric: MetricName, days: readonly LocalDay[]): Run[] {
  const runs: Run[] = [];
  // Where buckets of a zone's days are asked for, a day of travel is none of them.
  const isByZone = resolutionOf(metric) === "1d";
  for (const day of days) {
    const zone = isByZone ? zoneOfWhole(history, day) : zoneAt(history, day.fromMs);
    const run = runs.at(-1);
    const isNext = run !== undefined && run.days.at(-1)!.toMs === day.fromMs && run.days.length < DAYS_AT_ONCE && (!isByZone || (zone !== null && zone === run.zone));
    if (isNext) run.days.push(day);
    else runs.push({ days: [day], zone });
  }
  return runs;
}

/** The zone whose own day it is; null for a day of travel. */
function zoneOfWhole(history: ZoneHistory, { date, fromMs, toMs }: LocalDay): string | null {
  const zone = zoneAt(history, fromMs);
  if (history.entries.some((entry) => entry.fromMs > fromMs && entry.fromMs < toMs)) return null;
  const own = localDay(zone, date);
  return own?.fromMs === fromMs && own.toMs === toMs ? zone : null;
}

async function readRun(reader: Reader, metric: MetricName, { days, zone }: Run): Promise<Map<number, DayValues>> {
  const { tx, patientId, known } = reader;
  const found = new Map<number, DayValues>();
  const [first, last] = [days[0]!, days.at(-1)!];
  // A day of travel is read by itself, so that no bucket of its zones reaches beyond it.
  const margin = zone === null ? 0 : marginOf(metric);
  const isByBucket = resolutionOf(metric) === "1d";
  let day = 0;
  for (let fromMs: number | null = first.fromMs - margin; fromMs !== null; ) {
    const read: MetricRead = await readMetric(tx, {
      patientId, metric, fromMs, toMs: last.toMs + margin, resolution: resolutionOf(metric), zone: zone ?? zoneAt(reader.history, first.fromMs), limit: SAMPLES_AT_ONCE, known,
    });
    for (let index = 0; index < read.samples.startMs.length; index += 1) {
      const startMs = zone === null ? Math.max(read.samples.startMs[index]!, first.fromMs) : read.samples.startMs[index]!;
      if (startMs < first.fromMs || startMs >= last.toMs) continue;
      while (startMs >= days[day]!.toMs) day += 1;
      const source = read.sources[read.samples.sourceIndexes[index]!]!;
      // A bucket names its first value's source only; any of them may have brought the others.
      const providers = isByBucket ? read.sources.map(({ provider }) => provider) : [source.provider];
      const ofDay = found.get(day);
      if (!ofDay) found.set(day, { startMs: [startMs], values: [read.samples.values[index]!], seriesId: source.id, providers: new Set(providers) });
      else {
        ofDay.startMs.push(startMs);
        ofDay.values.push(read.samples.values[index]!);
        for (const provider of providers) ofDay.providers.add(provider);
      }
    }
    fromMs = read.nextFromMs;
  }
  if (zone === null) for (const [index, values] of found) found.set(index, asOne(metric, values));
  return found;
}

/** A day of travel has a bucket for each date that its zones showed. */
function asOne(metric: MetricName, values: DayValues): DayValues {
  return { ...values, startMs: [values.startMs[0]!], values: [combine(metric, values.values)] };
}

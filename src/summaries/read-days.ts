/** Reading what a metric measured on local days, sources resolved: the same for a day whatever other days it is read with. */
import type { Tx } from "#db/database.ts";
import { part, placeOf } from "#samples/store/day.ts";
import { lineOf, within, type RankedDays } from "#samples/line.ts";
import { linkSources } from "#samples/sources/links.ts";
import { readRanked, type Plan } from "#samples/ranked.ts";
import { planOf, type KnownSeries } from "#samples/read.ts";
import { aggregate, combine } from "#samples/resolution.ts";
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
  return (await readDayValues(reader, metric, days)).map(({ day, values }) => summarizeDay(metric, day, values));
}

/** What was measured on those of the days that have values, ascending. */
export async function readDayValues(reader: Reader, metric: MetricName, days: readonly LocalDay[]): Promise<{ readonly day: LocalDay; readonly values: DayValues }[]> {
  const found: { readonly day: LocalDay; readonly values: DayValues }[] = [];
  for (const run of runsOf(reader.history, metric, days)) {
    const values = await readRun(reader, metric, run);
    for (const [index, day] of run.days.entries()) {
      const ofDay = values.get(index);
      if (ofDay) found.push({ day, values: ofDay });
    }
  }
  return found;
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

async function readRun(reader: Reader, metric: MetricName, run: Run, limit = SAMPLES_AT_ONCE): Promise<Map<number, DayValues>> {
  const { tx, patientId, known } = reader;
  const { days } = run;
  const [first, last] = [days[0]!, days.at(-1)!];
  const zone = run.zone ?? zoneAt(reader.history, first.fromMs);
  // A day of travel is read by itself, so that no bucket of its zones reaches beyond it.
  const margin = run.zone === null ? 0 : marginOf(metric);
  const plan = planOf(known, { metric, resolution: resolutionOf(metric) });
  // What the newest samples say of a source's rhythm is another tomorrow: a day goes by its own.
  const stretch = { patientId, zone, limit, fromMs: first.fromMs - margin, toMs: last.toMs + margin, known: { ...known, facts: new Map<string, never>() } };
  const { ranked: [sources], isFull } = await readRanked(tx, stretch, [plan]);
  if (isFull) return days.length === 1 ? readRun(reader, metric, run, limit * 4) : inHalves(reader, metric, run);
  const found = new Map<number, DayValues>();
  for (const [index, day] of days.entries()) {
    const values = valuesOf(plan, sources!, { day, zone, margin });
    if (values) found.set(index, run.zone === null ? asOne(metric, values) : values);
  }
  return found;
}

async function inHalves(reader: Reader, metric: MetricName, { days, zone }: Run): Promise<Map<number, DayValues>> {
  const middle = days.length >> 1;
  const earlier = await readRun(reader, metric, { zone, days: days.slice(0, middle) });
  const later = await readRun(reader, metric, { zone, days: days.slice(middle) });
  return new Map([...earlier, ...[...later].map(([index, values]) => [index + middle, values] as const)]);
}

/** What a day's sources measured, merged by what lies in the day and its margins alone; null where that is nothing. */
function valuesOf({ metric, resolution, sources }: Plan, ranked: readonly RankedDays[], { day, zone, margin }: { day: LocalDay; zone: string; margin: number }): DayValues | null {
  const own = ranked.map((source) => {
    const { startMs } = source.samples;
    return { ...source, samples: part(source.samples, placeOf(startMs, day.fromMs - margin), placeOf(startMs, day.toMs + margin)) };
  });
  const line = lineOf(metric === "glucose" ? linkSources(own) : own, { metric, resolution, zone });
  // Of a travelling day's buckets the first may begin before the day.
  const told = resolution === "raw" ? within(line, day.fromMs, day.toMs) : aggregate(metric, margin === 0 ? within(line, day.fromMs, day.toMs) : line, resolution, zone);
  const values: { startMs: number[]; values: number[]; seriesId: string | null; providers: Set<string> } = { startMs: [], values: [], seriesId: null, providers: new Set() };
  for (let index = 0; index < told.values.length; index += 1) {
    const startMs = margin === 0 ? Math.max(told.startMs[index]!, day.fromMs) : told.startMs[index]!;
    if (startMs < day.fromMs || startMs >= day.toMs) continue;
    const source = sources[told.sourceIndexes[index]!]!;
    values.startMs.push(startMs);
    values.values.push(told.values[index]!);
    values.seriesId ??= source.id;
    values.providers.add(source.provider);
  }
  if (values.seriesId === null) return null;
  // A bucket names its first value's source only; any of them may have brought the others.
  if (resolution !== "raw") for (const { provider } of sources) values.providers.add(provider);
  return { ...values, seriesId: values.seriesId };
}

/** A day of travel has a bucket for each date that its zones showed. */
function asOne(metric: MetricName, values: DayValues): DayValues {
  return { ...values, startMs: [values.startMs[0]!], values: [combine(metric, values.values)] };
}

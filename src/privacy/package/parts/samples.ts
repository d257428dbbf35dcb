/** Every sample of every metric and source, not resolved: as JSON Lines and as CSV, one file a metric. */
import type { Tx } from "#db/database.ts";
import { csvRow, type Cell } from "#exports/csv.ts";
import { flagNames } from "#samples/store/flags.ts";
import type { DaySamples } from "#samples/store/codec.ts";
import { listSeries, type Series } from "#samples/store/series.ts";
import { readSamples } from "#samples/store/store.ts";
import { toMmolL } from "#units/glucose.ts";
import { METRIC_NAMES, METRICS, type MetricName } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import type { PackageFile, PackagePart, PackageSource } from "../parts.ts";
import { localTimes, wallText } from "./local-times.ts";
import { BYTE_ORDER_MARK } from "./tables.ts";

const SAMPLES_AT_ONCE = 10_000;

export const samplesPart: PackagePart = {
  name: "samples",
  count: async ({ read, subject }) => 2 * (await read((tx) => countSamples(tx, subject.patientId))),
  async *files(source) {
    const series = await source.read((tx) => listSeries(tx, source.subject.patientId));
    for (const metric of METRIC_NAMES) {
      const own = series.filter((each) => each.metric === metric);
      if (own.length === 0) continue;
      yield jsonLines(source, metric, own);
      yield csv(source, metric, own);
    }
  },
};

/** Rows and what is packed, of the series that the transaction may see. */
export async function countSamples(tx: Tx, patientId: string): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    `select (select count(*) from samples s where s.patient_id = $1 and exists (select 1 from series x where x.patient_id = $1 and x.id = s.series_id))::float8
          + (select coalesce(sum(b.count), 0) from day_blocks b where b.patient_id = $1 and exists (select 1 from series x where x.patient_id = $1 and x.id = b.series_id))::float8 as n`,
    [patientId],
  );
  return row!.n;
}

/** All samples of a series in portions, ascending. */
export async function* samplesOfSeries({ read, subject, signal }: Pick<PackageSource, "read" | "subject" | "signal">, seriesId: string): AsyncGenerator<DaySamples> {
  let fromMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    const range = { fromMs, toMs: Number.POSITIVE_INFINITY, limit: SAMPLES_AT_ONCE };
    const samples = await read((tx) => readSamples(tx, subject.patientId, seriesId, range));
    const lastMs = samples.startMs.at(-1);
    if (lastMs === undefined) return;
    yield samples;
    fromMs = lastMs + 1;
  }
}

function jsonLines(source: PackageSource, metric: MetricName, series: readonly Series[]): PackageFile {
  const { unit } = METRICS[metric];
  return {
    path: `observed/samples/${metric}.jsonl`, mediaType: "application/x-ndjson", schema: "sample",
    async *content(count) {
      for (const { id: seriesId, provider } of series) {
        for await (const { startMs, endMs, values, offsetMinutes, flags, deliveryIds } of samplesOfSeries(source, seriesId)) {
          let text = "";
          for (let at = 0; at < values.length; at += 1) {
            text += `${JSON.stringify({
              at: formatInstant(startMs[at]!), end: Number.isNaN(endMs[at]!) ? null : formatInstant(endMs[at]!), value: values[at]!, unit, offsetMinutes: offsetMinutes[at] ?? null, provider,
              seriesId, flags: flagNames(flags[at]!), deliveryId: String(deliveryIds[at]!),
            })}\n`;
          }
          yield text;
          count(values.length);
        }
      }
    },
  };
}

/** Columns of a table of samples; glucose has both units, and is what `islet import` reads again. */
function valueColumns(metric: MetricName): string[] {
  return metric === "glucose" ? ["glucose_mg_dl", "glucose_mmol_l"] : [metric, "unit"];
}

function csv(source: PackageSource, metric: MetricName, series: readonly Series[]): PackageFile {
  const { unit } = METRICS[metric];
  const times = localTimes(source.zones);
  return {
    path: `observed/samples/${metric}.csv`, mediaType: "text/csv", schema: null,
    async *content(count) {
      yield BYTE_ORDER_MARK + csvRow(["time_utc", "end_utc", "time_local", "utc_offset_min", "timezone", ...valueColumns(metric), "source", "device", "series_id", "flags", "delivery_id"]);
      for (const { id: seriesId, provider, deviceId } of series) {
        for await (const { startMs, endMs, values, offsetMinutes, flags, deliveryIds } of samplesOfSeries(source, seriesId)) {
          let text = "";
          for (let at = 0; at < values.length; at += 1) {
            const ms = startMs[at]!;
            const offset = offsetMinutes[at] ?? times.offset(ms);
            const value: Cell[] = metric === "glucose" ? [values[at]!, Math.round(toMmolL(values[at]!) * 100) / 100] : [values[at]!, unit];
            text += csvRow([
              formatInstant(ms), Number.isNaN(endMs[at]!) ? null : formatInstant(endMs[at]!), wallText(ms, offset), offset, times.zone(ms), ...value, provider, deviceId === "" ? null : deviceId, seriesId,
              flagNames(flags[at]!).join(" "), String(deliveryIds[at]!),
            ]);
          }
          yield text;
          count(values.length);
        }
      }
    },
  };
}

/** Samples as lines of text, one each: NDJSON and CSV. Pure, and quick: there may be tens of millions. */
import { toMmolL } from "#units/glucose.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS, formatWithOffset, MINUTE_MS } from "#units/time.ts";
import { flagNames } from "./store/flags.ts";
import type { Line } from "./line.ts";
import type { Series } from "./store/series.ts";

export type TextFormat = "ndjson" | "csv";

const CSV_COLUMNS = ["metric", "start", "end", "value", "unit", "other_value", "other_unit", "flags", "source", "provider", "device", "delivery"] as const;

/** What stands before the first sample. */
export function headOf(format: TextFormat): string {
  return format === "csv" ? `${CSV_COLUMNS.join(",")}\r\n` : "";
}

/** What stands after the last one: whoever reads it has all. CSV has no place for it; there a reply that was cut off shows by its broken connection. */
export function tailOf(format: TextFormat, rows: number): string {
  return format === "csv" ? "" : `${JSON.stringify({ end: true, rows })}\n`;
}

/** Glucose in the other unit people use, to the decimals that are written; null for anything else. */
function otherOf(metric: MetricName): { readonly unit: string; readonly of: (value: number) => number } | null {
  const { unit } = METRICS[metric];
  if (unit === "mg/dL") return { unit: "mmol/L", of: (value) => Math.round(toMmolL(value) * 100) / 100 };
  if (unit === "mg/dL/min") return { unit: "mmol/L/min", of: (value) => Math.round(toMmolL(value) * 1_000) / 1_000 };
  return null;
}

/** Writes the samples of one metric. Times bear the local offset each was measured in, `Z` where that is not known. */
export function createTextWriter(format: TextFormat, metric: MetricName, sources: readonly Series[]): (line: Line) => string {
  const { unit } = METRICS[metric];
  const other = otherOf(metric);
  const ends = sources.map((source) => (format === "csv" ? csvSource(source) : jsonSource(source)));
  const [at, until] = [createTimeWriter(), createTimeWriter()];
  const csvUnit = csvText(unit);
  const csvOther = other ? csvText(other.unit) : "";
  const jsonHead = `{"metric":${JSON.stringify(metric)},"start":"`;
  const jsonUnit = `,"unit":${JSON.stringify(unit)}`;
  const jsonOther = other ? `,"otherUnit":${JSON.stringify(other.unit)}` : "";

  const row = (line: Line, index: number): string => {
    const offset = line.offsetMinutes[index] ?? null;
    const [endMs, value, bits, deliveryId] = [line.endMs[index]!, line.values[index]!, line.flags[index]!, line.deliveryIds[index]!];
    const source = ends[line.sourceIndexes[index]!]!;
    const start = at(line.startMs[index]!, offset);
    const end = Number.isNaN(endMs) ? null : until(endMs, offset);
    if (format === "csv") {
      return `${metric},${start},${end ?? ""},${value},${csvUnit},${other ? other.of(value) : ""},${csvOther},${bits === 0 ? "" : flagNames(bits).join(" ")},${source},${deliveryId}\r\n`;
    }
    const told = other ? `,"otherValue":${other.of(value)}${jsonOther}` : "";
    const flags = bits === 0 ? "" : `,"flags":${JSON.stringify(flagNames(bits))}`;
    return `${jsonHead}${start}"${end === null ? "" : `,"end":"${end}"`},"value":${value}${jsonUnit}${told}${flags},${source},"delivery":"${deliveryId}"}\n`;
  };
  return (line) => {
    let text = "";
    for (let index = 0; index < line.values.length; index += 1) text += row(line, index);
    return text;
  };
}

function jsonSource({ id, provider, deviceId, deviceName }: Series): string {
  return JSON.stringify({ source: id, provider, device: deviceName ?? (deviceId === "" ? null : deviceId) }).slice(1, -1);
}

function csvSource({ id, provider, deviceId, deviceName }: Series): string {
  return [id, csvText(provider), csvText(deviceName ?? deviceId)].join(",");
}

/** A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection"): names of devices are strangers' texts. RFC 4180 for the rest. */
function csvText(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll("\"", "\"\"")}"` : safe;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/** RFC 3339 with offset, as formatWithOffset writes it; samples of one day share its date. */
function createTimeWriter(): (ms: number, offsetMinutes: number | null) => string {
  let [day, date, offset, suffix] = [Number.NaN, "", Number.NaN, ""];
  return (ms, offsetMinutes) => {
    const wallMs = ms + (offsetMinutes ?? 0) * MINUTE_MS;
    const dayOfWall = Math.floor(wallMs / DAY_MS);
    const inDay = wallMs - dayOfWall * DAY_MS;
    if (inDay % 1_000 !== 0) return offsetMinutes === null ? new Date(ms).toISOString() : formatWithOffset(ms, offsetMinutes);
    if (dayOfWall !== day) [day, date] = [dayOfWall, new Date(dayOfWall * DAY_MS).toISOString().slice(0, 11)];
    const key = offsetMinutes ?? Number.POSITIVE_INFINITY;
    if (key !== offset) [offset, suffix] = [key, offsetMinutes === null ? "Z" : formatWithOffset(0, offsetMinutes).slice(19)];
    const seconds = inDay / 1_000;
    return `${date}${TWO_DIGITS[Math.floor(seconds / 3_600)]}:${TWO_DIGITS[Math.floor(seconds / 60) % 60]}:${TWO_DIGITS[seconds % 60]}${suffix}`;
  };
}

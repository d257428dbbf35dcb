/** A given glucose series in place of a generated one. */

import { instantOfWall, isZone, MINUTE_MS, parseTime } from "#units/time.ts";

export interface SeriesReading {
  readonly atMs: number;
  readonly mgDl: number;
}

export interface ParsedSeries {
  readonly readings: readonly SeriesReading[];
  /** Rows that are no reading; line numbers from 1, the header included. */
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
}

/** Words that exports write for values past the sensor's range. */
const WORDS: Readonly<Record<string, number>> = { low: 39, lo: 39, "<40": 39, high: 401, hi: 401, ">400": 401 };

/**
 * Reads `id,time,gl` CSV: wall times in `zone` unless they carry an offset, values in mg/dL. Bad rows are listed, good ones kept.
 * Throws RangeError for an unknown zone or a header without `time` and `gl`.
 */
export function parseSeries(csv: string, zone: string): ParsedSeries {
  if (!isZone(zone)) throw new RangeError(`"${zone}" is no time zone.`);
  const lines = csv.replace(/^\uFEFF/, "").split(/\r?\n/);
  const columns = (lines[0] ?? "").split(",").map((name) => name.trim().toLowerCase().replaceAll('"', ""));
  const timeColumn = columns.indexOf("time");
  const valueColumn = columns.indexOf("gl");
  if (timeColumn < 0 || valueColumn < 0) throw new RangeError("The first line must name the columns time and gl.");
  const readings: SeriesReading[] = [];
  const problems: { line: number; reason: string }[] = [];
  lines.slice(1).forEach((text, index) => {
    if (text.trim() === "") return;
    const cells = text.split(",").map((cell) => cell.trim().replaceAll('"', ""));
    const time = parseTime(cells[timeColumn] ?? "");
    const value = valueOf(cells[valueColumn] ?? "");
    if (!time) problems.push({ line: index + 2, reason: "no time" });
    else if (value === null) problems.push({ line: index + 2, reason: "no glucose value" });
    else {
      const atMs = time.offsetMinutes === null ? instantOfWall(zone, time.wallMs) : time.wallMs - time.offsetMinutes * MINUTE_MS;
      readings.push({ atMs, mgDl: value });
    }
  });
  return { readings, problems };
}

function valueOf(text: string): number | null {
  const word = WORDS[text.toLowerCase()];
  if (word !== undefined) return word;
  const value = text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) && value > 0 && value < 1000 ? value : null;
}

/** In order of time, whole mg/dL as the cloud sends them; shifted so that the last reading is at `nowMs` when asked. */
export function arrangeSeries(readings: readonly SeriesReading[], nowMs: number, isShifted: boolean): SeriesReading[] {
  const sorted = readings.toSorted((one, other) => one.atMs - other.atMs);
  const lastMs = sorted.at(-1)?.atMs ?? nowMs;
  const shiftMs = isShifted ? Math.floor(nowMs / 1000) * 1000 - lastMs : 0;
  return sorted.map(({ atMs, mgDl }) => ({ atMs: atMs + shiftMs, mgDl: Math.round(mgDl) }));
}

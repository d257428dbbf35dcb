/** What a person's glucose sensor said: the generated readings, or a given series in their place. */

import { instantOfWall, isZone, MINUTE_MS, parseTime } from "#units/time.ts";
import type { Person } from "./people/person.ts";

export interface SeriesReading {
  readonly atMs: number;
  readonly mgDl: number;
}

/** A series that replaces the readings of one person, in every cloud that serves glucose. */
export interface GivenSeries {
  /** For display times. */
  readonly zone: string;
  /** Oldest first; whole mg/dL. */
  readonly readings: readonly SeriesReading[];
}

export interface Sensed {
  readonly atMs: number;
  /** Unbounded, whole mg/dL: each cloud cuts it to its own range. */
  readonly mgDl: number;
  /** mg/dL a minute; null when it cannot be known. */
  readonly rate: number | null;
}

export interface ParsedSeries {
  readonly readings: readonly SeriesReading[];
  /** Rows that are no reading; line numbers from 1, the header included. */
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
}

/** A rate is only known from readings this close together. */
const FARTHEST_NEIGHBOUR_MS = 17 * MINUTE_MS;

/** What the person's sensor said in the closed window, oldest first. */
export function sensedBetween(given: GivenSeries | null, person: Person, fromMs: number, toMs: number): Sensed[] {
  const beginMs = Date.parse(`${person.who.cgm.since}T00:00:00Z`);
  if (!given) return toMs < beginMs ? [] : person.readings(Math.max(fromMs, beginMs), toMs);
  return given.readings.flatMap((reading, index) => {
    if (reading.atMs < fromMs || reading.atMs > toMs) return [];
    const before = given.readings[index - 3] ?? given.readings[index - 1];
    const gapMs = before ? reading.atMs - before.atMs : 0;
    const rate = before && gapMs > 0 && gapMs <= FARTHEST_NEIGHBOUR_MS ? Math.round(((reading.mgDl - before.mgDl) / (gapMs / 60_000)) * 10) / 10 : null;
    return [{ ...reading, rate }];
  });
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

/** `islet stats FILE`: glucose statistics of a file, without server or database. */
import { IsletError } from "../errors.ts";
import { activePercent } from "#glucose/active-percent.ts";
import { eA1cPercent, gmiMmolMol, gmiPercent } from "#glucose/gmi.ts";
import { CONSENSUS_RANGES, timeInRanges } from "#glucose/ranges.ts";
import { cleanSeries, type DuplicatePolicy, type Series } from "#glucose/series.ts";
import { type Description, describe } from "#glucose/statistics.ts";
import { insufficiency } from "#glucose/wear.ts";
import { readGlucoseFile } from "#imports/read-file.ts";
import type { DateOrder } from "#imports/times.ts";
import type { ImportProblem, ImportResult, SubjectReadings } from "#imports/types.ts";
import { type GlucoseUnit, toMgDl, toMmolL } from "#units/glucose.ts";
import { formatWithOffset, localDate, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";

export interface StatsOptions {
  readonly file: string;
  /** IANA zone of the file's local times; UTC unless given. */
  readonly tz?: string;
  /** Unit of the file, mgdl or mmol, where neither its header nor its values tell. */
  readonly fileUnit?: string;
  /** Unit to show: mgdl or mmol; mg/dL unless given. */
  readonly unit?: string;
  /** mean, first or last; mean unless given. */
  readonly duplicates?: string;
  /** dmy or mdy, for files whose dates can be read both ways. */
  readonly dateOrder?: string;
  readonly json?: boolean;
}

export interface StatsIo {
  readFile(path: string): Uint8Array;
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Numbers unrounded, glucose in the asked unit, shares in percent 0–100, null where undefined. */
export interface StatsJson {
  readonly id: string | null;
  readonly readings: number;
  /** Local days that have readings. */
  readonly days: number;
  readonly activePercent: number | null;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly cv: number | null;
  readonly median: number | null;
  readonly iqr: number | null;
  readonly mad: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly gmi: number | null;
  readonly eA1c: number | null;
  readonly ranges: {
    readonly veryLow: number; readonly low: number; readonly target: number;
    readonly high: number; readonly veryHigh: number; readonly tight: number;
  } | null;
  readonly tbr: number | null;
  readonly tar: number | null;
  /** Rows of the file that could not be used. */
  readonly problems: number;
}

/** Exit codes of `islet stats`. */
const OK = 0;
const UNUSABLE = 2;

const SHOWN_PROBLEMS = 20;

/**
 * Prints statistics of a file to stdout: a table, or JSON (an array when the file holds several ids). Returns the exit code: 0, or 2
 * with one sentence on stderr when the options or the file cannot be used.
 */
export function runStats(options: StatsOptions, io: StatsIo): number {
  try {
    const zone = options.tz ?? "UTC";
    const unit = chosen("--unit", options.unit, UNITS) ?? "mg/dL";
    const fileUnit = chosen("--file-unit", options.fileUnit, UNITS);
    const duplicates = chosen<DuplicatePolicy>("--duplicates", options.duplicates, { mean: "mean", first: "first", last: "last" });
    const dateOrder = chosen<DateOrder>("--date-order", options.dateOrder, { dmy: "dmy", mdy: "mdy" });
    const file = readGlucoseFile(read(options.file, io), {
      zone, ...(fileUnit ? { unit: fileUnit } : {}), ...(dateOrder ? { dateOrder } : {}),
    });
    // Rows that contradict one another are settled by the duplicates policy here, so they are no problem of the file's.
    const listed = file.problems.filter(({ kind }) => kind === "row");
    const problems = file.problemCount - file.conflicts;
    const people = file.readings.map((readings) => person(readings, file.unit, { zone, duplicates: duplicates ?? "mean" }));
    if (people.length === 0) throw new Unusable("The file holds no sensor readings.");
    if (options.json) {
      const results = people.map((one) => toJson(one, unit, problems));
      io.stdout(`${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
    } else {
      const view = { unit, zone, duplicates: duplicates ?? "mean" };
      const tables = people.map((one) => table(one, view));
      io.stdout(`${[heading(file, options.tz), ...tables, problemList(listed, problems), NOTICE].filter(Boolean).join("\n\n")}\n`);
    }
    return OK;
  } catch (error) {
    if (!(error instanceof Unusable) && !(error instanceof IsletError)) throw error;
    io.stderr(`islet stats: ${error.message}${error instanceof IsletError ? (HINTS[error.code] ?? "") : ""}\n`);
    return UNUSABLE;
  }
}

const UNITS: Readonly<Record<string, GlucoseUnit>> = { mgdl: "mg/dL", mmol: "mmol/L" };

/** How to answer here what a file leaves open. */
const HINTS: Readonly<Record<string, string>> = {
  file_unit_unknown: " (--file-unit mgdl or mmol)",
  file_dates_unknown: " (--date-order dmy or mdy)",
};

/** An option or file that cannot be used; the message is the sentence the person reads. */
class Unusable extends Error {}

function chosen<T extends string>(name: string, text: string | undefined, choices: Readonly<Record<string, T>>): T | undefined {
  if (text === undefined) return undefined;
  const choice = Object.hasOwn(choices, text) ? choices[text] : undefined;
  if (choice === undefined) throw new Unusable(`${name} must be one of ${Object.keys(choices).join(", ")}.`);
  return choice;
}

function read(path: string, io: StatsIo): Uint8Array {
  try {
    return io.readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT") throw new Unusable(`There is no file ${path}.`);
    if (code === "EISDIR") throw new Unusable(`${path} is a folder, not a file.`);
    if (code === "EACCES" || code === "EPERM") throw new Unusable(`${path} may not be read.`);
    throw error;
  }
}

/** One id's readings with all that is computed from them, in the file's unit: ranges are never classified after conversion. */
interface Person {
  readonly id: string | null;
  readonly series: Series;
  readonly described: Description | null;
  readonly days: number;
  readonly activePercent: number | null;
}

function person(readings: SubjectReadings, unit: GlucoseUnit, options: { zone: string; duplicates: DuplicatePolicy }): Person {
  const series = cleanSeries(readings, { unit, duplicates: options.duplicates });
  return {
    id: readings.subject === "" ? null : readings.subject,
    series,
    described: describe(series.values),
    days: new Set(Array.from(series.timesMs, (ms) => localDate(options.zone, ms))).size,
    activePercent: activePercent(series.timesMs, series.cadenceMinutes),
  };
}

function toJson({ id, series, described, days, activePercent }: Person, unit: GlucoseUnit, problems: number): StatsJson {
  const shown = (value: number | null | undefined): number | null => inShownUnit(value ?? null, series.unit, unit);
  const meanMgDl = described ? inShownUnit(described.mean, series.unit, "mg/dL") : null;
  const inRanges = timeInRanges(series.values, series.unit);
  return {
    id,
    readings: series.values.length,
    days,
    activePercent,
    mean: shown(described?.mean),
    sd: shown(described?.sd),
    cv: described?.cvPercent ?? null,
    median: shown(described?.median),
    iqr: shown(described?.iqr),
    mad: shown(described?.mad),
    min: shown(described?.min),
    max: shown(described?.max),
    gmi: meanMgDl === null ? null : gmiPercent(meanMgDl),
    eA1c: meanMgDl === null ? null : eA1cPercent(meanMgDl),
    ranges: inRanges?.ranges ?? null,
    tbr: inRanges?.tbr ?? null,
    tar: inRanges?.tar ?? null,
    problems,
  };
}

function inShownUnit(value: number | null, from: GlucoseUnit, to: GlucoseUnit): number | null {
  if (value === null || from === to) return value;
  return to === "mg/dL" ? toMgDl(value) : toMmolL(value);
}

const NOTICE = "For information only. Not for diagnosis or for decisions about treatment.";

function heading(file: ImportResult, tz: string | undefined): string {
  const unit = { header: "as its header says", values: "by the size of its values", option: "as given" }[file.unitSource];
  const zone = tz === undefined ? "Local times are taken as UTC; --tz gives their zone." : `Local times are in ${tz}.`;
  return `${FORMAT_NAMES[file.format]}, ${file.rows} ${file.rows === 1 ? "row" : "rows"}, in ${file.unit} ${unit}. ${zone}`;
}

const FORMAT_NAMES: Readonly<Record<ImportResult["format"], string>> = {
  "clarity-csv": "Dexcom Clarity export",
  "libreview-csv": "LibreView export",
  "glucose-csv": "Table of glucose readings",
};

interface View {
  readonly unit: GlucoseUnit;
  readonly zone: string;
  readonly duplicates: DuplicatePolicy;
}

function table(one: Person, { unit, zone, duplicates }: View): string {
  const json = toJson(one, unit, 0);
  const { timesMs, cadenceMinutes, report } = one.series;
  const at = (ms: number): string => formatWithOffset(ms, offsetMinutesAt(zone, ms)).slice(0, 16).replace("T", " ");
  const meanMgDl = inShownUnit(one.described?.mean ?? null, one.series.unit, "mg/dL");
  const gmi = meanMgDl === null ? "–" : `${gmiPercent(meanMgDl).toFixed(1)} %  (${gmiMmolMol(meanMgDl).toFixed(0)} mmol/mol)`;
  const merged = report.duplicates > 0 ? `, ${report.duplicates} of the same instant merged (${duplicates})` : "";
  const clamped = report.clampedLow + report.clampedHigh;
  const every = cadenceMinutes === null ? "" : `  (a reading every ${cadenceMinutes} min)`;
  const lines: [string, string][] = [
    ["Readings", `${json.readings}${merged}${clamped > 0 ? `, ${clamped} beyond the sensor's range` : ""}`],
    ["Period", `${at(timesMs[0]!)} to ${at(timesMs[timesMs.length - 1]!)}, ${json.days} ${json.days === 1 ? "day" : "days"} with readings`],
    ["Sensor active", `${percent(json.activePercent)}${every}`],
    ["Mean", amount(json.mean, unit)],
    ["Median", `${amount(json.median, unit)}  (from ${amount(json.min, unit)} to ${amount(json.max, unit)})`],
    ["SD", amount(json.sd, unit)],
    ["CV", percent(json.cv)],
    ["GMI", gmi],
  ];
  const lack = insufficiency(timesMs, cadenceMinutes, {
    fromMs: timesMs[0]!,
    toMs: timesMs[timesMs.length - 1]! + (cadenceMinutes ?? 0) * MINUTE_MS,
  });
  return [
    ...(json.id === null ? [] : [json.id]),
    ...lines.map(([label, text]) => `  ${label.padEnd(15)}${text}`),
    "",
    ...rangeLines(json.ranges, unit),
    ...(lack ? ["", `  Preliminary: ${LACKS[lack]}`] : []),
  ].join("\n");
}

const LACKS = {
  under_14_days: "a report needs 14 days of readings.",
  under_70_percent: "a report needs 70 % of the readings of 14 days.",
} as const;

function rangeLines(ranges: StatsJson["ranges"], unit: GlucoseUnit): string[] {
  if (!ranges) return [];
  const { veryLow, low, high, veryHigh, tightHigh } = CONSENSUS_RANGES[unit];
  const step = unit === "mg/dL" ? 1 : 0.1;
  const digits = unit === "mg/dL" ? 0 : 1;
  const between = (from: number, to: number): string => `${from.toFixed(digits)}–${to.toFixed(digits)}`;
  const lines: [string, string, number][] = [
    ["Very high", `above ${veryHigh.toFixed(digits)}`, ranges.veryHigh],
    ["High", between(high + step, veryHigh), ranges.high],
    ["Target", between(low, high), ranges.target],
    ["Low", between(veryLow, low - step), ranges.low],
    ["Very low", `below ${veryLow.toFixed(digits)}`, ranges.veryLow],
    ["Tight target", between(low, tightHigh), ranges.tight],
  ];
  return [`  Time in ranges, ${unit}`, ...lines.map(([name, bounds, share]) => `  ${name.padEnd(15)}${bounds.padEnd(12)}${percent(share).padStart(7)}`)];
}

function amount(value: number | null, unit: GlucoseUnit): string {
  return value === null ? "–" : `${value.toFixed(unit === "mg/dL" ? 1 : 2)} ${unit}`;
}

function percent(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(1)} %`;
}

function problemList(listed: readonly ImportProblem[], count: number): string {
  if (count === 0) return "";
  const shown = listed.slice(0, SHOWN_PROBLEMS).map(({ line, reason }) => `  line ${line}: ${reason}`);
  const more = count - shown.length;
  return [`${count} ${count === 1 ? "row" : "rows"} could not be used:`, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}

/** `islet stats FILE`: glucose statistics of a file, without server or database. */
import { analyze, type GlucoseAnalysis } from "#glucose/analyze.ts";
import type { GridKind } from "#glucose/grid.ts";
import { CONSENSUS_RANGES } from "#glucose/ranges.ts";
import { cleanSeries, type DuplicatePolicy, type Series } from "#glucose/series.ts";
import { insufficiency } from "#glucose/wear.ts";
import type { ImportProblem } from "#imports/types.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { formatWithOffset, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import { chosen, DUPLICATES, readGlucose, sentenceOf, UNITS, type GlucoseFile, type GlucoseFileIo, type GlucoseFileOptions } from "./glucose-file.ts";
import type { CommandIo } from "./io.ts";

export interface StatsOptions extends GlucoseFileOptions {
  /** Unit to show: mgdl or mmol; mg/dL unless given. */
  readonly unit?: string;
  /** mean, first or last; mean unless given. */
  readonly duplicates?: string;
  /** iglu or islet; iglu unless given. */
  readonly grid?: string;
  readonly json?: boolean;
}

export type StatsIo = CommandIo & GlucoseFileIo;

/** Numbers unrounded, glucose in the asked unit, shares in percent 0–100, null where undefined. */
export interface StatsJson extends Omit<GlucoseAnalysis, "basis">, Pick<GlucoseAnalysis["basis"], "cadenceMinutes" | "grid" | "gridStepMinutes"> {
  readonly id: string | null;
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
export async function runStats(options: StatsOptions, io: StatsIo): Promise<number> {
  try {
    const view: View = {
      unit: chosen("--unit", options.unit, UNITS) ?? "mg/dL", zone: options.tz ?? "UTC", duplicates: chosen("--duplicates", options.duplicates, DUPLICATES) ?? "mean",
      grid: chosen<GridKind>("--grid", options.grid, { iglu: "iglu", islet: "islet" }) ?? "iglu",
    };
    const file = await readGlucose(options, io);
    const people = file.people.map(({ subject, ...readings }): Person => {
      const series = cleanSeries(readings, { unit: file.unit, duplicates: view.duplicates });
      return { id: subject === "" ? null : subject, series, analysis: analyze(series, view) };
    });
    if (options.json) {
      const results = people.map((one) => toJson(one, file.problemCount));
      io.stdout(`${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
    } else {
      const tables = people.map((one) => table(one, view));
      io.stdout(`${[heading(file, options.tz), ...tables, problemList(file.problems, file.problemCount), NOTICE].filter(Boolean).join("\n\n")}\n`);
    }
    return OK;
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence === null) throw error;
    io.stderr(`islet stats: ${sentence}\n`);
    return UNUSABLE;
  }
}

interface Person {
  readonly id: string | null;
  readonly series: Series;
  readonly analysis: GlucoseAnalysis;
}

function toJson({ id, analysis }: Person, problems: number): StatsJson {
  const { basis, ...numbers } = analysis;
  return { id, ...numbers, cadenceMinutes: basis.cadenceMinutes, grid: basis.grid, gridStepMinutes: basis.gridStepMinutes, problems };
}

const NOTICE = "For information only. Not for diagnosis or for decisions about treatment.";

const FORMAT_NAMES: Readonly<Record<GlucoseFile["format"], string>> = {
  "clarity-csv": "Dexcom Clarity export",
  "libreview-csv": "LibreView export",
  "readings-csv": "Diary of finger-sticks",
  "glucose-csv": "Table of glucose readings",
  "apple-health-export": "Apple Health export",
};
const UNIT_SOURCES: Readonly<Record<GlucoseFile["unitSource"], string>> = {
  header: "as its header says", values: "by the size of its values", option: "as given", records: "as its records say",
};

function heading(file: GlucoseFile, tz: string | undefined): string {
  const zone = tz === undefined ? "Local times are taken as UTC; --tz gives their zone." : `Local times are in ${tz}.`;
  return `${FORMAT_NAMES[file.format]}, ${file.rows} ${file.rows === 1 ? "row" : "rows"}, in ${file.unit} ${UNIT_SOURCES[file.unitSource]}. ${zone}`;
}

interface View {
  readonly unit: GlucoseUnit;
  readonly zone: string;
  readonly duplicates: DuplicatePolicy;
  readonly grid: GridKind;
}

function table({ id, series, analysis }: Person, { unit, zone, duplicates }: View): string {
  const { timesMs, cadenceMinutes, report } = series;
  const at = (ms: number): string => formatWithOffset(ms, offsetMinutesAt(zone, ms)).slice(0, 16).replace("T", " ");
  const gmi = analysis.gmi === null || analysis.gmiMmolMol === null ? "–" : `${analysis.gmi.toFixed(1)} %  (${analysis.gmiMmolMol.toFixed(0)} mmol/mol)`;
  const merged = report.duplicates > 0 ? `, ${report.duplicates} of the same instant merged (${duplicates})` : "";
  const clamped = report.clampedLow + report.clampedHigh;
  const every = cadenceMinutes === null ? "" : `  (a reading every ${cadenceMinutes} min)`;
  const lines: [string, string][] = [
    ["Readings", `${analysis.readings}${merged}${clamped > 0 ? `, ${clamped} beyond the sensor's range` : ""}`],
    ["Period", `${at(timesMs[0]!)} to ${at(timesMs[timesMs.length - 1]!)}, ${analysis.days} ${analysis.days === 1 ? "day" : "days"} with readings`],
    ["Sensor active", `${percent(analysis.activePercent)}${every}`],
    ["Mean", amount(analysis.mean, unit)],
    ["Median", `${amount(analysis.median, unit)}  (from ${amount(analysis.min, unit)} to ${amount(analysis.max, unit)})`],
    ["SD", amount(analysis.sd, unit)],
    ["CV", percent(analysis.cv)],
    ["GMI", gmi],
  ];
  const lack = insufficiency(timesMs, cadenceMinutes, {
    fromMs: timesMs[0]!,
    toMs: timesMs[timesMs.length - 1]! + (cadenceMinutes ?? 0) * MINUTE_MS,
  });
  return [
    ...(id === null ? [] : [id]),
    ...lines.map(([label, text]) => `  ${label.padEnd(15)}${text}`),
    "",
    ...rangeLines(analysis.ranges, unit),
    "",
    ...riskLines(analysis, unit),
    "",
    ...episodeLines(analysis, unit),
    ...(lack ? ["", `  Preliminary: ${LACKS[lack]}`] : []),
  ].join("\n");
}

function riskLines(analysis: GlucoseAnalysis, unit: GlucoseUnit): string[] {
  const plain = (value: number | null, digits = 1): string => (value === null ? "–" : value.toFixed(digits));
  const lines: [string, string][] = [
    ["GRI", analysis.gri === null ? "–" : `${plain(analysis.gri)}  zone ${analysis.griZone}`],
    ["LBGI, HBGI", `${plain(analysis.lbgi, 2)}, ${plain(analysis.hbgi, 2)}`],
    ["ADRR", plain(analysis.adrr)],
    ["MAGE", `${amount(analysis.mage.average, unit)}  (moving average)`],
    ["MODD", amount(analysis.modd, unit)],
    ["CONGA 24 h", amount(analysis.conga24, unit)],
    ["MAG", analysis.mag === null ? "–" : `${amount(analysis.mag, unit)} per hour`],
    ["GVP", percent(analysis.gvp)],
  ];
  return ["  Risk and variability", ...lines.map(([label, text]) => `  ${label.padEnd(15)}${text}`)];
}

const EPISODE_NAMES = {
  hypoLevel1: "Low", hypoLevel2: "Very low", hypoExtended: "Extended low", hyperLevel1: "High", hyperLevel2: "Very high", hyperExtended: "Extended high",
} as const;

function episodeLines({ episodes }: GlucoseAnalysis, unit: GlucoseUnit): string[] {
  if (!episodes) return ["  Episodes       –"];
  return ["  Episodes", ...Object.entries(EPISODE_NAMES).map(([kind, name]) => {
    const { count, meanDurationMinutes, meanGlucose } = episodes[kind as keyof typeof EPISODE_NAMES];
    const about = meanDurationMinutes === null ? "" : `  ${meanDurationMinutes.toFixed(0)} min on average, at ${amount(meanGlucose, unit)}`;
    return `  ${name.padEnd(15)}${String(count).padStart(4)}${about}`;
  })];
}

const LACKS = {
  under_14_days: "a report needs 14 days of readings.",
  under_70_percent: "a report needs 70 % of the readings of 14 days.",
} as const;

function rangeLines(ranges: GlucoseAnalysis["ranges"], unit: GlucoseUnit): string[] {
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

/** A report's numbers as tables: unrounded, glucose in the asked unit, shares in percent 0–100, empty where undefined. Column names are English and stable. */
import { type GlucoseUnit, inUnit } from "#units/glucose.ts";
import { formatWithOffset, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import { BANDS, type Band } from "#charts/palette.ts";
import { bandsOf } from "#charts/range-bar.ts";
import type { Cell, Table } from "./csv.ts";
import { metricRows, type MetricUnit, TOLD_KINDS } from "./metric-rows.ts";
import type { Numbers, ReportData } from "./report-types.ts";

export const TABLES = ["statistics", "ranges", "metrics", "profile", "daily", "episodes", "episode-kinds", "hourly"] as const;
export type TableName = (typeof TABLES)[number];

/** All tables of a report, by name. */
export function reportTables(data: ReportData, unit: GlucoseUnit): Readonly<Record<TableName, Table>> {
  const amount: Amount = (mgDl) => (mgDl === null ? null : inUnit(mgDl, unit));
  const frame = { unit, amount, at: (ms: number): string => formatWithOffset(ms, offsetMinutesAt(data.zone, ms)) };
  return {
    statistics: statisticsTable(data, frame), ranges: rangesTable(data, frame), profile: profileTable(data, frame), daily: dailyTable(data, frame), episodes: episodesTable(data, frame),
    metrics: metricsTable(data, frame), "episode-kinds": episodeKindsTable(data, frame),
    hourly: { columns: ["hour", ...numberColumns(unit)], rows: data.hours.map(({ hour, numbers }) => [hour, ...numberCells(numbers, amount)]) },
  };
}

type Amount = (mgDl: number | null) => number | null;

interface TableFrame {
  readonly unit: GlucoseUnit;
  readonly amount: Amount;
  readonly at: (ms: number) => string;
}

const BAND_COLUMNS: Readonly<Record<Band, string>> = {
  veryLow: "very low (%)", low: "low (%)", target: "in range (%)", high: "high (%)", veryHigh: "very high (%)",
};

function numberColumns(unit: GlucoseUnit): string[] {
  const glucose = ["mean", "sd", "median", "min", "p05", "p25", "p75", "p95", "max"].map((name) => `${name} (${unit})`);
  return ["readings", ...glucose, "cv (%)", ...BANDS.map((band) => BAND_COLUMNS[band]), "tight range (%)"];
}

function numberCells(numbers: Numbers, amount: Amount): Cell[] {
  const { readings, mean, sd, median, min, p05, p25, p75, p95, max, cvPercent, shares, tightPercent } = numbers;
  return [readings, ...[mean, sd, median, min, p05, p25, p75, p95, max].map(amount), cvPercent, ...BANDS.map((band) => shares?.[band] ?? null), tightPercent];
}

function statisticsTable({ numbers, night, daytime, gmi, activePercent, period, zone }: ReportData, { unit, amount }: TableFrame): Table {
  const [percent, mmolMol] = "lack" in gmi ? [null, null] : [gmi.percent, gmi.mmolMol];
  return {
    columns: ["part", "first day", "last day", "zone", ...numberColumns(unit), "gmi (%)", "gmi (mmol/mol)", "active (%)", "withheld because"],
    rows: [
      ["all", period.firstDate, period.lastDate, zone, ...numberCells(numbers, amount), percent, mmolMol, activePercent, "lack" in gmi ? gmi.lack : null],
      ["night 00:00-06:00", period.firstDate, period.lastDate, zone, ...numberCells(night, amount), null, null, null, null],
      ["day 06:00-24:00", period.firstDate, period.lastDate, zone, ...numberCells(daytime, amount), null, null, null, null],
    ],
  };
}

function metricsTable({ analysis }: ReportData, { unit, amount }: TableFrame): Table {
  const units: Readonly<Record<MetricUnit, string>> = { glucose: unit, perHour: `${unit}/h`, perMinute: `${unit}/min`, percent: "%", index: "" };
  const isGlucose = (of: MetricUnit): boolean => of === "glucose" || of === "perHour" || of === "perMinute";
  const rows = metricRows(analysis).map((row): Cell[] => [row.name, isGlucose(row.unit) ? amount(row.value) : row.value, units[row.unit], row.reason]);
  return { columns: ["metric", "value", "unit", "missing because"], rows: [...rows, ["griZone", analysis.griZone, "", null]] };
}

function episodeKindsTable({ analysis: { episodes } }: ReportData, { unit, amount }: TableFrame): Table {
  return {
    columns: ["kind", "episodes", "per day", "mean duration (min)", `mean glucose (${unit})`],
    rows: TOLD_KINDS.map((kind) => {
      const of = episodes?.[kind];
      return [kind, of?.count ?? null, of?.perDay ?? null, of?.meanDurationMinutes ?? null, amount(of?.meanGlucose ?? null)];
    }),
  };
}

function rangesTable({ preset, numbers }: ReportData, { unit }: TableFrame): Table {
  const limits = preset.limits[unit];
  const bounds: Readonly<Record<Band, readonly [number | null, number | null]>> = {
    veryLow: [null, limits.veryLow], low: [limits.veryLow, limits.low], target: [limits.low, limits.high], high: [limits.high, limits.veryHigh], veryHigh: [limits.veryHigh, null],
  };
  const name = (band: Band): string => BAND_COLUMNS[band].replace(" (%)", "");
  return {
    columns: ["range", `from (${unit})`, `to (${unit})`, "share (%)", "goal (%)"],
    rows: bandsOf(preset.limits["mg/dL"]).map((band) => [name(band), ...bounds[band], numbers.shares?.[band] ?? null, band === "low" || band === "high" ? null : preset.goals[band]]),
  };
}

function profileTable({ profile }: ReportData, { unit, amount }: TableFrame): Table {
  return {
    columns: ["minute of day", "readings", ...["p05", "p25", "p50", "p75", "p95"].map((name) => `${name} (${unit})`)],
    rows: profile.bins.map((bin, hour) => (bin ? [bin.minute, bin.count, ...[bin.p05, bin.p25, bin.p50, bin.p75, bin.p95].map(amount)] : [hour * 60 + 30, 0, null, null, null, null, null])),
  };
}

function dailyTable({ days }: ReportData, { unit, amount }: TableFrame): Table {
  return {
    columns: ["date", "hours", "active (%)", ...numberColumns(unit)],
    rows: days.map(({ date, fromMs, toMs, activePercent, numbers }) => [date, (toMs - fromMs) / (60 * MINUTE_MS), activePercent, ...numberCells(numbers, amount)]),
  };
}

function episodesTable({ episodes }: ReportData, { unit, amount, at }: TableFrame): Table {
  return {
    columns: ["begin", "end", "length (min)", "kind", `lowest or highest (${unit})`, `mean (${unit})`, "cut off"],
    rows: episodes.map(({ startMs, endMs, band, extreme, mean, isCut }) => [at(startMs), at(endMs), (endMs - startMs) / MINUTE_MS, BAND_COLUMNS[band].replace(" (%)", ""), amount(extreme), amount(mean), isCut ? "yes" : "no"]),
  };
}

/**
 * The glucose library on 90 days of 5-minute readings, parsing apart, and on a clinic of 1,000 patients. Beside it, in the same run, the plainest code for a few of
 * the numbers, and Tidepool's visualization library where it is installed (ISLET_BENCH_TIDEPOOL names a folder with its node_modules: it is 145 MB, and not
 * a dependency of Islet).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { analyze } from "#glucose/analyze.ts";
import { consensusSet } from "#glucose/consensus.ts";
import { findEpisodes } from "#glucose/episodes/all-episodes.ts";
import { timeGrid } from "#glucose/grid.ts";
import { ambulatoryProfile } from "#glucose/patterns/agp.ts";
import { comparePeriods } from "#glucose/patterns/compare.ts";
import { dayParts } from "#glucose/patterns/day-parts.ts";
import { mealWindows } from "#glucose/patterns/meals.ts";
import { nights } from "#glucose/patterns/nights.ts";
import { dataQuality } from "#glucose/quality.ts";
import { cleanSeries, type Readings } from "#glucose/series.ts";
import { mage } from "#glucose/variability/mage.ts";
import { readGlucoseFile } from "#imports/read-file.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { atMost, median, percentile, told, type Figure } from "./figure.ts";
import { tidepoolFigures } from "./glucose-tidepool.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const GIVEN = join(ROOT, "../shared/golden/perf/perf90.csv");
const ZONE = "Europe/Madrid";
const PATIENTS = 1_000;
const ROUNDS = 160;

export async function benchGlucose(): Promise<Figure[]> {
  const readings = ninetyDays();
  const series = cleanSeries(readings);
  const grid = timeGrid(series, ZONE, { kind: "iglu" })!;
  const all = timed(() => everything(readings));
  return [
    told("glucose: readings of 90 days", series.values.length, "readings"),
    atMost("glucose: everything of 90 days, median", all.median, "ms", 10),
    told("glucose: everything of 90 days, fastest", all.fastest, "ms"),
    told("glucose: everything of 90 days, first call", all.first, "ms"),
    ...partsOf(readings),
    atMost("glucose: all episodes", timed(() => findEpisodes(grid, { unit: "mg/dL" })).median, "ms", 1),
    atMost("glucose: MAGE", timed(() => mage(grid.values)).median, "ms", 2),
    atMost(`glucose: consensus set of ${PATIENTS} patients, 14 days each`, clinic(readings), "ms", 500),
    ...baselines(readings, all.median),
    atMost("glucose: library for the browser, minified and gzipped", await librarySize("index.ts"), "KB", 15),
    told("glucose: the same with patterns, meals, nights, quality and loess", await librarySize("index.ts", "patterns/index.ts"), "KB"),
    ...(await tidepoolFigures(series, ZONE, all.median)),
  ];
}

function ninetyDays(): Readings {
  if (existsSync(GIVEN)) return readGlucoseFile(readFileSync(GIVEN), { zone: "UTC" }).readings[0]!;
  process.stderr.write("The speed input is not here (../shared/golden/perf/perf90.csv); a made-up series stands in.\n");
  const count = 90 * 288;
  return {
    timesMs: Float64Array.from({ length: count }, (_, i) => Date.UTC(2026, 0, 1) + i * 300_000),
    values: Float64Array.from({ length: count }, (_, i) => Math.round(150 + 60 * Math.sin(i / 40) + 30 * Math.sin(i / 13) + 10 * Math.sin(i * 1.7))),
  };
}

/** What the library knows of a series: cleaning, all metrics and episodes, profile, days and parts, comparison, meals, nights, quality. Loess apart. */
function everything(readings: Readings): unknown[] {
  const series = cleanSeries(readings);
  return [
    analyze(series, { zone: ZONE }), ambulatoryProfile(series, ZONE), dayParts(series, ZONE), comparePeriods(series, windowsOf(series.timesMs), ZONE),
    mealWindows(series, mealsOf(series.timesMs), ZONE), nights(series, ZONE), dataQuality(series, ZONE),
  ];
}

function windowsOf(timesMs: Float64Array) {
  const [fromMs, toMs] = [timesMs[0]!, timesMs.at(-1)! + 1];
  const middleMs = (fromMs + toMs) / 2;
  return { before: { fromMs, toMs: middleMs }, after: { fromMs: middleMs, toMs } };
}

/** Three a day. */
function mealsOf(timesMs: Float64Array): Float64Array {
  const days = Math.floor((timesMs.at(-1)! - timesMs[0]!) / DAY_MS);
  return Float64Array.from({ length: days * 3 }, (_, i) => timesMs[0]! + Math.floor(i / 3) * DAY_MS + [8, 14, 21][i % 3]! * HOUR_MS);
}

function partsOf(readings: Readings): Figure[] {
  const series = cleanSeries(readings);
  const meals = mealsOf(series.timesMs);
  const parts: readonly [string, () => unknown][] = [
    ["cleaning", () => cleanSeries(readings)], ["all metrics and episodes", () => analyze(series, { zone: ZONE })], ["ambulatory profile", () => ambulatoryProfile(series, ZONE)],
    ["days and parts", () => dayParts(series, ZONE)], ["comparison", () => comparePeriods(series, windowsOf(series.timesMs), ZONE)],
    ["meal windows", () => mealWindows(series, meals, ZONE)], ["nights", () => nights(series, ZONE)], ["quality", () => dataQuality(series, ZONE)],
  ];
  return parts.map(([name, run]) => told(`glucose: of it ${name}`, timed(run).median, "ms"));
}

interface Timing {
  readonly first: number;
  readonly median: number;
  readonly fastest: number;
}

function timed(run: () => unknown): Timing {
  const took = Array.from({ length: ROUNDS }, () => {
    const startedMs = performance.now();
    run();
    return performance.now() - startedMs;
  });
  // The first rounds are spent on compiling.
  const warm = took.slice(ROUNDS / 4);
  return { first: took[0]!, median: median(warm), fastest: percentile(warm, 0) };
}

/** Milliseconds for the patients of a clinic, each with 14 days of readings of their own. */
function clinic(readings: Readings): number {
  const length = 14 * 288;
  const patients = Array.from({ length: PATIENTS }, (_, patient) => {
    const from = (patient * 97) % Math.max(1, readings.values.length - length);
    return { timesMs: Array.prototype.slice.call(readings.timesMs, from, from + length) as number[], values: Array.prototype.slice.call(readings.values, from, from + length) as number[] };
  });
  const took = Array.from({ length: 3 }, () => {
    const startedMs = performance.now();
    for (const patient of patients) consensusSet(cleanSeries(patient));
    return performance.now() - startedMs;
  });
  return median(took);
}

/** A floor that any library stands on: sort, sum, classify, with plain arrays; and what everything costs in it. */
function baselines(readings: Readings, everythingMs: number): Figure[] {
  const values = Array.from(readings.values);
  const plain = timed(() => {
    const ascending = values.toSorted((a, b) => a - b);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    return [ascending[ascending.length >> 1], mean, sd, values.filter((value) => value >= 70 && value <= 180).length / values.length];
  });
  return [
    told("glucose: baseline, median, mean, SD and time in range by plain arrays", plain.median, "ms"),
    told("glucose: everything against that baseline", everythingMs / plain.median, "x"),
  ];
}

async function librarySize(...entries: readonly string[]): Promise<number> {
  const output = await build({
    root: ROOT, configFile: false, logLevel: "silent",
    build: { write: false, minify: true, rolldownOptions: { input: entries.map((entry) => join(ROOT, "src/glucose", entry)), preserveEntrySignatures: "strict", output: { format: "es" } } },
  });
  const chunks = [output].flat().flatMap((part) => ("output" in part ? part.output : []));
  const code = chunks.map((chunk) => ("code" in chunk ? chunk.code : "")).join("");
  return gzipSync(code, { level: 9 }).byteLength / 1000;
}

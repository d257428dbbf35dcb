/** Every metric of one series at once. Too little data gives null with a reason, never an error, 0 or NaN. */
import { inUnit, MG_DL_PER_MMOL_L, type GlucoseUnit } from "#units/glucose.ts";
import { activePercent } from "./active-percent.ts";
import { distributionOf, scaled, type Distribution } from "./distribution.ts";
import { EPISODE_KINDS, findEpisodes, slowLowsPerDay, summarizeEpisodes, type EpisodeKind, type EpisodeSummary } from "./episodes/all-episodes.ts";
import { segmentsOf } from "./episodes/detect.ts";
import { eA1cPercent, gmiMmolMol, gmiPercent } from "./gmi.ts";
import { gridStepMinutes, timeGrid, wallGrid, type GridKind, type TimeGrid, type WallGrid } from "./grid.ts";
import { localTimes, type LocalTimes, type Zone } from "./local-times.ts";
import { rangesOf, type RangeBounds, type RangeShares } from "./ranges.ts";
import { reasonsFor, type MissingReason } from "./reasons.ts";
import { averageDailyRiskRange, riskIndexes } from "./risk/blood-glucose-risk.ts";
import { glycemiaRiskIndex, type GriZone } from "./risk/glycemia-risk-index.ts";
import { GRADE_BOUNDS, grade } from "./risk/grade.ts";
import { cogi, glycaemicControl, jIndex, mValue, personalGlycemicState } from "./risk/indexes.ts";
import type { Series } from "./series.ts";
import { describeDistribution, type Description } from "./statistics.ts";
import { conga, gvp, mag, modd, sdOfRates } from "./variability/grid-variability.ts";
import { mage, mageNaive, MAGE_STEP_MINUTES, type Mage } from "./variability/mage.ts";
import { hourlyAuc, sdFamily, type SdFamily } from "./variability/sd-family.ts";

export interface AnalysisOptions {
  /** Where a day begins and what the clock on the wall shows. */
  readonly zone: Zone;
  /** `iglu` unless given: numbers of the reference, digit for digit, GRADE's bounds included. */
  readonly grid?: GridKind;
  /** Unit of the result; the series' own unless given. Ranges and episodes are found in the series' own unit in any case. */
  readonly unit?: GlucoseUnit;
  /** Ranges of `ranges`, `tbr`, `tar` and the episodes; the consensus' unless given. GRI, COGI and PGS are defined on those. */
  readonly bounds?: RangeBounds;
}

/** Glucose in the asked unit, shares in percent 0–100, unrounded; null where undefined, with the reason in `reasons`. */
export interface GlucoseAnalysis extends SdFamily {
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
  /** Percent. */
  readonly gmi: number | null;
  readonly gmiMmolMol: number | null;
  readonly eA1c: number | null;
  readonly ranges: RangeShares | null;
  readonly tbr: number | null;
  readonly tar: number | null;
  readonly lbgi: number | null;
  readonly hbgi: number | null;
  readonly bgri: number | null;
  readonly adrr: number | null;
  readonly gri: number | null;
  readonly griHypo: number | null;
  readonly griHyper: number | null;
  readonly griZone: GriZone | null;
  readonly grade: number | null;
  readonly gradeHypo: number | null;
  readonly gradeEuglycemia: number | null;
  readonly gradeHyper: number | null;
  readonly jIndex: number | null;
  readonly mValue: number | null;
  readonly igc: number | null;
  readonly hypoIndex: number | null;
  readonly hyperIndex: number | null;
  readonly cogi: number | null;
  readonly pgs: number | null;
  readonly modd: number | null;
  readonly conga24: number | null;
  /** Per hour, over each slot and over each hour. */
  readonly mag: number | null;
  readonly mag60: number | null;
  /** Percent. */
  readonly gvp: number | null;
  /** Per minute. */
  readonly sdRoc: number | null;
  readonly auc: number | null;
  readonly mage: Mage;
  readonly mageNaive: number | null;
  readonly episodes: Readonly<Record<EpisodeKind, EpisodeSummary>> | null;
  readonly reasons: Readonly<Record<string, MissingReason>>;
  /** What it was computed from. */
  readonly basis: AnalysisBasis;
}

export interface AnalysisBasis {
  readonly unit: GlucoseUnit;
  /** Unit that ranges and episodes were found in. */
  readonly measuredUnit: GlucoseUnit;
  readonly cadenceMinutes: number | null;
  readonly grid: GridKind;
  readonly gridStepMinutes: number | null;
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Algorithms that go by one name and differ. */
  readonly algorithms: { readonly mage: "moving average 5/32"; readonly episodes: "15 min in, 15 min out"; readonly quantiles: "type 7" };
}

/** All metrics of a cleaned series. Throws RangeError for an unknown zone. Source: cgm-metrics §3–§9. */
export function analyze(series: Series, options: AnalysisOptions): GlucoseAnalysis {
  const { values, unit, timesMs, cadenceMinutes } = series;
  const kind = options.grid ?? "iglu";
  const shown = options.unit ?? unit;
  const readings = distributionOf(values);
  const described = describeDistribution(readings);
  const times = localTimes(timesMs, options.zone);
  const toMgDl = unit === "mg/dL" ? 1 : MG_DL_PER_MMOL_L;
  const grids = gridsOf(series, options.zone, kind);
  const tellFactor = (shown === "mg/dL" ? toMgDl : inUnit(toMgDl, "mmol/L"));
  const scale = shown === unit ? 1 : tellFactor;
  const tell = <T extends number | null>(value: T): T => (value === null ? value : (value * scale)) as T;
  const inTime = timeMetrics(grids, { series, bounds: options.bounds, toMgDl });
  const found = {
    readings: values.length, days: times.dates.length, activePercent: activePercent(timesMs, cadenceMinutes),
    ...central(described, tell, toMgDl), ...rangeMetrics(readings, unit, options.bounds),
    ...riskMetrics({ readings: scaled(readings, toMgDl), described, toMgDl, unit, measured: readings, times, values, kind }),
    pgs: pgsOf(inTime, { described, toMgDl, unit, readings }),
    ...variability(grids, tell, inTime?.gvp ?? null), mage: mapNumbers(grids.five ? mage(grids.five.values, toMgDl) : NO_MAGE, tell), mageNaive: tell(described && mageNaive(readings, described)),
    episodes: inTime && tellEpisodes(inTime.episodes, tell),
  };
  return {
    ...found, reasons: reasonsFor(found, { cadenceMinutes, gridStepMinutes: grids.time?.stepMinutes ?? null }),
    basis: {
      unit: shown, measuredUnit: unit, cadenceMinutes, grid: kind, gridStepMinutes: gridStepMinutes(cadenceMinutes), firstMs: timesMs[0] ?? null, lastMs: timesMs.at(-1) ?? null,
      algorithms: { mage: "moving average 5/32", episodes: "15 min in, 15 min out", quantiles: "type 7" },
    },
  };
}

type Tell = <T extends number | null>(value: T) => T;

const NO_MAGE: Mage = { average: null, service: null, max: null, plus: null, minus: null };

interface Grids {
  readonly time: TimeGrid | null;
  readonly wall: WallGrid | null;
  /** The one MAGE is defined on. */
  readonly five: TimeGrid | null;
}

function gridsOf(series: Series, zone: Zone, kind: GridKind): Grids {
  const time = timeGrid(series, zone, { kind });
  const five = time?.stepMinutes === MAGE_STEP_MINUTES ? time : timeGrid(series, zone, { kind, stepMinutes: MAGE_STEP_MINUTES });
  return { time, five, wall: wallGrid(series, zone, { kind }) };
}

function central(described: Description | null, tell: Tell, toMgDl: number) {
  const meanMgDl = described ? described.mean * toMgDl : null;
  return {
    mean: tell(described?.mean ?? null), sd: tell(described?.sd ?? null), cv: described?.cvPercent ?? null, median: tell(described?.median ?? null),
    iqr: tell(described?.iqr ?? null), mad: tell(described?.mad ?? null), min: tell(described?.min ?? null), max: tell(described?.max ?? null),
    gmi: meanMgDl === null ? null : gmiPercent(meanMgDl), gmiMmolMol: meanMgDl === null ? null : gmiMmolMol(meanMgDl), eA1c: meanMgDl === null ? null : eA1cPercent(meanMgDl),
  };
}

function rangeMetrics(readings: Distribution, unit: GlucoseUnit, bounds: RangeBounds | undefined) {
  const inRanges = rangesOf(readings, unit, bounds);
  return { ranges: inRanges?.ranges ?? null, tbr: inRanges?.tbr ?? null, tar: inRanges?.tar ?? null };
}

interface RiskInput {
  /** In mg/dL. */
  readonly readings: Distribution;
  /** In their own unit. */
  readonly measured: Distribution;
  readonly unit: GlucoseUnit;
  readonly values: Float64Array;
  readonly times: LocalTimes;
  readonly described: Description | null;
  readonly toMgDl: number;
  readonly kind: GridKind;
}

function riskMetrics({ readings, measured, unit, values, times, described, toMgDl, kind }: RiskInput) {
  const risk = riskIndexes(readings);
  const consensus = rangesOf(measured, unit);
  const gri = consensus && glycemiaRiskIndex(consensus.ranges);
  const graded = grade(readings, kind === "iglu" ? GRADE_BOUNDS.iglu : GRADE_BOUNDS.published);
  const control = glycaemicControl(readings);
  const sdMgDl = described?.sd == null ? null : described.sd * toMgDl;
  const mgDl = toMgDl === 1 ? values : values.map((value) => value * toMgDl);
  return {
    lbgi: risk?.lbgi ?? null, hbgi: risk?.hbgi ?? null, bgri: risk?.bgri ?? null, adrr: averageDailyRiskRange(mgDl, times),
    gri: gri?.gri ?? null, griHypo: gri?.hypo ?? null, griHyper: gri?.hyper ?? null, griZone: gri?.zone ?? null,
    grade: graded?.grade ?? null, gradeHypo: graded?.hypo ?? null, gradeEuglycemia: graded?.euglycemia ?? null, gradeHyper: graded?.hyper ?? null,
    jIndex: described && sdMgDl !== null ? jIndex(described.mean * toMgDl, sdMgDl) : null, mValue: mValue(readings),
    igc: control?.igc ?? null, hypoIndex: control?.hypoIndex ?? null, hyperIndex: control?.hyperIndex ?? null,
    cogi: consensus && sdMgDl !== null ? cogi({ target: consensus.ranges.target, below: consensus.tbr, sdMgDl }) : null,
  };
}

function variability({ time, wall }: Grids, tell: Tell, gvpOfTime: number | null) {
  const family = wall ? sdFamily(wall) : NO_FAMILY;
  return {
    modd: tell(wall && modd(wall)), conga24: tell(time && conga(time, 24)), mag: tell(time && mag(time)), mag60: tell(time && mag(time, 60)), gvp: gvpOfTime,
    sdRoc: tell(time && sdOfRates(time)), sdW: tell(family.sdW), sdHhMm: tell(family.sdHhMm), sdWsh: tell(family.sdWsh), sdDm: tell(family.sdDm), sdB: tell(family.sdB),
    sdBDm: tell(family.sdBDm), cvMean: family.cvMean, cvSd: family.cvSd, auc: tell(wall && hourlyAuc(wall)),
  };
}

const NO_FAMILY = { sdW: null, sdHhMm: null, sdWsh: null, sdDm: null, sdB: null, sdBDm: null, cvMean: null, cvSd: null } as const;

interface TimeMetrics {
  readonly episodes: Record<EpisodeKind, EpisodeSummary>;
  readonly gvp: number | null;
  /** Episodes a day that begin after 20 and end after 30 minutes, as PGS asks for them. */
  readonly level2PerDay: number | null;
  readonly level1OnlyPerDay: number | null;
}

function timeMetrics({ time }: Grids, { series, bounds, toMgDl }: { readonly series: Series; readonly bounds: RangeBounds | undefined; readonly toMgDl: number }): TimeMetrics | null {
  if (!time) return null;
  const segments = segmentsOf(time.values);
  const options = { unit: series.unit, segments, ...(bounds ? { bounds } : {}) };
  return { episodes: summarizeEpisodes(findEpisodes(time, options), time, segments), gvp: gvp(time, toMgDl), ...slowLowsPerDay(time, series.unit, segments) };
}

function pgsOf(
  inTime: TimeMetrics | null, { described, toMgDl, unit, readings }: { readonly described: Description | null; readonly toMgDl: number; readonly unit: GlucoseUnit; readonly readings: Distribution },
): number | null {
  const consensus = rangesOf(readings, unit);
  if (inTime?.gvp == null || inTime.level2PerDay === null || inTime.level1OnlyPerDay === null || !described || !consensus) return null;
  return personalGlycemicState({
    gvp: inTime.gvp, inTargetPercent: consensus.ranges.target, meanMgDl: described.mean * toMgDl, level2PerWeek: inTime.level2PerDay * 7, level1OnlyPerWeek: inTime.level1OnlyPerDay * 7,
  });
}

function mapNumbers(numbers: Mage, tell: Tell): Mage {
  const { average, service, max, plus, minus } = numbers;
  return { average: tell(average), service: tell(service), max: tell(max), plus: tell(plus), minus: tell(minus) };
}

function tellEpisodes(episodes: Record<EpisodeKind, EpisodeSummary>, tell: Tell): Record<EpisodeKind, EpisodeSummary> {
  return Object.fromEntries(EPISODE_KINDS.map((kind) => [kind, { ...episodes[kind], meanGlucose: tell(episodes[kind].meanGlucose) }])) as Record<EpisodeKind, EpisodeSummary>;
}

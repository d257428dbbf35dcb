/** How good a series is as data: what is missing, and what looks odd. Kinds, times and counts; the words for them are elsewhere. Source: cgm-metrics §1, §3. */
import { inUnit } from "#units/glucose.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { activePercent } from "./active-percent.ts";
import { localTimes, type Zone } from "./local-times.ts";
import { coveredIn, coverMs } from "./patterns/coverage.ts";
import { type CadenceStretch, clockJumps, mixedCadences, overlappingSensors, type Stretch } from "./patterns/stretches.ts";
import { roundHalfEven } from "./rounding.ts";
import { PLAUSIBLE_MG_DL, type Series } from "./series.ts";

/** Readings further apart are a gap unless said (cgm-metrics §2.4). */
const GAP_MINUTES = 45;
/** A gap this long is a sensor that was not worn. */
const LONG_GAP_MS = DAY_MS;
/** Glucose does not stand still so long. */
const FLAT = { readings: 12, ms: HOUR_MS } as const;
/** Nearly all numbers of a series in mmol/L lie here, and nearly none of one in mg/dL; how many are "nearly all", and how many decimals tell. */
const MMOL_L_NUMBERS = { min: 1.5, max: 35, share: 0.95, decimals: 0.5 } as const;
/** Half of the readings below: no person's mg/dL. */
const IMPOSSIBLE_MEDIAN_MG_DL = 20;

export type FindingKind = "gap" | "mixed_cadence" | "overlapping_sensors" | "suspicious_unit" | "clock_jump" | "implausible" | "flat";

export interface Finding {
  readonly kind: FindingKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** Readings concerned; of a gap the missing ones, of a clock jump the half-hours. */
  readonly count: number;
  readonly severity: "info" | "warning";
}

export interface Gap {
  /** The reading before and the reading after. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly missing: number;
}

export interface DayQuality {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly readings: number;
  /** Of the whole day, which has 23 to 25 hours; null where the cadence is unknown, as is the share. */
  readonly expected: number | null;
  readonly presentPercent: number | null;
}

export interface DataQuality {
  readonly readings: number;
  readonly cadenceMinutes: number | null;
  /** From the first to the last reading; null under two, as is the share (`activePercent`). */
  readonly expected: number | null;
  readonly presentPercent: number | null;
  /** Local days that have readings. */
  readonly days: readonly DayQuality[];
  readonly gaps: readonly Gap[];
  /** The longest of them; null without any. */
  readonly longestGap: Gap | null;
  /** Stretches at another cadence than the series'. */
  readonly cadences: readonly CadenceStretch[];
  /** Ascending by their beginning. */
  readonly findings: readonly Finding[];
}

/**
 * Quality of a series in its declared unit; an empty one has no findings.
 * @param options.gapMinutes readings further apart are a gap; 45 unless said. Throws RangeError for an unknown zone.
 */
export function dataQuality(series: Series, zone: Zone, options: { readonly gapMinutes?: number } = {}): DataQuality {
  const { timesMs, cadenceMinutes } = series;
  const gaps = gapsOf(series, (options.gapMinutes ?? GAP_MINUTES) * MINUTE_MS);
  const overlaps = overlappingSensors(series);
  const isOverlapped = ({ fromMs, toMs }: Stretch): boolean => overlaps.some((overlap) => overlap.fromMs < toMs && fromMs < overlap.toMs);
  const cadences = mixedCadences(series).filter((stretch) => !isOverlapped(stretch));
  const findings: Finding[] = [
    ...gaps.map(({ fromMs, toMs, missing }) => finding("gap", { fromMs, toMs, count: missing }, toMs - fromMs >= LONG_GAP_MS ? "warning" : "info")),
    ...cadences.map((stretch) => finding("mixed_cadence", stretch, "info")),
    ...overlaps.map((stretch) => finding("overlapping_sensors", stretch, "warning")),
    ...clockJumps(series, overlaps).map((stretch) => finding("clock_jump", stretch, "info")),
    ...flatStretches(series).map((stretch) => finding("flat", stretch, "info")),
    ...suspiciousUnit(series),
    ...implausible(series),
  ];
  const minutes = timesMs.length < 2 ? null : (timesMs[timesMs.length - 1]! - timesMs[0]!) / MINUTE_MS;
  return {
    readings: timesMs.length,
    cadenceMinutes,
    expected: minutes === null || cadenceMinutes === null ? null : roundHalfEven(roundHalfEven(minutes) / cadenceMinutes) + 1,
    presentPercent: activePercent(timesMs, cadenceMinutes),
    days: daysOf(series, zone),
    gaps,
    longestGap: gaps.reduce<Gap | null>((longest, gap) => (longest !== null && longest.toMs - longest.fromMs >= gap.toMs - gap.fromMs ? longest : gap), null),
    cadences,
    findings: findings.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs),
  };
}

function finding(kind: FindingKind, { fromMs, toMs, count }: Stretch, severity: Finding["severity"]): Finding {
  return { kind, fromMs, toMs, count, severity };
}

function gapsOf({ timesMs, cadenceMinutes }: Series, longerThanMs: number): Gap[] {
  const gaps: Gap[] = [];
  for (let i = 1; i < timesMs.length; i++) {
    const step = timesMs[i]! - timesMs[i - 1]!;
    if (step <= longerThanMs) continue;
    gaps.push({ fromMs: timesMs[i - 1]!, toMs: timesMs[i]!, missing: Math.max(0, roundHalfEven(step / ((cadenceMinutes ?? 1) * MINUTE_MS)) - 1) });
  }
  return gaps;
}

function daysOf({ timesMs, cadenceMinutes }: Series, zone: Zone): DayQuality[] {
  const local = localTimes(timesMs, zone);
  const cover = coverMs(timesMs, cadenceMinutes);
  return local.days.map((day, index) => {
    const [from, to] = [local.starts[index]!, local.starts[index + 1]!];
    const lengthMs = day.toMs - day.fromMs;
    return {
      date: day.date,
      readings: to - from,
      expected: cadenceMinutes === null ? null : roundHalfEven(lengthMs / (cadenceMinutes * MINUTE_MS)),
      presentPercent: cadenceMinutes === null ? null : Math.min(100, (100 * coveredIn(day, { timesMs, cover }, from, to)) / lengthMs),
    };
  });
}

function flatStretches({ timesMs, values }: Series): Stretch[] {
  const found: Stretch[] = [];
  let start = 0;
  for (let i = 1; i <= values.length; i++) {
    if (i < values.length && values[i] === values[start] && timesMs[i]! - timesMs[i - 1]! <= GAP_MINUTES * MINUTE_MS) continue;
    const stretch = { fromMs: timesMs[start]!, toMs: timesMs[i - 1]!, count: i - start };
    if (stretch.count >= FLAT.readings && stretch.toMs - stretch.fromMs >= FLAT.ms) found.push(stretch);
    start = i;
  }
  return found;
}

/** Numbers of mmol/L in a series that says mg/dL, or the other way round. */
function suspiciousUnit({ timesMs, values, unit }: Series): Finding[] {
  const n = values.length;
  if (n === 0) return [];
  let [mmolL, above, decimals, tiny] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    if (value > MMOL_L_NUMBERS.max) above++;
    else if (value >= MMOL_L_NUMBERS.min) mmolL++;
    if (!Number.isInteger(value)) decimals++;
    if (value < IMPOSSIBLE_MEDIAN_MG_DL) tiny++;
  }
  const looksLikeMmolL = mmolL > MMOL_L_NUMBERS.share * n && (decimals >= MMOL_L_NUMBERS.decimals * n || tiny > n / 2);
  const isSuspicious = unit === "mg/dL" ? looksLikeMmolL : above > MMOL_L_NUMBERS.share * n;
  return isSuspicious ? [{ kind: "suspicious_unit", fromMs: timesMs[0]!, toMs: timesMs[n - 1]!, count: n, severity: "warning" }] : [];
}

/** One finding, from the first such reading to the last. */
function implausible({ timesMs, values, unit }: Series): Finding[] {
  const [min, max] = [inUnit(PLAUSIBLE_MG_DL.min, unit), inUnit(PLAUSIBLE_MG_DL.max, unit)];
  let [first, last, count] = [-1, -1, 0];
  for (let i = 0; i < values.length; i++) {
    if (values[i]! >= min && values[i]! <= max) continue;
    if (first < 0) first = i;
    last = i;
    count++;
  }
  return count === 0 ? [] : [{ kind: "implausible", fromMs: timesMs[first]!, toMs: timesMs[last]!, count, severity: "warning" }];
}

/** Shapes of what periods of glucose amount to. Glucose in the asked unit, shares in percent 0–100, all unrounded; null where there is too little to say. */
import { z } from "zod";
import { EPISODE_KINDS } from "#glucose/episodes/all-episodes.ts";
import { PRESET_NAMES } from "#glucose/range-presets.ts";
import { glucoseUnit, instant } from "./common.ts";
import { source } from "./measurements.ts";

const number = z.number().nullable();
const count = z.number().int();

export const rangeShares = z.object({
  veryLow: z.number(), low: z.number(), target: z.number(), high: z.number(), veryHigh: z.number(), tight: z.number().describe("A part of `target`."),
}).describe("Percent of readings; the first five make 100.");

export const analysisPreset = z.object({
  name: z.enum([...PRESET_NAMES, "custom"]),
  thresholds: z.object({ veryLow: z.number(), low: z.number(), high: z.number(), veryHigh: z.number(), tightHigh: z.number() }).describe("In the asked unit."),
  goals: z.object({ target: number.describe("At least."), below: number.describe("Less than, as the following."), veryLow: number, above: number, veryHigh: number })
    .describe("Percent, as the consensus prints them; null where it prints none."),
});

export const analysisPeriod = z.object({ from: instant, to: instant, zone: z.string().describe("Holds at the end of the period."), days: z.number().describe("Length in days of 24 hours.") });

const missingReason = z.enum(["no_readings", "single_reading", "too_sparse", "one_day", "too_short", "no_excursions", "nothing_scored", "none_to_compare"]);
const insufficiency = z.enum(["under_14_days", "under_70_percent"]).nullable().describe("Why numbers are preliminary; null where 14 days have 70 % of their readings.");

const about = { unit: glucoseUnit, period: analysisPeriod, preset: analysisPreset };
const sources = z.array(source).describe("Those that the readings came from.");

/** What each part of a period is told by. */
const part = {
  readings: count, days: count.describe("Local days that have readings."), mean: number, sd: number, cv: number, min: number, max: number, ranges: rangeShares.nullable(), tbr: number, tar: number,
  reason: z.enum(["no_readings", "single_reading"]).nullable().describe("Why numbers are null."),
};
export const glucosePart = z.object(part);
export const glucoseDaysPart = z.object({ ...part, gmi: number, gmiReason: z.enum(["no_readings", "under_14_days", "under_70_percent"]).nullable() });
export const glucoseParts = z.object({
  night: glucosePart.describe("00:00 to 06:00 on the wall."), day: glucosePart.describe("06:00 to 24:00."),
  weekdays: glucoseDaysPart.describe("Monday to Friday."), weekend: glucoseDaysPart,
});

export const episodeSummary = z.object({
  count, perDay: number.describe("Per day of readings."), meanDurationMinutes: number, meanGlucose: number,
});
const byKind = <T extends z.ZodType>(schema: T) => z.object(Object.fromEntries(EPISODE_KINDS.map((kind) => [kind, schema])) as Record<(typeof EPISODE_KINDS)[number], T>);

export const glucoseCleaning = z.object({
  given: count, kept: count, invalid: count, clampedLow: count.describe("Readings at the sensor's lower limit, told with the vendor's number."), clampedHigh: count,
  droppedSentinels: count, duplicates: count, wasUnsorted: z.boolean(), implausible: count,
}).describe("What was done with the readings; counts.");

export const qualityFinding = z.object({
  kind: z.enum(["gap", "mixed_cadence", "overlapping_sensors", "suspicious_unit", "clock_jump", "implausible", "flat"]), from: instant, to: instant,
  count: count.describe("Readings concerned; of a gap the missing ones, of a clock jump the half-hours."), severity: z.enum(["info", "warning"]),
});

const described = {
  readings: count, days: count.describe("Local days that have readings."), activePercent: number, mean: number, sd: number, cv: number, median: number, iqr: number, mad: number, min: number,
  max: number, gmi: number, gmiMmolMol: number, eA1c: number, ranges: rangeShares.nullable(), tbr: number, tar: number,
};
const risk = {
  lbgi: number, hbgi: number, bgri: number, adrr: number, gri: number, griHypo: number, griHyper: number, griZone: z.enum(["A", "B", "C", "D", "E"]).nullable(), grade: number,
  gradeHypo: number, gradeEuglycemia: number, gradeHyper: number, jIndex: number, mValue: number, igc: number, hypoIndex: number, hyperIndex: number, cogi: number, pgs: number,
};
const variability = {
  modd: number, conga24: number, mag: number, mag60: number, gvp: number, sdRoc: number, sdW: number, sdHhMm: number, sdWsh: number, sdDm: number, sdB: number, sdBDm: number,
  cvMean: number, cvSd: number, auc: number, mage: z.object({ average: number, service: number, max: number, plus: number, minus: number }), mageNaive: number,
};
const basis = z.object({
  unit: glucoseUnit, measuredUnit: glucoseUnit.describe("Ranges and episodes were found in it."), cadenceMinutes: number, grid: z.enum(["iglu", "islet"]), gridStepMinutes: number, firstMs: number,
  lastMs: number, algorithms: z.object({ mage: z.string(), episodes: z.string(), quantiles: z.string() }),
});

export const glucoseStatistics = z.object({
  ...about, ...described, ...risk, ...variability, episodes: byKind(episodeSummary).nullable(), reasons: z.record(z.string(), missingReason).describe("Why a number is null, by its name."), basis,
  wearPercent: number.describe("Present of the readings expected in the period, as far as it has passed."),
  isSufficient: z.boolean().describe("False: show the numbers as preliminary."), insufficiency,
  parts: glucoseParts, quality: z.array(qualityFinding), cleaning: glucoseCleaning, sources, notice: z.string(),
});

export const glucoseEpisode = z.object({
  start: instant, end: instant.describe("Of its last slot."), date: z.string().describe("Local date of its start."), durationMinutes: z.number(), mean: z.number(),
  extreme: z.number().describe("Nadir of a low, peak of a high."), extremeAt: instant,
  isStartCut: z.boolean().describe("Already going on when readings began."), isEndCut: z.boolean().describe("Still going on when they ended."),
});
export const glucoseEpisodes = z.object({
  ...about, startMinutes: z.number(), endMinutes: z.number(), measuredUnit: glucoseUnit, gridStepMinutes: number,
  episodes: z.partialRecord(z.enum(EPISODE_KINDS), z.array(glucoseEpisode)).nullable().describe("The kinds asked for, ascending."),
  summaries: z.partialRecord(z.enum(EPISODE_KINDS), episodeSummary).nullable(),
  reason: missingReason.nullable().describe("Why there are none to tell; null where episodes could be looked for."), sources, notice: z.string(),
});

const column = z.array(number);
export const glucoseProfile = z.object({
  ...about, binMinutes: z.number(), smoothing: z.enum(["1-4-1", "loess", "none"]),
  minutes: z.array(z.number()).describe("Middle of each bin, minutes after midnight on the wall. The columns below belong to it."),
  p05: column, p25: column, p50: column, p75: column, p95: column, counts: z.array(count), days: z.array(count).describe("Local days that have readings in the bin."),
  readings: count, isSufficient: z.boolean(), reason: z.enum(["no_readings", "under_24_hours", "under_7_days", "under_70_percent"]).nullable().describe("Why it should not be shown."),
  sources, notice: z.string(),
});

export const glucoseDay = z.object({
  date: z.string(), from: instant, to: instant.describe("Of the day, as far as it lies in the period."), hoursInDay: z.number().describe("24, or 23 and 25 when clocks change."), weekday: count.describe("1 Monday to 7 Sunday."),
  readings: count, expected: number.describe("Readings that the sensor's rhythm lets expect from `from` to `to`."), presentPercent: number,
  mean: number, sd: number, cv: number, min: number, max: number, ranges: rangeShares.nullable(), tbr: number, tar: number,
  reason: z.enum(["no_readings", "single_reading"]).nullable().describe("Why numbers are null."),
});
export const glucoseDaily = z.object({ ...about, days: z.array(glucoseDay), parts: glucoseParts, sources, notice: z.string() });

const compared = {
  mean: number, sd: number, cv: number, gmi: number, tbr: number, tar: number, wearPercent: number,
};
export const glucoseSide = z.object({
  from: instant, to: instant, readings: count, days: count, cadenceMinutes: number, ...compared, min: number, max: number, ranges: rangeShares.nullable(),
  gmiReason: z.enum(["no_readings", "under_14_days", "under_70_percent"]).nullable(),
  thinReason: z.enum(["no_readings", "window_too_short", "too_few_readings"]).nullable().describe("Why the side says too little to be compared."),
});
export const glucoseComparison = z.object({
  ...about, current: glucoseSide, against: glucoseSide,
  differences: z.object({ ...compared, ranges: rangeShares }).nullable().describe("Current minus against; percents in points. Null where a side is too thin, see its `thinReason`."),
  sources, notice: z.string(),
});

export type AnalysisPreset = z.infer<typeof analysisPreset>;
export type GlucosePart = z.infer<typeof glucosePart>;
export type GlucoseParts = z.infer<typeof glucoseParts>;
export type GlucoseStatistics = z.infer<typeof glucoseStatistics>;
export type GlucoseEpisode = z.infer<typeof glucoseEpisode>;
export type GlucoseEpisodes = z.infer<typeof glucoseEpisodes>;
export type GlucoseProfile = z.infer<typeof glucoseProfile>;
export type GlucoseDay = z.infer<typeof glucoseDay>;
export type GlucoseDaily = z.infer<typeof glucoseDaily>;
export type GlucoseSide = z.infer<typeof glucoseSide>;
export type GlucoseComparison = z.infer<typeof glucoseComparison>;

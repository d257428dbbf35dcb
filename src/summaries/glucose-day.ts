/** What a local day of glucose keeps beyond what a day of any metric does, and how it rests. Pure. */
import { timeInRanges, type RangeShares } from "#glucose/ranges.ts";
import { highRisk, lowRisk } from "#glucose/risk/blood-glucose-risk.ts";
import { roundHalfEven } from "#glucose/rounding.ts";
import { MINUTE_MS } from "#units/time.ts";
import { episodesOfDay, type EpisodesOfDay } from "./episode-days.ts";

export interface GlucoseOfDay {
  /** Readings very low, low, in target, high, very high, and those of the target that lie in the tight range. */
  readonly ranges: readonly number[];
  /** Steps from one reading to the next, by whole minutes (halves to the even), ascending. */
  readonly steps: readonly StepBin[];
  /** Sums of the readings' risks, as `riskIndexes` has their means. */
  readonly lowRisk: number;
  readonly highRisk: number;
  /** Highest low and highest high risk together, as `averageDailyRiskRange` has their mean. */
  readonly riskRange: number;
  readonly episodes: EpisodesOfDay;
}

/** `[minutes, count, sum ms, least ms, most ms]` */
export type StepBin = readonly [number, number, number, number, number];

const RANGE_NAMES = ["veryLow", "low", "target", "high", "veryHigh", "tight"] as const satisfies (keyof RangeShares)[];

/** @param dayFromMs the day's first instant. @param timesMs ascending. @param values mg/dL, as many as times, at least one. */
export function glucoseOfDay(dayFromMs: number, timesMs: Float64Array, values: Float64Array): GlucoseOfDay {
  let [low, high, lowest, highest] = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const [below, above] = [lowRisk(values[i]!), highRisk(values[i]!)];
    low += below;
    high += above;
    if (below > lowest) lowest = below;
    if (above > highest) highest = above;
  }
  return {
    ranges: rangeCounts(values), steps: stepsOf(timesMs), lowRisk: shortened(low), highRisk: shortened(high), riskRange: shortened(lowest + highest),
    episodes: episodesOfDay(dayFromMs, timesMs, values),
  };
}

/** Twelve digits: numbers of more take several times as long to read, and a list of patients reads tens of thousands. */
function shortened(value: number): number {
  return Number(value.toPrecision(12));
}

function rangeCounts(values: Float64Array): number[] {
  const { ranges } = timeInRanges(values, "mg/dL")!;
  return RANGE_NAMES.map((name) => Math.round((ranges[name] * values.length) / 100));
}

function stepsOf(startMs: Float64Array): StepBin[] {
  const bins = new Map<number, Bin>();
  for (let index = 1; index < startMs.length; index += 1) addSteps(bins, binOf(startMs[index]! - startMs[index - 1]!));
  return [...bins.values()].toSorted((a, b) => a[0] - b[0]);
}

/** A single step as a bin. */
export function binOf(stepMs: number): StepBin {
  return [roundHalfEven(stepMs / MINUTE_MS), 1, stepMs, stepMs, stepMs];
}

export function addSteps(bins: Map<number, Bin>, [minutes, count, sum, least, most]: StepBin): void {
  const known = bins.get(minutes);
  if (!known) {
    bins.set(minutes, [minutes, count, sum, least, most]);
    return;
  }
  known[1] += count;
  known[2] += sum;
  known[3] = Math.min(known[3], least);
  known[4] = Math.max(known[4], most);
}

/** A step bin that is still filled. */
export type Bin = [minutes: number, count: number, sumMs: number, leastMs: number, mostMs: number];

/** What a period needs of a day of any metric: see `DaySummary`. */
interface AnyDay {
  readonly count: number;
  readonly mean: number;
  readonly m2: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** What a period needs of each of its days. */
export type GlucosePart = AnyDay & GlucoseOfDay;

/** Numbers of a part by place: no names, of which a list of many patients would read thousands. */
type Written = [
  count: number, mean: number, m2: number, ranges: readonly number[], firstMs: number, lastMs: number, steps: readonly StepBin[], lowRisk: number, highRisk: number, riskRange: number,
  first: number, last: number, step: number | null, phaseMs: number, isFromMidnight: 0 | 1, passage: EpisodesOfDay["passage"], passageMmolL?: EpisodesOfDay["passageMmolL"], few?: EpisodesOfDay["few"],
];

/** A part as it rests: JSON that several of, between commas, make an array's inside. */
export function writePart({ count, mean, m2, glucose, firstMs, lastMs }: AnyDay & { readonly glucose: GlucoseOfDay | null }): string | null {
  if (!glucose) return null;
  const { ranges, steps, lowRisk, highRisk, riskRange, episodes } = glucose;
  const { first, last, stepMinutes, phaseMs, isFromMidnight, passage, passageMmolL, few } = episodes;
  const written: Written = [
    count, shortened(mean), shortened(m2), ranges, firstMs, lastMs, steps, lowRisk, highRisk, riskRange, first, last, stepMinutes, phaseMs, isFromMidnight ? 1 : 0, passage,
  ];
  // Most days have neither.
  if (passageMmolL || few) written.push(passageMmolL, few);
  return JSON.stringify(written);
}

/** Parts of texts that writePart made, between commas; none for null. */
export function readParts(text: string | null): GlucosePart[] {
  const all = text === null ? [] : (JSON.parse(`[${text}]`) as Written[]);
  return all.map((part) => ({
    count: part[0], mean: part[1], m2: part[2], ranges: part[3], firstMs: part[4], lastMs: part[5], steps: part[6], lowRisk: part[7], highRisk: part[8], riskRange: part[9],
    episodes: { first: part[10], last: part[11], stepMinutes: part[12], phaseMs: part[13], isFromMidnight: part[14] === 1, passage: part[15], passageMmolL: part[16] ?? null, few: part[17] ?? null },
  }));
}

/** The part of a day of glucose; null for any other. */
export function partOf({ count, mean, m2, firstMs, lastMs, glucose }: AnyDay & { readonly glucose: GlucoseOfDay | null }): GlucosePart | null {
  return glucose && { count, mean, m2, firstMs, lastMs, ...glucose };
}

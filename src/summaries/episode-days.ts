/**
 * Episodes of low and high glucose over days that are kept one by one: how many begin in a period, the same as `findEpisodes` finds in all its readings. An
 * episode may begin before midnight and end days later, so a day does not keep episodes but what it does to whatever comes in from the day before: for every
 * state that the search may be in, how many episodes begin and in which state the day leaves it. Pure. Source: cgm-metrics §2, §6.
 */
import { slotsFor } from "#glucose/episodes/detect.ts";
import { gridStepMinutes, interpolate, LONGEST_BRIDGE_MINUTES } from "#glucose/grid.ts";
import { CONSENSUS_RANGES, convertedMmolL, type RangeThresholds } from "#glucose/ranges.ts";
import { cadenceMinutes } from "#glucose/series.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { MINUTE_MS } from "#units/time.ts";

/** Episodes that begin in a period, by side and level of the consensus. */
export interface EpisodeCounts {
  readonly lowLevel1: number;
  readonly lowLevel2: number;
  readonly highLevel1: number;
  readonly highLevel2: number;
}

/**
 * What a day does to each of the four searches, in the order of `EpisodeCounts`: `begun · states + state` after the day, for each state before it; one
 * number where it is the same for all of them.
 */
type Passage = readonly (number | readonly number[])[];

/** What a day keeps. Glucose in mg/dL, as it is stored. */
export interface EpisodesOfDay {
  readonly first: number;
  readonly last: number;
  /** Minutes between slots by the day's own rhythm; null where it has none. */
  readonly stepMinutes: number | null;
  /** Where slots lie: the day's first instant by the step. */
  readonly phaseMs: number;
  /** A reading at the day's very first instant lies on the last slot of the day before, where there is one. */
  readonly isFromMidnight: boolean;
  readonly passage: Passage | null;
  /** By the thresholds of mmol/L, where every reading was measured in it. */
  readonly passageMmolL: Passage | null;
  /** Times and values of the few readings of a day without rhythm. */
  readonly few: readonly (readonly [number, number])[] | null;
}

/** A day as it is put together with others. */
export interface PartOfEpisodes {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly episodes: EpisodesOfDay;
}

/** Both must last so long: an episode to begin, a recovery to end it. */
const MINUTES = 15;

/** @param dayFromMs the day's first instant. @param values mg/dL, as many as times, at least one. */
export function episodesOfDay(dayFromMs: number, timesMs: Float64Array, values: Float64Array): EpisodesOfDay {
  const stepMinutes = gridStepMinutes(cadenceMinutes(timesMs));
  const [firstMs, lastMs] = [timesMs[0]!, timesMs[timesMs.length - 1]!];
  const [first, last, isFromMidnight] = [values[0]!, values[values.length - 1]!, firstMs === dayFromMs];
  if (stepMinutes === null) {
    const few = Array.from(timesMs, (ms, index) => [ms, values[index]!] as const);
    return { first, last, stepMinutes, phaseMs: 0, isFromMidnight, passage: null, passageMmolL: null, few };
  }
  const phaseMs = phaseOf(dayFromMs, stepMinutes);
  const slots = slotsBetween({ stepMinutes, phaseMs }, Math.max(firstMs, dayFromMs + 1), lastMs);
  const mmolL = measuredMmolL(values);
  const passageOf = (unit: GlucoseUnit, measured: Float64Array): Passage => passageThrough(interpolate({ timesMs, values: measured }, slots), stepMinutes, CONSENSUS_RANGES[unit]);
  return { first, last, stepMinutes, phaseMs, isFromMidnight, passage: passageOf("mg/dL", values), passageMmolL: mmolL && passageOf("mmol/L", mmolL), few: null };
}

/** The values in mmol/L; null unless each was converted from it. */
function measuredMmolL(values: ArrayLike<number>): Float64Array | null {
  const result = new Float64Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const mmolL = convertedMmolL(values[i]!);
    if (mmolL === null) return null;
    result[i] = mmolL;
  }
  return result;
}

function phaseOf(ms: number, stepMinutes: number): number {
  const stepMs = stepMinutes * MINUTE_MS;
  return ((ms % stepMs) + stepMs) % stepMs;
}

interface Lattice {
  readonly stepMinutes: number;
  readonly phaseMs: number;
}

/** The first slot that is not before the instant. */
function slotFrom({ stepMinutes, phaseMs }: Lattice, ms: number): number {
  const stepMs = stepMinutes * MINUTE_MS;
  return Math.ceil((ms - phaseMs) / stepMs) * stepMs + phaseMs;
}

/** Slots from one instant to another, both in. */
function slotsBetween(lattice: Lattice, fromMs: number, toMs: number): Float64Array {
  const stepMs = lattice.stepMinutes * MINUTE_MS;
  const firstMs = slotFrom(lattice, fromMs);
  const slots = new Float64Array(Math.max(0, Math.floor((toMs - firstMs) / stepMs) + 1));
  for (let i = 0; i < slots.length; i++) slots[i] = firstMs + i * stepMs;
  return slots;
}

/** On which side of which threshold a search looks. */
interface Rule {
  /** 1 for lows, −1 for highs. */
  readonly sign: 1 | -1;
  readonly threshold: number;
}

function rulesOf({ veryLow, low, high, veryHigh }: RangeThresholds): readonly Rule[] {
  return [{ sign: 1, threshold: low }, { sign: 1, threshold: veryLow }, { sign: -1, threshold: high }, { sign: -1, threshold: veryHigh }];
}

/**
 * Searches as a machine. States up to `needed − 1`: no episode, so many slots beyond the threshold in a row. From there on: in an episode, so many slots back
 * in a row. Both sides need the same number of slots.
 */
function nextState(state: number, value: number, { sign, threshold }: Rule, needed: number): number {
  if (Number.isNaN(value)) return 0;
  const isBeyond = sign * value < sign * threshold;
  if (state >= needed) return isBeyond ? needed : (state + 1) % (2 * needed);
  return isBeyond ? state + 1 : 0;
}

/** An episode begins where a search comes to the slot that makes it long enough. */
function isBegin(before: number, after: number, needed: number): boolean {
  return before < needed && after === needed;
}

function passageThrough(values: Float64Array, stepMinutes: number, thresholds: RangeThresholds): Passage {
  const needed = slotsFor(MINUTES, stepMinutes);
  return rulesOf(thresholds).map((rule) => {
    const codes = codesOf(values, rule, needed);
    return codes.every((code) => code === codes[0]) ? codes[0]! : codes;
  });
}

/** For each state before: begun · states + state after. */
function codesOf(values: Float64Array, rule: Rule, needed: number): number[] {
  const count = 2 * needed;
  const states = new Uint8Array(values.length + 1);
  const begun = new Uint16Array(values.length + 1);
  for (let i = 0; i < values.length; i++) {
    states[i + 1] = nextState(states[i]!, values[i]!, rule, needed);
    begun[i + 1] = begun[i]! + (isBegin(states[i]!, states[i + 1]!, needed) ? 1 : 0);
  }
  const [end, total] = [states[values.length]!, begun[values.length]!];
  return Array.from({ length: count }, (_, first) => {
    let [state, mine] = [first, 0];
    for (let i = 0; i < values.length; i++) {
      // Once two searches agree they stay together, which takes a few slots on nearly all days.
      if (state === states[i]) return (mine + total - begun[i]!) * count + end;
      const next = nextState(state, values[i]!, rule, needed);
      if (isBegin(state, next, needed)) mine += 1;
      state = next;
    }
    return mine * count + state;
  });
}

/**
 * How many episodes begin in days together; null where readings are too far apart to say. `unknown` where days that have another rhythm than the period, or
 * other slots, are among them: then only the readings tell.
 * @param parts ascending. @param cadence of all readings together, minutes.
 */
export function countEpisodes(parts: readonly PartOfEpisodes[], cadence: number | null): EpisodeCounts | "unknown" | null {
  const stepMinutes = gridStepMinutes(cadence);
  const [first] = parts;
  if (stepMinutes === null || !first) return null;
  const { phaseMs } = first.episodes;
  // Slots lie by the first day; one without rhythm does not know its own.
  if (first.episodes.few) return "unknown";
  let isMmolL = true;
  for (const { episodes } of parts) {
    if (episodes.few === null && (episodes.stepMinutes !== stepMinutes || episodes.phaseMs !== phaseMs)) return "unknown";
    if (episodes.few ? episodes.few.some(([, value]) => convertedMmolL(value) === null) : episodes.passageMmolL === null) isMmolL = false;
  }
  const search = createSearch({ stepMinutes, phaseMs }, isMmolL ? "mmol/L" : "mg/dL");
  for (const [index, part] of parts.entries()) {
    if (index > 0) search.cross(parts[index - 1]!, part);
    search.pass(part);
  }
  return search.counts();
}

/** The four searches on their way through days. */
interface Search {
  /** Through what lies between the last reading of a day and the first one of the next. */
  cross(before: PartOfEpisodes, after: PartOfEpisodes): void;
  /** Through a day. */
  pass(day: PartOfEpisodes): void;
  counts(): EpisodeCounts;
}

function createSearch(lattice: Lattice, unit: GlucoseUnit): Search {
  const needed = slotsFor(MINUTES, lattice.stepMinutes);
  const stepMs = lattice.stepMinutes * MINUTE_MS;
  const rules = rulesOf(CONSENSUS_RANGES[unit]);
  const states = [0, 0, 0, 0];
  const begun = [0, 0, 0, 0];
  const measured = (mgDl: number): number => (unit === "mmol/L" ? convertedMmolL(mgDl)! : mgDl);
  const see = (value: number): void => {
    for (let rule = 0; rule < rules.length; rule++) {
      const next = nextState(states[rule]!, value, rules[rule]!, needed);
      if (isBegin(states[rule]!, next, needed)) begun[rule]! += 1;
      states[rule] = next;
    }
  };
  const seeBetween = ([fromMs, fromMgDl]: readonly [number, number], [toMs, toMgDl]: readonly [number, number]): void => {
    const gapMs = toMs - fromMs;
    if (gapMs > LONGEST_BRIDGE_MINUTES * MINUTE_MS) return see(NaN);
    const value = measured(fromMgDl);
    const rise = measured(toMgDl) - value;
    for (let ms = slotFrom(lattice, fromMs + 1); ms < toMs; ms += stepMs) see(value + rise * ((ms - fromMs) / gapMs));
  };
  const seeFew = (few: readonly (readonly [number, number])[]): void => {
    for (const [index, [ms, mgDl]] of few.entries()) {
      const before = few[index - 1];
      if (before) seeBetween(before, [ms, mgDl]);
      if (slotFrom(lattice, ms) === ms) see(measured(mgDl));
    }
  };
  return {
    cross: (before, after) => {
      seeBetween([before.lastMs, before.episodes.last], [after.firstMs, after.episodes.first]);
      if (after.episodes.isFromMidnight && !after.episodes.few) see(measured(after.episodes.first));
    },
    pass: ({ episodes }) => {
      if (episodes.few) return seeFew(episodes.few);
      const passage = (unit === "mmol/L" ? episodes.passageMmolL : episodes.passage)!;
      for (let rule = 0; rule < passage.length; rule++) {
        const codes = passage[rule]!;
        const code = typeof codes === "number" ? codes : codes[states[rule]!]!;
        states[rule] = code % (2 * needed);
        begun[rule]! += Math.floor(code / (2 * needed));
      }
    },
    counts: () => ({ lowLevel1: begun[0]!, lowLevel2: begun[1]!, highLevel1: begun[2]!, highLevel2: begun[3]! }),
  };
}

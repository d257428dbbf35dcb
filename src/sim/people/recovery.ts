/** How a body stands after a night and how hard a day was: what rings and bands turn into readiness, recovery and strain. */

import { addDays } from "#units/time.ts";
import type { BodyDay } from "./body.ts";
import type { Character } from "./characters.ts";
import type { DayTrace } from "./day.ts";
import { clamp } from "./days.ts";
import type { Night } from "./sleep.ts";
import { maxHrOf } from "./workouts.ts";

/** Shares of a score, each 1–100. Heart-rate variability, resting heart and load stand at 50 when they are as usual. */
export interface RecoveryParts {
  readonly hrv: number;
  readonly restingHeart: number;
  readonly sleep: number;
  readonly temperature: number;
  /** Yesterday's load against the fortnight's: low after a hard day. */
  readonly load: number;
}

export interface Recovery {
  /** 0–100. Vendors' own scores are this one, differently scaled. */
  readonly score: number;
  readonly parts: RecoveryParts;
  /** Means over the fourteen nights before. */
  readonly hrvBaselineMs: number;
  readonly restingHrBaseline: number;
}

export interface RecoveryWorld {
  readonly date: string;
  body(date: string): BodyDay;
  night(date: string): Night;
  /** Training load of the date. */
  load(date: string): number;
}

const NIGHTS = 14;
/** Loads are dear to compute; a few days show what is usual. */
export const LOAD_DAYS = 5;

/** The state on waking on `date`. It rests on this and earlier days alone, so it never changes afterwards. */
export function describeRecovery(world: RecoveryWorld): Recovery {
  const { date } = world;
  const before = Array.from({ length: NIGHTS }, (_, day) => world.body(addDays(date, -day - 1)));
  const body = world.body(date);
  const hrvBaselineMs = tenths(mean(before.map((one) => one.hrvMs)));
  const restingHrBaseline = tenths(mean(before.map((one) => one.restingHr)));
  const loads = Array.from({ length: LOAD_DAYS }, (_, day) => world.load(addDays(date, -day - 1)));
  const usualLoad = Math.max(1, mean(loads));
  const parts: RecoveryParts = {
    hrv: part(50 + 160 * (body.hrvMs / hrvBaselineMs - 1)),
    restingHeart: part(50 - 9 * (body.restingHr - restingHrBaseline)),
    sleep: part(world.night(date).score),
    temperature: part(90 - 140 * Math.abs(body.skinDeviation)),
    load: part(50 + 30 * (1 - (loads[0] ?? 0) / usualLoad)),
  };
  const score = Math.round(clamp(0.4 * parts.hrv + 0.2 * parts.restingHeart + 0.25 * parts.sleep + 0.05 * parts.temperature + 0.1 * parts.load, 1, 99));
  return { score, parts, hrvBaselineMs, restingHrBaseline };
}

/**
 * Training load of the first `minutes` of a day: Banister's impulse, minutes weighted by the share of the heart-rate reserve
 * in use. About 30 on a quiet day, 200 with a long hard ride.
 */
export function loadOf(who: Character, trace: DayTrace, minutes = trace.heartRate.length): number {
  const reserve = maxHrOf(who) - who.restingHr;
  let load = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const share = clamp(((trace.heartRate[minute] ?? Number.NaN) - who.restingHr) / reserve, 0, 1);
    if (share > 0.15) load += share * 0.64 * Math.exp(1.92 * share);
  }
  return tenths(load);
}

const part = (value: number): number => Math.round(clamp(value, 1, 100));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What people measure on purpose: scale, cuff, thermometer, and what they drink. Whichever cloud tells of one tells of the same. */

import { MINUTE_MS } from "#units/time.ts";
import type { BodyDay } from "./body.ts";
import type { Character } from "./characters.ts";
import { clamp } from "./days.ts";
import type { Plan } from "./plan.ts";
import { chanceOf } from "./rng.ts";
import type { Night } from "./sleep.ts";

export interface WeighIn {
  readonly atMs: number;
  readonly weightKg: number;
  readonly bodyFatPercent: number;
  readonly leanKg: number;
}

export interface CuffReading {
  readonly atMs: number;
  readonly systolic: number;
  readonly diastolic: number;
  readonly pulse: number;
  /** Typed in rather than sent by the cuff. */
  readonly isTyped: boolean;
}

export interface TemperatureReading {
  readonly atMs: number;
  /** Body temperature under the tongue, °C in tenths. */
  readonly celsius: number;
}

export interface Drink {
  readonly atMs: number;
  readonly milliliters: number;
}

export interface Morning {
  readonly seed: number;
  readonly who: Character;
  readonly date: string;
  readonly body: BodyDay;
  /** The night that ended this morning. */
  readonly night: Night;
}

/** The scale, soon after waking; null on a morning without. */
export function weighIn({ seed, who, date, body, night }: Morning): WeighIn | null {
  if (!body.isWeighed) return null;
  const atMs = night.endMs + Math.round(chanceOf(seed, who.id, "scale", date).between(8, 25)) * MINUTE_MS;
  return { atMs, weightKg: body.weightKg, bodyFatPercent: body.bodyFatPercent, leanKg: body.weightKg * (1 - body.bodyFatPercent / 100) };
}

/** The cuff, in the hour after waking; null on a morning without, and for people who have none. */
export function cuffReading({ seed, who, date, body, night }: Morning): CuffReading | null {
  const chance = chanceOf(seed, who.id, "cuff", date);
  if (!who.hasCuff || !chance.happens(0.6)) return null;
  const atMs = night.endMs + Math.round(chance.between(20, 70)) * MINUTE_MS;
  return { atMs, systolic: body.systolic, diastolic: body.diastolic, pulse: body.restingHr + 7, isTyped: chance.happens(0.2) };
}

/** A thermometer, now and then before noon: a little above normal when the skin was warm at night. */
export function temperatureReading({ seed, who, date, body, night }: Morning): TemperatureReading | null {
  const chance = chanceOf(seed, who.id, "thermometer", date);
  if (!chance.happens(0.12)) return null;
  const atMs = night.endMs + Math.round(chance.between(15, 200)) * MINUTE_MS;
  return { atMs, celsius: Math.round((36.5 + 0.8 * Math.max(0, body.skinDeviation) + chance.normal(0, 0.18)) * 10) / 10 };
}

/** Glasses and bottles between waking and bedtime, about 30 ml a kilogram a day. */
export function drinksOf(seed: number, who: Character, plan: Plan): Drink[] {
  const chance = chanceOf(seed, who.id, "drinks", plan.date);
  const wanted = who.weightKg * 30 * clamp(plan.liveliness, 0.7, 1.4);
  const drinks: Drink[] = [];
  for (let sum = 0; sum < wanted; ) {
    const milliliters = Math.round(chance.between(15, 50)) * 10;
    sum += milliliters;
    const atMs = plan.night.wakeMs + Math.round(chance.between(5, (plan.bedMs - plan.night.wakeMs) / MINUTE_MS - 20)) * MINUTE_MS;
    drinks.push({ atMs, milliliters });
  }
  return drinks.toSorted((one, other) => one.atMs - other.atMs);
}

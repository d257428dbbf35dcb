/** What changes slowly: weight, fitness, the heart at rest, how the night treated it. */

import type { Character } from "./characters.ts";
import { clamp, dayNumber, weekdayOf } from "./days.ts";
import type { Plan } from "./plan.ts";
import { chanceOf, hashOf, smoothAt } from "./rng.ts";

export interface BodyDay {
  readonly weightKg: number;
  readonly bodyFatPercent: number;
  /** Whether the scale was used this morning. */
  readonly isWeighed: boolean;
  readonly restingHr: number;
  /** RMSSD of the night, ms. */
  readonly hrvMs: number;
  readonly vo2Running: number;
  readonly vo2Cycling: number | null;
  readonly fitnessAge: number;
  readonly skinDeviation: number;
  readonly respirationRate: number;
  readonly spo2: number;
  readonly systolic: number;
  readonly diastolic: number;
}

export function describeBody(seed: number, who: Character, { date, strain }: Plan): BodyDay {
  const day = dayNumber(date);
  const slow = (topic: string, days: number): number => smoothAt(hashOf(seed, who.id, topic), day / days);
  const chance = chanceOf(seed, who.id, "body", date);
  const form = slow("form", 38);
  const vo2Running = tenths(who.vo2Running + 1.1 * form);
  return {
    weightKg: tenths(who.weightKg + 1.3 * slow("weight", 45) + chance.normal(0, 0.35)),
    bodyFatPercent: tenths(who.bodyFatPercent + 0.8 * slow("fat", 60) + chance.normal(0, 0.25)),
    isWeighed: weekdayOf(date) === (who.index + 1) % 7 || chance.happens(0.12),
    restingHr: Math.round(who.restingHr + 6 * (strain - 1) - 0.8 * form + chance.normal(0, 0.8)),
    hrvMs: Math.round(clamp(who.hrvMs * (1 - 0.45 * (strain - 1)) + chance.normal(0, who.hrvMs * 0.06), 12, 140)),
    vo2Running,
    vo2Cycling: who.vo2Cycling === null ? null : tenths(who.vo2Cycling + 1.1 * form),
    fitnessAge: Math.round(clamp(Number(date.slice(0, 4)) - who.bornYear - (vo2Running - 36) * 0.9, 18, 90)),
    skinDeviation: Math.round((0.25 * slow("skin", 3) + chance.normal(0, 0.12)) * 100) / 100,
    respirationRate: tenths(14 + 0.8 * (strain - 1) * 3 + chance.normal(0, 0.4)),
    spo2: tenths(clamp(96 + chance.normal(0, 0.5), 92, 98)),
    systolic: Math.round(118 + (2026 - who.bornYear - 30) * 0.45 + 9 * (strain - 1) + chance.normal(0, 4)),
    diastolic: Math.round(74 + (2026 - who.bornYear - 30) * 0.22 + 5 * (strain - 1) + chance.normal(0, 3)),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

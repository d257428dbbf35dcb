/** What the morning brings, one document a day: sleep score, readiness, oxygen, bedtime, resilience, arteries, VO₂max. vendors/oura.md, Exact fields. */

import { addDays, HOUR_MS, offsetMinutesAt } from "#units/time.ts";
import { atHour, clamp, weekdayOf } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Night } from "../people/sleep.ts";
import type { OuraDocument, Teller } from "./documents.ts";
import { documentId, localTime, mean, midnightMs, openedMs, round } from "./documents.ts";
import type { OuraWorld } from "./world.ts";

type Morning = (world: OuraWorld, person: Person, date: string) => Record<string, unknown>;

/** A document that appears when the app is opened after the night. */
function inTheMorning(collection: string, tell: Morning): Teller {
  return (world, person, date): OuraDocument[] => [{
    id: documentId(world, person, { collection, date }),
    day: date,
    readyMs: openedMs(world, person, date),
    tell: () => ({ day: date, ...tell(world, person, date) }),
  }];
}

const midnight = (person: Person, date: string): string => localTime(person, midnightMs(person, date));
const points = (value: number): number => Math.round(clamp(value, 1, 100));

/** A short night has no score. */
const SHORTEST_SCORED_SECONDS = 3 * 3600;

const asleepSeconds = ({ seconds }: Night): number => seconds.deep + seconds.light + seconds.rem;

export const dailySleeps = inTheMorning("daily_sleep", (_world, person, date) => {
  const night = person.night(date);
  const asleep = asleepSeconds(night);
  const isScored = asleep >= SHORTEST_SCORED_SECONDS && !isUnscored(person, date);
  const contributors = {
    deep_sleep: points((night.seconds.deep / asleep / 0.18) * 85),
    efficiency: points((asleep / ((night.endMs - night.bedMs) / 1000)) * 105),
    latency: points(100 - Math.abs((night.startMs - night.bedMs) / 60_000 - 12) * 2.5),
    rem_sleep: points((night.seconds.rem / asleep / 0.22) * 85),
    restfulness: points(95 - night.seconds.awake / 90),
    timing: points(100 - (Math.abs(night.bedMs - atHour(person.who.zone, date, person.who.bedHour - 24)) / HOUR_MS) * 18),
    total_sleep: points((asleep / 28_800) * 95),
  };
  return {
    timestamp: midnight(person, date),
    score: isScored ? night.score : null,
    contributors: isScored ? contributors : Object.fromEntries(Object.keys(contributors).map((name) => [name, null])),
  };
});

/** Some nights go without: the battery was low, the ring loose. */
function isUnscored(person: Person, date: string): boolean {
  return chanceOf("oura", person.who.id, "unscored", date).happens(0.02);
}

/** Contributors are scores, that of the resting heart rate too; the temperature is a deviation. */
export function readinessOf(person: Person, date: string): Record<string, unknown> {
  const { score, parts } = person.recovery(date);
  const around = [0, 1, 2].map((day) => person.body(addDays(date, -day)).skinDeviation);
  const isCold = isUnscored(person, addDays(date, 1));
  return {
    score,
    temperature_deviation: isCold ? null : person.body(date).skinDeviation,
    temperature_trend_deviation: isCold ? null : round(mean(around) ?? 0, 2),
    contributors: {
      activity_balance: parts.load,
      body_temperature: isCold ? null : parts.temperature,
      hrv_balance: parts.hrv,
      previous_day_activity: points(parts.load + 8),
      previous_night: parts.sleep,
      recovery_index: points((parts.restingHeart + parts.hrv) / 2 + 20),
      resting_heart_rate: parts.restingHeart,
      sleep_balance: points((parts.sleep + person.night(addDays(date, -1)).score) / 2),
      sleep_regularity: null,
    },
  };
}

export const dailyReadinesses = inTheMorning("daily_readiness", (_world, person, date) => ({
  timestamp: midnight(person, date), ...readinessOf(person, date),
}));

export const dailySpo2s = inTheMorning("daily_spo2", (world, person, date) => {
  const chance = chanceOf(world.context.seed, "oura", person.who.id, "spo2", date);
  const night = person.night(date);
  const { spo2At } = person.vitals(date);
  const average = mean(Array.from({ length: Math.floor((night.endMs - night.startMs) / 60_000) }, (_, minute) => spo2At(minute))) ?? 0;
  const isMeasured = !chance.happens(0.07);
  return { spo2_percentage: isMeasured ? { average: round(average, 3) } : null, breathing_disturbance_index: isMeasured ? Math.round(chance.between(0, 9)) : null };
});

export const sleepTimes = inTheMorning("sleep_time", (world, person, date) => {
  const isKnown = !chanceOf(world.context.seed, "oura", person.who.id, "bedtime", date).happens(0.2);
  // Seconds from the midnight between; negative before it.
  const start = Math.round((person.who.bedHour - 24) * 4) * 900;
  return {
    optimal_bedtime: isKnown ? { day_tz: offsetMinutesAt(person.who.zone, midnightMs(person, date)) * 60, start_offset: start - 1800, end_offset: start + 1800 } : null,
    recommendation: isKnown ? "follow_optimal_bedtime" : null,
    status: isKnown ? "optimal_found" : "not_enough_nights",
  };
});

const LEVELS = ["limited", "adequate", "solid", "strong", "exceptional"] as const;

export const dailyResiliences = inTheMorning("daily_resilience", (_world, person, date) => {
  const days = Array.from({ length: 7 }, (_, day) => person.recovery(addDays(date, -day)));
  const score = mean(days.map((day) => day.score)) ?? 50;
  return {
    level: LEVELS[Math.round(clamp((score - 30) / 11, 0, LEVELS.length - 1))],
    contributors: {
      sleep_recovery: round(mean(days.map((day) => day.parts.sleep)) ?? 0, 1),
      daytime_recovery: round(mean(days.map((day) => day.parts.load)) ?? 0, 1),
      stress: round(clamp(score + 6, 0, 100), 1),
    },
  };
});

export const cardiovascularAges = inTheMorning("daily_cardiovascular_age", (_world, person, date) => {
  const { fitnessAge, systolic } = person.body(date);
  const isKnown = !isUnscored(person, addDays(date, 2));
  return {
    vascular_age: isKnown ? clamp(fitnessAge, 18, 100) : null,
    pulse_wave_velocity: isKnown ? round(4 + fitnessAge * 0.05 + (systolic - 120) * 0.02, 2) : null,
  };
});

/** After a walk test, about once a week. */
export const vo2Maxes: Teller = (world, person, date) => {
  if (weekdayOf(date) !== (person.who.index + 2) % 7) return [];
  return inTheMorning("vO2_max", () => ({ timestamp: midnight(person, date), vo2_max: person.body(date).vo2Running }))(world, person, date);
};

/** Sleep periods: the night, naps, rests, and what the app took for sleep. vendors/oura.md, sleep. */

import { addDays, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf, uniformAt } from "../people/rng.ts";
import type { Stage, Stretch } from "../people/sleep.ts";
import type { OuraDocument, Sample } from "./documents.ts";
import { documentId, localTime, localTimeMs, mean, openedMs, round } from "./documents.ts";
import { readinessOf } from "./mornings.ts";
import { ringId } from "./ring.ts";
import type { OuraWorld } from "./world.ts";

/** 1 deep, 2 light, 3 REM, 4 awake. */
const PHASES: Readonly<Record<Stage, string>> = { deep: "1", light: "2", rem: "3", awake: "4" };
const HALF_MINUTE_MS = 30_000;
const FIVE_MINUTES_MS = 300_000;
/** The older algorithm staged by five minutes alone. */
const SECOND_ALGORITHM_SINCE = "2025-01-01";
/** From which hour a nap is a late one is not stated. */
const LATE_NAP_HOUR = 15;
const EDITED_MS = 15 * MINUTE_MS;

/** One time of lying down. */
export interface Lying {
  readonly type: "long_sleep" | "sleep" | "late_nap" | "rest" | "deleted";
  readonly ordinal: string;
  readonly period: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly stretches: readonly Stretch[];
  readonly isEdited: boolean;
}

/** The date's night first. */
export function lyings({ context, edits }: OuraWorld, person: Person, date: string): Lying[] {
  const night = person.night(date);
  const edition = edits.bedtimeEdition(person.who.id, date);
  const found: Lying[] = [{
    // An edited night is a new document under a new id; the former one is gone.
    type: "long_sleep", ordinal: `night-${edition}`, period: 0, startMs: night.bedMs - edition * EDITED_MS, endMs: night.endMs,
    stretches: night.stretches, isEdited: edition > 0,
  }];
  if (night.napMinutes > 0) {
    const endMs = night.napStartMs + night.napMinutes * MINUTE_MS;
    const hour = Number(localTime(person, night.napStartMs).slice(11, 13));
    found.push({
      type: hour >= LATE_NAP_HOUR ? "late_nap" : "sleep", ordinal: "nap", period: 1, startMs: night.napStartMs - 4 * MINUTE_MS, endMs,
      stretches: [{ stage: "light", fromMs: night.napStartMs, toMs: endMs }], isEdited: false,
    });
  }
  const chance = chanceOf(context.seed, "oura", person.who.id, "lies", date);
  const bedMs = person.night(addDays(date, 1)).bedMs;
  const quiet = (type: "rest" | "deleted", hoursBefore: number, minutes: number): void => {
    const startMs = Math.floor((bedMs - hoursBefore * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
    found.push({ type, ordinal: type, period: 2, startMs, endMs: startMs + Math.round(minutes) * MINUTE_MS, stretches: [], isEdited: false });
  };
  if (chance.happens(0.1)) quiet("rest", 2, chance.between(25, 60));
  if (chance.happens(0.05)) quiet("deleted", 5, chance.between(20, 50));
  return found;
}

export function sleeps(world: OuraWorld, person: Person, date: string): OuraDocument[] {
  return lyings(world, person, date).map((lying) => ({
    id: documentId(world, person, { collection: "sleep", date, ordinal: lying.ordinal }),
    day: date,
    readyMs: lying.type === "long_sleep" ? openedMs(world, person, date) : lying.endMs + 30 * MINUTE_MS,
    tell: () => tellSleep(world, person, date, lying),
  }));
}

function tellSleep(world: OuraWorld, person: Person, date: string, lying: Lying): Record<string, unknown> {
  const isNight = lying.type === "long_sleep";
  const bedSeconds = Math.round((lying.endMs - lying.startMs) / 1000);
  const seconds = secondsOf(lying);
  const asleepSeconds = seconds === null ? null : (seconds.deep ?? 0) + seconds.light + (seconds.rem ?? 0);
  const halfMinutes = phases(lying);
  const heart = heartSample(world, person, lying);
  const variability = variabilitySample(world, person, date, lying);
  const rates = heart.items.filter((item) => item !== null);
  const rmssds = variability?.items.filter((item) => item !== null) ?? [];
  const isSecond = date >= SECOND_ALGORITHM_SINCE;
  const fiveMinutes = byFiveMinutes(halfMinutes);
  const averageRate = mean(rates);
  const averageRmssd = mean(rmssds);
  return {
    day: date,
    bedtime_start: localTime(person, lying.startMs),
    bedtime_end: localTime(person, lying.endMs),
    type: lying.type,
    period: lying.period,
    time_in_bed: bedSeconds,
    total_sleep_duration: asleepSeconds,
    deep_sleep_duration: seconds?.deep ?? null,
    light_sleep_duration: seconds?.light ?? null,
    rem_sleep_duration: seconds?.rem ?? null,
    awake_time: asleepSeconds === null ? null : bedSeconds - asleepSeconds,
    latency: lying.stretches[0] ? Math.round((lying.stretches[0].fromMs - lying.startMs) / 1000) : null,
    efficiency: asleepSeconds === null ? null : Math.round((asleepSeconds / bedSeconds) * 100),
    restless_periods: isNight ? Math.round(bedSeconds / 600 + lying.stretches.filter(({ stage }) => stage === "awake").length * 9) : null,
    average_heart_rate: averageRate === null ? null : round(averageRate, 2),
    lowest_heart_rate: rates.length === 0 ? null : Math.min(...rates),
    average_hrv: averageRmssd === null ? null : Math.round(averageRmssd),
    average_breath: breath(person, date, lying),
    heart_rate: heart,
    hrv: variability,
    movement_30_sec: movement(world, person, lying, halfMinutes),
    sleep_phase_5_min: lying.stretches.length === 0 ? null : fiveMinutes,
    sleep_phase_30_sec: isSecond && lying.stretches.length > 0 ? halfMinutes : null,
    app_sleep_phase_5_min: isSecond && isNight ? fiveMinutes : null,
    readiness: isNight ? readinessOf(person, date) : null,
    readiness_score_delta: isNight ? null : 0,
    sleep_score_delta: isNight || asleepSeconds === null ? null : Math.round(asleepSeconds / 900),
    sleep_algorithm_version: isSecond ? "v2" : "v1",
    sleep_analysis_reason: lying.isEdited ? "bedtime_edit" : "foreground_sleep_analysis",
    low_battery_alert: uniformAt(hashOf(world.context.seed, "oura", person.who.id, "low-battery"), Math.floor(lying.startMs / HOUR_MS)) < 0.04,
    ring_id: ringId(world, person, date),
  };
}

/** Stages of a nap are not told apart: what is not measured is null, not 0. Rests have none at all. */
function secondsOf(lying: Lying): { deep: number | null; light: number; rem: number | null } | null {
  if (lying.stretches.length === 0) return null;
  const sum = (wanted: Stage): number => lying.stretches.reduce((total, { stage, fromMs, toMs }) => total + (stage === wanted ? (toMs - fromMs) / 1000 : 0), 0);
  const isNight = lying.type === "long_sleep";
  return { deep: isNight ? sum("deep") : null, light: sum("light"), rem: isNight ? sum("rem") : null };
}

/** One digit for each half minute begun; awake before falling asleep. */
function phases({ startMs, endMs, stretches }: Lying): string {
  let digits = "";
  let index = 0;
  for (let atMs = startMs; atMs < endMs; atMs += HALF_MINUTE_MS) {
    while (index < stretches.length && stretches[index]!.toMs <= atMs) index++;
    const stretch = stretches[index];
    digits += PHASES[stretch && stretch.fromMs <= atMs ? stretch.stage : "awake"];
  }
  return digits;
}

/** The commonest of each ten digits, so that sums of this text differ a little from the durations. */
function byFiveMinutes(halfMinutes: string): string {
  return (halfMinutes.match(/.{1,10}/g) ?? []).map((ten) => {
    const counts = ["1", "2", "3", "4"].map((digit) => ten.split(digit).length - 1);
    return String(counts.indexOf(Math.max(...counts)) + 1);
  }).join("");
}

/** 1 none, 2 restless, 3 tossing, 4 active. */
function movement({ context }: OuraWorld, person: Person, lying: Lying, halfMinutes: string): string {
  const key = hashOf(context.seed, "oura", person.who.id, "moves", lying.startMs);
  return Array.from(halfMinutes, (phase, index) => {
    const chance = uniformAt(key, index);
    if (phase === "4") return chance < 0.3 ? "4" : chance < 0.7 ? "3" : "2";
    return chance < 0.04 ? "3" : chance < 0.12 ? "2" : "1";
  }).join("");
}

/** Means of five minutes; null where the ring found no pulse, always at first. */
function heartSample({ context }: OuraWorld, person: Person, { startMs, endMs }: Lying): Sample {
  const key = hashOf(context.seed, "oura", person.who.id, "no-pulse", startMs);
  const slots = Array.from({ length: Math.ceil((endMs - startMs) / FIVE_MINUTES_MS) }, (): number[] => []);
  for (const { atMs, heartRate } of person.minutes(startMs, endMs)) {
    if (heartRate !== null) slots[Math.floor((atMs - startMs) / FIVE_MINUTES_MS)]?.push(heartRate);
  }
  const items = slots.map((rates, index) => {
    const average = mean(rates);
    return average === null || index === 0 || uniformAt(key, index) < 0.03 ? null : Math.round(average);
  });
  return { interval: 300, items, timestamp: localTimeMs(person, startMs) };
}

/** Now and then a night has none. */
function variabilitySample({ context }: OuraWorld, person: Person, date: string, { startMs, endMs, stretches }: Lying): Sample | null {
  const key = hashOf(context.seed, "oura", person.who.id, "no-hrv", startMs);
  const asleepMs = stretches[0]?.fromMs;
  if (asleepMs === undefined || uniformAt(key, -1) < 0.03) return null;
  const { rmssdAt } = person.vitals(date);
  const items = Array.from({ length: Math.ceil((endMs - startMs) / FIVE_MINUTES_MS) }, (_, index) => {
    const atMs = startMs + index * FIVE_MINUTES_MS;
    return atMs < asleepMs || uniformAt(key, index) < 0.05 ? null : rmssdAt(Math.floor((atMs - asleepMs) / FIVE_MINUTES_MS));
  });
  return { interval: 300, items, timestamp: localTimeMs(person, startMs) };
}

/** Mean of the minutes asleep, in eighths. */
function breath(person: Person, date: string, { stretches, endMs }: Lying): number | null {
  const asleepMs = stretches[0]?.fromMs;
  if (asleepMs === undefined) return null;
  const { breathsAt } = person.vitals(date);
  const average = mean(Array.from({ length: Math.floor((endMs - asleepMs) / MINUTE_MS) }, (_, minute) => breathsAt(minute)));
  return average === null ? null : Math.round(average * 8) / 8;
}

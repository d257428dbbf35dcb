/** What Terra makes of a person's days. vendors/terra.md, Field reference. */

import { addDays, DAY_MS, HOUR_MS, localDate, localDay, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { basalKilocalories, tallyBetween } from "../people/energy.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { tellWorkout } from "../people/workouts.ts";
import { at, cycle } from "./logs.ts";

export const KINDS = ["daily", "body", "sleep", "activity", "nutrition", "menstruation"] as const;
export type Kind = (typeof KINDS)[number];

export interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  readonly hasSamples: boolean;
  /** Vendor behind; a sensor's vendor has glucose. */
  readonly provider: string;
}

const LEVELS = { awake: 1, light: 4, deep: 5, rem: 6 } as const;
const TYPES: Readonly<Record<string, number>> = { run: 8, trail_run: 149, ride: 16, indoor_ride: 18, walk: 7, hike: 35, swim: 82, strength: 80, yoga: 100 };

type Make = (context: CloudContext, person: Person, date: string, asked: Asked) => object | null;
const MAKERS: Readonly<Record<Exclude<Kind, "activity">, Make>> = { daily: (_, person, date, asked) => daily(person, date, asked), sleep, body, nutrition, menstruation };

/** Objects that begin in the window, oldest first. */
export function dataOf(context: CloudContext, person: Person, kind: Kind, asked: Asked): object[] {
  if (kind === "activity") return person.workoutsBetween(asked.fromMs, asked.toMs).filter((one) => one.startMs + one.elapsedSeconds * 1000 <= asked.nowMs).map((one) => activity(context, person, one, asked));
  const { zone } = person.who;
  const found: object[] = [];
  for (let date = localDate(zone, asked.fromMs); date <= localDate(zone, asked.toMs); date = addDays(date, 1)) {
    const made = MAKERS[kind](context, person, date, asked);
    if (made) found.push(made);
  }
  return found;
}

function metadata(person: Person, startMs: number, endMs: number): object {
  return { start_time: at(person, startMs), end_time: at(person, endMs), timestamp_localization: 1 };
}

/** From midnight, 24 hours, also where clocks change. */
function metadataOfDay(person: Person, startMs: number): object {
  return metadata(person, startMs, startMs + DAY_MS);
}

function heart(person: Person, fromMs: number, toMs: number, hasSamples: boolean): object {
  const beats = person.minutes(fromMs, toMs).filter(({ heartRate }) => heartRate !== null);
  const rates = beats.map(({ heartRate }) => heartRate!);
  return {
    summary: rates.length === 0 ? {} : { avg_hr_bpm: Math.round(rates.reduce((a, b) => a + b, 0) / rates.length), min_hr_bpm: Math.min(...rates), max_hr_bpm: Math.max(...rates) },
    detailed: hasSamples ? { hr_samples: beats.filter((_, index) => index % 5 === 0).map(({ atMs, heartRate }) => ({ timestamp: at(person, atMs), bpm: heartRate, context: 0 })) } : null,
  };
}

function daily(person: Person, date: string, { fromMs, toMs, nowMs, hasSamples, provider }: Asked): object | null {
  const day = localDay(person.who.zone, date);
  if (!day || day.toMs <= fromMs || day.fromMs > toMs || provider === "DEXCOM") return null;
  const untilMs = Math.min(day.toMs, Math.floor(nowMs / MINUTE_MS) * MINUTE_MS);
  if (untilMs <= day.fromMs) return null;
  const tally = tallyBetween(person, day.fromMs, untilMs);
  const basal = Math.round((basalKilocalories(person.who) * (untilMs - day.fromMs)) / (day.toMs - day.fromMs));
  const trace = person.body(date);
  const steps = person.minutes(day.fromMs, untilMs);
  const quarters = Array.from({ length: Math.floor(steps.length / 15) }, (_, index) => steps.slice(index * 15, index * 15 + 15));
  return {
    metadata: { ...metadataOfDay(person, day.fromMs), upload_type: 1 }, device_data: { name: `${provider} watch`, serial_number: null },
    distance_data: {
      steps: tally.steps, distance_meters: Math.round(tally.meters), floors_climbed: null, swimming: null,
      detailed: hasSamples ? { step_samples: running(quarters.map((part) => ({ endMs: part[0]!.atMs + 15 * MINUTE_MS, steps: part.reduce((sum, minute) => sum + minute.steps, 0) }))).map(({ endMs, steps: sum }) => ({ timestamp: at(person, endMs), steps: sum, timer_duration_seconds: (endMs - day.fromMs) / 1000 })) } : null,
    },
    calories_data: { total_burned_calories: Math.round(tally.kilocalories) + basal, net_activity_calories: Math.round(tally.kilocalories), BMR_calories: basal },
    active_durations_data: { activity_seconds: tally.activeSeconds, moderate_intensity_seconds: tally.moderateSeconds, vigorous_intensity_seconds: tally.vigorousSeconds },
    heart_rate_data: { ...heart(person, day.fromMs, untilMs, hasSamples) }, oxygen_data: { vo2max_ml_per_min_per_kg: trace.vo2Running },
    scores: { activity: null, recovery: null, sleep: person.night(date).endMs <= nowMs ? person.night(date).score : null }, MET_data: null, strain_data: null, stress_data: null,
    tag_data: provider === "OURA" ? { tags: day.fromMs + 20 * HOUR_MS <= nowMs ? [{ timestamp: at(person, day.fromMs + 20 * HOUR_MS), tag_name: "hot_shower", notes: null }] : [] } : null,
  };
}

/** Sums since the day began, at the end of each stretch in which there was something to count. */
function running(parts: readonly { readonly endMs: number; readonly steps: number }[]): { endMs: number; steps: number }[] {
  let sum = 0;
  return parts.filter(({ steps }) => steps > 0).map(({ endMs, steps }) => ({ endMs, steps: (sum += steps) }));
}

function sleep(context: CloudContext, person: Person, date: string, { fromMs, toMs, nowMs, hasSamples, provider }: Asked): object | null {
  const night = person.night(date);
  if (night.startMs < fromMs || night.startMs > toMs || night.endMs > nowMs || provider === "DEXCOM") return null;
  const { seconds } = night;
  const body = person.body(date);
  const asleep = seconds.deep + seconds.light + seconds.rem;
  return {
    metadata: { ...metadata(person, night.startMs, night.endMs), summary_id: uuidOf(context.seed, "terra-sleep", person.who.id, date, provider), is_nap: false, upload_type: 2 },
    sleep_durations_data: {
      asleep: { duration_asleep_state_seconds: asleep, duration_deep_sleep_state_seconds: seconds.deep, duration_light_sleep_state_seconds: seconds.light, duration_REM_sleep_state_seconds: seconds.rem, num_REM_events: null },
      awake: { duration_awake_state_seconds: seconds.awake }, other: { duration_in_bed_seconds: Math.round((night.endMs - night.bedMs) / 1000) },
      sleep_efficiency: Math.round((asleep / (asleep + seconds.awake)) * 1000) / 10,
      hypnogram_samples: hasSamples ? night.stretches.map(({ stage, fromMs: startMs }) => ({ timestamp: at(person, startMs), level: LEVELS[stage] })) : null,
    },
    heart_rate_data: { ...heart(person, night.startMs, night.endMs, hasSamples), summary: { resting_hr_bpm: body.restingHr, avg_hrv_rmssd: body.hrvMs } },
    respiration_data: { breaths_data: { avg_breaths_per_min: body.respirationRate, samples: [] }, oxygen_saturation_data: { avg_saturation_percentage: body.spo2 } },
    temperature_data: { delta: body.skinDeviation }, scores: { sleep: night.score }, readiness_data: null,
  };
}

function body(context: CloudContext, person: Person, date: string, { fromMs, toMs, nowMs, provider }: Asked): object | null {
  const day = localDay(person.who.zone, date);
  if (!day || day.toMs <= fromMs || day.fromMs > toMs) return null;
  const weigh = person.weighIn(date);
  const cuff = person.cuffReading(date);
  const glucose = provider === "DEXCOM" ? context.sensed(person, day.fromMs, Math.min(day.toMs - 1, nowMs)) : [];
  if (glucose.length === 0 && provider === "DEXCOM") return null;
  return {
    metadata: metadataOfDay(person, day.fromMs),
    measurements_data: { measurements: weigh && weigh.atMs <= nowMs ? [{ measurement_time: at(person, weigh.atMs), weight_kg: weigh.weightKg, bodyfat_percentage: weigh.bodyFatPercent, lean_mass_g: Math.round(weigh.leanKg * 1000), BMI: null, user_notes: null }] : [] },
    blood_pressure_data: { blood_pressure_samples: cuff && cuff.atMs <= nowMs ? [{ timestamp: at(person, cuff.atMs), systolic_bp: cuff.systolic, diastolic_bp: cuff.diastolic }] : [] },
    glucose_data: provider === "DEXCOM" ? { blood_glucose_samples: glucose.map(({ atMs, mgDl }) => ({ timestamp: at(person, atMs), blood_glucose_mg_per_dL: Math.max(40, Math.min(400, mgDl)), glucose_level_flag: 0, trend_arrow: 3 })), day_avg_blood_glucose_mg_per_dL: null } : null,
    hydration_data: null, temperature_data: null, heart_data: null,
  };
}

function activity(context: CloudContext, person: Person, workout: ReturnType<Person["workouts"]>[number], { hasSamples, provider }: Asked): object {
  const moments = hasSamples ? tellWorkout(person.who, workout, 30) : [];
  const time = (second: number): string => at(person, workout.startMs + second * 1000);
  return {
    metadata: { ...metadata(person, workout.startMs, workout.startMs + workout.elapsedSeconds * 1000), upload_type: 1, summary_id: uuidOf(context.seed, "terra-activity", workout.number, provider), name: workout.name, type: TYPES[workout.sport] ?? 108 },
    device_data: { name: `${provider} watch` }, active_durations_data: { activity_seconds: workout.movingSeconds },
    distance_data: { summary: { distance_meters: workout.distanceMeters, elevation: { gain_actual_meters: workout.climbMeters }, steps: null }, detailed: { elevation_samples: moments.map(({ second, altitude }) => ({ timestamp: time(second), elev_meters: altitude })) } },
    calories_data: { net_activity_calories: workout.calories, total_burned_calories: workout.calories },
    heart_rate_data: { summary: { avg_hr_bpm: workout.averageHr, max_hr_bpm: workout.maxHr }, detailed: { hr_samples: moments.map(({ second, heartRate }) => ({ timestamp: time(second), bpm: heartRate })) } },
    movement_data: { avg_speed_meters_per_second: workout.movingSeconds > 0 ? workout.distanceMeters / workout.movingSeconds : null, speed_samples: moments.map(({ second, speed }) => ({ timestamp: time(second), speed_meters_per_second: speed })) },
    power_data: { avg_watts: workout.averageWatts }, position_data: null, polyline_map_data: null,
  };
}

function nutrition(context: CloudContext, person: Person, date: string, { fromMs, toMs, nowMs }: Asked): object | null {
  const day = localDay(person.who.zone, date);
  if (!day || day.toMs <= fromMs || day.fromMs > toMs || context.given(person)) return null;
  const meals = person.treatments(day.fromMs, Math.min(nowMs, day.toMs - 1)).filter(({ kind }) => kind === "carbs");
  return {
    metadata: metadataOfDay(person, day.fromMs),
    meals: meals.map(({ atMs, amount }) => ({ id: uuidOf(context.seed, "terra-meal", person.who.id, atMs), name: "Meal", type: 0, timestamp: at(person, atMs), macros: { carbohydrates_g: Math.round(amount) } })),
    summary: { macros: null, micros: null, water_ml: null, drink_ml: null }, drink_samples: [],
  };
}

function menstruation(context: CloudContext, person: Person, date: string, { fromMs, toMs, nowMs }: Asked): object | null {
  const day = localDay(person.who.zone, date);
  if (!day || day.toMs <= fromMs || day.fromMs > toMs) return null;
  const told = cycle(context.seed, person, { date, nowMs });
  return told && { metadata: metadataOfDay(person, day.fromMs), menstruation_data: told };
}

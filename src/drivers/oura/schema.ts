/**
 * Oura's documents, with the fields that are used. Unknown fields and enum members are borne, for both change without notice. What the
 * documents mark as nullable may be absent, too. Source: vendors/oura.md, Exact fields (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();

/** Stable over revisions, else the document could not be found again. */
const id = z.string().min(1).max(200);
/** Of a document that came by another way than the API: without its id the start is the key. */
const looseId = z.union([id, z.int().transform(String)]).nullish();
const date = text.catch(null);

/** What the driver itself looks at in a document: which it is, and when it was. */
export const document = z.looseObject({ id, day: date, timestamp: date, bedtime_start: date, bedtime_end: date });
export type DatedDocument = z.infer<typeof document>;

/** A list as the API gives it. */
export const page = z.looseObject({ data: z.array(z.unknown()), next_token: text });

export const personalInfo = z.looseObject({ id });
export const profile = z.looseObject({ weight: number, height: number });

/** Documents of a day: `timestamp` is the day's start with the local offset, where there is one. */
const daily = { day: z.string(), timestamp: date };

export const dailyScore = z.looseObject({ ...daily, score: number });
export const dailyReadiness = z.looseObject({ ...daily, score: number, temperature_deviation: number });
export const dailySpo2 = z.looseObject({ ...daily, spo2_percentage: z.looseObject({ average: number }).nullish() });
export const dailyStress = z.looseObject({ ...daily, stress_high: number, recovery_high: number });
export const dailyResilience = z.looseObject({ ...daily, level: text });
export const dailyCardiovascularAge = z.looseObject({ ...daily, vascular_age: number, pulse_wave_velocity: number });
export const vo2Max = z.looseObject({ ...daily, vo2_max: number });

export const dailyActivity = z.looseObject({
  ...daily,
  steps: number,
  equivalent_walking_distance: number,
  active_calories: number,
  total_calories: number,
  high_activity_time: number,
  medium_activity_time: number,
  low_activity_time: number,
  sedentary_time: number,
  resting_time: number,
  non_wear_time: number,
  class_5_min: text,
  /** A series: looked at when it is mapped, so that a bad one does not cost the day. */
  met: z.unknown().optional(),
});
export type DailyActivity = z.infer<typeof dailyActivity>;

export const sleep = z.looseObject({
  id: looseId,
  day: text,
  type: text,
  bedtime_start: z.string(),
  bedtime_end: z.string(),
  time_in_bed: number,
  total_sleep_duration: number,
  deep_sleep_duration: number,
  light_sleep_duration: number,
  rem_sleep_duration: number,
  awake_time: number,
  efficiency: number,
  average_hrv: number,
  average_breath: number,
  lowest_heart_rate: number,
  /** Of the first API only. */
  score: number,
  sleep_phase_30_sec: text,
  sleep_phase_5_min: text,
  app_sleep_phase_5_min: text,
  heart_rate: z.unknown().optional(),
  hrv: z.unknown().optional(),
});
export type Sleep = z.infer<typeof sleep>;

/** A document that is no sleep any more, or never was one, needs its id and type only. */
export const sleepKind = z.looseObject({ id: looseId, type: z.string() });

/** Values at even steps; null is "no reading". */
export const series = z.looseObject({ interval: z.number(), items: z.array(z.unknown()), timestamp: text });

export const workout = z.looseObject({
  id: looseId,
  activity: text,
  start_datetime: z.string(),
  end_datetime: z.string(),
  calories: number,
  distance: number,
  label: text,
  source: text,
});
export type Workout = z.infer<typeof workout>;

export const session = z.looseObject({
  id: looseId,
  type: text,
  start_datetime: z.string(),
  end_datetime: z.string(),
  heart_rate: z.unknown().optional(),
  heart_rate_variability: z.unknown().optional(),
});

const names = z.array(z.string()).nullish();

export const enhancedTag = z.looseObject({ id: looseId, tag_type_code: text, custom_name: text, comment: text, start_time: text, start_day: text });
export const tag = z.looseObject({ id: looseId, day: text, timestamp: text, text, tags: names });
export const restModePeriod = z.looseObject({
  id: looseId, start_day: text, start_time: text, episodes: z.array(z.looseObject({ tags: names })).nullish(),
});

export const webhookEvent = z.looseObject({
  event_type: z.string(),
  data_type: z.string(),
  object_id: z.string().min(1).max(200),
  user_id: z.string().min(1),
});

export const subscription = z.looseObject({ id: z.string().min(1), callback_url: z.string(), event_type: z.string(), data_type: z.string() });
export type Subscription = z.infer<typeof subscription>;
export const subscriptions = z.array(subscription);

/**
 * Polar's answers, with the fields that are used; null, numbers as text and unknown fields are borne. What is mapped is spelled with underscores here, though
 * dashes stand beside them in Polar's objects (`plainKeys`). Source: vendors/polar.md (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();

const idText = z.union([z.string().min(1), z.int().nonnegative().transform(String)]);
/** Numbers of persons are 64-bit; one that a JavaScript number cannot hold exactly is refused rather than rounded. */
const personId = z.union([z.string().regex(/^\d{1,20}$/), z.int().nonnegative().transform(String)]);

/** An object of values by key. Each is looked at when it is mapped, so that a bad one does not cost the rest. */
const byKey = z
  .custom<Readonly<Record<string, unknown>>>((value) => typeof value === "object" && value !== null && !Array.isArray(value))
  .nullish();
const items = z.array(z.unknown());

export const tokenAnswer = z.looseObject({ x_user_id: personId });
export const user = z.looseObject({ "polar-user-id": personId });
/** Whose an answer is: an address that ends with the person's number. */
export const owned = z.looseObject({ polar_user: text });

/** A list, or one object, whichever the address gives. */
export const listOrOne = z.union([items, z.looseObject({}).transform((one): unknown[] => [one])]);
export const exercises = items;
export const nights = z.looseObject({ nights: items });
export const recharges = z.looseObject({ recharges: items });

/** What of an exercise is needed to ask for it. */
export const listedExercise = z.looseObject({ id: idText, start_time: text, start_time_utc_offset: number });

export const exercise = z.looseObject({
  id: idText.nullish(),
  device: text,
  device_id: text,
  start_time: z.string(),
  start_time_utc_offset: number,
  duration: z.string(),
  calories: number,
  distance: number,
  heart_rate: z.looseObject({ average: number, maximum: number }).nullish(),
  sport: text,
  detailed_sport_info: text,
  training_load_pro: z.looseObject({ cardio_load: number }).nullish(),
  heart_rate_zones: items.nullish(),
  samples: items.nullish(),
});
export type Exercise = z.infer<typeof exercise>;

export const zone = z.looseObject({ index: z.number(), in_zone: z.string() });
export const exerciseSamples = z.looseObject({ recording_rate: number, sample_type: z.union([z.string(), z.number()]), data: z.string() });

export const activity = z.looseObject({
  /** The older way gave the date, and these two by other names. */
  date: text,
  start_time: text,
  end_time: text,
  active_steps: number,
  active_duration: text,
  calories: number,
  active_calories: number,
  steps: number,
  distance_from_steps: number,
  samples: z
    .looseObject({
      steps: z.looseObject({ interval_ms: number, samples: items.nullish() }).nullish(),
      activity_zones: z.looseObject({ samples: items.nullish() }).nullish(),
    })
    .nullish(),
});
export type Activity = z.infer<typeof activity>;

export const stepSample = z.looseObject({ steps: z.number(), timestamp: z.string() });
export const zoneSample = z.looseObject({ zone: z.string(), timestamp: z.string() });

export const continuousHeartRate = z.looseObject({ date: z.string(), heart_rate_samples: items });

export const night = z.looseObject({
  date: text,
  sleep_start_time: z.string(),
  sleep_end_time: z.string(),
  device_id: text,
  light_sleep: number,
  deep_sleep: number,
  rem_sleep: number,
  unrecognized_sleep_stage: number,
  total_interruption_duration: number,
  sleep_score: number,
  hypnogram: byKey,
  heart_rate_samples: byKey,
});
export type Night = z.infer<typeof night>;

export const recharge = z.looseObject({
  date: z.string(),
  heart_rate_variability_avg: number,
  breathing_rate_avg: number,
  hrv_samples: byKey,
  breathing_samples: byKey,
});

export const cardioLoad = z.looseObject({ date: z.string(), cardio_load_status: text, cardio_load: number, strain: number });

export const physicalInfo = z.looseObject({
  weight: number,
  weight_source: text,
  height: number,
  resting_heart_rate: number,
  vo2_max: number,
  created: text,
  modified: text,
});

export const temperaturePeriod = z.looseObject({ source_device_id: text, measurement_type: text, start_time: z.string(), samples: items });
export const temperatureSample = z.looseObject({ temperature_celsius: z.number(), recording_time_delta_milliseconds: number });
export const skinTemperature = z.looseObject({
  sleep_date: z.string(), sleep_time_skin_temperature_celsius: number, deviation_from_baseline_celsius: number,
});
const test = { source_device_id: text, test_time: z.number(), time_zone_offset: number, average_heart_rate_bpm: number };
export const spo2Test = z.looseObject({ ...test, test_status: text, blood_oxygen_percent: number });
export const ecgTest = z.looseObject(test);

export const event = z.looseObject({
  event: z.string(),
  user_id: personId.nullish(),
  entity_id: idText.nullish(),
  date: text,
  from: text,
  to: text,
  timestamp: text,
});

export const webhookInfo = z.looseObject({ data: items.nullish() });
export const existingWebhook = z.looseObject({ id: idText, url: z.string(), events: z.array(z.string()).nullish(), active: z.boolean().nullish() });
export const createdWebhook = z.looseObject({ data: z.looseObject({ id: idText, signature_secret_key: z.string().min(1) }) });

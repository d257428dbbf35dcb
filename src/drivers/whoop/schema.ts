/**
 * WHOOP's records of API v2, with the fields that are used; unknown fields and values are borne. A score is there only once it is made.
 * Source: vendors/whoop.md, Fields (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();

/** 64-bit ids; one that a JavaScript number cannot hold exactly is refused rather than rounded. */
export const id = z.union([z.int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]);
/** Sleeps and workouts have UUIDs; recordings of API v1 have numbers. */
export const uuid = z.union([z.string().min(1).max(200), z.int().nonnegative().transform(String)]);

export const profile = z.looseObject({ user_id: id });

/** A list as the API gives it. Records are looked at one by one, so that a bad one does not cost its neighbours. */
export const page = z.looseObject({ records: z.array(z.unknown()), next_token: text });
/** Any record by itself. */
export const object = z.record(z.string(), z.unknown());
/** Which sleep a recovery belongs to. */
export const recoveryOf = z.looseObject({ sleep_id: uuid });
/** Whose a record is, where it says so. */
export const owned = z.looseObject({ user_id: id });

const timed = { start: z.string(), timezone_offset: text, score_state: text };

export const cycle = z.looseObject({
  ...timed,
  end: text,
  updated_at: text,
  score: z.looseObject({ strain: number, kilojoule: number, average_heart_rate: number, max_heart_rate: number }).nullish(),
});
export type Cycle = z.infer<typeof cycle>;

export const sleep = z.looseObject({
  ...timed,
  id: uuid.nullish(),
  end: z.string(),
  nap: z.boolean().nullish(),
  score: z
    .looseObject({
      stage_summary: z
        .looseObject({
          total_in_bed_time_milli: number,
          total_awake_time_milli: number,
          total_light_sleep_time_milli: number,
          total_slow_wave_sleep_time_milli: number,
          total_rem_sleep_time_milli: number,
        })
        .nullish(),
      respiratory_rate: number,
      sleep_performance_percentage: number,
      sleep_efficiency_percentage: number,
    })
    .nullish(),
});
export type Sleep = z.infer<typeof sleep>;

/** What the driver itself needs of a sleep: whose and which it is, and where it stands. */
export const sleepPlace = z.looseObject({ user_id: id.nullish(), id: uuid, cycle_id: id.nullish(), start: z.string(), end: z.string(), timezone_offset: text });
export type SleepPlace = z.infer<typeof sleepPlace>;

/** A recovery has no time of its own: the driver puts its sleep beside it. */
export const recovery = z.looseObject({
  sleep_id: uuid.nullish(),
  created_at: text,
  score_state: text,
  score: z
    .looseObject({
      user_calibrating: z.boolean().nullish(),
      recovery_score: number,
      resting_heart_rate: number,
      hrv_rmssd_milli: number,
      spo2_percentage: number,
      skin_temp_celsius: number,
    })
    .nullish(),
  sleep: z.looseObject({ end: z.string(), timezone_offset: text }).nullish(),
});
export type Recovery = z.infer<typeof recovery>;

/** What the driver stores when there is no recovery of a sleep any more. */
export const goneRecovery = z.looseObject({ sleep: z.looseObject({ end: z.string(), timezone_offset: text }) });

const zoneDurations = z
  .looseObject({
    zone_zero_milli: number, zone_one_milli: number, zone_two_milli: number, zone_three_milli: number, zone_four_milli: number, zone_five_milli: number,
  })
  .nullish();

export const workout = z.looseObject({
  ...timed,
  id: uuid.nullish(),
  end: z.string(),
  sport_name: text,
  /** All that recordings of API v1 say of the sport. */
  sport_id: number,
  score: z
    .looseObject({
      strain: number,
      average_heart_rate: number,
      max_heart_rate: number,
      kilojoule: number,
      distance_meter: number,
      altitude_gain_meter: number,
      zone_durations: zoneDurations,
      /** In API v1. */
      zone_duration: zoneDurations,
    })
    .nullish(),
});
export type Workout = z.infer<typeof workout>;

export const body = z.looseObject({ height_meter: number, weight_kilogram: number });

export const webhookEvent = z.looseObject({ user_id: id, id: z.union([z.string().min(1).max(200), z.number()]), type: z.string(), trace_id: text });

/**
 * Wahoo's answers, with the fields that are used; unknown fields are borne. Accumulated numbers come as text ("9876.54"), as numbers or as
 * null. Source: vendors/wahoo.md (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";
import { MINUTE_MS, parseTime } from "#units/time.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();
const flag = z.boolean().nullish();

const id = z.union([z.int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]);

export const user = z.looseObject({ id });

export const summary = z.looseObject({
  workout_id: id.nullish(),
  name: text,
  started_at: text,
  ascent_accum: number,
  cadence_avg: number,
  calories_accum: number,
  distance_accum: number,
  duration_active_accum: number,
  duration_total_accum: number,
  heart_rate_avg: number,
  power_avg: number,
  speed_avg: number,
  time_zone: text,
  manual: flag,
  fitness_app_id: number,
});
export type Summary = z.infer<typeof summary>;

export const workout = z.looseObject({
  id,
  starts: z.string(),
  minutes: number,
  name: text,
  workout_type_id: number,
  workout_summary: z.unknown().optional(),
});
export type Workout = z.infer<typeof workout>;

/** What the driver itself needs of a list: when each workout was, whether the list goes on, and how it is said to be sorted. */
export const workoutList = z.looseObject({ order: z.unknown().optional(), sort: z.unknown().optional(), workouts: z.array(z.looseObject({ id: id.nullish(), starts: text })) });

/** When a workout was, UTC epoch milliseconds; null for what is no time. Starts are told in UTC: a lost Z changes nothing. */
export function startOf(starts: string | null | undefined): number | null {
  const parsed = parseTime(starts ?? "");
  return parsed && parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS;
}

/** A workout by id; the id is checked against the one asked for. */
export const ownWorkout = z.looseObject({ id });

/** What the driver stores when Wahoo says that a workout is not there any more. */
export const goneWorkout = z.looseObject({ id });

export const notification = z.looseObject({
  event_type: z.string(),
  user: z.looseObject({ id }),
  workout_summary: z.looseObject({}).nullish(),
});

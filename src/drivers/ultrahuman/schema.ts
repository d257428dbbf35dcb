/**
 * Ultrahuman's answers, with the fields that are used; unknown fields and types are borne. Series are looked at by hand where they are mapped.
 * Source: vendors/ultrahuman.md (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();

const id = z.union([z.string().min(1), z.int().transform(String)]);
const account = z.looseObject({ user_id: id });

/** Flat, or wrapped in `data` or `user`. */
export const userInfo = z.union([
  account.transform(({ user_id }) => user_id),
  z.looseObject({ data: account }).transform(({ data }) => data.user_id),
  z.looseObject({ user: account }).transform(({ user }) => user.user_id),
]);

/** Around the metrics, as far as the driver itself looks; a bare list of them has none. */
export const envelope = z.union([z.array(z.unknown()).transform((): { error?: unknown } => ({})), z.looseObject({ error: z.unknown().optional() })]);

/** One kind of data of one day; its content by kind. Some recordings leave the `object` around it away. */
export const item = z.looseObject({ type: z.string(), object: z.looseObject({}).nullish() });

/** What a series says besides its values. */
export const series = z.looseObject({ day_start_timestamp: number, unit: text, total: number, avg: number, values: z.array(z.unknown()).nullish() });

/** A single number, under `value`, or under the name of its kind once more. */
export const scalar = z.looseObject({ day_start_timestamp: number, value: number });

const amount = z.union([number, z.looseObject({ seconds: number, minutes: number, percentage: number, score: number, celsius: number, value: number })]).nullish();
export type Amount = z.infer<typeof amount>;

export const sleep = z.looseObject({
  bedtime_start: number,
  bedtime_end: number,
  quick_metrics: z.array(z.unknown()).nullish(),
  sleep_stages: z.array(z.unknown()).nullish(),
  // An empty list where there is none.
  sleep_graph: z.unknown().optional(),
  score: number,
  sleep_score: amount,
  sleep_efficiency: amount,
  time_in_bed: amount,
  total_sleep: amount,
  deep_sleep: amount,
  light_sleep: amount,
  rem_sleep: amount,
  temperature_deviation: amount,
  spo2: amount,
});
export type Sleep = z.infer<typeof sleep>;

export const stretch = z.looseObject({ type: z.string(), start: z.number(), end: z.number() });

/**
 * Strava's answers, with the fields that are used; unknown fields and values are borne, for new ones appear without notice.
 * Source: vendors/strava.md (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();
const flag = z.boolean().nullish();

/** Ids are 64-bit; one that a JavaScript number cannot hold exactly is refused rather than rounded. */
export const id = z.union([z.int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]);

export const athlete = z.looseObject({ id });

export const lap = z.looseObject({
  start_date: z.string(),
  elapsed_time: number,
  distance: number,
  average_heartrate: number,
});

/** A SummaryActivity or a DetailedActivity: the latter adds calories and laps. */
export const activity = z.looseObject({
  id,
  name: text,
  type: text,
  sport_type: text,
  start_date: text,
  start_date_local: text,
  utc_offset: number,
  elapsed_time: number,
  moving_time: number,
  distance: number,
  total_elevation_gain: number,
  average_speed: number,
  max_speed: number,
  has_heartrate: flag,
  average_heartrate: number,
  max_heartrate: number,
  average_watts: number,
  max_watts: number,
  device_watts: flag,
  kilojoules: number,
  calories: number,
  average_cadence: number,
  suffer_score: number,
  device_name: text,
  manual: flag,
  laps: z.array(z.unknown()).nullish(),
});
export type Activity = z.infer<typeof activity>;

/** What an answer must have for the driver itself: whose it is, and what it is. */
export const ownedActivity = z.looseObject({
  id,
  athlete: z.looseObject({ id: id.nullish() }).nullish(),
  manual: flag,
});

const stream = z.looseObject({ data: z.array(z.unknown()) });
const typed = stream.extend({ type: z.string() });

export type Streams = Readonly<Record<string, z.infer<typeof stream>>>;

const streamsOf = (named: readonly (readonly [name: string, value: unknown])[]): Streams =>
  Object.fromEntries(named.flatMap(([name, value]) => {
    const parsed = stream.safeParse(value);
    return parsed.success ? [[name, parsed.data] as const] : [];
  }));

/** Streams by key, or as a list with the key in `type`. What is no stream is passed over. */
export const streams = z.union([
  z.array(z.unknown()).transform((list) => streamsOf(list.flatMap((item) => {
    const parsed = typed.safeParse(item);
    return parsed.success ? [[parsed.data.type, parsed.data] as const] : [];
  }))),
  z.record(z.string(), z.unknown()).transform((byKey) => streamsOf(Object.entries(byKey))),
]);

/** Streams tell neither when nor where they belong, so the driver stores them with these fields of their activity. */
export const streamsPage = z.looseObject({
  start_date: z.string(),
  utc_offset: number,
  sport_type: text,
  device_name: text,
  device_watts: flag,
  streams,
});

/** Strava's zones of an activity, with the fields of it that make it a workout. */
export const zonesPage = activity.extend({ zones: z.array(z.unknown()) });

/** Time in the zones of one kind of measurement. */
export const zones = z.looseObject({ type: z.string(), distribution_buckets: z.array(z.looseObject({ min: number, time: number })).nullish() });

/** What the driver stores when Strava says that an activity is not there any more. */
export const goneActivity = z.looseObject({ id });

export const webhookEvent = z.looseObject({
  object_type: z.string(),
  object_id: id,
  aspect_type: z.string(),
  owner_id: id,
  updates: z.record(z.string(), z.unknown()).nullish(),
});

export const subscriptions = z.array(z.looseObject({ id, callback_url: z.string() }));
export const subscription = z.looseObject({ id });

/** Shapes of sleeps, workouts and treatments. */
import { z } from "zod";
import { MEAL_RELATIONS, MEALS, SAMPLE_LOCATIONS, SAMPLE_TYPES, SPORTS } from "#driver/records.ts";
import { instant, metricName, seconds } from "./common.ts";
import { source } from "./measurements.ts";

export const sleep = z.object({
  id: z.string(), start: instant, end: instant, offsetMinutes: z.number().nullable(), isNap: z.boolean(),
  asleepS: seconds, inBedS: seconds, deepS: seconds, lightS: seconds, remS: seconds, awakeS: seconds,
  efficiencyPercent: z.number().nullable(), score: z.number().nullable(),
  stages: z.array(z.object({ stage: z.string(), start: instant, end: instant })),
  source, deliveryId: z.string(),
});
export const sleepList = z.object({ data: z.array(sleep), nextCursor: z.string().nullable() });
export const sleepLatest = z.object({ sleep: sleep.nullable() });

export const workout = z.object({
  id: z.string(), start: instant, end: instant, offsetMinutes: z.number().nullable(),
  sport: z.enum(SPORTS), vendorSport: z.string().nullable(), title: z.string().nullable(),
  activeS: seconds, distanceM: z.number().nullable(), energyKcal: z.number().nullable(),
  averageHeartRate: z.number().nullable(), maxHeartRate: z.number().nullable(), averagePaceSKm: z.number().nullable(),
  averagePowerW: z.number().nullable(), maxPowerW: z.number().nullable(), isPowerEstimated: z.boolean(),
  averageCadence: z.number().nullable(), elevationGainM: z.number().nullable(),
  /** e.g. "View on Strava", which must stand beside the workout. */
  link: z.object({ text: z.string(), url: z.string() }).nullable(),
  source, deliveryId: z.string(),
});
export const workoutList = z.object({ data: z.array(workout), nextCursor: z.string().nullable() });

/** What was measured during a record: `times[i]` and `values[i]` belong together. */
export const recordStream = z.object({
  name: z.union([metricName, z.literal("pace")]).describe("A metric; `pace` is told where speed was measured."),
  unit: z.string(),
  times: z.array(z.number()).describe("UTC epoch milliseconds, ascending."),
  values: z.array(z.number()),
  breaks: z.array(z.number()).nullable().describe("Places where a new stretch begins after a gap in what was measured: draw no line to them. Null where hardly any two values are close."),
  sources: z.array(source),
});

export const workoutDetails = workout.extend({
  laps: z.array(z.object({ start: instant, end: instant.nullable(), distanceM: z.number().nullable(), averageHeartRate: z.number().nullable() })),
  heartRateZonesS: z.array(z.number()).nullable().describe("Seconds in each zone of the vendor's own, the lowest first."),
  streams: z.array(recordStream).describe("Of the workout's own connection; only what was measured."),
});

/** Stages as columns: `from[i]` to `to[i]` was spent in `stage[i]`; each begins where the one before ends. */
export const hypnogram = z.object({
  from: z.array(z.number()).describe("UTC epoch milliseconds."), to: z.array(z.number()),
  stage: z.array(z.string()).describe("`unmeasurable` where the vendor tells nothing between two stages."),
});

export const sleepDetails = sleep.extend({
  hypnogram, streams: z.array(recordStream).describe("Heart rate, its variability, oxygen, respiration and skin temperature in that time, of the best source; only what was measured."),
});

export const treatment = z.object({
  id: z.string(), at: instant, end: instant.nullable(), offsetMinutes: z.number().nullable(), kind: z.string(),
  amount: z.number().nullable(), unit: z.string().nullable(), text: z.string().nullable(),
  /** Of a meter reading, as far as it is known. */
  meal: z.enum(MEALS).nullable(), mealRelation: z.enum(MEAL_RELATIONS).nullable(), sampleType: z.enum(SAMPLE_TYPES).nullable(),
  sampleLocation: z.enum(SAMPLE_LOCATIONS).nullable(), isManual: z.boolean(), source, deliveryId: z.string(),
});
export const treatmentList = z.object({ data: z.array(treatment), nextCursor: z.string().nullable() });

export type Sleep = z.infer<typeof sleep>;
export type RecordStream = z.infer<typeof recordStream>;
export type Hypnogram = z.infer<typeof hypnogram>;
export type WorkoutDetails = z.infer<typeof workoutDetails>;
export type SleepDetails = z.infer<typeof sleepDetails>;
export type Workout = z.infer<typeof workout>;
export type Treatment = z.infer<typeof treatment>;

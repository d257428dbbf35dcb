/**
 * Suunto's answers, with the fields that are used; unknown fields are borne. The thousands of 24/7 entries are looked at by hand where they
 * are mapped. Source: vendors/suunto.md (read 2026-11-20).
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const present = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number());
const number = present.nullish();
const text = z.string().nullish();
const flag = z.boolean().nullish();

/** What lies below /247samples, by the last part of its path. */
export const SAMPLE_RESOURCES = ["sleep", "recovery", "activity"] as const;
export type SampleResource = (typeof SAMPLE_RESOURCES)[number];

export function isSampleResource(name: string): name is SampleResource {
  return SAMPLE_RESOURCES.some((known) => known === name);
}

export const list = z.array(z.unknown());

/** Around everything of version 3; `payload` of any kind. */
export const envelope = z.looseObject({ error: z.unknown().optional(), payload: z.unknown().optional() });

const id = z.union([z.string().min(1), z.int().transform(String)]);
const named = z.looseObject({ workoutKey: id.nullish(), workoutId: id.nullish() });

export const workoutList = z.array(named);
/** The workout itself, or wrapped once more. */
export const oneWorkout = z
  .union([z.looseObject({ workout: z.looseObject({ workoutKey: id.nullish() }) }).transform(({ workout }) => workout), z.looseObject({ workoutKey: id.nullish() })])
  .transform(({ workoutKey }) => ({ workoutKey: workoutKey ?? undefined }));

export const goneWorkout = z.looseObject({ workoutKey: z.string().min(1) });

const heartRates = z.looseObject({
  workoutAvgHR: number, workoutMaxHR: number, userMaxHR: number, avg: number, hrmax: number, max: number,
});
export type HeartRates = z.infer<typeof heartRates>;

export const gear = z.looseObject({ name: text, displayName: text, serialNumber: text });
export type Gear = z.infer<typeof gear>;

export const workout = z.looseObject({
  workoutKey: id.nullish(),
  key: id.nullish(),
  workoutId: id.nullish(),
  activityId: number,
  name: text,
  workoutName: text,
  startTime: present,
  stopTime: number,
  totalTime: number,
  totalDistance: number,
  totalAscent: number,
  stepCount: number,
  energyConsumption: number,
  avgSpeed: number,
  maxSpeed: number,
  avgPower: number,
  maxPower: number,
  avgCadence: number,
  cadence: z.looseObject({ avg: number }).nullish(),
  hrdata: heartRates.nullish(),
  timeOffsetInMinutes: number,
  isManuallyAdded: flag,
  extensions: z.unknown().optional(),
});
export type Workout = z.infer<typeof workout>;

/** One of a workout's extensions: some answers have the watch, power and cadence there alone. */
export const extension = z.looseObject({ gear: z.unknown().optional(), avgPower: number, maxPower: number, avgCadence: number });

/** Totals of days, by kind and by the device they come from. */
export const statistics = z.looseObject({
  Name: z.string(),
  Aggregation: text,
  Sources: z.array(z.looseObject({ Name: text, Samples: z.array(z.unknown()) })),
});

export const dayValue = z.looseObject({ TimeISO8601: z.string(), Value: number });

/** A notification with its data in it; older ones name the workout only. */
export const notification = z.looseObject({
  type: text,
  username: z.string().min(1),
  workout: z.looseObject({}).nullish(),
  workoutKey: id.nullish(),
  workoutid: id.nullish(),
  gear: z.unknown().optional(),
  samples: list.nullish(),
});

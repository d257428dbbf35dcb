/**
 * What phone bridges push, with the fields that are used. Unknown fields are borne; what tells less than it should is absent.
 * Sources: Apple Health facts, Open Wearables SDK push and Health Auto Export REST JSON.
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

export const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish().catch(null);
const id = z.union([z.string().min(1).max(200), z.number().transform(String)]).nullish().catch(null);
const time = z.union([z.string(), z.number()]);
const list = z.array(z.unknown()).nullish();

/** The body, with or without `data` around it. */
export const body = z.looseObject({ provider: text, data: z.unknown().optional() });
/** Its parts, each looked at by itself. */
export const parts = z.record(z.string(), z.unknown());

export const source = z.looseObject({
  appId: text, bundleIdentifier: text, deviceId: text, deviceName: text, deviceManufacturer: text, deviceModel: text, productType: text, recordingMethod: text,
}).nullish().catch(null);

const stretch = { id, startDate: time, endDate: time.nullish(), zoneOffset: text, source, metadata: z.record(z.string(), z.unknown()).nullish().catch(null) };

export const record = z.looseObject({ ...stretch, type: z.string().min(1).max(200), value: z.union([z.number(), z.string()]).nullish(), unit: text });
export type PushedRecord = z.infer<typeof record>;

export const sleep = z.looseObject({ ...stretch, stage: z.union([z.string(), z.number()]) });

export const workout = z.looseObject({
  ...stretch, type: z.union([z.string(), z.number()]).nullish(), title: text, values: list.catch(null), laps: list.catch(null),
});
export const workoutValue = z.looseObject({ type: z.string(), value: number, unit: text });
export const lap = z.looseObject({ startDate: time, endDate: time });

export const deleted = z.looseObject({ id: z.string().min(1).max(200), type: z.string().min(1).max(200) });
export const complete = z.looseObject({ from: time, to: time, types: z.array(z.string()).nullish() });

/** Health Auto Export. */
export const metric = z.looseObject({ name: z.string(), units: text, data: z.array(z.unknown()) });

export const point = z.looseObject({
  date: z.string(), qty: number, units: text, source: text, Min: number, Avg: number, Max: number, systolic: number, diastolic: number, mealTime: text, reason: text,
});
export type Point = z.infer<typeof point>;

export const sleepPoint = z.looseObject({ startDate: z.string(), endDate: z.string(), value: z.string(), source: text });
export const sleepSummary = z.looseObject({
  sleepStart: text, sleepEnd: text, inBedStart: text, inBedEnd: text, source: text,
  totalSleep: number, asleep: number, core: number, deep: number, rem: number, awake: number, inBed: number,
});

const quantity = z.looseObject({ qty: number, units: text }).nullish().catch(null);
export const autoWorkout = z.looseObject({
  id, name: text, start: z.string(), end: z.string(), duration: number, distance: quantity, activeEnergyBurned: quantity, heartRateData: list.catch(null),
  heartRateRecovery: list.catch(null), stepCount: list.catch(null),
});

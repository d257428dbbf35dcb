/**
 * COROS's answers, with the fields that are used; unknown fields are borne. Numbers come as numbers or text. Source: vendors/coros.md (read
 * 2026-11-20); no official text was seen.
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();

/** A 64-bit id. One that was rounded on the way is refused: it could be another's. */
const id = z.union([z.int().positive().transform(String), z.string().regex(/^\d{1,20}$/)]);

const openId = z.union([z.string().min(1), z.int().transform(String)]);

/** Around everything; `data` of any kind. */
export const envelope = z.looseObject({ result: z.union([z.string(), z.number()]), data: z.unknown().optional() });

export const tokenAnswer = z.looseObject({ openId });
export const userAnswer = z.looseObject({ data: z.looseObject({ openId }) });

/** Lists of workouts lie in `data` itself or one step deeper; an empty one may be null. */
export const list = z.union([z.array(z.unknown()), z.null().transform((): unknown[] => []), z.undefined().transform((): unknown[] => [])]);

export const leg = z.looseObject({ mode: number, subMode: number, distance: number, duration: number });

/** A whole offset in units of a quarter of an hour (32 is UTC+8), also as text. */
const quarters = number;

export const workout = z.looseObject({
  labelId: id,
  mode: number,
  subMode: number,
  distance: number,
  duration: number,
  startTime: z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()),
  endTime: number,
  startTimezone: quarters,
  step: number,
  calorie: number,
  avgSpeed: number,
  avgFrequency: number,
  deviceName: text,
  triathlonItemList: z.array(z.unknown()).nullish(),
});
export type Workout = z.infer<typeof workout>;

/** Whose it is, where it says. */
export const owned = z.looseObject({ openId });

/** The times of a sleep are Unix seconds, or text of a clock; each is looked at where it is mapped. */
export const day = z.looseObject({
  happenDay: z.union([z.int().transform(String), z.string()]),
  step: number,
  calorie: number,
  rhr: number,
  ppgHrv: number,
  sleepAvgHr: number,
  sleepStartTime: z.unknown().optional(),
  sleepEndTime: z.unknown().optional(),
  startTimezone: quarters,
  endTimezone: quarters,
  hrvList: z.array(z.unknown()).nullish(),
});
export type Day = z.infer<typeof day>;

/** Workouts of several persons, or days by person. */
export const notification = z.union([
  z.looseObject({ sportDataList: z.array(z.unknown()) }), z.looseObject({ sportDataList: z.undefined().optional(), batchDailyList: z.array(z.unknown()) }),
]);
export const daysOfPerson = z.looseObject({ openId, dailyList: z.array(z.unknown()) });

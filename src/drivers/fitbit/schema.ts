/**
 * Fitbit's answers, with the fields that are used. Numbers may come as text. Source: vendors/fitbit.md and the community's copy of the official
 * OpenAPI description (read 2026-11-20); the service has ended, so nothing here changes any more.
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();
const list = z.array(z.unknown());

/** Ids of logs are numbers of many digits. */
const id = z.union([z.int().nonnegative().transform(String), z.string().regex(/^\d{1,20}$/)]).nullish();

export const profile = z.looseObject({ user: z.looseObject({ encodedId: z.string().min(1), timezone: text }) });

/** A list of numbers by date; of what lies within the date too, in the answers for a single one. */
export const series = z.looseObject({ dateTime: z.string(), value: z.unknown().optional() });

export const dataset = z.looseObject({ dataset: list, datasetInterval: number, datasetType: text });

export const heartValue = z.looseObject({ restingHeartRate: number });
export const hrvValue = z.looseObject({ dailyRmssd: number });
export const breathValue = z.looseObject({ breathingRate: number, fullSleepSummary: z.looseObject({ breathingRate: number }).nullish() });
export const spo2Value = z.looseObject({ avg: number });
export const skinValue = z.looseObject({ nightlyRelative: number });
export const vo2Value = z.looseObject({ vo2Max: z.union([z.number(), z.string()]).nullish() });

export const minutesOfDay = z.looseObject({ minutes: list });

export const bodyLog = z.looseObject({ date: z.string(), time: text, source: text, weight: number, bmi: number, fat: number });

export const summary = z.looseObject({
  steps: number,
  floors: number,
  elevation: number,
  caloriesOut: number,
  caloriesBMR: number,
  activityCalories: number,
  restingHeartRate: number,
  sedentaryMinutes: number,
  lightlyActiveMinutes: number,
  fairlyActiveMinutes: number,
  veryActiveMinutes: number,
  distances: z.array(z.looseObject({ activity: text, distance: number })).nullish(),
});

/** The answer for a day does not say which: the driver stores it with its date. */
export const day = z.looseObject({ date: text, summary: z.unknown().optional(), activities: list.nullish() });

/** An activity within the answer for a day. */
export const dayActivity = z.looseObject({
  logId: id, activityParentName: text, startDate: text, startTime: text, hasStartTime: z.boolean().nullish(), duration: number, calories: number,
  distance: number, steps: number,
});

/** An activity of the list of activities. */
export const activity = z.looseObject({
  logId: id, activityName: text, startTime: z.string(), duration: number, activeDuration: number, calories: number, distance: number, distanceUnit: text,
  steps: number, averageHeartRate: number, elevationGain: number, logType: text, source: z.looseObject({ name: text }).nullish(),
});

export const activityPage = z.looseObject({ activities: list, pagination: z.looseObject({ next: text }).nullish() });

/** While a night is being worked out the answer says so, without a list. */
export const sleeps = z.union([z.looseObject({ sleep: list }), z.looseObject({ meta: z.looseObject({ state: z.string() }) }).transform(() => ({ sleep: [] }))]);

const stageTotal = z.looseObject({ minutes: number }).nullish();

export const sleep = z.looseObject({
  logId: id,
  startTime: z.string(),
  endTime: text,
  duration: number,
  efficiency: number,
  isMainSleep: z.boolean().nullish(),
  minutesAsleep: number,
  minutesAwake: number,
  timeInBed: number,
  type: text,
  levels: z
    .looseObject({
      data: list.nullish(),
      shortData: list.nullish(),
      summary: z
        .looseObject({ deep: stageTotal, light: stageTotal, rem: stageTotal, wake: stageTotal, asleep: stageTotal, restless: stageTotal, awake: stageTotal })
        .nullish(),
    })
    .nullish(),
});
export type Sleep = z.infer<typeof sleep>;

export const level = z.looseObject({ dateTime: z.string(), level: z.string(), seconds: z.number() });

export const notifications = list;
export const notification = z.looseObject({ collectionType: z.string(), ownerId: z.string().min(1), date: text });

export const subscriptions = z.looseObject({ apiSubscriptions: z.array(z.looseObject({ collectionType: text })) });

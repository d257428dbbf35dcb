/**
 * Google's answers, with the fields that are used; unknown fields and values are borne. What is absent was not sent: there are no nulls, and zeros
 * and falses may be left away. Source: vendors/google-health.md and the official discovery document of version 4, revision 20260923 (read 2026-11-20).
 * Points of the many simple types are read by hand (map-points.ts): there are thousands in an answer.
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

/** 64-bit numbers come as text. */
const number = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number()).nullish();
const text = z.string().nullish();
const flag = z.boolean().nullish();
const list = z.array(z.unknown()).nullish();

export const identity = z.looseObject({ healthUserId: z.string().min(1), legacyUserId: text });
export const settings = z.looseObject({ timeZone: text });

/** A page of points. An empty answer leaves the list away. */
export const points = z.looseObject({ dataPoints: list, nextPageToken: text });
export const rollUps = z.looseObject({ rollupDataPoints: list, nextPageToken: text });

/** The window that the driver adds to what it read again after a deletion. */
export const replaced = z.looseObject({ fromMs: z.int(), toMs: z.int() });

export const interval = z.looseObject({
  startTime: z.string(),
  startUtcOffset: text,
  endTime: z.string(),
  endUtcOffset: text,
});

const stageTotal = z.looseObject({ type: text, minutes: number });

export const sleep = z.looseObject({
  interval,
  type: text,
  stages: list,
  shortAwakenings: list,
  summary: z
    .looseObject({ minutesAsleep: number, minutesAwake: number, minutesInSleepPeriod: number, stagesSummary: z.array(stageTotal).nullish() })
    .nullish(),
  metadata: z.looseObject({ nap: flag, processed: flag }).nullish(),
});
export type Sleep = z.infer<typeof sleep>;

export const stage = z.looseObject({ type: text, startTime: z.string(), endTime: z.string() });

export const metricsSummary = z.looseObject({
  caloriesKcal: number,
  distanceMillimeters: number,
  steps: number,
  averageHeartRateBeatsPerMinute: number,
  averagePaceSecondsPerMeter: number,
  averageSpeedMillimetersPerSecond: number,
  elevationGainMillimeters: number,
});

export const exercise = z.looseObject({
  interval,
  exerciseType: text,
  displayName: text,
  activeDuration: text,
  metricsSummary: z.unknown().optional(),
  splits: list,
  splitSummaries: list,
});
export type Exercise = z.infer<typeof exercise>;

export const split = z.looseObject({ startTime: z.string(), endTime: text, metricsSummary: z.unknown().optional() });

export const nutrition = z.looseObject({
  interval: z.looseObject({ startTime: z.string(), startUtcOffset: text }),
  foodDisplayName: text,
  totalCarbohydrate: z.looseObject({ grams: number }).nullish(),
});

export const notice = z.looseObject({
  healthUserId: z.union([z.string().min(1), z.int().nonnegative().transform(String)]),
  operation: text,
  dataType: z.string().min(1).max(100),
  intervals: list,
});

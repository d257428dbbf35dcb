/**
 * Garmin's summaries, with the fields that are used. Every field but ids and start times may be absent; null and numbers as text
 * are borne. Source: vendors/garmin.md (read 2026-11-20); confidence is low for healthSnapshot, skinTemp, bloodPressures and hrv.
 */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

const needed = z.preprocess((value) => (typeof value === "string" ? (looseNumber(value) ?? value) : value), z.number());
const number = needed.nullish();
const text = z.string().nullish();
const flag = z.boolean().nullish();

/** Values by seconds after the start, or stretches by stage. Looked at when they are mapped, so that bad ones do not cost the rest. */
const byKey = z.unknown().optional();

/** Times and offsets under all their names: the same fact is spelled differently from type to type and example to example. */
const timed = {
  calendarDate: text,
  startTimeInSeconds: number,
  measurementTimeInSeconds: number,
  startTimeOffsetInSeconds: number,
  offsetStartTimeInSeconds: number,
  measurementTimeOffsetInSeconds: number,
  offsetInSeconds: number,
  durationInSeconds: number,
};

export const timedSummary = z.looseObject(timed);
export type TimedSummary = z.infer<typeof timedSummary>;

export const daily = z.looseObject({
  ...timed,
  steps: number,
  pushes: number,
  distanceInMeters: number,
  activeTimeInSeconds: number,
  activeKilocalories: number,
  bmrKilocalories: number,
  moderateIntensityDurationInSeconds: number,
  vigorousIntensityDurationInSeconds: number,
  floorsClimbed: number,
  minHeartRateInBeatsPerMinute: number,
  maxHeartRateInBeatsPerMinute: number,
  restingHeartRateInBeatsPerMinute: number,
  timeOffsetHeartRateSamples: byKey,
  averageStressLevel: number,
  averageStresslevel: number,
  highStressDurationInSeconds: number,
});

export const epoch = z.looseObject({
  ...timed,
  activityType: text,
  intensity: text,
  activeTimeInSeconds: number,
  steps: number,
  pushes: number,
  distanceInMeters: number,
  activeKilocalories: number,
  met: number,
});

export const stageSpan = z.looseObject({ startTimeInSeconds: needed, endTimeInSeconds: needed });

export const nap = z.looseObject({
  napStartTimeInSeconds: needed,
  napDurationInSeconds: needed,
  napOffsetInSeconds: number,
});

export const sleep = z.looseObject({
  ...timed,
  unmeasurableSleepInSeconds: number,
  unmeasurableSleepDurationInSeconds: number,
  deepSleepDurationInSeconds: number,
  lightSleepDurationInSeconds: number,
  remSleepInSeconds: number,
  awakeDurationInSeconds: number,
  sleepLevelsMap: byKey,
  timeOffsetSleepRespiration: byKey,
  timeOffsetSleepSpo2: byKey,
  overallSleepScore: z.looseObject({ value: number }).nullish(),
  naps: z.array(z.unknown()).nullish(),
});

export const bodyComposition = z.looseObject({
  ...timed,
  weightInGrams: number,
  muscleMassInGrams: number,
  boneMassInGrams: number,
  bodyWaterInPercent: number,
  bodyFatInPercent: number,
  bodyMassIndex: number,
});

export const bloodPressure = z.looseObject({ ...timed, systolic: number, diastolic: number, pulse: number, sourceType: text });

export const stressDetail = z.looseObject({
  ...timed, timeOffsetStressLevelValues: byKey, timeOffsetBodyBatteryValues: byKey,
});

export const userMetric = z.looseObject({ calendarDate: z.string(), vo2Max: number, vo2MaxCycling: number, fitnessAge: number });

export const pulseOx = z.looseObject({ ...timed, timeOffsetSpo2Values: byKey });

export const respiration = z.looseObject({ ...timed, timeOffsetEpochToBreaths: byKey });

export const heartRateVariability = z.looseObject({ ...timed, lastNightAvg: number, hrvValues: byKey });

export const skinTemperature = z.looseObject({ ...timed, avgDeviationCelsius: number });

export const snapshotPart = z.looseObject({ summaryType: z.string(), avgValue: number, epochSummaries: byKey });

export const healthSnapshot = z.looseObject({ ...timed, summaries: z.array(z.unknown()).nullish() });

const idText = z.union([z.string().min(1), z.int().transform(String)]).nullish();

export const activity = z.looseObject({
  ...timed,
  summaryId: idText,
  activityId: idText,
  activityName: text,
  activityType: text,
  deviceName: text,
  manual: flag,
  isParent: flag,
  activeKilocalories: number,
  distanceInMeters: number,
  steps: number,
  averageHeartRateInBeatsPerMinute: number,
  maxHeartRateInBeatsPerMinute: number,
  averageSpeedInMetersPerSecond: number,
  maxSpeedInMetersPerSecond: number,
  averagePaceInMinutesPerKilometer: number,
  averageRunCadenceInStepsPerMinute: number,
  averageBikeCadenceInRoundsPerMinute: number,
  averageSwimCadenceInStrokesPerMinute: number,
  averagePushCadenceInPushesPerMinute: number,
  totalElevationGainInMeters: number,
});
export type Activity = z.infer<typeof activity>;

export const activityDetail = z.looseObject({
  summaryId: idText,
  activityId: idText,
  summary: z.looseObject({}),
  samples: z.array(z.unknown()).nullish(),
  laps: z.array(z.unknown()).nullish(),
});

export const lap = z.looseObject({ startTimeInSeconds: needed });

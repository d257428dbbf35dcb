/** Exercises, meals, drinks and the electrocardiogram. vendors/google-health.md, exercise and other sessions. */

import { localDay, MINUTE_MS } from "#units/time.ts";
import type { Sport } from "../people/characters.ts";
import { atHour } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import { hasRoute, isOnFoot, tellWorkout, workoutHr } from "../people/workouts.ts";
import type { Zone } from "./movement.ts";
import { zoneFinder } from "./movement.ts";
import { civilOf, duration, instant, intervalOf, offsetOf, rounded, stretchOf, whole } from "./times.ts";
import { wearable } from "./wearable.ts";
import type { Maker, Point } from "./world.ts";

const SYNC_MS = 60_000;
const ZONE_STEP_SECONDS = 10;
const POOL_METERS = 25;

const TYPES: Readonly<Record<Sport, readonly [exerciseType: string, displayName: string]>> = {
  run: ["RUNNING", "Run"], trail_run: ["TRAIL_RUN", "Trail run"], ride: ["OUTDOOR_BIKE", "Outdoor bike"], indoor_ride: ["SPINNING", "Spinning"],
  walk: ["WALKING", "Walk"], hike: ["HIKING", "Hike"], swim: ["SWIMMING_POOL", "Swim"], strength: ["STRENGTH_TRAINING", "Strength training"],
  yoga: ["YOGA", "Yoga"],
};

export const exercise: Maker = (world, person, date) => person.workouts(date).map((workout): Point => {
  const endMs = workout.startMs + workout.elapsedSeconds * 1000;
  const readyMs = endMs + (workout.isExtra ? 0 : SYNC_MS);
  const [exerciseType, displayName] = TYPES[workout.sport];
  const metricsSummary = summaryOf(person, workout, date);
  const isTyped = workout.sport === "yoga";
  return {
    startMs: workout.startMs, endMs, readyMs, source: isTyped ? "typed" : "watch",
    fields: {
      exerciseType, displayName,
      activeDuration: duration(workout.movingSeconds),
      ...(isTyped ? { notes: workout.name } : {}),
      metricsSummary,
      ...(workout.distanceMeters >= 1000 && isOnFoot(workout.sport) ? { splits: splits(person, workout) } : {}),
      splitSummaries: [{ ...stretchOf(person.who.zone, workout.startMs, endMs), activeDuration: duration(workout.movingSeconds), splitType: "MANUAL", metricsSummary }],
      exerciseEvents: eventsOf(person, workout),
      exerciseMetadata: { ...(hasRoute(workout) ? { hasGps: true } : {}), ...(workout.sport === "swim" ? { poolLengthMillimeters: whole(POOL_METERS * 1000) } : {}) },
      createTime: instant(readyMs),
      updateTime: instant(readyMs),
    },
  };
}).filter(({ readyMs }) => readyMs <= world.context.now());

function summaryOf(person: Person, workout: Workout, date: string): Record<string, unknown> {
  const seconds = zoneSeconds(person, workout);
  const speed = workout.distanceMeters / workout.movingSeconds;
  const worth = ((seconds.get("MODERATE") ?? 0) + 2 * (seconds.get("VIGOROUS") ?? 0) + 2 * (seconds.get("PEAK") ?? 0)) / 60;
  return {
    caloriesKcal: workout.calories,
    averageHeartRateBeatsPerMinute: whole(workout.averageHr),
    ...(Math.round(worth) > 0 ? { activeZoneMinutes: whole(worth) } : {}),
    heartRateZoneDurations: Object.fromEntries([...seconds].map(([zone, count]) => [`${zone.toLowerCase()}Time`, duration(count)])),
    ...(workout.distanceMeters > 0 ? {
      distanceMillimeters: Math.round(workout.distanceMeters * 1000),
      averageSpeedMillimetersPerSecond: Math.round(speed * 1000),
      averagePaceSecondsPerMeter: rounded(1 / speed, 6),
    } : {}),
    ...(hasRoute(workout) ? { elevationGainMillimeters: workout.climbMeters * 1000 } : {}),
    ...(isOnFoot(workout.sport) ? { steps: whole(((workout.cadence ?? 0) * workout.movingSeconds) / 60) } : {}),
    ...(workout.sport === "run" ? {
      runVo2Max: person.body(date).vo2Running,
      mobilityMetrics: { avgCadenceStepsPerMinute: workout.cadence, avgStrideLengthMillimeters: whole((speed * 60_000) / (workout.cadence ?? 160)), avgGroundContactTimeDuration: "0.248s" },
    } : {}),
    ...(workout.sport === "swim" ? { totalSwimLengths: Math.floor(workout.distanceMeters / POOL_METERS) } : {}),
  };
}

function zoneSeconds(person: Person, workout: Workout): Map<Zone, number> {
  const zoneOf = zoneFinder(person);
  const seconds = new Map<Zone, number>();
  for (let second = 0; second < workout.elapsedSeconds; second += ZONE_STEP_SECONDS) {
    const zone = zoneOf(workoutHr(person.who, workout, second));
    if (zone) seconds.set(zone, (seconds.get(zone) ?? 0) + ZONE_STEP_SECONDS);
  }
  return seconds;
}

/** Kilometre by kilometre, at an even pace. */
function splits(person: Person, workout: Workout): object[] {
  const secondsAKilometer = (workout.elapsedSeconds * 1000) / workout.distanceMeters;
  return Array.from({ length: Math.floor(workout.distanceMeters / 1000) }, (_, index) => {
    const startMs = workout.startMs + Math.round(index * secondsAKilometer) * 1000;
    const endMs = workout.startMs + Math.round((index + 1) * secondsAKilometer) * 1000;
    const metricsSummary = { distanceMillimeters: 1_000_000, averagePaceSecondsPerMeter: rounded(secondsAKilometer / 1000, 6) };
    return { ...stretchOf(person.who.zone, startMs, endMs), activeDuration: duration((endMs - startMs) / 1000), splitType: "DISTANCE", metricsSummary };
  });
}

/** Whoever stood still stopped the watch once, half-way. */
function eventsOf(person: Person, workout: Workout): object[] {
  const pauseSeconds = workout.elapsedSeconds - workout.movingSeconds;
  const pauseMs = workout.startMs + Math.floor(workout.movingSeconds / 2) * 1000;
  const event = (exerciseEventType: string, atMs: number): object => ({ exerciseEventType, eventTime: instant(atMs), eventUtcOffset: offsetOf(person.who.zone, atMs) });
  return [
    event("START", workout.startMs),
    ...(pauseSeconds > 0 ? [event("PAUSE", pauseMs), event("RESUME", pauseMs + pauseSeconds * 1000)] : []),
    event("STOP", workout.startMs + workout.elapsedSeconds * 1000),
  ];
}

/** The workout as a TCX file; places only where there are some. */
export function tcxOf(person: Person, workout: Workout): string {
  const [, name] = TYPES[workout.sport];
  const points = tellWorkout(person.who, workout, 5).map((moment) => {
    const place = hasRoute(workout)
      ? `<Position><LatitudeDegrees>${moment.latitude}</LatitudeDegrees><LongitudeDegrees>${moment.longitude}</LongitudeDegrees></Position><AltitudeMeters>${moment.altitude}</AltitudeMeters>`
      : "";
    const time = instant(workout.startMs + moment.second * 1000);
    return `<Trackpoint><Time>${time}</Time>${place}<DistanceMeters>${moment.distance}</DistanceMeters><HeartRateBpm><Value>${moment.heartRate}</Value></HeartRateBpm></Trackpoint>`;
  });
  const id = instant(workout.startMs);
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">`
    + `<Activities><Activity Sport="${isOnFoot(workout.sport) ? "Running" : "Other"}"><Id>${id}</Id><Lap StartTime="${id}"><TotalTimeSeconds>${workout.elapsedSeconds}</TotalTimeSeconds>`
    + `<DistanceMeters>${workout.distanceMeters}</DistanceMeters><Calories>${workout.calories}</Calories><Track>${points.join("")}</Track></Lap><Notes>${name}</Notes></Activity></Activities></TrainingCenterDatabase>`;
}

export const hydrationLog: Maker = (_world, person, date) => person.drinks(date).map(({ atMs, milliliters }): Point => ({
  startMs: atMs, endMs: atMs, readyMs: atMs, source: "typed", fields: { amountConsumed: { milliliters, userProvidedUnit: "MILLILITER" } },
}));

/** Meals that somebody wrote down. A series given by hand has none. */
export const nutritionLog: Maker = ({ context }, person, date) => {
  const window = localDay(person.who.zone, date);
  if (!window || context.given(person)) return [];
  return person.treatments(window.fromMs, window.toMs - 1).filter(({ kind }) => kind === "carbs").map(({ atMs, amount }): Point => {
    const hour = new Date(atMs - window.fromMs).getUTCHours();
    const mealType = hour < 10 ? "BREAKFAST" : hour < 12 ? "SNACK" : hour < 15 ? "LUNCH" : hour < 19 ? "SNACK" : "DINNER";
    const totalCarbohydrate = { grams: amount, userProvidedUnit: "GRAM" };
    return {
      startMs: atMs, endMs: atMs, readyMs: atMs, source: "typed",
      fields: { mealType, foodDisplayName: "Meal", totalCarbohydrate, nutrients: [{ nutrient: "CARBOHYDRATES", quantity: totalCarbohydrate }] },
    };
  });
};

const ECG_HERTZ = 250;
const ECG_SECONDS = 30;

/** Half a minute with a finger on the watch, about once a fortnight, by people whose watch can do it. */
export const electrocardiogram: Maker = ({ context }, person, date) => {
  const chance = chanceOf(context.seed, person.who.id, "ecg", date);
  if (!person.who.watch.hasHrv || !chance.happens(0.07)) return [];
  const startMs = atHour(person.who.zone, date, 20) + Math.floor(chance.between(0, 60)) * MINUTE_MS;
  const rate = person.body(date).restingHr + 9;
  return [{
    startMs, endMs: startMs + ECG_SECONDS * 1000, readyMs: startMs + ECG_SECONDS * 1000, source: "watch",
    fields: {
      beatsPerMinuteAvg: whole(rate), resultClassification: chance.happens(0.1) ? "INCONCLUSIVE" : "NORMAL_SINUS_RHYTHM",
      leadNumber: 1, samplingFrequencyHertz: ECG_HERTZ, millivoltsScalingFactor: 10_922,
      waveformSamples: Array.from({ length: ECG_HERTZ * ECG_SECONDS }, (_, index) => {
        const inBeat = ((index / ECG_HERTZ) * rate / 60) % 1;
        return Math.round(9000 * Math.exp(-(((inBeat - 0.4) / 0.012) ** 2)) + 1400 * Math.exp(-(((inBeat - 0.68) / 0.05) ** 2)));
      }),
    },
  }];
};

const WINDOW_MS = 5 * MINUTE_MS;

/** An irregular rhythm noticed at night, by the one person old enough for it to be likely, about once in two months. */
export const irregularRhythmNotification: Maker = ({ context }, person, date) => {
  const { bornYear, zone } = person.who;
  const chance = chanceOf(context.seed, person.who.id, "rhythm", date);
  if (bornYear > 1965 || !chance.happens(0.016)) return [];
  const night = person.night(date);
  const startMs = night.startMs + Math.floor(chance.between(60, 180)) * MINUTE_MS;
  const windows = Array.from({ length: 5 }, (_, index) => startMs + index * WINDOW_MS);
  const endMs = startMs + windows.length * WINDOW_MS;
  return [{
    startMs, endMs, readyMs: night.endMs + SYNC_MS, source: "watch",
    fields: {
      alertWindows: windows.map((atMs) => ({
        ...intervalOf(zone, atMs, atMs + WINDOW_MS), positive: true,
        heartBeats: [{ physicalTime: instant(atMs), utcOffset: offsetOf(zone, atMs), civilTime: civilOf(zone, atMs), beatsPerMinute: person.body(date).restingHr + 11 }],
      })),
      medicalDeviceInfo: { algorithmVersion: "1.2", serviceVersion: "2.0", deviceModel: wearable(person).displayName },
    },
  }];
};

/** Nobody here logs these; the doors exist. */
export const nothing: Maker = () => [];

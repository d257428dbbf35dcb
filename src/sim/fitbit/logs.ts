/** Weight and fat logs, the activity log, electrocardiograms. vendors/fitbit.md, Weight / fat logs, Activity log, ECG. */

import { formatWithOffset, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Sport } from "../people/characters.ts";
import { atHour } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import { hasRoute, isOnFoot, tellWorkout, workoutHr } from "../people/workouts.ts";
import { zoneTimes } from "./days.ts";
import { clockTime, localTime, rounded } from "./times.ts";
import type { Units } from "./world.ts";

const SYNC_MS = 60_000;

/** The local time read as if it were UTC: so Fitbit makes ids of body logs (vendors/traps.md). */
function logIdOf(zone: string, atMs: number): number {
  return atMs + offsetMinutesAt(zone, atMs) * MINUTE_MS;
}

function bodyLog(context: CloudContext, person: Person, date: string, tell: (weightKg: number, fat: number) => object): object | null {
  const found = person.weighIn(date);
  if (!found || found.atMs > context.now()) return null;
  const isTyped = chanceOf(context.seed, person.who.id, "typed-weight", date).happens(0.2);
  const { zone } = person.who;
  return {
    ...tell(found.weightKg, found.bodyFatPercent), date, logId: logIdOf(zone, found.atMs), source: isTyped ? "API" : "Aria Air", time: clockTime(zone, found.atMs),
  };
}

export function weightLog(context: CloudContext, person: Person, date: string, units: Units): object | null {
  return bodyLog(context, person, date, (weightKg, fat) => ({
    bmi: rounded(weightKg / person.who.heightM ** 2, 2), weight: rounded(units.weight(weightKg), 2),
    // Only some entries carry the fat beside the weight.
    ...(person.who.index % 2 === 0 ? { fat } : {}),
  }));
}

export function fatLog(context: CloudContext, person: Person, date: string): object | null {
  return bodyLog(context, person, date, (_weightKg, fat) => ({ fat }));
}

const ACTIVITIES: Readonly<Record<Sport, readonly [activityName: string, activityTypeId: number]>> = {
  run: ["Run", 90009], trail_run: ["Trail Run", 90009], ride: ["Outdoor Bike", 1071], indoor_ride: ["Spinning", 55001], walk: ["Walk", 90013], hike: ["Hike", 90012],
  swim: ["Swim", 90024], strength: ["Weights", 2131], yoga: ["Yoga", 52001],
};

/** The same outing has another id at other clouds. */
export function activityLogId(workout: Workout): number {
  return workout.number + 30_000_000_000;
}

/** When the tracker has synced a workout. */
export function loggedMs(workout: Workout): number {
  return workout.startMs + workout.elapsedSeconds * 1000 + (workout.isExtra ? 0 : SYNC_MS);
}

export function findActivity(context: CloudContext, person: Person, logId: number): Workout | null {
  const workout = person.workoutByNumber(logId - 30_000_000_000);
  return workout && loggedMs(workout) <= context.now() ? workout : null;
}

/** Its start carries an offset, alone of all times here. */
export function activityLog(baseUrl: string, person: Person, workout: Workout, units: Units): Record<string, unknown> {
  const { who } = person;
  const [activityName, activityTypeId] = ACTIVITIES[workout.sport];
  const logId = activityLogId(workout);
  const startTime = withMilliseconds(formatWithOffset(workout.startMs, offsetMinutesAt(who.zone, workout.startMs)));
  const isTracked = workout.sport !== "yoga";
  const kilometers = workout.distanceMeters / 1000;
  const perSecond = units.distance(kilometers) / workout.movingSeconds;
  return {
    logId, activityName, activityTypeId, startTime, originalStartTime: startTime,
    duration: workout.elapsedSeconds * 1000,
    originalDuration: workout.elapsedSeconds * 1000,
    activeDuration: workout.movingSeconds * 1000,
    calories: workout.calories,
    ...(kilometers > 0 ? {
      distance: rounded(units.distance(kilometers), 6), distanceUnit: units.distanceUnit,
      speed: rounded(perSecond * 3600, 6), pace: rounded(1 / perSecond, 6),
    } : {}),
    ...(isOnFoot(workout.sport) ? { steps: Math.round(((workout.cadence ?? 0) * workout.movingSeconds) / 60) } : {}),
    ...(isTracked ? { averageHeartRate: Math.round(workout.averageHr), heartRateZones: heartZonesOf(person, workout) } : {}),
    ...(hasRoute(workout) ? { elevationGain: rounded(units.climb(workout.climbMeters), 3), tcxLink: `${baseUrl}/1/user/-/activities/${logId}.tcx` } : {}),
    source: isTracked ? { id: "228VSR", name: "Charge 5", type: "tracker", url: "https://www.fitbit.com/" } : { id: "228V4T", name: "Fitbit for Android", type: "app", url: "https://www.fitbit.com/" },
    logType: isTracked ? "tracker" : "manual",
    lastModified: new Date(loggedMs(workout)).toISOString(),
  };
}

function withMilliseconds(text: string): string {
  return text.replace(/T(\d{2}:\d{2}:\d{2})(?!\.)/, "T$1.000");
}

function heartZonesOf(person: Person, workout: Workout): object[] {
  const minutes = Math.ceil(workout.elapsedSeconds / 60);
  const calories = workout.calories / minutes;
  return zoneTimes(person, Array.from({ length: minutes }, (_, minute) => ({ rate: workoutHr(person.who, workout, minute * 60), calories })));
}

/** The day summary's short form of it. */
export function dayActivity(person: Person, workout: Workout, units: Units): Record<string, unknown> {
  const [name, activityId] = ACTIVITIES[workout.sport];
  const { zone } = person.who;
  return {
    activityId, activityParentId: activityId, activityParentName: name, name, calories: workout.calories, duration: workout.elapsedSeconds * 1000,
    ...(workout.distanceMeters > 0 ? { distance: rounded(units.distance(workout.distanceMeters / 1000), 6) } : {}),
    ...(isOnFoot(workout.sport) ? { steps: Math.round(((workout.cadence ?? 0) * workout.movingSeconds) / 60) } : {}),
    hasStartTime: true, isFavorite: false, hasActiveZoneMinutes: true, logId: activityLogId(workout), lastModified: new Date(loggedMs(workout)).toISOString(),
    startDate: localTime(zone, workout.startMs).slice(0, 10), startTime: clockTime(zone, workout.startMs).slice(0, 5), description: "",
  };
}

export function tcxOf(person: Person, workout: Workout): string {
  const points = tellWorkout(person.who, workout, 5).map((moment) => {
    const time = new Date(workout.startMs + moment.second * 1000).toISOString();
    const place = `<Position><LatitudeDegrees>${moment.latitude}</LatitudeDegrees><LongitudeDegrees>${moment.longitude}</LongitudeDegrees></Position>`;
    return `<Trackpoint><Time>${time}</Time>${place}<AltitudeMeters>${moment.altitude}</AltitudeMeters><DistanceMeters>${moment.distance}</DistanceMeters><HeartRateBpm><Value>${moment.heartRate}</Value></HeartRateBpm></Trackpoint>`;
  });
  const id = new Date(workout.startMs).toISOString();
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>`
    + `<Activity Sport="${isOnFoot(workout.sport) ? "Running" : "Other"}"><Id>${id}</Id><Lap StartTime="${id}"><TotalTimeSeconds>${workout.elapsedSeconds}</TotalTimeSeconds>`
    + `<DistanceMeters>${workout.distanceMeters}</DistanceMeters><Calories>${workout.calories}</Calories><Track>${points.join("")}</Track></Lap></Activity></Activities></TrainingCenterDatabase>`;
}

/** An electrocardiogram of the date by people whose watch can do it; null without. The fields are from memory, as the facts have none. */
export function ecgReading(context: CloudContext, person: Person, date: string): { startMs: number; fields: object } | null {
  const chance = chanceOf(context.seed, person.who.id, "ecg", date);
  if (!person.who.watch.hasHrv || !chance.happens(0.07)) return null;
  const startMs = atHour(person.who.zone, date, 20) + Math.floor(chance.between(0, 60)) * MINUTE_MS;
  const fields = {
    startTime: localTime(person.who.zone, startMs), averageHeartRate: person.body(date).restingHr + 9,
    resultClassification: chance.happens(0.1) ? "Inconclusive" : "Normal Sinus Rhythm",
    waveformSamples: [130, 176, 252, 365, 1802, 251, 96], samplingFrequencyHz: "250", scalingFactor: 10_922, numberOfWaveformSamples: 7, leadNumber: 1,
    featureVersion: "1.2.3-2.11-2.14", deviceName: "Sense",
  };
  return { startMs, fields };
}

/** Workouts as Garmin tells them. vendors/garmin.md, activities, activityDetails, moveIQActivities. */

import { addDays, formatInstant, HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Sport } from "../people/characters.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import { hasRoute, isOnFoot, isRide, tellWorkout } from "../people/workouts.ts";
import { chanceOf } from "../people/rng.ts";
import { seconds, startFields } from "./days.ts";
import type { Summary, SummaryWorld } from "./types.ts";
import { FILE_CONTENT } from "./types.ts";

const TYPES: Readonly<Record<Sport, string>> = {
  run: "RUNNING", trail_run: "TRAIL_RUNNING", ride: "ROAD_BIKING", indoor_ride: "INDOOR_CYCLING", walk: "WALKING", hike: "HIKING",
  swim: "LAP_SWIMMING", strength: "STRENGTH_TRAINING", yoga: "YOGA",
};

/** Seconds between two detail samples. */
const STEP_SECONDS = 10;
const SYNC_MS = 30_000;

/** The same outing has another id here than at Strava. */
export function garminActivityId(workout: Workout): number {
  return workout.number + 5_000_000_000;
}

/** When the watch has synced a workout. */
export function syncedMs(workout: Workout): number {
  return workout.startMs + workout.elapsedSeconds * 1000 + (workout.isExtra ? 0 : SYNC_MS);
}

export function activityFields(person: Person, workout: Workout): Record<string, unknown> {
  const { who } = person;
  const speed = workout.distanceMeters / workout.movingSeconds;
  const moving = workout.distanceMeters > 0 ? {
    distanceInMeters: workout.distanceMeters,
    averageSpeedInMetersPerSecond: Math.round(speed * 1000) / 1000,
    maxSpeedInMetersPerSecond: Math.round(speed * 1280) / 1000,
  } : {};
  const onFoot = isOnFoot(workout.sport) ? {
    averagePaceInMinutesPerKilometer: Math.round((1000 / 60 / speed) * 1000) / 1000,
    maxPaceInMinutesPerKilometer: Math.round((1000 / 60 / (speed * 1.28)) * 1000) / 1000,
    averageRunCadenceInStepsPerMinute: workout.cadence,
    maxRunCadenceInStepsPerMinute: Math.round((workout.cadence ?? 0) * 1.08),
    steps: Math.round(((workout.cadence ?? 0) * workout.elapsedSeconds) / 60),
  } : {};
  const route = hasRoute(workout) ? {
    startingLatitudeInDegree: who.home[0],
    startingLongitudeInDegree: who.home[1],
    totalElevationGainInMeters: workout.climbMeters,
    totalElevationLossInMeters: workout.climbMeters,
  } : {};
  return {
    activityId: garminActivityId(workout),
    activityName: workout.name,
    activityType: TYPES[workout.sport],
    startTimeInSeconds: seconds(workout.startMs),
    startTimeOffsetInSeconds: offsetMinutesAt(who.zone, workout.startMs) * 60,
    durationInSeconds: workout.elapsedSeconds,
    averageHeartRateInBeatsPerMinute: Math.round(workout.averageHr),
    maxHeartRateInBeatsPerMinute: workout.maxHr,
    activeKilocalories: workout.calories,
    deviceName: who.watch.name,
    ...moving, ...onFoot, ...route,
    ...(isRide(workout.sport) ? { averageBikeCadenceInRoundsPerMinute: workout.cadence, maxBikeCadenceInRoundsPerMinute: Math.round((workout.cadence ?? 0) * 1.12) } : {}),
    ...(workout.sport === "swim" ? { averageSwimCadenceInStrokesPerMinute: 26, numberOfActiveLengths: Math.round(workout.distanceMeters / 25) } : {}),
    isParent: false,
    manual: false,
    isWebUpload: false,
  };
}

/** Workouts that started on the local date; Garmin's own privacy does not hide them from an application. */
export function activities(_world: SummaryWorld, person: Person, date: string): Summary[] {
  return person.workouts(date).map((workout) => ({
    startMs: workout.startMs,
    readyMs: syncedMs(workout),
    fields: { summaryId: String(garminActivityId(workout)), ...activityFields(person, workout) },
  }));
}

export function activityDetails(_world: SummaryWorld, person: Person, date: string): Summary[] {
  return person.workouts(date).map((workout) => ({
    startMs: workout.startMs,
    readyMs: syncedMs(workout),
    fields: {
      summaryId: `${garminActivityId(workout)}-detail`,
      activityId: garminActivityId(workout),
      summary: activityFields(person, workout),
      samples: tellWorkout(person.who, workout, STEP_SECONDS).map((moment) => ({
        startTimeInSeconds: seconds(workout.startMs) + moment.second,
        heartRate: moment.heartRate,
        ...(hasRoute(workout) ? { latitudeInDegree: moment.latitude, longitudeInDegree: moment.longitude, elevationInMeters: moment.altitude } : {}),
        ...(workout.distanceMeters > 0 ? { speedMetersPerSecond: moment.speed, totalDistanceInMeters: moment.distance } : {}),
        ...(isOnFoot(workout.sport) ? { stepsPerMinute: moment.cadence } : {}),
        ...(isRide(workout.sport) ? { powerInWatts: moment.watts, bikeCadenceInRPM: moment.cadence } : {}),
        timerDurationInSeconds: moment.second,
        clockDurationInSeconds: moment.second,
        movingDurationInSeconds: moment.second,
      })),
      laps: [{ startTimeInSeconds: seconds(workout.startMs) }],
    },
  }));
}

/** Hours after which somebody has another look at an activity. */
const EDIT_MS = 2 * HOUR_MS;

/** Activities that the person named anew: the same id, told once more. */
export function manuallyUpdatedActivities(world: SummaryWorld, person: Person, date: string): Summary[] {
  return person.workouts(date).filter((workout) => !workout.isExtra && chanceOf(world.seed, person.who.id, "edit", workout.number).happens(0.15)).map((workout) => ({
    startMs: workout.startMs,
    readyMs: syncedMs(workout) + EDIT_MS,
    fields: { summaryId: String(garminActivityId(workout)), ...activityFields(person, workout), activityName: `${workout.name}, with a view` },
  }));
}

/** The recorded files, as TCX: totals and the heart rate of every ten seconds. */
export function activityFiles(_world: SummaryWorld, person: Person, date: string): Summary[] {
  return person.workouts(date).map((workout) => {
    const { activityName, activityType, startTimeInSeconds, deviceName, manual } = activityFields(person, workout);
    return {
      startMs: workout.startMs,
      readyMs: syncedMs(workout),
      fields: {
        summaryId: `${garminActivityId(workout)}-file`, fileType: "TCX", startTimeInSeconds, activityId: garminActivityId(workout), activityName,
        activityDescription: null, activityType, deviceName, manual, [FILE_CONTENT]: tcxOf(person, workout),
      },
    };
  });
}

function tcxOf(person: Person, workout: Workout): string {
  const points = tellWorkout(person.who, workout, STEP_SECONDS).map(
    ({ second, heartRate }) => `<Trackpoint><Time>${formatInstant(workout.startMs + second * 1000)}</Time><HeartRateBpm><Value>${heartRate}</Value></HeartRateBpm></Trackpoint>`,
  );
  const start = formatInstant(workout.startMs);
  return `<?xml version="1.0" encoding="UTF-8"?><TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity Sport="Other"><Id>${start}</Id><Lap StartTime="${start}"><TotalTimeSeconds>${workout.elapsedSeconds}</TotalTimeSeconds><DistanceMeters>${workout.distanceMeters}</DistanceMeters><Track>${points.join("")}</Track></Lap></Activity></Activities></TrainingCenterDatabase>`;
}

/** Walks the watch noticed by itself: ten brisk minutes or more outside a workout. They overlap with nothing but life. */
export function moveIQActivities(world: SummaryWorld, person: Person, date: string): Summary[] {
  const trace = person.day(date);
  const found: Summary[] = [];
  let from = -1;
  for (let minute = 0; minute <= trace.steps.length; minute++) {
    const isWalking = (trace.steps[minute] ?? 0) > 50 && trace.workoutOf[minute]! < 0;
    if (isWalking && from < 0) from = minute;
    if (isWalking || from < 0) continue;
    const startMs = trace.startMs + from * MINUTE_MS;
    if (minute - from >= 10) {
      const { startTimeOffsetInSeconds, ...start } = startFields(person, startMs, "mi");
      found.push({
        startMs,
        readyMs: trace.startMs + minute * MINUTE_MS,
        fields: {
          ...start, calendarDate: date, offsetInSeconds: startTimeOffsetInSeconds, durationInSeconds: (minute - from) * 60,
          activityType: "Walking", activitySubType: "Casual Walking",
        },
      });
    }
    from = -1;
  }
  return found.filter((summary) => summary.readyMs <= world.nowMs);
}

/** The dates whose summaries can start inside a window: a night that starts before midnight has the next date. */
export function datesAround(first: string, last: string): string[] {
  const dates: string[] = [];
  for (let date = first; date <= addDays(last, 1); date = addDays(date, 1)) dates.push(date);
  return dates;
}

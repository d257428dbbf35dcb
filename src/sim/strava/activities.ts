/** Workouts as Strava tells them. vendors/strava.md, Data endpoints. */

import { formatInstant, localDate, localDay, MINUTE_MS, offsetMinutesAt, SECOND_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Sport } from "../people/characters.ts";
import type { Person } from "../people/person.ts";
import { hashOf } from "../people/rng.ts";
import type { Moment, Workout } from "../people/workouts.ts";
import { hasRoute, isOnFoot, isRide, tellWorkout } from "../people/workouts.ts";
import type { StravaWorld } from "./world.ts";

type Uploads = Pick<StravaWorld, "context" | "edits">;

const SPORT_TYPES: Readonly<Record<Sport, readonly [sportType: string, type: string]>> = {
  run: ["Run", "Run"], trail_run: ["TrailRun", "Run"], ride: ["Ride", "Ride"], indoor_ride: ["VirtualRide", "VirtualRide"], walk: ["Walk", "Walk"],
  hike: ["Hike", "Hike"], swim: ["Swim", "Swim"], strength: ["WeightTraining", "WeightTraining"], yoga: ["Yoga", "Yoga"],
};

export const sportTypeOf = (workout: Workout): string => SPORT_TYPES[workout.sport][0];

/** Stays the same for the person, fits no 32 bits. */
export function athleteId(context: Pick<CloudContext, "seed">, person: Person): number {
  return 5_000_000_000 + (hashOf(context.seed, "athlete", person.who.id) % 900_000) * 10 + person.who.index;
}

/** When the watch's upload has reached Strava. */
export function uploadedMs(workout: Workout): number {
  return workout.startMs + workout.elapsedSeconds * 1000 + (workout.isExtra ? 0 : 45_000);
}

/** The activity if the person has it, has uploaded it and has not deleted it. */
export function findActivity({ context, edits }: Uploads, person: Person, id: number): Workout | null {
  const workout = person.workoutByNumber(id);
  if (!workout || uploadedMs(workout) > context.now() || edits.isDeleted(id)) return null;
  return workout;
}

/** Uploaded activities that started in the window, oldest first. */
export function activitiesBetween({ context, edits }: Uploads, person: Person, fromMs: number, toMs: number): Workout[] {
  const nowMs = context.now();
  return person
    .workoutsBetween(fromMs, Math.min(toMs, nowMs))
    .filter((workout) => uploadedMs(workout) <= nowMs && !edits.isDeleted(workout.number));
}

function round(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

/** Who hides the start is shown with the first second of the local day. */
function shownStartMs(context: CloudContext, person: Person, { startMs }: Workout): number {
  const { zone } = person.who;
  if (context.position("hideStarts") === "off") return startMs;
  return (localDay(zone, localDate(zone, startMs))?.fromMs ?? startMs) + SECOND_MS;
}

export function summaryActivity({ context, edits }: Uploads, person: Person, workout: Workout): Record<string, unknown> {
  const { who } = person;
  const offset = offsetMinutesAt(who.zone, workout.startMs);
  const winter = Math.min(offset, offsetMinutesAt(who.zone, Date.UTC(2026, 0, 15)), offsetMinutesAt(who.zone, Date.UTC(2026, 6, 15)));
  const hours = `${winter < 0 ? "-" : "+"}${String(Math.floor(Math.abs(winter) / 60)).padStart(2, "0")}:${String(Math.abs(winter) % 60).padStart(2, "0")}`;
  const speed = workout.distanceMeters / workout.movingSeconds;
  const startMs = shownStartMs(context, person, workout);
  const isPrivate = edits.isPrivate(workout);
  const where = hasRoute(workout) ? [...who.home] : [];
  const powered = workout.averageWatts === null ? {} : {
    average_watts: workout.averageWatts,
    max_watts: Math.round(workout.averageWatts * 2.4),
    weighted_average_watts: Math.round(workout.averageWatts * 1.06),
    device_watts: workout.sport === "indoor_ride",
    kilojoules: round((workout.averageWatts * workout.movingSeconds) / 1000, 1),
  };
  return {
    resource_state: 2,
    athlete: { id: athleteId(context, person), resource_state: 1 },
    id: workout.number,
    external_id: `garmin_ping_${workout.number}`,
    upload_id: workout.number + 1_000_000_000,
    name: edits.titleOf(workout.number) ?? workout.name,
    type: SPORT_TYPES[workout.sport][1],
    sport_type: sportTypeOf(workout),
    workout_type: null,
    start_date: formatInstant(startMs).replace(".000Z", "Z"),
    // Local clock time that says Z all the same.
    start_date_local: formatInstant(startMs + offset * MINUTE_MS).replace(".000Z", "Z"),
    // The text names the zone's standard offset, the number the one of the day.
    timezone: `(GMT${hours}) ${who.zone}`,
    utc_offset: offset * 60,
    distance: workout.distanceMeters,
    moving_time: workout.movingSeconds,
    elapsed_time: workout.elapsedSeconds,
    total_elevation_gain: hasRoute(workout) ? workout.climbMeters : 0,
    ...(hasRoute(workout) ? { elev_low: 60, elev_high: 60 + round(workout.climbMeters / 3, 1) } : {}),
    average_speed: round(speed, 3),
    max_speed: round(speed * 1.28, 3),
    has_heartrate: true,
    average_heartrate: workout.averageHr,
    max_heartrate: workout.maxHr,
    // Runs count one leg.
    ...(workout.cadence === null ? {} : { average_cadence: round(isOnFoot(workout.sport) ? workout.cadence / 2 : workout.cadence, 1) }),
    ...powered,
    ...(workout.isIndoor ? {} : { average_temp: 17 }),
    device_name: `Garmin ${who.watch.name}`,
    gear_id: null,
    trainer: workout.sport === "indoor_ride",
    commute: false,
    manual: workout.sport === "yoga",
    private: isPrivate,
    visibility: isPrivate ? "only_me" : "everyone",
    flagged: false,
    start_latlng: where,
    end_latlng: where,
    map: { id: `a${workout.number}`, summary_polyline: "", resource_state: 2 },
    suffer_score: workout.sport === "yoga" ? null : Math.round(((workout.averageHr - who.restingHr) * workout.elapsedSeconds) / 4000),
  };
}

export function detailedActivity(uploads: Uploads, person: Person, workout: Workout): Record<string, unknown> {
  const summary = summaryActivity(uploads, person, workout);
  const kilometers = Math.floor(workout.distanceMeters / 1000);
  return {
    ...summary,
    resource_state: 3,
    description: null,
    calories: workout.calories,
    map: { id: `a${workout.number}`, polyline: "", summary_polyline: "", resource_state: 3 },
    laps: lapsOf(workout, summary),
    splits_metric: Array.from({ length: isOnFoot(workout.sport) ? kilometers : 0 }, (_, index) => ({
      split: index + 1, distance: 1000, elapsed_time: Math.round((workout.elapsedSeconds / workout.distanceMeters) * 1000),
      moving_time: Math.round((workout.movingSeconds / workout.distanceMeters) * 1000), average_speed: summary["average_speed"],
      average_heartrate: workout.averageHr,
    })),
    segment_efforts: [],
  };
}

/** One lap: nobody here presses the button. */
export function lapsOf(workout: Workout, summary: Record<string, unknown>): object[] {
  return [{
    id: workout.number * 10, name: "Lap 1", lap_index: 1, split: 1, elapsed_time: workout.elapsedSeconds, moving_time: workout.movingSeconds,
    start_date: summary["start_date"], start_date_local: summary["start_date_local"], distance: workout.distanceMeters,
    average_speed: summary["average_speed"], max_speed: summary["max_speed"], average_heartrate: workout.averageHr, max_heartrate: workout.maxHr,
  }];
}

type StreamMaker = (moment: Moment, index: number) => unknown;

function streamMakers(workout: Workout): Record<string, StreamMaker> {
  const cadenceShare = isOnFoot(workout.sport) ? 0.5 : 1;
  return {
    time: (moment) => moment.second,
    heartrate: (moment) => moment.heartRate,
    moving: (moment) => moment.speed > 0 || workout.distanceMeters === 0,
    ...(workout.distanceMeters > 0 ? { distance: (moment: Moment) => moment.distance, velocity_smooth: (moment: Moment) => moment.speed } : {}),
    ...(hasRoute(workout) ? {
      latlng: (moment: Moment) => [moment.latitude, moment.longitude],
      altitude: (moment: Moment) => moment.altitude,
      grade_smooth: () => 0,
      temp: () => 17,
    } : {}),
    ...(workout.cadence === null ? {} : { cadence: (moment: Moment) => Math.round((moment.cadence ?? 0) * cadenceShare) }),
    ...(isRide(workout.sport) ? { watts: (moment: Moment) => moment.watts } : {}),
  };
}

/** The asked streams that the activity has, second by second. Manual ones (the yoga here) have none: null. */
export function streamsOf(person: Person, workout: Workout, keys: readonly string[]): Record<string, object> | null {
  if (workout.sport === "yoga") return null;
  const moments = tellWorkout(person.who, workout, 1);
  const makers = streamMakers(workout);
  const found: Record<string, object> = {};
  for (const key of keys) {
    const make = makers[key];
    if (!make) continue;
    found[key] = { data: moments.map(make), series_type: makers["distance"] ? "distance" : "time", original_size: moments.length, resolution: "high" };
  }
  return found;
}

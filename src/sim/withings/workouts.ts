/** Workouts as Withings tells them. vendors/withings.md, getworkouts. */

import { DAY_MS, localDate, localDay, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import type { Sport } from "../people/characters.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import { hasRoute, isOnFoot, maxHrOf, workoutHr } from "../people/workouts.ts";
import { zonesOf } from "./activity.ts";
import type { Visit } from "./asked.ts";
import { datesOf, namesOf, numberOf, pageOf, picked, secondsOf } from "./asked.ts";
import { deviceOf } from "./devices.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";

const CATEGORIES: Readonly<Record<Sport, number>> = {
  run: 2, trail_run: 498, ride: 6, indoor_ride: 308, walk: 1, hike: 3, swim: 7, strength: 16, yoga: 28,
};
const USUAL = ["calories", "intensity", "manual_calories", "manual_distance", "manual_intensity"];
const UPLOAD_MS = 2 * MINUTE_MS;
const SAMPLE_SECONDS = 10;

export const endMsOf = (workout: Workout): number => workout.startMs + workout.elapsedSeconds * 1000;

/** When the watch has brought it. */
export function readyMsOf(workout: Workout): number {
  return endMsOf(workout) + (workout.isExtra ? 0 : UPLOAD_MS);
}

export function getWorkouts({ context, person, fields }: Visit): Answer {
  const dates = datesOf(fields);
  const since = numberOf(fields, "lastupdate");
  if (!dates && typeof since !== "number") return withingsRefusal(STATUS.invalidParameters);
  const { zone, cgm } = person.who;
  const nowMs = context.now();
  const joinedMs = Date.parse(`${cgm.since}T00:00:00Z`);
  const fromMs = dates ? (localDay(zone, dates.first)?.fromMs ?? nowMs) : (since ?? 0) * 1000 - DAY_MS;
  const toMs = dates ? (localDay(zone, dates.last)?.toMs ?? nowMs) - 1 : nowMs;
  const found = toMs < joinedMs ? [] : person
    .workoutsBetween(Math.max(fromMs, joinedMs), Math.min(toMs, nowMs))
    .filter((workout) => readyMsOf(workout) <= nowMs && (dates !== null || readyMsOf(workout) >= (since ?? 0) * 1000));
  const page = pageOf(context, fields, found);
  if (!page) return withingsRefusal(STATUS.invalidParameters);
  const asked = namesOf(fields, "data_fields");
  return withingsAnswer({ series: page.rows.map((workout) => told(context, person, workout, asked)), more: page.more, offset: page.offset });
}

function told(context: CloudContext, person: Person, workout: Workout, asked: readonly string[]): object {
  const { who } = person;
  // Yoga is entered by hand: nothing was worn.
  const device = workout.sport === "yoga" ? null : deviceOf(person, "watch");
  return {
    id: workout.number, category: CATEGORIES[workout.sport], timezone: who.zone, model: device?.modelId ?? null, attrib: device ? 0 : 2,
    startdate: secondsOf(workout.startMs), enddate: secondsOf(endMsOf(workout)), date: localDate(who.zone, workout.startMs),
    modified: secondsOf(Math.min(readyMsOf(workout), context.now())), deviceid: device?.id ?? null,
    data: picked(device ? measured(person, workout) : { calories: 0, intensity: 0, manual_calories: workout.calories, manual_distance: 0, manual_intensity: 40 }, asked, USUAL),
  };
}

function measured({ who }: Person, workout: Workout): Record<string, unknown> {
  const rates = Array.from({ length: Math.floor(workout.elapsedSeconds / SAMPLE_SECONDS) }, (_, index) => Math.round(workoutHr(who, workout, index * SAMPLE_SECONDS)));
  return {
    calories: workout.calories,
    intensity: Math.min(100, Math.round(((workout.averageHr - who.restingHr) / (maxHrOf(who) - who.restingHr)) * 100)),
    manual_calories: 0, manual_distance: 0, manual_intensity: 0,
    ...(workout.distanceMeters > 0 ? { distance: Math.round(workout.distanceMeters) } : {}),
    ...(hasRoute(workout) ? { elevation: workout.climbMeters } : {}),
    ...(isOnFoot(workout.sport) ? { steps: Math.round(((workout.cadence ?? 0) * workout.elapsedSeconds) / 60) } : {}),
    hr_average: Math.round(workout.averageHr), hr_min: Math.min(...rates), hr_max: workout.maxHr,
    ...zonesOf(maxHrOf(who), rates.map((rate) => [rate, SAMPLE_SECONDS])),
    pause_duration: workout.elapsedSeconds - workout.movingSeconds,
    algo_pause_duration: null,
    ...(workout.sport === "swim" ? { pool_laps: Math.round(workout.distanceMeters / 25), pool_length: 25, strokes: Math.round((26 * workout.elapsedSeconds) / 60) } : {}),
    spo2_average: null,
  };
}

/** Workouts as Polar tells them. vendors/polar.md, exercise. */

import { MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Answer } from "../exchange.ts";
import { json } from "../exchange.ts";
import type { Sport } from "../people/characters.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf, uniformAt } from "../people/rng.ts";
import type { Moment, Workout } from "../people/workouts.ts";
import { hasRoute, isOnFoot, isRide, maxHrOf, tellWorkout } from "../people/workouts.ts";
import type { Visit } from "./asked.ts";
import { deviceOf, found, isFlagged, listed } from "./asked.ts";
import { polarUserId } from "./oauth.ts";
import { isoDuration, localStamp, utcStamp } from "./times.ts";

const SPORTS: Readonly<Record<Sport, readonly [sport: string, detail: string]>> = {
  run: ["RUNNING", "RUNNING_ROAD"], trail_run: ["RUNNING", "RUNNING_TRAIL"], ride: ["CYCLING", "CYCLING_ROAD"], indoor_ride: ["OTHER", "CYCLING_INDOOR"],
  walk: ["WALKING", "WALKING"], hike: ["HIKING", "HIKING"], swim: ["SWIMMING", "SWIMMING_POOL"], strength: ["OTHER", "STRENGTH_TRAINING"], yoga: ["OTHER", "YOGA"],
};
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SHOWN_DAYS = 30;
const UPLOAD_MS = 90_000;

/** The number of the workout, hashed to eight letters. */
export function exerciseId({ number }: Workout): string {
  return Array.from({ length: 8 }, (_, place) => LETTERS[hashOf("polar-exercise", number, place) % LETTERS.length]).join("");
}

export function uploadedMs(workout: Workout): number {
  return workout.startMs + workout.elapsedSeconds * 1000 + (workout.isExtra ? 0 : UPLOAD_MS);
}

/** Uploaded after the registration and within the last 30 days, oldest first. */
export function shownExercises({ context, person, shownFromMs }: Omit<Visit, "call">): Workout[] {
  const nowMs = context.now();
  return person
    .workoutsBetween(nowMs - SHOWN_DAYS * 1440 * MINUTE_MS, nowMs)
    .filter((workout) => uploadedMs(workout) <= nowMs && uploadedMs(workout) >= shownFromMs);
}

export function listExercises(visit: Visit): Answer {
  return listed(shownExercises(visit).map((workout) => exerciseOf(visit, workout)));
}

export function oneExercise(visit: Visit): Answer {
  const workout = findExercise(visit);
  return found(workout && exerciseOf(visit, workout));
}

function findExercise(visit: Visit): Workout | null {
  return shownExercises(visit).find((workout) => exerciseId(workout) === visit.call.params["id"]) ?? null;
}

function exerciseOf(visit: Visit, workout: Workout): object {
  const { context, person } = visit;
  const { who } = person;
  const chance = chanceOf(context.seed, "polar-exercise", workout.number);
  const load = Math.round(((workout.averageHr - who.restingHr) * workout.elapsedSeconds) / 36) / 100;
  return {
    id: exerciseId(workout),
    upload_time: `${utcStamp(uploadedMs(workout))}.000Z`,
    polar_user: `https://www.polaraccesslink/v3/users/${polarUserId(context, person)}`,
    ...deviceOf(person),
    start_time: localStamp(who.zone, workout.startMs),
    start_time_utc_offset: offsetMinutesAt(who.zone, workout.startMs),
    duration: isoDuration(workout.elapsedSeconds + (chance.happens(0.3) ? 0.25 : 0)),
    calories: workout.calories,
    ...(workout.distanceMeters > 0 ? { distance: workout.distanceMeters } : {}),
    heart_rate: { average: Math.round(workout.averageHr), maximum: workout.maxHr },
    training_load: load,
    sport: SPORTS[workout.sport][0],
    has_route: hasRoute(workout),
    detailed_sport_info: SPORTS[workout.sport][1],
    fat_percentage: 38, carbohydrate_percentage: 58, protein_percentage: 4,
    ...(isOnFoot(workout.sport) && workout.sport !== "walk" ? { "running-index": Math.round(person.body(localStamp(who.zone, workout.startMs).slice(0, 10)).vo2Running) } : {}),
    training_load_pro: loadPro(visit, workout, load),
    ...(isFlagged(visit, "zones") ? { heart_rate_zones: zonesOf(person, workout) } : {}),
    ...(isFlagged(visit, "samples") ? { samples: samplesOf(person, workout) } : {}),
    ...(isFlagged(visit, "route") && hasRoute(workout) ? { route: routeOf(person, workout) } : {}),
  };
}

function loadPro({ person }: Visit, workout: Workout, load: number): object {
  const grade = load < 20 ? "LOW" : load < 60 ? "MEDIUM" : "HIGH";
  return {
    date: localStamp(person.who.zone, workout.startMs).slice(0, 10), "cardio-load": load, "muscle-load": workout.averageWatts === null ? -1 : Math.round(workout.averageWatts * 0.9),
    "perceived-load": -1, "cardio-load-interpretation": grade, "muscle-load-interpretation": workout.averageWatts === null ? "NOT_AVAILABLE" : grade,
    "perceived-load-interpretation": "NOT_AVAILABLE", "user-rpe": "UNKNOWN",
  };
}

function zonesOf({ who }: Person, workout: Workout): object[] {
  const most = maxHrOf(who);
  const rates = tellWorkout(who, workout, 1).slice(1).map(({ heartRate }) => heartRate);
  return Array.from({ length: 5 }, (_, index) => {
    const [lower, upper] = [Math.round(most * (0.5 + index * 0.1)), Math.round(most * (0.6 + index * 0.1))];
    const seconds = rates.filter((rate) => rate >= lower && (rate < upper || index === 4)).length;
    return { index: index + 1, "lower-limit": lower, "upper-limit": upper, "in-zone": isoDuration(seconds) };
  });
}

interface SampleList {
  readonly "recording-rate": number | null;
  readonly "sample-type": string;
  readonly data: string;
}

/** Second by second, or every five on old watches; a sensor that saw nothing wrote null. */
function samplesOf(person: Person, workout: Workout): SampleList[] {
  const { who } = person;
  const rate = who.watch.hasHrv ? 1 : 5;
  const moments = tellWorkout(who, workout, rate);
  const key = hashOf("polar-lost", workout.number);
  const list = (type: number, value: (moment: Moment) => number | null): SampleList => ({ "recording-rate": rate, "sample-type": String(type), data: moments.map(value).map(String).join(",") });
  const lists = [list(0, (moment) => (uniformAt(key, Math.floor(moment.second / 20)) < 0.01 ? null : moment.heartRate))];
  if (workout.distanceMeters > 0) lists.push(list(1, ({ speed }) => Math.round(speed * 36) / 10), list(10, ({ distance }) => distance));
  if (isRide(workout.sport)) lists.push(list(2, ({ cadence }) => cadence), list(4, ({ watts }) => watts));
  // The documents say "spm" and not of how many feet; Polar's manuals count one.
  if (isOnFoot(workout.sport)) lists.push(list(8, ({ cadence }) => (cadence === null ? null : Math.round(cadence / 2))));
  if (hasRoute(workout)) lists.push(list(3, ({ altitude }) => altitude), list(9, () => 17));
  if (workout.sport === "strength" || workout.sport === "yoga") lists.push(beatsOf(person, workout));
  return lists;
}

/** One interval after the other, as a strap sends them. */
function beatsOf({ who }: Person, workout: Workout): SampleList {
  const moments = tellWorkout(who, workout, 1);
  const beats: number[] = [];
  for (let ms = 0; ms < workout.elapsedSeconds * 1000;) {
    const beat = Math.round(60_000 / (moments[Math.floor(ms / 1000)]?.heartRate ?? who.restingHr));
    beats.push(beat);
    ms += beat;
  }
  return { "recording-rate": null, "sample-type": "11", data: beats.join(",") };
}

function routeOf({ who }: Person, workout: Workout): object[] {
  return tellWorkout(who, workout, 5).map(({ latitude, longitude, second }) => ({ latitude, longitude, time: isoDuration(second), satellites: 9, fix: 1 }));
}

/** GPX, TCX or FIT of an exercise; without a way there is no GPX. */
export function exerciseFile(kind: "fit" | "tcx" | "gpx"): (visit: Visit) => Answer {
  return (visit) => {
    const workout = findExercise(visit);
    if (!workout || (kind === "gpx" && !hasRoute(workout))) return found(null);
    if (kind === "fit") return { ...json(200, null), type: "application/vnd.ant.fit", body: emptyFit() };
    const moments = tellWorkout(visit.person.who, workout, 5);
    const points = moments.map((moment) => (kind === "gpx" ? gpxPoint(workout, moment) : tcxPoint(workout, moment))).join("");
    const whole = kind === "gpx"
      ? `<gpx version="1.1" creator="Polar (simulated)" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${points}</trkseg></trk></gpx>`
      : `<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity Sport="Other"><Id>${utcStamp(workout.startMs)}Z</Id><Lap StartTime="${utcStamp(workout.startMs)}Z"><Track>${points}</Track></Lap></Activity></Activities></TrainingCenterDatabase>`;
    return { ...json(200, null), type: kind === "gpx" ? "application/gpx+xml" : "application/vnd.garmin.tcx+xml", body: `<?xml version="1.0" encoding="UTF-8"?>${whole}` };
  };
}

const timeOf = (workout: Workout, { second }: Moment): string => `${utcStamp(workout.startMs + second * 1000)}Z`;

function gpxPoint(workout: Workout, moment: Moment): string {
  return `<trkpt lat="${moment.latitude}" lon="${moment.longitude}"><ele>${moment.altitude}</ele><time>${timeOf(workout, moment)}</time></trkpt>`;
}

function tcxPoint(workout: Workout, moment: Moment): string {
  return `<Trackpoint><Time>${timeOf(workout, moment)}</Time><DistanceMeters>${moment.distance}</DistanceMeters><HeartRateBpm><Value>${moment.heartRate}</Value></HeartRateBpm></Trackpoint>`;
}

/** A header of 14 bytes without messages; both checksums may be 0. */
function emptyFit(): Uint8Array {
  return Uint8Array.from([14, 0x20, 0x54, 0x08, 0, 0, 0, 0, 0x2e, 0x46, 0x49, 0x54, 0, 0, 0, 0]);
}

/** Fitbit's data doors. vendors/fitbit.md, Data endpoints and response fields. */

import { MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Answer, Route } from "../exchange.ts";
import { json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { hexOf } from "../people/rng.ts";
import type { Handle } from "./calls.ts";
import { askedDates, lastPart, missingScope } from "./calls.ts";
import { curveOf, dayOf, hasCurve, heartCurve, heartZones, numbersOf, restingHeartRate, SERIES } from "./days.ts";
import { fitbitUserId } from "./identity.ts";
import { activityList, ecgList, irnList, sleepList, tcx } from "./lists.ts";
import { dayActivity, fatLog, loggedMs, weightLog } from "./logs.ts";
import type { NightMaker } from "./nights.ts";
import * as nights from "./nights.ts";
import { badRequest, fitbitRefusal, notFound } from "./refusal.ts";
import { isPending, sleepLogs } from "./sleeps.ts";
import { isDate, localTime, rounded } from "./times.ts";
import type { Visit } from "./world.ts";

const USER = "/1/user/:user";
const SLEEP = "/1.2/user/:user/sleep";
/** Longest ranges in days; all but HRV's are from memory. */
const SERIES_DAYS = 1095;
const HEART_DAYS = 366;
const SLEEP_DAYS = 100;
const NIGHT_DAYS = 30;
const BODY_DAYS = 31;

const isAnswer = (found: readonly string[] | Answer): found is Answer => !Array.isArray(found);

export function fitbitApiRoutes(door: (scope: string, handle: Handle) => Route["handle"]): Route[] {
  const get = (path: string, scope: string, handle: Handle): Route => ({ method: "GET", path, door: "data", handle: door(scope, handle) });
  /** By the date, by a range, and each of them with the curve of the night. */
  const nightly = (name: string, scope: string, key: string, makers: readonly [NightMaker, NightMaker?]): Route[] => [
    get(`${USER}/${name}/date/:start`, scope, (visit) => ranged(visit, key, makers[0])),
    get(`${USER}/${name}/date/:start/:end`, scope, (visit) => (visit.call.params["end"] === "all.json" && makers[1] ? ofOneNight(visit, key, makers[1]) : ranged(visit, key, makers[0]))),
    ...(makers[1] ? [get(`${USER}/${name}/date/:start/:end/all.json`, scope, (visit) => rangedAll(visit, key, makers[1] ?? makers[0]))] : []),
  ];
  return [
    get(`${USER}/profile.json`, "profile", profile),
    get(`${USER}/devices.json`, "settings", devices),
    get(`${USER}/activities/date/:date`, "activity", daySummary),
    get(`${USER}/activities/list.json`, "activity", activityList),
    get(`${USER}/activities/:log`, "activity", tcx),
    get(`${USER}/activities/:resource/date/:start/:end`, "", series),
    get(`${USER}/activities/:resource/date/:start/:end/:level`, "", (visit) => intraday(visit, false)),
    get(`${USER}/activities/:resource/date/:start/:end/:level/time/:from/:to`, "", (visit) => intraday(visit, true)),
    get(`${SLEEP}/date/:start`, "sleep", sleepOfDate),
    get(`${SLEEP}/date/:start/:end`, "sleep", sleepOfRange),
    get(`${SLEEP}/list.json`, "sleep", sleepList),
    ...nightly("hrv", "heartrate", "hrv", [nights.hrv, nights.hrvMinutes]),
    ...nightly("br", "respiratory_rate", "br", [nights.breathing, nights.breathingStages]),
    ...nightly("spo2", "oxygen_saturation", "spo2", [nights.oxygen, nights.oxygenMinutes]),
    ...nightly("temp/skin", "temperature", "tempSkin", [nights.skinTemperature]),
    ...nightly("temp/core", "temperature", "tempCore", [nights.coreTemperature]),
    ...nightly("cardioscore", "cardio_fitness", "cardioScore", [nights.cardioScore]),
    ...["", "/:end"].flatMap((end) => [
      get(`${USER}/body/log/weight/date/:start${end}`, "weight", (visit) => bodyLogs(visit, "weight")),
      get(`${USER}/body/log/fat/date/:start${end}`, "weight", (visit) => bodyLogs(visit, "fat")),
    ]),
    get(`${USER}/ecg/list.json`, "electrocardiogram", ecgList),
    get(`${USER}/irn/alerts/list.json`, "irregular_rhythm_notifications", irnList),
  ];
}

function profile({ context, person, units }: Visit): Answer {
  const { who } = person;
  const [firstName = ""] = who.name.split(" ");
  return json(200, {
    user: {
      encodedId: fitbitUserId(context, person), displayName: firstName, fullName: who.name, firstName, gender: who.sex === "F" ? "FEMALE" : "MALE",
      dateOfBirth: `${who.bornYear}-06-15`, timezone: who.zone, offsetFromUTCMillis: offsetMinutesAt(who.zone, context.now()) * MINUTE_MS,
      height: rounded(units.height(who.heightM), 1), weight: rounded(units.weight(who.weightKg), 1), memberSince: who.cgm.since,
      // How the app shows things; what is sent is decided by the call.
      distanceUnit: who.zone === "America/New_York" ? "en_US" : "METRIC", weightUnit: who.zone === "America/New_York" ? "en_US" : "METRIC",
    },
  });
}

function devices({ context, person }: Visit): Answer {
  const device = (type: string, deviceVersion: string, batteryLevel: number): object => ({
    id: String(Number.parseInt(hexOf(7, context.seed, person.who.id, type), 16)), type, deviceVersion, battery: batteryLevel > 60 ? "High" : "Medium", batteryLevel,
    lastSyncTime: localTime(person.who.zone, context.now() - 4 * MINUTE_MS), mac: hexOf(12, context.seed, person.who.id, type).toUpperCase(),
  });
  return json(200, [device("TRACKER", "Charge 5", 72), device("SCALE", "Aria Air", 90)]);
}

function daySummary({ context, call, person, units }: Visit): Answer {
  const date = lastPart(call, "date");
  if (date === null || !isDate(date)) return badRequest("Invalid date. It must be in the format yyyy-MM-dd.");
  const nowMs = context.now();
  const numbers = numbersOf(dayOf(person, date, nowMs));
  const resting = restingHeartRate(person, date, nowMs);
  const workouts = person.workouts(date).filter((workout) => loggedMs(workout) <= nowMs);
  const total = rounded(units.distance(numbers.kilometers), 2);
  const logged = workouts.reduce((sum, workout) => sum + workout.distanceMeters, 0);
  return json(200, {
    activities: workouts.map((workout) => dayActivity(person, workout, units)),
    goals: { activeMinutes: 30, caloriesOut: 2200, distance: 8.05, floors: 10, steps: 10_000 },
    summary: {
      steps: numbers.steps, caloriesOut: numbers.caloriesOut, caloriesBMR: numbers.caloriesBMR, activityCalories: numbers.activityCalories, marginalCalories: numbers.marginalCalories,
      distances: [
        { activity: "total", distance: total }, { activity: "tracker", distance: total },
        { activity: "loggedActivities", distance: rounded(units.distance(logged / 1000), 2) },
        ...workouts.filter(({ distanceMeters }) => distanceMeters > 0).map((workout) => ({ activity: String(dayActivity(person, workout, units)["name"]), distance: rounded(units.distance(workout.distanceMeters / 1000), 2) })),
      ],
      floors: numbers.floors, elevation: rounded(units.climb(numbers.climbMeters), 2),
      ...(resting === null ? {} : { restingHeartRate: resting, heartRateZones: heartZones(dayOf(person, date, nowMs)) }),
      sedentaryMinutes: numbers.levels.sedentary, lightlyActiveMinutes: numbers.levels.lightly, fairlyActiveMinutes: numbers.levels.fairly,
      veryActiveMinutes: numbers.levels.very, activeScore: -1,
    },
  });
}

const isHeart = (resource: string): boolean => resource === "heart";

function scopeProblem({ grant, call }: Visit): Answer | null {
  const resource = call.params["resource"] ?? "";
  if (!isHeart(resource) && !Object.hasOwn(SERIES, resource)) return notFound();
  const scope = isHeart(resource) ? "heartrate" : "activity";
  return grant.scopes.includes(scope) ? null : missingScope(scope);
}

/** Days to come are there too, and are 0. */
function series(visit: Visit): Answer {
  const { context, call, person, units } = visit;
  const problem = scopeProblem(visit);
  if (problem) return problem;
  const resource = call.params["resource"] ?? "";
  const dates = askedDates(call, isHeart(resource) ? HEART_DAYS : SERIES_DAYS);
  if (isAnswer(dates)) return dates;
  const nowMs = context.now();
  if (isHeart(resource)) return json(200, { "activities-heart": dates.map((date) => heartDay(person, date, nowMs)) });
  const write = SERIES[resource];
  return json(200, { [`activities-${resource}`]: dates.map((dateTime) => ({ dateTime, value: write?.(numbersOf(dayOf(person, dateTime, nowMs)), units) })) });
}

function heartDay(person: Person, date: string, nowMs: number): { dateTime: string; value: object } {
  const resting = restingHeartRate(person, date, nowMs);
  return { dateTime: date, value: { customHeartRateZones: [], heartRateZones: heartZones(dayOf(person, date, nowMs)), ...(resting === null ? {} : { restingHeartRate: resting }) } };
}

const DETAILS: Readonly<Record<string, number>> = { "1min": 1, "5min": 5, "15min": 15 };
const MINUTES_A_DAY = 24 * 60;

/** One day, whole or between two clock times; 24 hours at most. */
function intraday(visit: Visit, hasClock: boolean): Answer {
  const { context, call, person, units } = visit;
  const problem = scopeProblem(visit);
  if (problem) return problem;
  if (context.position("intraday") !== "permitted") return fitbitRefusal(403, "insufficient_scope", "This application does not have permission to access intraday data.");
  const resource = call.params["resource"] ?? "";
  const [date = "", end = ""] = [call.params["start"], call.params["end"]];
  const level = hasClock ? (call.params["level"] ?? "") : (lastPart(call, "level") ?? "");
  const detail = level === "1sec" && isHeart(resource) ? "1sec" : (DETAILS[level] ?? null);
  if (detail === null || (!isHeart(resource) && !hasCurve(resource))) return badRequest("Invalid detail level or resource.");
  if (!isDate(date) || (end !== "1d" && end !== date)) return badRequest("Intraday data is limited to 24 hours.");
  const from = hasClock ? minuteOf(call.params["from"] ?? "") : 0;
  const to = hasClock ? minuteOf(lastPart(call, "to") ?? "") : MINUTES_A_DAY - 1;
  if (from === null || to === null || to < from) return badRequest("Invalid time. It must be in the format HH:mm.");
  const day = dayOf(person, date, context.now());
  // The day of a clock change has more or fewer minutes than the clock; the last minute asked for is the last one there is.
  const until = to === MINUTES_A_DAY - 1 ? day.trace.steps.length : to + 1;
  const intradayKey = `activities-${resource}-intraday`;
  const meta = { datasetInterval: detail === "1sec" ? 1 : detail, datasetType: detail === "1sec" ? "second" : "minute" };
  if (isHeart(resource)) {
    const dataset = heartCurve(day, detail, from, until);
    const mean = dataset.length > 0 ? rounded(dataset.reduce((sum, { value }) => sum + value, 0) / dataset.length, 2) : 0;
    // With clock times the day's value is a plain text.
    const shown = hasClock ? { dateTime: date, customHeartRateZones: [], heartRateZones: heartZones(day), value: String(mean) } : heartDay(person, date, context.now());
    return json(200, { "activities-heart": [shown], [intradayKey]: { dataset, ...meta } });
  }
  const value = SERIES[resource]?.(numbersOf(day), units);
  return json(200, { [`activities-${resource}`]: [{ dateTime: date, value }], [intradayKey]: { dataset: curveOf(day, resource, { everyMinutes: Number(detail), units, from, to: until }), ...meta } });
}

function minuteOf(text: string): number | null {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

function sleepOfDate({ context, call, person }: Visit): Answer {
  const dates = askedDates(call, 1);
  if (isAnswer(dates)) return dates;
  const [date = ""] = dates;
  if (isPending(person, date, context.now())) return json(200, { meta: { state: "pending", retryDuration: 3000 } });
  const logs = sleepLogs(context, person, date);
  const stages = logs.find((log) => log.stages !== null)?.stages;
  const sum = (pick: (log: (typeof logs)[number]) => number): number => logs.reduce((total, log) => total + pick(log), 0);
  return json(200, {
    sleep: logs.toReversed().map(({ fields }) => fields),
    summary: { ...(stages ? { stages } : {}), totalMinutesAsleep: sum((log) => log.minutesAsleep), totalSleepRecords: logs.length, totalTimeInBed: sum((log) => log.timeInBed) },
  });
}

/** Newest first. */
function sleepOfRange({ context, call, person }: Visit): Answer {
  const dates = askedDates(call, SLEEP_DAYS);
  if (isAnswer(dates)) return dates;
  return json(200, { sleep: dates.flatMap((date) => sleepLogs(context, person, date)).toReversed().map(({ fields }) => fields) });
}

/** Oxygen came without an envelope in the live service; the document has one for all. The fitness score has another key there. */
function enveloped({ context }: Visit, key: string, values: readonly object[]): Answer {
  const isLive = context.position("shapes") === "live";
  if (key === "spo2" && isLive) return json(200, values);
  return json(200, { [key === "cardioScore" && !isLive ? "cardioscore" : key]: values });
}

function ranged(visit: Visit, key: string, make: NightMaker): Answer {
  const { context, call, person } = visit;
  const dates = askedDates(call, NIGHT_DAYS);
  if (isAnswer(dates)) return dates;
  const values = dates.map((date) => make(person, date, context.now())).filter((value) => value !== null);
  const [only] = values;
  const isBare = key === "spo2" && call.params["end"] === undefined && context.position("shapes") === "live";
  return isBare ? json(200, only ?? []) : enveloped(visit, key, values);
}

function ofOneNight(visit: Visit, key: string, make: NightMaker): Answer {
  const { context, call, person } = visit;
  const date = call.params["start"] ?? "";
  if (!isDate(date)) return badRequest("Invalid date. It must be in the format yyyy-MM-dd.");
  const value = make(person, date, context.now());
  if (key === "spo2" && context.position("shapes") === "live") return json(200, value ?? []);
  return enveloped(visit, key, value ? [value] : []);
}

/** `{start}/{end}/all.json`: the end has no ending of its own here. */
function rangedAll(visit: Visit, key: string, make: NightMaker): Answer {
  const params = { ...visit.call.params, end: `${visit.call.params["end"] ?? ""}.json` };
  return ranged({ ...visit, call: { ...visit.call, params } }, key, make);
}

function bodyLogs({ context, call, person, units }: Visit, kind: "weight" | "fat"): Answer {
  const dates = askedDates(call, BODY_DAYS);
  if (isAnswer(dates)) return dates;
  const logs = dates.map((date) => (kind === "weight" ? weightLog(context, person, date, units) : fatLog(context, person, date)));
  return json(200, { [kind]: logs.filter((log) => log !== null) });
}

/** Strava's data doors. vendors/strava.md, Data endpoints. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import type { Grant } from "../tokens.ts";
import { activitiesBetween, athleteId, detailedActivity, findActivity, lapsOf, streamsOf, summaryActivity, uploadedMs } from "./activities.ts";
import { createCallLimits } from "./limits.ts";
import { stravaRefusal } from "./refusal.ts";
import { listSubscriptions, subscribe, unsubscribe } from "./subscription.ts";
import type { StravaWorld } from "./world.ts";
import { activityZones, athleteStats, athleteZones } from "./zones.ts";

const ROOT = "/api/v3";
const MOST_PER_PAGE = 200;
const USUAL_PER_PAGE = 30;

interface Visit extends StravaWorld {
  readonly call: Call;
  readonly grant: Grant;
  readonly person: Person;
}

export function stravaApiRoutes(world: StravaWorld): Route[] {
  const { context } = world;
  const limits = createCallLimits(context);
  const counted = (isRead: boolean, handle: (call: Call) => Answer | Promise<Answer>): Route["handle"] => async (call) => {
    const { headers, isOver } = limits.count(isRead);
    const answer = isOver ? stravaRefusal(429, "Rate Limit Exceeded", ["Application", "rate limit", "exceeded"]) : await handle(call);
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };
  const visited = (handle: (visit: Visit) => Answer): Route["handle"] => counted(true, (call) => {
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return stravaRefusal(401, "Authorization Error", ["Athlete", "access_token", "invalid"]);
    return handle({ ...world, call, grant, person: knownPerson(context, grant.personId) });
  });
  return [
    { method: "GET", path: `${ROOT}/athlete`, door: "data", handle: visited(athlete) },
    { method: "GET", path: `${ROOT}/athlete/zones`, door: "data", handle: visited(zonesOfAthlete) },
    { method: "GET", path: `${ROOT}/athletes/:id/stats`, door: "data", handle: visited(stats) },
    { method: "GET", path: `${ROOT}/athlete/activities`, door: "data", handle: visited(listActivities) },
    { method: "GET", path: `${ROOT}/activities/:id`, door: "data", handle: visited((visit) => oneActivity(visit, detail)) },
    { method: "GET", path: `${ROOT}/activities/:id/streams`, door: "data", handle: visited((visit) => oneActivity(visit, streams)) },
    { method: "GET", path: `${ROOT}/activities/:id/laps`, door: "data", handle: visited((visit) => oneActivity(visit, laps)) },
    { method: "GET", path: `${ROOT}/activities/:id/zones`, door: "data", handle: visited((visit) => oneActivity(visit, zones)) },
    { method: "POST", path: `${ROOT}/push_subscriptions`, door: "data", handle: counted(false, (call) => subscribe(context, call)) },
    { method: "GET", path: `${ROOT}/push_subscriptions`, door: "data", handle: counted(true, (call) => listSubscriptions(context, call)) },
    { method: "DELETE", path: `${ROOT}/push_subscriptions/:id`, door: "data", handle: counted(false, (call) => unsubscribe(context, call)) },
  ];
}

/** The athlete as the token exchange and `GET /athlete` show it; weight only with `profile:read_all`. */
export function summaryAthlete(context: CloudContext, person: Person, scopes: readonly string[]): object {
  const { who } = person;
  const [firstname, ...rest] = who.name.split(" ");
  return {
    id: athleteId(context, person), username: `${who.id}_simulated`, resource_state: 2, firstname, lastname: rest.join(" "), sex: who.sex,
    ...(scopes.includes("profile:read_all") ? { weight: who.weightKg, ftp: null } : {}),
    measurement_preference: who.zone.startsWith("America/New") ? "feet" : "meters",
  };
}

function athlete({ context, person, grant }: Visit): Answer {
  if (!["read", "read_all", "profile:read_all"].some((scope) => grant.scopes.includes(scope))) return missing("read_permission");
  return json(200, summaryAthlete(context, person, grant.scopes));
}

function zonesOfAthlete({ person, grant }: Visit): Answer {
  return grant.scopes.includes("profile:read_all") ? json(200, athleteZones(person)) : missing("profile:read_all_permission");
}

/** The athlete's own alone. */
function stats(visit: Visit): Answer {
  const { context, call, person } = visit;
  if (call.params["id"] !== String(athleteId(context, person))) return stravaRefusal(403, "Forbidden", ["Athlete", "id", "not the athlete"]);
  const nowMs = context.now();
  return json(200, athleteStats(person, activitiesBetween(visit, person, nowMs - 28 * DAY_MS, nowMs), nowMs));
}

function missing(field: string): Answer {
  return stravaRefusal(403, "Authorization Error", ["AccessToken", field, "missing"]);
}

const mayReadActivities = (grant: Grant): boolean => grant.scopes.includes("activity:read") || grant.scopes.includes("activity:read_all");
const maySee = ({ grant, edits }: Visit, workout: Workout): boolean => !edits.isPrivate(workout) || grant.scopes.includes("activity:read_all");

function wholeNumber(call: Call, name: string, usual: number): number | null {
  const text = call.query.get(name);
  if (text === null || text === "") return usual;
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}

/** Private activities are cut from a page, not from the list: without `activity:read_all` a page can be short before the end. */
function listActivities(visit: Visit): Answer {
  const { call, grant, person } = visit;
  if (!mayReadActivities(grant)) return missing("activity:read_permission");
  const before = wholeNumber(call, "before", Number.MAX_SAFE_INTEGER / 1000);
  const after = wholeNumber(call, "after", 0);
  const page = wholeNumber(call, "page", 1);
  const perPage = wholeNumber(call, "per_page", USUAL_PER_PAGE);
  if (before === null || after === null || !page || !perPage || perPage > MOST_PER_PAGE) {
    return stravaRefusal(400, "Bad Request", ["Activity", "page, per_page, before or after", "invalid"]);
  }
  const joinedMs = Date.parse(`${person.who.cgm.since}T00:00:00Z`);
  const all = activitiesBetween(visit, person, Math.max(joinedMs, after * 1000 + 1), before * 1000 - 1);
  if (!call.query.get("after")) all.reverse();
  const shown = all.slice((page - 1) * perPage, page * perPage).filter((workout) => maySee(visit, workout));
  return json(200, shown.map((workout) => summaryActivity(visit, person, workout)));
}

function oneActivity(visit: Visit, show: (visit: Visit, workout: Workout) => Answer): Answer {
  const { call, grant, person } = visit;
  if (!mayReadActivities(grant)) return missing("activity:read_permission");
  const id = call.params["id"] ?? "";
  const workout = /^\d{1,15}$/.test(id) ? findActivity(visit, person, Number(id)) : null;
  if (!workout || !maySee(visit, workout)) return stravaRefusal(404, "Record Not Found", ["Activity", "id", "not found"]);
  return show(visit, workout);
}

function detail(visit: Visit, workout: Workout): Answer {
  return json(200, detailedActivity(visit, visit.person, workout));
}

function laps(visit: Visit, workout: Workout): Answer {
  return json(200, lapsOf(workout, summaryActivity(visit, visit.person, workout)));
}

/** For those who subscribe to Strava. */
function zones({ context, person }: Visit, workout: Workout): Answer {
  if (context.position("subscribers") === "none") return stravaRefusal(402, "Payment Required", ["Activity", "zones", "subscription required"]);
  return json(200, activityZones(person, workout));
}

function streams({ context, call, person }: Visit, workout: Workout): Answer {
  const keys = (call.query.get("keys") ?? "").split(",").filter(Boolean);
  if (keys.length === 0) return stravaRefusal(400, "Bad Request", ["Stream", "keys", "missing"]);
  const isReady = context.now() >= uploadedMs(workout) + Number(context.position("streamsAfterMinutes")) * MINUTE_MS;
  const found = isReady ? streamsOf(person, workout, keys) : null;
  if (!found) return stravaRefusal(404, "Record Not Found", ["Activity Streams", "", "not found"]);
  if (call.query.get("key_by_type") === "true") return json(200, found);
  return json(200, Object.entries(found).map(([type, stream]) => ({ type, ...stream })));
}

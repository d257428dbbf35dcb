/** WHOOP's data doors. vendors/whoop.md, Data endpoints. */

import { addDays, DAY_MS, localDate } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, empty, json } from "../exchange.ts";
import { dateOfUuid } from "../people/dated.ts";
import type { Person } from "../people/person.ts";
import { maxHrOf } from "../people/workouts.ts";
import type { Grant } from "../tokens.ts";
import { cycleOf, recoveryOf } from "./cycles.ts";
import { dateOfCycle } from "./ids.ts";
import type { CallLimits } from "./limits.ts";
import type { Collection } from "./lists.ts";
import { listRecords } from "./lists.ts";
import type { WhoopRecord } from "./records.ts";
import { FORMER_UNTIL_MS, userIdOf } from "./records.ts";
import { whoopRefusal } from "./refusal.ts";
import { formerSleepId, sleepsOf } from "./sleeps.ts";
import { workoutIdOf, workoutsOf } from "./workouts.ts";
import type { WhoopWorld } from "./world.ts";

const ROOT = "/developer/v2";
/** This person has never typed a weight or height. */
const UNMEASURED_INDEX = 5;
const WEIGHED_WITHIN_DAYS = 60;

export interface Visit extends WhoopWorld {
  readonly call: Call;
  readonly grant: Grant;
  readonly person: Person;
}

/** The lists. How each says that there is no further page differs: absent, null or empty. */
const CYCLES: Collection = { name: "cycle", end: "absent", of: (world, person, date) => [cycleOf(world, person, date)] };
const RECOVERIES: Collection = { name: "recovery", end: "null", of: (world, person, date) => [recoveryOf(world, person, date)].filter((one) => one !== null) };
const SLEEPS: Collection = { name: "sleep", end: "empty", of: sleepsOf };
const WORKOUTS: Collection = { name: "workout", end: "absent", of: workoutsOf };

type Handle = (visit: Visit) => Answer;

export function whoopApiRoutes(world: WhoopWorld, limits: CallLimits): Route[] {
  const { context } = world;
  const visited = (handle: Handle): Route["handle"] => (call) => limits.counted(() => {
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return whoopRefusal(401, "Authorization was not valid");
    return handle({ ...world, call, grant, person: knownPerson(context, grant.personId) });
  });
  const get = (path: string, scope: string, handle: Handle): Route => ({
    method: "GET", path: `${ROOT}/${path}`, door: "data",
    handle: visited((visit) => (visit.grant.scopes.includes(scope) ? handle(visit) : whoopRefusal(403, `The token does not have the scope ${scope}`))),
  });
  return [
    get("cycle", "read:cycles", (visit) => listRecords(visit, CYCLES)),
    get("cycle/:cycle_id", "read:cycles", (visit) => ofCycle(visit, (date) => cycleOf(visit, visit.person, date))),
    get("cycle/:cycle_id/sleep", "read:cycles", (visit) => ofCycle(visit, (date) => nightOf(visit, date))),
    get("cycle/:cycle_id/recovery", "read:recovery", (visit) => ofCycle(visit, (date) => recoveryOf(visit, visit.person, date))),
    get("recovery", "read:recovery", (visit) => listRecords(visit, RECOVERIES)),
    get("activity/sleep", "read:sleep", (visit) => listRecords(visit, SLEEPS)),
    get("activity/sleep/:id", "read:sleep", (visit) => oneActivity(visit, SLEEPS)),
    get("activity/workout", "read:workout", (visit) => listRecords(visit, WORKOUTS)),
    get("activity/workout/:id", "read:workout", (visit) => oneActivity(visit, WORKOUTS)),
    get("user/profile/basic", "read:profile", (visit) => json(200, profile(visit))),
    get("user/measurement/body", "read:body_measurement", bodyMeasurement),
    { method: "DELETE", path: `${ROOT}/user/access`, door: "data", handle: visited(revoke) },
    { method: "GET", path: "/developer/v1/activity-mapping/:id", door: "data", handle: visited(activityMapping) },
  ];
}

function nightOf(visit: Visit, date: string): WhoopRecord | null {
  return sleepsOf(visit, visit.person, date).find(({ isNap }) => !isNap) ?? null;
}

function shown(context: CloudContext, record: WhoopRecord | null | undefined): Answer {
  return record && record.readyMs <= context.now() ? json(200, record.tell()) : whoopRefusal(404, "No resource found");
}

function ofCycle({ call, context, person }: Visit, find: (date: string) => WhoopRecord | null): Answer {
  const date = dateOfCycle(person, call.params["cycle_id"] ?? "");
  return shown(context, date === null || date < person.who.cgm.since ? null : find(date));
}

function oneActivity(visit: Visit, { of }: Collection): Answer {
  const id = visit.call.params["id"] ?? "";
  const date = dateOfUuid(id);
  return shown(visit.context, date === null ? null : of(visit, visit.person, date).find((one) => one.id === id));
}

function profile({ person, ...world }: Visit): Record<string, unknown> {
  const [first, ...rest] = person.who.name.split(" ");
  return { user_id: userIdOf(world, person), email: `${person.who.id}@people.example`, first_name: first, last_name: rest.join(" ") };
}

/** Typed in after the scale was used; no time goes with it. */
function bodyMeasurement({ context, person }: Visit): Answer {
  const { who } = person;
  if (who.index === UNMEASURED_INDEX) return whoopRefusal(404, "No resource found");
  const nowMs = context.now();
  let weight = who.weightKg;
  for (let back = 0; back <= WEIGHED_WITHIN_DAYS; back++) {
    const weighed = person.weighIn(localDate(who.zone, nowMs - back * DAY_MS));
    if (!weighed || weighed.atMs > nowMs) continue;
    weight = weighed.weightKg;
    break;
  }
  return json(200, { height_meter: who.heightM, weight_kilogram: weight, max_heart_rate: maxHrOf(who) });
}

/** Ends the grant; nothing is told of the person afterwards. */
function revoke({ context, person }: Visit): Answer {
  context.grants.revoke(person.who.id);
  context.outbox.drop(person.who.id);
  return empty(204);
}

/** What was a number in version 1 is a UUID now. */
function activityMapping({ call, person, ...world }: Visit): Answer {
  const id = call.params["id"] ?? "";
  const found = /^\d{1,15}$/.test(id) ? mapped({ ...world }, person, Number(id)) : null;
  return found === null ? whoopRefusal(404, "No resource found") : json(200, { v2_activity_id: found });
}

function mapped(world: WhoopWorld, person: Person, number: number): string | null {
  const workout = person.workoutByNumber(number);
  if (workout) return workout.startMs < FORMER_UNTIL_MS ? workoutIdOf(world, person, workout) : null;
  const date = new Date(Math.floor((number - 1_000_000_000) / 100) * DAY_MS);
  if (number < 1_000_000_000 || number > 1_010_000_000) return null;
  const day = date.toISOString().slice(0, 10);
  const last = addDays(new Date(FORMER_UNTIL_MS).toISOString().slice(0, 10), -1);
  return day > last ? null : (sleepsOf(world, person, day).find(({ isNap }) => formerSleepId(person, day, isNap) === number)?.id ?? null);
}

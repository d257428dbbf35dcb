/** Wahoo's data doors. vendors/wahoo.md, Data endpoints, Deauthorisation. Uploads of files are left out. */

import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, binary, empty, json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { createLimit } from "./limits.ts";
import { wahooUserId } from "./oauth.ts";
import { wahooRefusal } from "./refusal.ts";
import type { WahooWorld } from "./world.ts";
import type { Item } from "./workouts.ts";
import { isDone, itemById, listedItems, tellSummary, tellWorkout } from "./workouts.ts";

const USUAL_PER_PAGE = 30;
const MOST_PER_PAGE = 100;

interface Visit extends WahooWorld {
  readonly person: Person;
  readonly call: Call;
}

export const filePath = (number: number | string): string => `/wahoo-cloud/production/uploads/${number}.fit`;

export function wahooApiRoutes(world: WahooWorld): Route[] {
  const { context } = world;
  const limit = createLimit(context);
  const visited = (scope: string | null, handle: (visit: Visit) => Answer): Route["handle"] => limit((call) => {
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return wahooRefusal(401, "The access token is invalid");
    if (scope !== null && !grant.scopes.includes(scope)) return wahooRefusal(403, `The scope ${scope} is missing`);
    return handle({ ...world, person: knownPerson(context, grant.personId), call });
  });
  const route = (method: Route["method"], path: string, handle: Route["handle"]): Route => ({ method, path, door: "data", handle });
  return [
    route("GET", "/v1/user", visited("user_read", ({ person }) => json(200, userOf(context, person)))),
    route("GET", "/v1/workouts", visited("workouts_read", listWorkouts)),
    route("GET", "/v1/workouts/:id", visited("workouts_read", oneWorkout)),
    route("GET", "/v1/workouts/:id/workout_summary", visited("workouts_read", oneSummary)),
    // Nobody here has set any, and what one looks like is not told.
    route("GET", "/v1/power_zones", visited("power_zones_read", () => json(200, { power_zones: [] }))),
    route("DELETE", "/v1/permissions", visited(null, endPermissions)),
    // On a host of its own at Wahoo; anybody who has the address may fetch it, and it does not count.
    route("GET", filePath(":name").replace(/\.fit$/, ""), (call) => file(world, call)),
  ];
}

/** Height and weight are texts. */
function userOf(context: CloudContext, person: Person): object {
  const { who } = person;
  const [first = "", ...last] = who.name.split(" ");
  return {
    id: wahooUserId(context, person), email: `${who.id}@people.example`, first, last: last.join(" "), birth: `${who.bornYear}-06-15`, gender: who.sex === "M" ? 0 : 1,
    height: who.heightM.toFixed(2), weight: who.weightKg.toFixed(1), created_at: `${who.cgm.since}T08:00:00.000Z`, updated_at: `${who.cgm.since}T08:00:00.000Z`,
  };
}

const told = (visit: Visit, item: Item): object => ({ ...tellWorkout(visit, visit.person, item), workout_summary: tellSummary(visit, visit.person, item) });

/** Newest first; a longer page than the longest is cut. */
function listWorkouts(visit: Visit): Answer {
  const { context, person, call } = visit;
  const [page, wished] = [call.query.get("page") ?? "1", call.query.get("per_page") ?? String(USUAL_PER_PAGE)].map(Number) as [number, number];
  if (![page, wished].every((number) => Number.isInteger(number) && number > 0)) return wahooRefusal(400, "page and per_page must be positive");
  const perPage = Math.min(wished, MOST_PER_PAGE);
  const items = listedItems(context, person);
  const workouts = items.slice((page - 1) * perPage, page * perPage).map((item) => told(visit, item));
  return json(200, { workouts, total: items.length, page, per_page: perPage, order: "descending", sort: "starts" });
}

function found(visit: Visit): Item | null {
  return itemById(visit.context, visit.person, Number(visit.call.params["id"] ?? ""));
}

function oneWorkout(visit: Visit): Answer {
  const item = found(visit);
  return item ? json(200, told(visit, item)) : wahooRefusal(404, "Not found");
}

/** Not found is a workout that is not done, too. */
function oneSummary(visit: Visit): Answer {
  const item = found(visit);
  const summary = item && tellSummary(visit, visit.person, item);
  return summary ? json(200, summary) : wahooRefusal(404, "Not found");
}

function endPermissions({ context, person }: Visit): Answer {
  context.grants.revoke(person.who.id);
  context.outbox.drop(person.who.id);
  return context.position("permissionsAnswer") === "204" ? empty(204) : json(200, { success: "Application has been revoked" });
}

/** A header of 14 bytes without messages; both checksums may be 0. */
const EMPTY_FIT = Uint8Array.from([14, 0x20, 0x54, 0x08, 0, 0, 0, 0, 0x2e, 0x46, 0x49, 0x54, 0, 0, 0, 0]);

function file({ context }: WahooWorld, call: Call): Answer {
  const number = Number(/^(\d+)\.fit$/.exec(call.params["name"] ?? "")?.[1] ?? "NaN");
  const isThere = context.people.some((person) => {
    const item = itemById(context, person, number);
    return item !== null && isDone(item, context.now());
  });
  return isThere ? binary("application/octet-stream", EMPTY_FIT) : wahooRefusal(404, "Not found");
}

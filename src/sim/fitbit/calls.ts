/** Calls of a person: who it is, how many there were, and what dates they ask for. vendors/fitbit.md, Rate limits and Data endpoints. */

import { HOUR_MS } from "#units/time.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, header, json } from "../exchange.ts";
import type { Counter } from "../limits.ts";
import { createCounter } from "../limits.ts";
import { fitbitUserId } from "./identity.ts";
import { unauthorized } from "./oauth.ts";
import { badRequest, ended, fitbitRefusal, notFound, tooMany } from "./refusal.ts";
import { datesBetween, isDate, lengthOf } from "./times.ts";
import type { FitbitWorld, Visit } from "./world.ts";
import { unitsOf } from "./world.ts";

export type Handle = (visit: Visit) => Answer | Promise<Answer>;

/** Wraps the handlers of one simulation, which share the count of calls. `scope` "" needs none. */
export function createDoor(world: FitbitWorld): (scope: string, handle: Handle) => Route["handle"] {
  const { context } = world;
  const counters = new Map<string, Counter>();
  const count = (personId: string): number => {
    const counter = counters.get(personId) ?? createCounter(() => context.now(), [HOUR_MS]);
    counters.set(personId, counter);
    return counter.count()[0] ?? 0;
  };
  return (scope, handle) => async (call) => {
    if (context.position("state") === "ended") return ended();
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return unauthorized(context, bearer(call) ?? "");
    const person = knownPerson(context, grant.personId);
    const limit = Number(context.position("callsPerHour"));
    const used = count(person.who.id);
    const seconds = Math.ceil((HOUR_MS - (context.now() % HOUR_MS)) / 1000);
    const reset = context.position("resetHeader") === "unix time" ? Math.floor(context.now() / 1000) + seconds : seconds;
    const headers = {
      "fitbit-rate-limit-limit": String(limit), "fitbit-rate-limit-remaining": String(Math.max(0, limit - used)), "fitbit-rate-limit-reset": String(reset),
    };
    const visit: Visit = { ...world, call, grant, person, units: unitsOf(header(call, "accept-language")) };
    const answer = used > limit ? tooMany(seconds) : await answerOf(visit, scope, handle);
    return { ...answer, headers: { ...answer.headers, ...headers } };
  };
}

function answerOf(visit: Visit, scope: string, handle: Handle): Answer | Promise<Answer> {
  const { context, call, grant, person } = visit;
  const user = call.params["user"] ?? "-";
  if (user !== "-" && user !== fitbitUserId(context, person)) return fitbitRefusal(403, "insufficient_permissions", "Read-only or missing permission to view the user's data.");
  if (scope !== "" && !grant.scopes.includes(scope)) return missingScope(scope);
  return handle(visit);
}

export function missingScope(scope: string): Answer {
  return fitbitRefusal(403, "insufficient_scope", `This application does not have permission to ${scope} data.`);
}

/** A last part of the path without its `.json`; null without that. */
export function lastPart(call: Call, name: string): string | null {
  const text = call.params[name] ?? "";
  return text.endsWith(".json") ? text.slice(0, -".json".length) : null;
}

/** The dates of `{start}.json` or `{start}/{end}.json`, at most `longest`; an answer when they are none. */
export function askedDates(call: Call, longest: number): string[] | Answer {
  const isRange = call.params["end"] !== undefined;
  const first = isRange ? (call.params["start"] ?? "") : lastPart(call, "start");
  const last = isRange ? lastPart(call, "end") : first;
  if (first === null || last === null) return notFound();
  if (!isDate(first) || !isDate(last)) return badRequest(`Invalid date: ${isDate(first) ? "end" : "start"}. It must be in the format yyyy-MM-dd.`);
  if (last < first) return badRequest("The end date must not be before the start date.");
  if (lengthOf(first, last) > longest) return badRequest(`The range must not be longer than ${longest} days.`);
  return datesBetween(first, last);
}

/** A page of a list: exactly one of `afterDate` (ascending) and `beforeDate` (descending), and no offset of one's own. */
export interface ListWish {
  readonly isAscending: boolean;
  readonly bound: string;
  readonly skip: number;
  readonly limit: number;
}

export function askedList(call: Call, most: number): ListWish | Answer {
  const after = call.query.get("afterDate");
  const before = call.query.get("beforeDate");
  const bound = after ?? before;
  const sort = call.query.get("sort");
  if (bound === null || (after !== null && before !== null)) return badRequest("Exactly one of afterDate and beforeDate must be given.");
  if (sort !== (after === null ? "desc" : "asc")) return badRequest("sort must be asc with afterDate and desc with beforeDate.");
  const limit = Number(call.query.get("limit") ?? most);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) return badRequest(`limit must be between 1 and ${most}.`);
  const offset = call.query.get("offset");
  const next = call.query.get("next");
  // Only the address of a next page, as it was given, carries an offset.
  if (!/^\d{1,9}$/.test(offset ?? "") || (offset !== "0" && next !== sealOf(bound, offset ?? ""))) return badRequest("offset must be 0.");
  return { isAscending: after !== null, bound, skip: Number(offset), limit };
}

function sealOf(bound: string, offset: string): string {
  return Buffer.from(`${bound} ${offset}`).toString("base64url");
}

/** The page of items, which are in the asked order, and the address of the next one: an empty text at the end. */
export function listPage(key: string, address: string, items: readonly object[], { isAscending, bound, skip, limit }: ListWish): Answer {
  const page = items.slice(skip, skip + limit);
  const query = (offset: number): string => new URLSearchParams({
    offset: String(offset), limit: String(limit), sort: isAscending ? "asc" : "desc", [isAscending ? "afterDate" : "beforeDate"]: bound,
    ...(offset > 0 ? { next: sealOf(bound, String(offset)) } : {}),
  }).toString();
  const next = skip + limit < items.length ? `${address}?${query(skip + limit)}` : "";
  const previous = skip > 0 ? `${address}?${query(Math.max(0, skip - limit))}` : "";
  return json(200, {
    [key]: page,
    pagination: { [isAscending ? "afterDate" : "beforeDate"]: bound, limit, next, offset: skip, previous, sort: isAscending ? "asc" : "desc" },
  });
}

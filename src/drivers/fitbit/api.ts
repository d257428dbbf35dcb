/** Fitbit's endpoints. Source: vendors/fitbit.md. */
import { z } from "zod";
import { InvalidInput, ProviderContractBroken, ProviderRateLimited, ProviderRefused } from "#errors.ts";
import { looseNumber, parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { AuthorizedFetchOptions, VendorResponse } from "#http/types.ts";
import { addDays, DAY_MS, HOUR_MS, isZone, localDate, MINUTE_MS, parseTime, type Window } from "#units/time.ts";
import { isObject, type Json } from "./map-place.ts";
import { ACTIVITY_LIST, endpointOf, type Endpoint } from "./resources.ts";
import * as schema from "./schema.ts";

const PROFILE = "/1/user/-/profile.json";
const LIST = "/1/user/-/activities/list.json";
const PAGE_SIZE = 100;
/** 20,000 activities: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 200;

/** Dates of a window in an unknown zone lie between those of the zones furthest west and east. */
const FARTHEST_WEST_MS = 12 * HOUR_MS;
const FARTHEST_EAST_MS = 14 * HOUR_MS;

const known = z.looseObject({ user_id: z.string().min(1) });

/** The person's id stands in the token answer, the zone of the account in the profile. Throws ProviderContractBroken where neither has the id. */
export async function identify(call: DriverCall, tokenAnswer: Readonly<Record<string, unknown>>): Promise<ProviderAccount> {
  const told = known.safeParse(tokenAnswer);
  const { grantedScopes } = call.account;
  const answer = await call.fetch(PROFILE, told.success ? { accept: [403] } : {});
  if (told.success && answer.status === 403) return { vendorUserId: told.data.user_id, grantedScopes };
  const { user } = parseEnvelope(schema.profile, answer.json(), "Fitbit profile");
  const zone = user.timezone && isZone(user.timezone) ? { zone: user.timezone } : {};
  return { vendorUserId: told.success ? told.data.user_id : user.encodedId, grantedScopes, ...zone };
}

/**
 * One resource by window, or for a single date (`objectId`): as many dates at once as Fitbit allows, oldest first. The list of activities by window alone, in
 * pages. Nothing within a day unless the operator wants it. Throws InvalidInput for anything else, ProviderRefused (403) for what the person did not allow,
 * ProviderRateLimited when the person's budget at Fitbit is spent and more is to be asked.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  if (request.resource === ACTIVITY_LIST && "window" in request) {
    mustBeGranted(call, "activity");
    yield* pullActivities(call, request.window);
    return;
  }
  const endpoint = endpointOf(request.resource);
  if (!endpoint || "url" in request) throw new InvalidInput("Fitbit gives its resources by window or by date.");
  mustBeGranted(call, endpoint.scope);
  if (endpoint.isIntraday && call.settings["intraday"] === "off") return;
  yield* pullDates(call, endpoint, "window" in request ? datesOf(call, request.window) : singleDate(request.objectId));
}

/** The person's choice is known without asking, and asking costs of a small budget. */
function mustBeGranted({ account: { grantedScopes } }: DriverCall, scope: string): void {
  if (grantedScopes === null || grantedScopes.includes(scope)) return;
  throw new ProviderRefused(`The person has not allowed reading ${scope} at Fitbit.`, 403, "");
}

interface Dates {
  readonly first: string;
  readonly last: string;
}

function singleDate(date: string): Dates {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !parseTime(date)) throw new InvalidInput("A day at Fitbit is a date.");
  return { first: date, last: date };
}

/** The dates that a window touches: in the person's zone, or in any where that is not known. Never one that has not begun. */
function datesOf({ account: { zone }, nowMs }: DriverCall, { fromMs, toMs }: Window): Dates {
  if (zone !== undefined && isZone(zone)) return { first: localDate(zone, fromMs), last: earlier(localDate(zone, toMs - 1), localDate(zone, nowMs)) };
  return { first: utc(fromMs - FARTHEST_WEST_MS), last: earlier(utc(toMs - 1 + FARTHEST_EAST_MS), utc(nowMs)) };
}

const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const earlier = (one: string, other: string): string => (one < other ? one : other);

async function* pullDates(call: DriverCall, endpoint: Endpoint, { first, last }: Dates): AsyncIterable<PulledPage> {
  const ask = pacedFetch(call);
  for (let from = first; from <= last; from = addDays(from, endpoint.mostDates)) {
    const to = earlier(addDays(from, endpoint.mostDates - 1), last);
    const answer = await ask(endpoint.path(from, to, call.settings["detail"] ?? "1min"));
    const payload = answer.json();
    mustBeUsable(endpoint, payload);
    yield { resource: endpoint.name, body: endpoint.name === "activities/date" ? withDate(payload as Json, from) : answer.body };
  }
}

/** Whatever it is, it is an object, or (oxygen) a list. */
function mustBeUsable({ name }: Endpoint, payload: unknown): void {
  if (!isObject(payload) && !(Array.isArray(payload) && name.startsWith("spo2"))) {
    throw new ProviderContractBroken(`The Fitbit ${name} answer is no object.`, "");
  }
}

/** The answer for a day does not say which day it is. */
function withDate(payload: Json, date: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...payload, date }));
}

/** Activities from the window's first date on, oldest first; what begins after it is cut off, for there is no upper bound to ask with. */
async function* pullActivities(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const ask = pacedFetch(call);
  const afterDate = addDays(datesOf(call, window).first, -1);
  let query: Record<string, string | number> = { afterDate, sort: "asc", offset: 0, limit: PAGE_SIZE };
  const seen = new Set<string>();
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask(LIST, { query });
    const { activities, pagination } = parseEnvelope(schema.activityPage, answer.json(), "Fitbit list of activities");
    const wanted = activities.filter((activity) => isBefore(activity, window.toMs + DAY_MS));
    if (wanted.length > 0) {
      const isWhole = wanted.length === activities.length;
      yield { resource: ACTIVITY_LIST, body: isWhole ? answer.body : new TextEncoder().encode(JSON.stringify({ activities: wanted })) };
    }
    const next = pagination?.next ?? "";
    if (next === "" || wanted.length < activities.length) return;
    if (seen.has(next)) throw new ProviderContractBroken("Fitbit gives the same page of activities again and again.", "/pagination/next");
    seen.add(next);
    query = queryOf(next);
  }
  throw new ProviderContractBroken(`Fitbit gives more than ${MOST_PAGES} pages of activities.`, "/pagination/next");
}

/** What has no readable start is kept, for the mapping to report. */
function isBefore(activity: unknown, ms: number): boolean {
  const start = isObject(activity) ? activity["startTime"] : undefined;
  const time = typeof start === "string" ? parseTime(start) : null;
  return !time || time.wallMs - (time.offsetMinutes ?? 0) * MINUTE_MS < ms;
}

/** The address of the next page is believed in its parameters only: where to ask is our business (OA-26). */
function queryOf(next: string): Record<string, string> {
  const url = URL.parse(next, "https://api.fitbit.com");
  if (!url) throw new ProviderContractBroken("The address of the next page of activities is none.", "/pagination/next");
  return Object.fromEntries(url.searchParams);
}

/**
 * Calls one after the other, as long as the person's budget lasts: Fitbit tells with each answer how many calls are left and when there are new ones, and
 * blocks for the hour whoever goes on.
 */
function pacedFetch(call: DriverCall): (path: string, options?: AuthorizedFetchOptions) => Promise<VendorResponse> {
  let untilMs: number | null = null;
  return async (path, options) => {
    call.signal.throwIfAborted();
    if (untilMs !== null) throw new ProviderRateLimited("The person's calls to Fitbit are used up for this hour.", untilMs);
    const answer = await call.fetch(path, options);
    const left = looseNumber(answer.headers["fitbit-rate-limit-remaining"]);
    if (left !== null && left <= 0) untilMs = resetMs(answer.headers["fitbit-rate-limit-reset"], call.nowMs);
    return answer;
  };
}

/** Seconds until new calls are there; an epoch in some sources' words. An hour where it says nothing. */
function resetMs(header: string | undefined, nowMs: number): number {
  const seconds = looseNumber(header) ?? Number.NaN;
  const atMs = seconds > 1e9 ? seconds * 1_000 : nowMs + seconds * 1_000;
  return atMs > nowMs && atMs <= nowMs + HOUR_MS ? atMs : nowMs + HOUR_MS;
}

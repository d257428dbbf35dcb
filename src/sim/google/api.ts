/** Google's data doors. vendors/google-health.md, Data endpoints. */

import { addDays, DAY_MS, localDay, MINUTE_MS, parseInstant } from "#units/time.ts";
import { z } from "zod";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, json, jsonOf } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import type { Counter } from "../limits.ts";
import type { Person } from "../people/person.ts";
import { hashOf } from "../people/rng.ts";
import type { Grant } from "../tokens.ts";
import { parseFilter } from "./filter.ts";
import { tcxOf } from "./logs.ts";
import { readScope } from "./oauth.ts";
import { devicesOf, identityOf, profileOf, rhythmProfile, settingsOf } from "./person.ts";
import type { Place } from "./points.ts";
import { dataPoint, familyOf, joinedMs, pageOf, pointById, pointsBetween, reconciledPoint } from "./points.ts";
import { exhausted, googleRefusal, invalidArgument, notFound, scopeMissing, unauthenticated } from "./refusal.ts";
import { longestRangeDays, rollUpOf } from "./rollup.ts";
import { civilDate, instant } from "./times.ts";
import { healthType, keyOf } from "./types.ts";
import type { GoogleWorld, HealthType } from "./world.ts";

const USER = "/v4/users/:user";
const POINTS = `${USER}/dataTypes/:type/dataPoints`;
const USUAL_SIZE = 1440;
const MOST_SIZE = 10_000;
/** Page size of sleep and exercise, usual and most. */
const SESSION_SIZE = 25;

interface Visit extends GoogleWorld {
  readonly call: Call;
  readonly grant: Grant;
  readonly person: Person;
}

interface TypeVisit extends Visit {
  readonly type: HealthType;
}

export function googleApiRoutes(world: GoogleWorld): Route[] {
  const { context } = world;
  const counters = new Map<string, Counter>();
  const isOver = (person: Person): boolean => {
    const counter = counters.get(person.who.id) ?? createCounter(() => context.now(), [MINUTE_MS]);
    counters.set(person.who.id, counter);
    return (counter.count()[0] ?? 0) > Number(context.position("callsPerMinute"));
  };
  const visited = (handle: (visit: Visit) => Answer): Route["handle"] => (call) => {
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return unauthenticated();
    const person = knownPerson(context, grant.personId);
    if (isOver(person)) return exhausted(Math.ceil((MINUTE_MS - (context.now() % MINUTE_MS)) / 1000));
    if (call.params["user"] !== "me") return invalidArgument("The user must be \"me\".");
    return accountProblem(context.position("account")) ?? handle({ ...world, call, grant, person });
  };
  const typed = (handle: (visit: TypeVisit) => Answer): Route["handle"] => visited((visit) => {
    const type = healthType(visit.call.params["type"] ?? "");
    if (!type) return invalidArgument(`Unknown data type.`);
    return may(visit, type.scope) ? handle({ ...visit, type }) : scopeMissing();
  });
  const about = (path: string, isLet: (visit: Visit) => boolean, tell: (visit: Visit) => object): Route => ({
    method: "GET", path: `${USER}/${path}`, door: "data", handle: visited((visit) => (isLet(visit) ? json(200, tell(visit)) : scopeMissing())),
  });
  const has = (family: string) => (visit: Visit): boolean => may(visit, family);
  return [
    // The document names any scope; clients without the profile's have been refused.
    about("identity", (visit) => may(visit, "profile") || context.position("identityNeeds") === "any scope", ({ person }) => identityOf(context, person)),
    about("profile", has("profile"), ({ person }) => profileOf(context, person)),
    about("settings", has("settings"), ({ person }) => settingsOf(context, person)),
    about("pairedDevices", has("settings"), ({ person }) => ({ pairedDevices: devicesOf(context, person) })),
    about("irnProfile", has("irn"), ({ person }) => rhythmProfile(context, person)),
    { method: "GET", path: POINTS, door: "data", handle: typed((visit) => listed(visit, "list")) },
    { method: "GET", path: `${POINTS}::reconcile`, door: "data", handle: typed((visit) => listed(visit, "reconcile")) },
    { method: "POST", path: `${POINTS}::rollUp`, door: "data", handle: typed(rolledUp) },
    { method: "POST", path: `${POINTS}::dailyRollUp`, door: "data", handle: typed(rolledUpByDay) },
    { method: "GET", path: `${POINTS}/:id`, door: "data", handle: typed(one) },
    // Nobody here is asked for a write scope.
    ...writes().map(({ method, path }): Route => ({ method, path, door: "data", handle: typed(scopeMissing) })),
  ];
}

function writes(): Pick<Route, "method" | "path">[] {
  return [{ method: "POST", path: POINTS }, { method: "PATCH", path: `${POINTS}/:id` }, { method: "POST", path: `${POINTS}::batchDelete` }];
}

function may({ grant }: Visit, family: string): boolean {
  return grant.scopes.includes(readScope(family));
}

function accountProblem(position: string): Answer | null {
  if (position === "not linked") return invalidArgument("The Google account is not linked to a Google Health profile.", "ACCOUNT_NOT_LINKED");
  if (position === "half migrated") return googleRefusal({ code: 403, status: "PERMISSION_DENIED", message: "The caller does not have permission.", reason: "RESOURCE_PERMISSION_DENIED" });
  return null;
}

function sizeOf(text: string | null, isSession: boolean): number | null {
  const [usual, most] = isSession ? [SESSION_SIZE, SESSION_SIZE] : [USUAL_SIZE, MOST_SIZE];
  if (text === null || text === "" || text === "0") return usual;
  // Too much is cut, not refused.
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), most) : null;
}

function listed(visit: TypeVisit, kind: "list" | "reconcile"): Answer {
  const { context, call, person, type } = visit;
  if (type.isRolledUpOnly || (kind === "reconcile" && !type.isReconciled)) return invalidArgument(`The data type ${type.name} does not support ${kind}.`);
  const text = call.query.get("filter") ?? "";
  const filter = parseFilter(type, text, person.who.zone, { fromMs: joinedMs(person), toMs: context.now() });
  if (!filter) return invalidArgument("The filter does not fit the data type.", "INVALID_DATA_POINT_FILTER");
  const family = call.query.get("dataSourceFamily") ?? "";
  const sources = kind === "list" ? null : familyOf(family);
  if (kind === "reconcile" && !sources) return invalidArgument("Unknown data source family.");
  const size = sizeOf(call.query.get("pageSize"), type.name === "sleep" || type.name === "exercise");
  // All else must be as at the first call.
  const mark = hashOf(kind, type.name, text, family, person.who.id).toString(36);
  const token = call.query.get("pageToken") ?? "";
  const from = token === "" ? null : placeIn(token, mark);
  if (size === null || (token !== "" && !from)) return invalidArgument("Invalid page size or page token.");
  const { points, next } = pageOf(visit, person, type, { filter, sources, from, size });
  const show = kind === "list" ? dataPoint : reconciledPoint;
  // The last page has an empty token for some and none for others.
  const last = person.who.index % 2 === 0 ? {} : { nextPageToken: "" };
  return json(200, { ...(points.length > 0 ? { dataPoints: points.map((point) => show(visit, person, type, point)) } : {}), ...(next ? { nextPageToken: tokenOf(next, mark) } : last) });
}

function tokenOf({ date, given }: Place, mark: string): string {
  return Buffer.from(`${mark}.${date}.${given}`).toString("base64url");
}

function placeIn(token: string, mark: string): Place | null {
  const [, of, date = "", given] = /^([0-9a-z]+)\.(\d{4}-\d{2}-\d{2})\.(\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8")) ?? [];
  return of === mark ? { date, given: Number(given) } : null;
}

/** One point, or an exercise as a file: `{id}:exportExerciseTcx` shares the path. */
function one(visit: TypeVisit): Answer {
  const { person, call, type } = visit;
  const [id = "", action] = (call.params["id"] ?? "").split(":");
  const point = pointById(visit, person, type, id);
  if (!point) return type.hasNames ? notFound("The data point was not found.") : invalidArgument(`Data points of ${type.name} have no names.`);
  if (action === undefined) return json(200, dataPoint(visit, person, type, point));
  if (action !== "exportExerciseTcx" || type.name !== "exercise") return notFound("The requested URL was not found on this server.");
  if (!may(visit, "location")) return scopeMissing();
  const workout = person.workoutsBetween(point.startMs, point.startMs)[0];
  const hasGps = (point.fields["exerciseMetadata"] as { hasGps?: true }).hasGps === true;
  if (!workout || (!hasGps && call.query.get("partialData") !== "true")) return notFound("The exercise has no route.");
  const tcxData = tcxOf(person, workout);
  return call.query.get("alt") === "media" ? { status: 200, type: "application/vnd.garmin.tcx+xml", body: tcxData } : json(200, { tcxData });
}

const paging = { pageSize: z.int().min(0).optional(), pageToken: z.string().optional(), dataSourceFamily: z.string().optional() };
const rollUpSchema = z.object({ range: z.object({ startTime: z.string(), endTime: z.string() }), windowSize: z.string().regex(/^\d{1,9}s$/), ...paging });

interface RangeWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly times: object;
}

function rolledUp(visit: TypeVisit): Answer {
  const asked = rollUpSchema.safeParse(jsonOf(visit.call));
  if (!asked.success) return invalidArgument("range with startTime and endTime, and windowSize in seconds are required.");
  const { range, windowSize, pageSize = 0, pageToken = "" } = asked.data;
  const [from, to] = [parseInstant(range.startTime), parseInstant(range.endTime)];
  const windowMs = Number(windowSize.slice(0, -1)) * 1000;
  if (!from || !to || to.ms <= from.ms || windowMs < 1000) return invalidArgument("The range must have a start before its end, and windows of a second or more.");
  if (to.ms - from.ms > longestRangeDays(visit.type.name) * DAY_MS) return invalidArgument("The range is too long for the data type.");
  const first = /^\d{1,9}$/.test(pageToken) ? Number(pageToken) : pageToken === "" ? 0 : -1;
  if (first < 0) return invalidArgument("Invalid page token.");
  const size = sizeOf(String(pageSize), false) ?? USUAL_SIZE;
  const all: RangeWindow[] = [];
  for (let fromMs = from.ms; fromMs < to.ms; fromMs += windowMs) {
    const toMs = Math.min(fromMs + windowMs, to.ms);
    all.push({ fromMs, toMs, times: { startTime: instant(fromMs), endTime: instant(toMs) } });
  }
  const page = all.slice(first, first + size);
  return rollUpAnswer(visit, page, asked.data.dataSourceFamily, { isDaily: false, nextPageToken: first + size < all.length ? String(first + size) : null });
}

const civilSchema = z.object({ date: z.object({ year: z.int(), month: z.int(), day: z.int() }), time: z.object({ hours: z.int().optional(), minutes: z.int().optional() }).optional() });
const dailySchema = z.object({ range: z.object({ start: civilSchema, end: civilSchema }), windowSizeDays: z.int().min(1).optional(), ...paging });

function rolledUpByDay(visit: TypeVisit): Answer {
  const { person: { who: { zone } }, type } = visit;
  const asked = dailySchema.safeParse(jsonOf(visit.call));
  if (!asked.success) return invalidArgument("range with start and end dates is required.");
  const { range, windowSizeDays = 1 } = asked.data;
  const dateOf = ({ date }: z.infer<typeof civilSchema>): string => [date.year, date.month, date.day].map((part, index) => String(part).padStart(index === 0 ? 4 : 2, "0")).join("-");
  const [first, last] = [dateOf(range.start), dateOf(range.end)];
  const hasClock = [range.start, range.end].some(({ time }) => (time?.hours ?? 0) + (time?.minutes ?? 0) > 0);
  if (!localDay(zone, first) || !localDay(zone, last) || first >= last || hasClock) return invalidArgument("The range must be whole days, its start before its end.");
  if (addDays(first, longestRangeDays(type.name)) < last) return invalidArgument("The range is too long for the data type.");
  const page: RangeWindow[] = [];
  for (let date = first; date < last; date = addDays(date, windowSizeDays)) {
    const next = addDays(date, windowSizeDays) < last ? addDays(date, windowSizeDays) : last;
    const [from, to] = [localDay(zone, date), localDay(zone, next)];
    if (from && to) page.push({ fromMs: from.fromMs, toMs: to.fromMs, times: { civilStartTime: { date: civilDate(date) }, civilEndTime: { date: civilDate(next) } } });
  }
  return rollUpAnswer(visit, page, asked.data.dataSourceFamily, { isDaily: true, nextPageToken: null });
}

/** Windows without data are left out. */
function rollUpAnswer(visit: TypeVisit, windows: readonly RangeWindow[], family = "", { isDaily, nextPageToken }: { isDaily: boolean; nextPageToken: string | null }): Answer {
  const { person, type } = visit;
  const rollUp = rollUpOf(type.name, keyOf(type), isDaily);
  const sources = familyOf(family);
  if (!rollUp || !sources) return invalidArgument(`The data type ${type.name} does not support this rollup, or the data source family is unknown.`);
  const [first, last] = [windows[0], windows.at(-1)];
  const points = first && last ? pointsBetween(visit, person, type, { fromMs: Math.max(first.fromMs, joinedMs(person)), toMs: last.toMs }).filter(({ source }) => sources.includes(source)) : [];
  const inOrder = points.toSorted((one, other) => one.startMs - other.startMs);
  let next = 0;
  const rollupDataPoints = windows.flatMap(({ toMs, times }) => {
    const begin = next;
    while (next < inOrder.length && inOrder[next]!.startMs < toMs) next++;
    return next > begin ? [{ ...times, [rollUp.key]: rollUp.fold(inOrder.slice(begin, next)) }] : [];
  });
  return json(200, { ...(rollupDataPoints.length > 0 ? { rollupDataPoints } : {}), ...(nextPageToken === null ? {} : { nextPageToken }) });
}


/** Garmin's data doors: who the user is, back-fill, and pulls for ping mode. vendors/garmin.md, Data endpoints. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, binary, empty, json, retryAfter } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import type { Counter } from "../limits.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";
import { longestWindowDays, modeOf } from "./modes.ts";
import type { Notifier } from "./notify.ts";
import { garminUserId, summariesBetween } from "./summaries.ts";
import type { GarminType } from "./types.ts";
import { garminType } from "./types.ts";

const ROOT = "/wellness-api/rest";
const LONGEST_PULL_SECONDS = 86_400;
/** Unix seconds stay below this until the year 5138; milliseconds never were. */
const FIRST_MILLISECONDS = 100_000_000_000;
const BACKFILL_DELAY_MS = 2_000;
/** What "one month since the first connection" reaches back to. */
const SHORT_HISTORY_MS = 30 * DAY_MS;

/** Ranges already asked of back-fill. */
const askedSchema = z.object({ backfills: z.array(z.object({ type: z.string(), from: z.number(), to: z.number() })) });
type Asked = z.infer<typeof askedSchema>;

interface Backfill {
  readonly asked: (grant: Grant) => Asked;
  readonly days: Counter;
}

interface Visit {
  readonly context: CloudContext;
  readonly notifier: Notifier;
  readonly call: Call;
  readonly grant: Grant;
  readonly person: Person;
}

export function garminApiRoutes(context: CloudContext, notifier: Notifier): Route[] {
  const before: Backfill = {
    asked: context.ofGrant(askedSchema, () => ({ backfills: [] })),
    days: createCounter(() => context.now(), [MINUTE_MS]),
  };
  const visited = (handle: (visit: Visit) => Answer): Route["handle"] => (call) => {
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return garminRefusal(401, "Unauthorized: the access token is unknown or has expired");
    return handle({ context, notifier, call, grant, person: knownPerson(context, grant.personId) });
  };
  return [
    { method: "GET", path: `${ROOT}/user/id`, door: "data", handle: visited(({ person }) => json(200, { userId: garminUserId(context, person) })) },
    { method: "GET", path: `${ROOT}/user/permissions`, door: "data", handle: visited(permissions) },
    { method: "DELETE", path: `${ROOT}/user/registration`, door: "data", handle: visited(deregister) },
    { method: "GET", path: `${ROOT}/backfill/:type`, door: "data", handle: visited((visit) => backfill(visit, before)) },
    { method: "GET", path: `${ROOT}/activityFile`, door: "data", handle: visited(file) },
    { method: "GET", path: `${ROOT}/:type`, door: "data", handle: visited(pull) },
  ];
}

/** The guide prints a bare array, code bases see an object; here it depends on whom you ask. Just after the consent the list may lag behind it. */
function permissions({ context, grant, person }: Visit): Answer {
  const isTold = context.now() >= grant.sinceMs + Number(context.position("permissionsAfterSeconds")) * 1000;
  const told = isTold ? grant.scopes : [];
  return json(200, person.who.index % 2 === 0 ? { permissions: told } : told);
}

function deregister({ context, notifier, person }: Visit): Answer {
  context.grants.revoke(person.who.id);
  context.outbox.drop(person.who.id);
  notifier.deregistered(person, context.now() + 1_000);
  return empty(204);
}

function secondsOf(call: Call, name: string): number | null {
  const text = call.query.get(name);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function backfill({ context, notifier, call, grant, person }: Visit, before: Backfill): Answer {
  const type = garminType(call.params["type"] ?? "");
  if (!type?.hasBackfill || modeOf(context, type) === "off") return garminRefusal(400, "Endpoint not enabled for summary type");
  const from = secondsOf(call, "summaryStartTimeInSeconds");
  const to = secondsOf(call, "summaryEndTimeInSeconds");
  const problem = windowProblem(context, grant, type, { from, to });
  if (problem || from === null || to === null) return garminRefusal(400, problem ?? "Missing time range parameters");
  if (!grant.scopes.includes(type.permission)) return garminRefusal(412, `User has not granted ${type.permission}`);
  if (!grant.scopes.includes("HISTORICAL_DATA_EXPORT")) return garminRefusal(403, "User has not granted HISTORICAL_DATA_EXPORT");
  const { backfills } = before.asked(grant);
  if (backfills.some((known) => known.type === type.key && known.from <= from && known.to >= to)) {
    return garminRefusal(409, "Duplicate backfill request: this range was already requested");
  }
  const [days = 0] = before.days.count((to - from) / 86_400);
  if (days > Number(context.position("backfillDaysPerMinute"))) return garminRefusal(429, "Backfill rate limit exceeded");
  backfills.push({ type: type.key, from, to });
  const window = { fromMs: from * 1000, toMs: to * 1000 };
  const told = type.key === "activities" ? [type, garminType("manuallyUpdatedActivities")!] : [type];
  for (const one of told) notifier.tell(person, one, summariesBetween(context, person, one, window), context.now() + BACKFILL_DELAY_MS);
  return empty(202);
}

function windowProblem(context: CloudContext, grant: Grant, type: GarminType, { from, to }: { from: number | null; to: number | null }): string | null {
  if (from === null || to === null) return "Missing time range parameters";
  if (from >= FIRST_MILLISECONDS || to >= FIRST_MILLISECONDS) return "Times must be in seconds";
  if (to <= from) return "The end time must be after the start time";
  const longestDays = longestWindowDays(context, type);
  if (to - from > longestDays * 86_400) return `The time range must not exceed ${longestDays} days`;
  const isShort = context.position("backfillHistory") === "one month";
  const earliest = Math.floor((isShort ? grant.sinceMs - SHORT_HISTORY_MS : context.now() - type.historyDays * DAY_MS) / 1000);
  return from < earliest ? `Start time must not be before the minimum start time of ${earliest}` : null;
}

function pull({ notifier, call, person }: Visit): Answer {
  const type = garminType(call.params["type"] ?? "");
  if (!type?.modes.includes("ping")) return garminRefusal(404, "Not found");
  const from = secondsOf(call, "uploadStartTimeInSeconds");
  const to = secondsOf(call, "uploadEndTimeInSeconds");
  if (from === null || to === null || to <= from) return garminRefusal(400, "Missing or invalid upload time range");
  if (to - from > LONGEST_PULL_SECONDS) return garminRefusal(400, "The upload time range must not exceed 86400 seconds");
  const ticket = notifier.take(call.query.get("token") ?? "", person, type);
  if (!ticket) return garminRefusal(400, "InvalidPullTokenException: a valid pull token is required");
  const isWithin = from <= ticket.fromSeconds && to >= ticket.toSeconds;
  return json(200, isWithin ? ticket.records : []);
}

/** An activity's file: one download for each address. */
function file({ notifier, call, person }: Visit): Answer {
  const found = notifier.takeFile(call.query.get("token") ?? "", person, call.query.get("id") ?? "");
  if (found === null) return garminRefusal(400, "InvalidPullTokenException: a valid pull token is required");
  return found === "gone" ? garminRefusal(410, "The file was downloaded before") : binary("application/vnd.garmin.tcx+xml", new TextEncoder().encode(found));
}

export function garminRefusal(status: number, message: string, retryAfterSeconds?: number): Answer {
  return json(status, { errorMessage: message }, retryAfter(retryAfterSeconds));
}

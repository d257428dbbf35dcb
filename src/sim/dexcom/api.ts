/** Dexcom's data doors. vendors/dexcom.md, Data endpoints. */

import { DAY_MS, HOUR_MS, MINUTE_MS, parseInstant, parseTime } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, json, retryAfter } from "../exchange.ts";
import { createCounter } from "../limits.ts";
import type { Person } from "../people/person.ts";
import { hexOf } from "../people/rng.ts";
import { sessionAt } from "../people/sensor.ts";
import { alertRecords } from "./alerts.ts";
import { deviceRecord } from "./devices.ts";
import { calibrationRecords, calibrationsBetween } from "./calibrations.ts";
import { eventRecords } from "./events.ts";
import { egvRecords } from "./readings.ts";
import { timesOf } from "./times.ts";

const LONGEST_WINDOW_MS = 30 * DAY_MS;

interface Visit {
  readonly context: CloudContext;
  readonly call: Call;
  readonly person: Person;
  readonly userId: string;
  /** Only what lies before this is in the cloud yet. */
  readonly visibleMs: number;
}

type Lister = (visit: Visit, fromMs: number, toMs: number) => unknown[];

/** The same for this client for ever, another for another client: 64 hexadecimal digits. */
export function dexcomUserId(context: CloudContext, person: Person): string {
  return hexOf(64, context.seed, "dexcom", context.client.clientId, person.who.id);
}

export function dexcomApiRoutes(context: CloudContext): Route[] {
  const calls = createCounter(() => context.now(), [HOUR_MS]);
  const visited = (handle: (visit: Visit) => Answer): Route["handle"] => (call) => {
    const [count = 0] = calls.count();
    if (count > Number(context.position("callsPerHour"))) return dexcomRefusal(429);
    const grant = context.grants.find(bearer(call) ?? "");
    if (!grant) return dexcomRefusal(401);
    const person = knownPerson(context, grant.personId);
    return handle({ context, call, person, userId: dexcomUserId(context, person), visibleMs: visibleUntilMs(context, person) });
  };
  const list = (name: string, recordType: string, records: Lister): Route => ({
    method: "GET", path: `/v3/users/self/${name}`, door: "data", handle: visited((visit) => listed(visit, recordType, records)),
  });
  return [
    { method: "GET", path: "/v3/users/self/dataRange", door: "data", handle: visited(dataRange) },
    list("egvs", "egv", ({ context, person, visibleMs }, fromMs, toMs) => egvRecords(context, person, fromMs, Math.min(toMs, visibleMs))),
    list("events", "event", ({ context, person, visibleMs }, fromMs, toMs) => eventRecords(context, person, { fromMs, toMs, visibleMs })),
    list("calibrations", "calibration", ({ context, person, visibleMs }, fromMs, toMs) => calibrationRecords(context, person, fromMs, Math.min(toMs, visibleMs))),
    list("alerts", "alert", ({ context, person, visibleMs }, fromMs, toMs) => alertRecords(context, person, fromMs, Math.min(toMs, visibleMs))),
    {
      method: "GET", path: "/v3/users/self/devices", door: "data",
      handle: visited((visit) => json(200, envelope(visit, "device", [deviceRecord(visit.context, visit.person, visit.visibleMs)]))),
    },
  ];
}

function visibleUntilMs(context: CloudContext, person: Person): number {
  const delayedMs = context.now() - Number(context.position("delayMinutes")) * MINUTE_MS;
  const isHeldBack = person.who.cgm.displayDevice === "receiver" && context.position("receiverUploads") === "each session";
  // Uploaded when the sensor is changed: what the one in use has measured is still in the receiver.
  return isHeldBack ? Math.min(delayedMs, sessionAt(context.seed, person.who, context.now()).startMs) : delayedMs;
}

function envelope({ userId }: Visit, recordType: string, records: unknown[]): object {
  return { recordType, recordVersion: "3.0", userId, records };
}

function listed(visit: Visit, recordType: string, records: Lister): Answer {
  const fromMs = queryTime(visit.call.query.get("startDate"));
  const toMs = queryTime(visit.call.query.get("endDate"));
  if (fromMs === null || toMs === null) return badRequest("startDate and endDate are required, as YYYY-MM-DDTHH:mm:ss in UTC without an offset.");
  if (toMs <= fromMs) return badRequest("endDate must be after startDate.");
  if (toMs - fromMs > LONGEST_WINDOW_MS) return badRequest("The window must not be longer than 30 days.");
  return json(200, envelope(visit, recordType, records(visit, fromMs, toMs)));
}

function queryTime(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text)) return null;
  return parseTime(text)?.wallMs ?? null;
}

function dataRange(visit: Visit): Answer {
  const { context, person, call, visibleMs } = visit;
  const asked = call.query.get("lastSyncTime");
  const since = asked === null ? null : parseInstant(asked);
  if (asked !== null && since === null) return badRequest("lastSyncTime must carry an offset, for example 2026-01-05T09:12:35Z.");
  const series = context.given(person);
  const beginMs = Math.max(since?.ms ?? 0, series?.readings[0]?.atMs ?? Date.parse(`${person.who.cgm.since}T00:00:00Z`));
  const section = (records: readonly { atMs: number }[]): object | undefined => {
    const first = records[0];
    const last = records.at(-1);
    return first && last ? { start: timesOf(context, person, first.atMs), end: timesOf(context, person, last.atMs) } : undefined;
  };
  // The ends are looked up near the ends: the middle of a long history does not matter here.
  const ends = <T extends { atMs: number }>(find: (fromMs: number, toMs: number) => T[]): T[] => {
    const lastDays = find(Math.max(beginMs, visibleMs - 5 * DAY_MS), visibleMs);
    const firstDays = find(beginMs, Math.min(visibleMs, beginMs + 5 * DAY_MS));
    return series ? find(beginMs, visibleMs) : [...firstDays.slice(0, 1), ...lastDays.slice(-1)];
  };
  const egvs = section(ends((fromMs, toMs) => context.sensed(person, fromMs, toMs)));
  const hasEvents = person.who.cgm.hasEvents && !series;
  const events = hasEvents ? section(ends((fromMs, toMs) => person.treatments(fromMs, toMs))) : undefined;
  const calibrations = series ? undefined : section(ends((fromMs, toMs) => calibrationsBetween(context, person, fromMs, toMs)));
  return json(200, { recordType: "dataRange", recordVersion: "3.0", userId: visit.userId, calibrations, egvs, events });
}

function badRequest(reason: string): Answer {
  return json(400, { errors: [{ message: reason }] });
}

/** Dexcom's words for a refusal at the gate. The error body is undocumented; the gateway form is the one reported. */
export function dexcomRefusal(status: number, retryAfterSeconds?: number): Answer {
  const words: Record<number, string> = { 401: "Invalid or expired access token", 404: "The resource is not found", 429: "Rate limit quota violation" };
  return json(status, { fault: { faultstring: words[status] ?? "The service is not available", detail: { errorcode: `gateway.${status}` } } }, retryAfter(retryAfterSeconds));
}

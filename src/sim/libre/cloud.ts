/** LibreLinkUp's cloud. Written from vendors/abbott-libre.md. */

import { createHash } from "node:crypto";
import { DAY_MS, HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import { z } from "zod";
import type { Cloud, CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import { bearer, header, json, jsonFields, type Answer, type Call, type Route } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt, uuidOf } from "../people/rng.ts";
import { sessionAt } from "../people/sensor.ts";

const MINIMUM_VERSION = "4.16.0";
const TICKET_SECONDS = 15_552_000;
const GRAPH_MS = 12 * HOUR_MS;
const LOGBOOK_MS = 14 * DAY_MS;
const SMOOTHED_MS = 5 * MINUTE_MS;
const MG_DL_PER_MMOL_L = 18.0156;
const LOCKOUT_SECONDS = 300;

/** The follower's own account; the wearer has another id. */
export function followerIdOf(context: CloudContext, person: Person): string {
  return uuidOf(context.seed, "libre-follower", person.who.id);
}

export function patientIdOf(context: CloudContext, person: Person): string {
  return uuidOf(context.seed, "libre-patient", person.who.id);
}

export const libre: Cloud = {
  id: "libre",
  name: "FreeStyle Libre (LibreLinkUp)",
  tokens: { codeSeconds: 60, accessSeconds: TICKET_SECONDS, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none" },
  delivery: null,
  switches: [
    { name: "minimumVersion", label: "Oldest version that is let in", positions: ["4.16.0", "4.99.1"], initial: MINIMUM_VERSION },
    { name: "step", label: "What stands before the sign-in", positions: ["nothing", "tou", "pp", "verifyEmail"], initial: "nothing" },
    { name: "redirect", label: "The account lives in another region", positions: ["on", "off"], initial: "on" },
    { name: "follows", label: "People that the account follows", positions: ["one", "nobody", "two"], initial: "one" },
  ],
  hasAccounts: true,
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "rate_limited") return json(429, { status: 429, message: "Too Many Requests" }, refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) });
    if (refusal.kind === "server_error") return { status: refusal.status, type: "text/html", body: "<html><title>Error</title><body>cloudflare</body></html>" };
    if (refusal.kind === "invalid_grant") return json(200, { status: 2, error: { message: "notAuthenticated" } });
    return json(404, { message: "Not Found" });
  },
  create(context) {
    const kept = context.keep(z.object({ wrong: z.record(z.string(), z.array(z.number())), redirected: z.array(z.string()) }), { wrong: {}, redirected: [] });
    const guarded = (handle: (person: Person) => Answer): Route["handle"] => (call) => {
      const gate = gateOf(context, call);
      if (gate) return gate;
      const grant = context.grants.find(bearer(call) ?? "");
      if (!grant) return json(401, { message: "missing or malformed jwt" });
      const person = knownPerson(context, grant.personId);
      const expected = createHash("sha256").update(followerIdOf(context, person)).digest("hex");
      if (header(call, "account-id") !== expected) return json(400, { message: "RequiredHeaderMissing" });
      return handle(person);
    };
    const wearer = (call: Call, handle: (person: Person) => object): Answer | Promise<Answer> =>
      guarded((follower) => {
        const person = followedBy(context, follower).find((one) => patientIdOf(context, one) === call.params["patient"]);
        return person ? json(200, { status: 0, data: handle(person), ticket: {} }) : json(200, { status: 4, error: { message: "couldNotLoadPatient" } });
      })(call);
    return {
      routes: [
        { method: "POST", path: "/llu/auth/login", door: "token", handle: (call) => gateOf(context, call) ?? login(context, call, kept) },
        { method: "GET", path: "/llu/connections", door: "data", handle: guarded((follower) => json(200, { status: 0, data: followedBy(context, follower).map((one) => connectionOf(context, one)), ticket: {} })) },
        { method: "GET", path: "/llu/connections/:patient/graph", door: "data", handle: (call) => wearer(call, (person) => graphOf(context, person)) },
        { method: "GET", path: "/llu/connections/:patient/logbook", door: "data", handle: (call) => wearer(call, (person) => logbookOf(context, person)) },
      ],
      facts: (person) => ({ userId: patientIdOf(context, person) }),
    };
  },
};

function followedBy(context: CloudContext, follower: Person): Person[] {
  const how = context.position("follows");
  const others = context.people.filter((person) => person !== follower).slice(0, 1);
  return how === "nobody" ? [] : how === "two" ? [follower, ...others] : [follower];
}

/** Null for a call that may enter. */
function gateOf(context: CloudContext, call: Call): Answer | null {
  if (header(call, "product") === "" || header(call, "version") === "") return json(400, { message: "RequiredHeaderMissing" });
  const minimum = context.position("minimumVersion");
  return isOlder(header(call, "version"), minimum) ? json(403, { status: 920, data: { minimumVersion: minimum } }) : null;
}

function isOlder(version: string, minimum: string): boolean {
  const [given, wanted] = [version, minimum].map((text) => text.split(".").map(Number));
  for (const [index, part] of (wanted ?? []).entries()) {
    const own = given?.[index] ?? 0;
    if (own !== part) return own < part;
  }
  return false;
}

function login(context: CloudContext, call: Call, kept: { wrong: Record<string, number[]>; redirected: string[] }): Answer {
  const fields = jsonFields(call);
  const email = fields?.get("email") ?? "";
  const recent = (kept.wrong[email] ?? []).filter((atMs) => atMs > context.now() - LOCKOUT_SECONDS * 1000);
  if (recent.length >= 3) return json(200, { status: 429, data: { code: 60, data: { failures: recent.length, interval: 60, lockout: LOCKOUT_SECONDS }, message: "locked" } });
  const person = context.accounts.signIn(email, fields?.get("password") ?? "");
  if (!person) {
    kept.wrong[email] = [...recent, context.now()];
    return json(200, { status: 2, error: { message: "notAuthenticated" } });
  }
  const step = context.position("step");
  if (step !== "nothing") return json(200, { status: 4, data: { step: { type: step, componentName: "AcceptDocument" }, authTicket: { token: "short-lived", expires: 0 } } });
  // All hosts are one here: the region is named to each visitor once.
  if (context.position("redirect") === "on" && !kept.redirected.includes(email)) {
    kept.redirected.push(email);
    return json(200, { status: 0, data: { redirect: true, region: "de" } });
  }
  const { tokens } = context.grants.open(person.who.id, []);
  return json(200, {
    status: 0,
    data: {
      user: { id: followerIdOf(context, person), firstName: person.who.name, lastName: "", email, country: "DE", uom: "1", accountType: "pat" },
      authTicket: { token: tokens.accessToken, expires: Math.floor(tokens.accessExpiresMs / 1000), duration: TICKET_SECONDS * 1000 },
    },
  });
}

interface Seen {
  readonly atMs: number;
  readonly mgDl: number;
  readonly rate: number | null;
}

function itemOf(person: Person, { atMs, mgDl }: Seen, type: number): Record<string, unknown> {
  const value = Math.max(40, Math.min(500, mgDl));
  const usesMmol = person.who.zone.startsWith("Europe/London");
  return {
    FactoryTimestamp: clock(atMs), Timestamp: clock(atMs + offsetMinutesAt(person.who.zone, atMs) * MINUTE_MS), type, ValueInMgPerDl: value,
    MeasurementColor: value < 70 || value > 240 ? 3 : 1, GlucoseUnits: usesMmol ? 0 : 1, Value: usesMmol ? Math.round((value / MG_DL_PER_MMOL_L) * 10) / 10 : value,
    isHigh: value > 240, isLow: value < 70,
  };
}

/** Month first, twelve hours, no zone. */
function clock(ms: number): string {
  const at = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, "0");
  const hour = at.getUTCHours();
  return `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${hour % 12 || 12}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}

function seenBetween(context: CloudContext, person: Person, fromMs: number, toMs: number): Seen[] {
  return context.sensed(person, fromMs, toMs).map(({ atMs, mgDl, rate }) => ({ atMs: Math.floor(atMs / 1000) * 1000, mgDl, rate }));
}

function connectionOf(context: CloudContext, person: Person): object {
  const now = context.now();
  const last = seenBetween(context, person, now - 20 * MINUTE_MS, now).at(-1);
  const size = Math.abs(last?.rate ?? 0);
  const steps = size >= 2 ? 2 : size >= 1 ? 1 : 0;
  const arrow = last === undefined || last.rate === null ? 0 : 3 + Math.sign(last.rate) * steps;
  const current = last ? { ...itemOf(person, last, 1), TrendArrow: arrow, TrendMessage: null } : null;
  const session = sessionAt(context.seed, person.who, now);
  return {
    id: uuidOf(context.seed, "libre-connection", person.who.id), patientId: patientIdOf(context, person), country: "DE", status: 2, firstName: person.who.name, lastName: "",
    targetLow: 70, targetHigh: 180, uom: 1, sensor: { deviceId: "", sn: `MH${String(session.number).padStart(8, "0")}`, a: Math.floor(session.startMs / 1000), w: 60, pt: 4, s: true, lj: false },
    glucoseMeasurement: current,
    // The same reading again, now and then with another arrow.
    glucoseItem: current && uniformAt(hashOf(context.seed, person.who.id, "arrow"), Math.floor(now / MINUTE_MS)) < 0.1 ? { ...current, TrendArrow: 3 } : current,
    created: Math.floor(session.startMs / 1000),
  };
}

/** Twelve hours that lag a little behind the current reading. */
function graphOf(context: CloudContext, person: Person): object {
  const toMs = context.now() - 2 * SMOOTHED_MS;
  return { connection: connectionOf(context, person), activeSensors: [], graphData: seenBetween(context, person, context.now() - GRAPH_MS, toMs).map((seen) => itemOf(person, seen, 0)) };
}

/** Scans and alarms: what was low or high, and a look now and then. */
function logbookOf(context: CloudContext, person: Person): object[] {
  const key = hashOf(context.seed, person.who.id, "libre-scans");
  return seenBetween(context, person, context.now() - LOGBOOK_MS, context.now())
    .filter(({ atMs, mgDl }) => mgDl < 65 || mgDl > 300 || uniformAt(key, Math.floor(atMs / 1000)) < 0.03)
    .map((seen) => itemOf(person, seen, seen.mgDl < 65 ? 2 : seen.mgDl > 300 ? 3 : 1)).toReversed();
}

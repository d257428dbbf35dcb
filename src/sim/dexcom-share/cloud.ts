/** Dexcom Share's doors. Written from vendors/dexcom-share.md. */

import { MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import { z } from "zod";
import type { Cloud, CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import { json, jsonFields, type Answer, type Call, type Route } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt, uuidOf } from "../people/rng.ts";

const BASE = "/ShareWebServices/Services";
const NOBODY = "00000000-0000-0000-0000-000000000000";
/** Constants of Dexcom's apps. */
const APPLICATIONS = ["d89443d2-327c-4a6f-89e5-496bbb0317db", "d8665ade-9673-4e27-9ff6-92db4ce13d13"];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LOW = 39;
const HIGH = 401;
/** The Share server has a reading a little after the sensor made it. */
const DELAY_MS = 20_000;
const LOCK_AFTER = 5;
const LOCK_MS = 10 * MINUTE_MS;

/** Errors come with 500, a code and words. */
export function shareError(code: string, message: string, status = 500): Answer {
  return json(status, { Code: code, Message: message, SubCode: code, TypeName: "FaultException" });
}

export function accountIdOf(context: CloudContext, person: Person): string {
  return uuidOf(context.seed, "dexcom-share", person.who.id);
}

export const dexcomShare: Cloud = {
  id: "dexcom-share",
  name: "Dexcom Share",
  tokens: {
    codeSeconds: 60, accessSeconds: 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none",
    makeText: ({ plain }) => uuidOf("session", plain),
  },
  delivery: null,
  shownParameters: ["minutes", "maxCount"],
  switches: [
    { name: "dates", label: "Spelling of dates", positions: ["plain", "slashes"], initial: "plain" },
    { name: "receiver", label: "What sends the readings", positions: ["app", "old receiver with error codes"], initial: "app" },
    { name: "trends", label: "Trends", positions: ["words", "numbers"], initial: "words" },
    // Not in the facts: a figure at which a test can see a lock-out.
    { name: "wrongSignIns", label: "Wrong sign-ins before an account is locked", positions: { least: 1, most: 1000 }, initial: String(LOCK_AFTER) },
  ],
  hasAccounts: true,
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "rate_limited") return { ...shareError("TooManyRequests", "Slow down.", 429), headers: refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) } };
    if (refusal.kind === "server_error") return { status: refusal.status, type: "text/html", body: "<html><body>The service is not available.</body></html>" };
    if (refusal.kind === "invalid_grant") return shareError("SessionNotValid", "Session is not active or timed out");
    return { status: 404, type: "text/html", body: "<html><body>Endpoint not found.</body></html>" };
  },
  create(context) {
    const failures = context.keep(z.object({ byName: z.record(z.string(), z.array(z.number())) }), { byName: {} });
    const routes: Route[] = [
      { method: "POST", path: `${BASE}/General/AuthenticatePublisherAccount`, door: "token", handle: (call) => authenticate(context, call, failures.byName) },
      { method: "POST", path: `${BASE}/General/LoginPublisherAccountById`, door: "token", handle: (call) => login(context, call) },
      { method: "POST", path: `${BASE}/Publisher/ReadPublisherLatestGlucoseValues`, door: "data", handle: (call) => latest(context, call) },
    ];
    return { routes, facts: (person) => ({ userId: accountIdOf(context, person) }) };
  },
};

function authenticate(context: CloudContext, call: Call, failures: Record<string, number[]>): Answer {
  const fields = jsonFields(call);
  const name = fields?.get("accountName") ?? "";
  const password = fields?.get("password") ?? "";
  if (!APPLICATIONS.includes(fields?.get("applicationId") ?? "")) return shareError("InvalidArgument", "ApplicationId is not valid");
  if (name === "") return shareError("InvalidArgument", "accountName is null or empty");
  if (password === "") return shareError("InvalidArgument", "password is null or empty");
  const recent = (failures[name] ?? []).filter((atMs) => atMs > context.now() - LOCK_MS);
  if (recent.length >= Number(context.position("wrongSignIns"))) return shareError("SSO_AuthenticateMaxAttemptsExceeded", "Maximum number of tries exceeded");
  if (!context.accounts.named(name)) return shareError("SSO_InternalError", "Cannot Authenticate by AccountName. AccountName does not exist");
  const person = context.accounts.signIn(name, password);
  if (person) {
    delete failures[name];
    return json(200, accountIdOf(context, person));
  }
  failures[name] = [...recent, context.now()];
  return shareError("AccountPasswordInvalid", "Publisher account password failed");
}

function login(context: CloudContext, call: Call): Answer {
  const fields = jsonFields(call);
  const id = fields?.get("accountId") ?? "";
  if (!UUID.test(id)) return shareError("InvalidArgument", "accountId is not a UUID");
  const person = context.people.find((one) => accountIdOf(context, one) === id);
  const { password } = person ? context.accounts.of(person) : { password: null };
  if (!person || password !== fields?.get("password")) return json(200, NOBODY);
  return json(200, context.grants.open(person.who.id, []).tokens.accessToken);
}

function latest(context: CloudContext, call: Call): Answer {
  const session = call.query.get("sessionId") ?? call.query.get("sessionID") ?? "";
  if (session === NOBODY) return { status: 200, type: "text/html", body: "" };
  if (!UUID.test(session)) return shareError("InvalidArgument", "sessionId is not a UUID");
  const grant = context.grants.find(session);
  if (!grant) return shareError("SessionIdNotFound", "Session ID not found");
  const minutes = wholeOf(call, "minutes", 1_440);
  const count = wholeOf(call, "maxCount", 288);
  if (minutes === null || count === null) return shareError("InvalidArgument", "minutes must be 1 to 1440 and maxCount 1 to 288");
  const person = knownPerson(context, grant.personId);
  const toMs = context.now() - DELAY_MS;
  const found = context.sensed(person, context.now() - minutes * MINUTE_MS, toMs).toReversed().slice(0, count);
  return json(200, found.map((reading) => recordOf(context, person, reading)));
}

function wholeOf(call: Call, name: string, most: number): number | null {
  const value = Number(call.query.get(name) ?? most);
  return Number.isInteger(value) && value >= 1 && value <= most ? value : null;
}

const WORDS = ["None", "DoubleUp", "SingleUp", "FortyFiveUp", "Flat", "FortyFiveDown", "SingleDown", "DoubleDown", "NotComputable", "RateOutOfRange"];

function recordOf(context: CloudContext, person: Person, { atMs, mgDl, rate }: { atMs: number; mgDl: number; rate: number | null }): object {
  const slashes = context.position("dates") === "slashes" ? "/" : "";
  const offset = offsetMinutesAt(context.given(person)?.zone ?? person.who.zone, atMs);
  const zone = `${offset < 0 ? "-" : "+"}${String(Math.floor(Math.abs(offset) / 60)).padStart(2, "0")}${String(Math.abs(offset) % 60).padStart(2, "0")}`;
  // The server's clock and the phone's differ by milliseconds.
  const dice = uniformAt(hashOf(context.seed, person.who.id, "share"), Math.floor(atMs / 1000));
  const stray = Math.floor(dice * 400);
  // Codes of 1 to 12, from memory of others.
  const isCode = dice < 0.02 && context.position("receiver") !== "app";
  const trend = trendOf(rate);
  return {
    WT: `${slashes}Date(${atMs + stray})${slashes}`, ST: `${slashes}Date(${atMs})${slashes}`, DT: `${slashes}Date(${atMs + stray}${zone})${slashes}`,
    Value: isCode ? 5 : mgDl < 40 ? LOW : mgDl > 400 ? HIGH : mgDl, Trend: context.position("trends") === "numbers" ? trend : WORDS[trend],
  };
}

function trendOf(rate: number | null): number {
  if (rate === null) return 8;
  if (Math.abs(rate) > 8) return 9;
  const size = Math.abs(rate);
  const steps = size >= 3 ? 3 : size >= 2 ? 2 : size >= 1 ? 1 : 0;
  return rate > 0 ? 4 - steps : 4 + steps;
}

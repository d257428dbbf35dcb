/** Polar's AccessLink, version 3, without transactions. Source: vendors/polar.md, Part A. */
import { InvalidInput, ProviderContractBroken, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { DAY_MS, HOUR_MS, localDate, type Window } from "#units/time.ts";
import { localMs, utcMs } from "./map-place.ts";
import * as schema from "./schema.ts";

const API = "/v3";
/** Exercises are there for 30 days, most of the rest for 28: a day less in any zone, because an older date is refused. */
const OLDEST_DAYS = 27;
const OLDEST_ACTIVITY_DAYS = 364;
/** At most 28 days a request. */
const LONGEST_RANGE_DAYS = 26;
/** Dates are the person's, windows are instants: no zone is further from UTC. */
const WIDEST_OFFSET_MS = 14 * HOUR_MS;

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const EXERCISE_ID = /^[A-Za-z0-9_-]{1,64}$/;
const PERSON = /\/users\/(\d+)\/?$/;

/**
 * The person's number; on the first time, which has a token answer, the person is registered too, without which no data is given. "Registered already" is as
 * good. Throws ProviderRefused (403) while the person has not accepted what Polar wants accepted, ProviderContractBroken without a number or with another one.
 */
export async function identify(call: DriverCall, tokenAnswer: Readonly<Record<string, unknown>>): Promise<ProviderAccount> {
  const known = call.account.vendorUserId;
  if (known !== null && !("x_user_id" in tokenAnswer)) {
    await call.fetch(`${API}/users/${known}`);
    return { vendorUserId: known, grantedScopes: null };
  }
  const { x_user_id: vendorUserId } = parseEnvelope(schema.tokenAnswer, tokenAnswer, "Polar token answer");
  // The member id is ours to choose, and unique within our application.
  const answer = await call.fetch(`${API}/users`, { method: "POST", json: { "member-id": `islet-${vendorUserId}` }, accept: [409] });
  if (answer.status === 200 && answer.body.length > 0) {
    const { "polar-user-id": registered } = parseEnvelope(schema.user, answer.json(), "Polar user");
    if (registered !== vendorUserId) throw new ProviderContractBroken("Polar registered another person than the one who consented.", "/polar-user-id");
  }
  return { vendorUserId, grantedScopes: null };
}

/** Lists of dates: path below `/v3/users/`, how far back they may be asked, and what else is asked with them. */
const RANGES = {
  activities: { path: "activities", oldestDays: OLDEST_ACTIVITY_DAYS, query: { steps: "true", activity_zones: "true" } },
  "cardio-load": { path: "cardio-load/date", oldestDays: OLDEST_DAYS, query: {} },
  bodytemperature: { path: "biosensing/bodytemperature", oldestDays: OLDEST_DAYS, query: {} },
  skintemperature: { path: "biosensing/skintemperature", oldestDays: OLDEST_DAYS, query: {} },
  spo2: { path: "biosensing/spo2", oldestDays: OLDEST_DAYS, query: {} },
  ecg: { path: "biosensing/ecg", oldestDays: OLDEST_DAYS, query: {} },
} as const;

/** What is given for one date, below `/v3/users/`; by this an event is followed. */
const BY_DATE: Readonly<Record<string, { readonly path: string; readonly query: Readonly<Record<string, string>> }>> = {
  activities: RANGES.activities,
  sleep: { path: "sleep", query: {} },
  "nightly-recharge": { path: "nightly-recharge", query: {} },
  "continuous-heart-rate": { path: "continuous-heart-rate", query: {} },
};

/**
 * By window: lists as Polar gives them, cut to the window where Polar gives all it has; exercises one by one with their samples. By id: an exercise, a date of what is
 * kept by date, the profile of the person. Throws InvalidInput for anything else, ProviderContractBroken for another person's data.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  if ("objectId" in request) yield* pullObject(call, request.resource, request.objectId);
  else if ("window" in request) yield* pullWindow(call, request.resource, request.window);
  else throw new InvalidInput("Polar is asked by window or by id.");
}

async function* pullWindow(call: DriverCall, resource: string, window: Window): AsyncIterable<PulledPage> {
  if (Object.hasOwn(RANGES, resource)) yield* pullRanges(call, resource as keyof typeof RANGES, window);
  else if (resource === "exercises") yield* pullExercises(call, window);
  else if (resource === "sleep") yield* pullNights(call, window);
  else if (resource === "nightly-recharge") yield* pullRecharges(call, window);
  else if (resource === "continuous-heart-rate") for (const date of datesOf(call, window, OLDEST_DAYS)) yield* pullObject(call, resource, date);
  else if (resource === "physical-info") yield* pullPhysicalInfo(call, window);
  else throw new InvalidInput("Polar has no such resource to be asked by window.");
}

async function* pullObject(call: DriverCall, resource: string, objectId: string): AsyncIterable<PulledPage> {
  if (resource === "exercise") {
    if (!EXERCISE_ID.test(objectId)) throw new InvalidInput("An exercise's id at Polar is of letters and digits.");
    const answer = await ask(call, `exercises/${objectId}`, { samples: "true", zones: "true" });
    if (answer) yield { resource, body: ownBody(call, answer) };
  } else if (resource === "physical-info") {
    if (objectId !== call.account.vendorUserId) throw new InvalidInput("A profile at Polar has the number of its person.");
    yield* pullPhysicalInfo(call, null);
  } else {
    const place = Object.hasOwn(BY_DATE, resource) ? BY_DATE[resource] : undefined;
    if (!place || !DATE.test(objectId)) throw new InvalidInput("Polar has no such object.");
    const answer = await ask(call, `users/${place.path}/${objectId}`, place.query);
    if (answer) yield { resource, body: ownBody(call, answer) };
  }
}

/** Null where there is nothing: Polar says so with 204 or 404. */
async function ask(call: DriverCall, path: string, query: Readonly<Record<string, string>> = {}): Promise<VendorResponse | null> {
  call.signal.throwIfAborted();
  const answer = await call.fetch(`${API}/${path}`, { query, accept: [404] });
  return answer.status === 404 || answer.status === 204 ? null : answer;
}

/** The answer's body, certain to be an object and of this person (VA-15). */
function ownBody(call: DriverCall, answer: VendorResponse): Uint8Array {
  mustBeOwn(call, parseEnvelope(schema.owned, answer.json(), "Polar answer"), "");
  return answer.body;
}

function mustBeOwn(call: DriverCall, item: unknown, path: string): void {
  const owner = PERSON.exec(schema.owned.safeParse(item).data?.polar_user ?? "")?.[1];
  const own = call.account.vendorUserId;
  if (owner !== undefined && own !== null && owner !== own) throw new ProviderContractBroken("Polar answered with another person's data.", `${path}/polar_user`);
}

async function* pullRanges(call: DriverCall, resource: keyof typeof RANGES, window: Window): AsyncIterable<PulledPage> {
  const { path, oldestDays, query } = RANGES[resource];
  const dates = datesOf(call, window, oldestDays);
  for (let first = 0; first < dates.length; first += LONGEST_RANGE_DAYS) {
    const part = dates.slice(first, first + LONGEST_RANGE_DAYS);
    const answer = await ask(call, `users/${path}`, { from: part[0]!, to: part.at(-1)!, ...query });
    if (!answer) continue;
    const list = parseEnvelope(schema.listOrOne, answer.json(), `Polar ${resource}`);
    if (list.length > 0) yield { resource, body: answer.body };
  }
}

/**
 * The person's dates that the window touches, oldest first, none older than Polar gives. Where the zone is not known, all that it touches somewhere on earth.
 */
function datesOf({ account: { zone }, nowMs }: DriverCall, { fromMs, toMs }: Window, oldestDays: number): string[] {
  const oldestMs = nowMs - oldestDays * DAY_MS;
  const [firstMs, lastMs] = [Math.max(fromMs, oldestMs), Math.min(toMs, nowMs + DAY_MS) - 1];
  if (firstMs > lastMs) return [];
  const first = zone ? localDate(zone, firstMs) : utcDate(Math.max(firstMs - WIDEST_OFFSET_MS, oldestMs));
  const last = zone ? localDate(zone, lastMs) : utcDate(lastMs + WIDEST_OFFSET_MS);
  const dates: string[] = [];
  for (let ms = Date.parse(`${first}T00:00:00Z`); ms <= Date.parse(`${last}T00:00:00Z`); ms += DAY_MS) dates.push(utcDate(ms));
  return dates;
}

const utcDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const isWithin = (ms: number | null, { fromMs, toMs }: Window): boolean => ms === null || (ms >= fromMs && ms < toMs);

/**
 * The list has no samples: each exercise that begins in the window is read by itself. One whose start cannot be read is, too, and one that cannot be asked for is
 * given on as it is: their mapping tells why.
 */
async function* pullExercises(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const answer = await ask(call, "exercises");
  if (!answer) return;
  for (const [index, item] of parseEnvelope(schema.exercises, answer.json(), "Polar exercises").entries()) {
    mustBeOwn(call, item, `/${index}`);
    const listed = schema.listedExercise.safeParse(item).data;
    if (!listed) {
      yield { resource: "exercises", body: toBytes([item]) };
      continue;
    }
    const { id, start_time, start_time_utc_offset } = listed;
    // Without an offset the start is known to half a day: better asked once too often.
    const slackMs = typeof start_time_utc_offset === "number" ? 0 : WIDEST_OFFSET_MS;
    const startMs = start_time ? localMs(start_time, start_time_utc_offset ?? 0) : null;
    if (isWithin(startMs, { fromMs: window.fromMs - slackMs, toMs: window.toMs + slackMs })) yield* pullObject(call, "exercise", id);
  }
}

/** Polar gives all of the last 28 nights: those that begin in the window are kept. */
async function* pullNights(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const answer = await ask(call, "users/sleep");
  if (!answer) return;
  const { nights } = parseEnvelope(schema.nights, answer.json(), "Polar nights");
  const wanted = nights.filter((item, index) => {
    mustBeOwn(call, item, `/nights/${index}`);
    const start = schema.night.safeParse(item).data?.sleep_start_time;
    return isWithin(start === undefined ? null : utcMs(start), window);
  });
  if (wanted.length > 0) yield { resource: "sleep", body: toBytes({ nights: wanted }) };
}

/** The same of recharges, which tell a date only: that of the morning after. */
async function* pullRecharges(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const answer = await ask(call, "users/nightly-recharge");
  if (!answer) return;
  const dates = new Set(datesOf(call, { fromMs: window.fromMs, toMs: window.toMs + DAY_MS }, OLDEST_DAYS + 2));
  const { recharges } = parseEnvelope(schema.recharges, answer.json(), "Polar recharges");
  const wanted = recharges.filter((item, index) => {
    mustBeOwn(call, item, `/recharges/${index}`);
    const date = schema.recharge.safeParse(item).data?.date;
    return date === undefined || dates.has(date);
  });
  if (wanted.length > 0) yield { resource: "nightly-recharge", body: toBytes({ recharges: wanted }) };
}

/** The profile as it is; with a window only if it was changed in it. */
async function* pullPhysicalInfo(call: DriverCall, window: Window | null): AsyncIterable<PulledPage> {
  const answer = await ask(call, "users/physical-info");
  if (!answer) return;
  const body = ownBody(call, answer);
  const info = schema.physicalInfo.safeParse(answer.json()).data;
  const changed = info?.modified ?? info?.created;
  if (!window || isWithin(changed ? utcMs(changed) : null, window)) yield { resource: "physical-info", body };
}

const toBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Ends the registration, which ends the token. One that is gone already is no error. */
export async function revoke(call: DriverCall): Promise<void> {
  if (call.account.vendorUserId === null) return;
  try {
    await call.fetch(`${API}/users/${call.account.vendorUserId}`, { method: "DELETE", accept: [403, 404] });
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}

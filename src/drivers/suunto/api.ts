/** Suunto's endpoints. Source: vendors/suunto.md. */
import { z } from "zod";
import { InvalidInput, ProviderContractBroken, ProviderUnavailable } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import { addDays, DAY_MS, localDate, localDay, type Window } from "#units/time.ts";
import { get } from "./call.ts";
import * as schema from "./schema.ts";

/** The vendor's limit for everything below /247samples. */
export const MAX_WINDOW_MS = 28 * DAY_MS;

/** So that none of them is longer, also where clocks change. */
const MOST_DAYS = 27;

const WORKOUTS_PER_PAGE = 100;
/** 20,000 workouts in one window: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 200;

const named = z.looseObject({ user: z.string().min(1) });

/**
 * The person's username: the only name that webhooks know. It stands in the token answer, else in the token itself, whose claims
 * the OAuth room adds to the answer. Throws ProviderContractBroken without one.
 */
export function identify(_call: DriverCall, tokenAnswer: Readonly<Record<string, unknown>>): Promise<ProviderAccount> {
  return Promise.resolve().then(() => ({ vendorUserId: parseEnvelope(named, tokenAnswer, "Suunto token answer").user, grantedScopes: null }));
}

/**
 * `workouts` by window (pages until an empty one); `workout` by key (`workout_gone` when Suunto has it no more); `sleep`, `recovery`, `activity` and
 * `daily-activity-statistics` by window, one page for each 28 days. Throws InvalidInput for anything else, ProviderMisconfigured without a
 * working subscription key.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  const { resource } = request;
  if (resource === "workouts" && "window" in request) yield* pullWorkouts(call, request.window);
  else if (resource === "workout" && "objectId" in request) yield* pullWorkout(call, request.objectId);
  else if (schema.isSampleResource(resource) && "window" in request) yield* pullSamples(call, resource, request.window);
  else if (resource === "daily-activity-statistics" && "window" in request) yield* pullStatistics(call, request.window);
  else throw new InvalidInput("Suunto gives workouts and 24/7 data by window, and a workout by its key.");
}

async function* pullWorkouts(call: DriverCall, { fromMs, toMs }: Window): AsyncIterable<PulledPage> {
  const seen = new Set<string>();
  let offset = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await get(call, "/v3/workouts", {
      // Milliseconds, and the end as if it were inclusive: nothing starts in the millisecond that is left out.
      since: fromMs, until: toMs - 1, limit: WORKOUTS_PER_PAGE, offset, "filter-by-modification-time": "false",
    });
    const workouts = parseEnvelope(schema.workoutList, payloadOf(answer.json()), "Suunto workout list");
    if (workouts.length === 0) return;
    const keys = workouts.map(({ workoutKey, workoutId }, index) => workoutKey ?? workoutId ?? `${page}/${index}`);
    if (keys.every((key) => seen.has(key))) throw new ProviderContractBroken("Suunto gives the same page of workouts again and again.", "/payload");
    for (const key of keys) seen.add(key);
    // Whatever the longest page may be that Suunto grants.
    offset += workouts.length;
    yield { resource: "workouts", body: answer.body };
  }
  throw new ProviderContractBroken(`Suunto gives more than ${MOST_PAGES} pages of workouts.`, "");
}

async function* pullWorkout(call: DriverCall, key: string): AsyncIterable<PulledPage> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(key)) throw new InvalidInput("A workout's key at Suunto is made of letters and digits.");
  const answer = await get(call, `/v3/workouts/${key}`, {}, [404]);
  if (answer.status === 404) {
    // The refusal does not name the workout, so we do.
    yield { resource: "workout_gone", body: new TextEncoder().encode(JSON.stringify({ workoutKey: key })) };
    return;
  }
  const workout = parseEnvelope(schema.oneWorkout, payloadOf(answer.json()), "Suunto workout");
  if (workout.workoutKey !== undefined && workout.workoutKey !== key) throw new ProviderContractBroken("Suunto answered with another workout.", "/payload/workoutKey");
  yield { resource: "workout", body: answer.body };
}

async function* pullSamples(call: DriverCall, resource: schema.SampleResource, window: Window): AsyncIterable<PulledPage> {
  for (const { fromMs, toMs } of partsOf(window)) {
    call.signal.throwIfAborted();
    // Both bounds are inclusive.
    const answer = await get(call, `/247samples/${resource}`, { from: fromMs, to: toMs - 1 });
    parseEnvelope(schema.list, answer.json(), `Suunto ${resource} answer`);
    yield { resource, body: answer.body };
  }
}

async function* pullStatistics(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const mode = call.settings["daily_statistics"] ?? "auto";
  for (const { fromMs, toMs } of wholeDays(window, call.account.zone ?? "UTC")) {
    call.signal.throwIfAborted();
    const query = { startdate: new Date(fromMs).toISOString(), enddate: new Date(toMs - 1).toISOString() };
    const isAuto = mode === "auto";
    const first = isAuto ? "247samples" : mode;
    let answer = await get(call, `/${first}/daily-activity-statistics`, query, isAuto ? [404] : []);
    if (answer.status === 404) answer = await get(call, "/247/daily-activity-statistics", query);
    parseEnvelope(schema.list, answer.json(), "Suunto daily statistics");
    yield { resource: "daily-activity-statistics", body: answer.body };
  }
}

/** Local days as windows. A total of part of a day would take the place of the day's own, so those that the window cuts are asked for whole. */
function* wholeDays({ fromMs, toMs }: Window, zone: string): Generator<Window> {
  const last = localDate(zone, toMs - 1);
  for (let date = localDate(zone, fromMs); date <= last; date = addDays(date, MOST_DAYS)) {
    const until = addDays(date, MOST_DAYS - 1);
    const [first, end] = [localDay(zone, date), localDay(zone, until < last ? until : last)];
    if (first && end) yield { fromMs: first.fromMs, toMs: end.toMs };
  }
}

function* partsOf({ fromMs, toMs }: Window): Generator<Window> {
  for (let startMs = fromMs; startMs < toMs; startMs += MAX_WINDOW_MS) yield { fromMs: startMs, toMs: Math.min(startMs + MAX_WINDOW_MS, toMs) };
}

/** The content of a v3 answer. Throws ProviderUnavailable when a 200 says that something went wrong. */
function payloadOf(json: unknown): unknown {
  const { error, payload } = parseEnvelope(schema.envelope, json, "Suunto answer");
  if (error !== null && error !== undefined) throw new ProviderUnavailable("Suunto answered 200 with an error in the body.", { vendorStatus: 200 });
  return payload;
}

/** WHOOP's endpoints. Source: vendors/whoop.md, Identity, Data endpoints, Webhooks, Deauthorisation. */
import { InvalidInput, ProviderContractBroken, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { DAY_MS, parseInstant, type Window } from "#units/time.ts";
import * as schema from "./schema.ts";

const SLEEP = "/v2/activity/sleep";
const CYCLE = "/v2/cycle";
/** The most that WHOOP gives at once. */
const PER_PAGE = 25;
/** 5,000 records in one window of a season: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 200;
/**
 * Lists are searched by `start`, but what a night gives stands at the day it ended in; and by which time recoveries are searched is not
 * documented. Asked for so much more on both sides.
 */
const MARGIN_MS: Readonly<Record<string, number>> = { sleep: DAY_MS, recovery: 2 * DAY_MS };
/** The cycle that a night ends began the evening before, or earlier where a night was missed. */
const CYCLE_BEFORE_MS = 2 * DAY_MS;

/** Lists by window, under the resource's name. */
const LISTS: Readonly<Record<string, string>> = { cycle: CYCLE, sleep: SLEEP, recovery: "/v2/recovery", workout: "/v2/activity/workout" };

/** The member's id, which events and records carry, too. What was granted stands in the token answer. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const answer = await call.fetch("/v2/user/profile/basic");
  return { vendorUserId: parseEnvelope(schema.profile, answer.json(), "WHOOP profile").user_id, grantedScopes: null };
}

/**
 * A list by window; a cycle, sleep or workout by its id; a recovery by the id of its sleep, for it has none of its own. A sleep brings the
 * cycles around it along, of which no event tells. Recoveries come with the place of their sleep, or as `recovery_gone`. What is not
 * there any more gives no page. Throws InvalidInput for anything else, ProviderContractBroken for another person's records.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  const { resource } = request;
  const path = Object.hasOwn(LISTS, resource) ? LISTS[resource] : undefined;
  if ("window" in request && resource === "body_measurement") yield* pullBody(call);
  else if ("window" in request && resource === "recovery") yield* pullRecoveries(call, request.window);
  else if ("window" in request && path !== undefined) yield* pullList(call, { resource, path, window: widened(request.window, resource) });
  else if ("objectId" in request && resource === "recovery") yield* pullRecovery(call, mustBeId(request.objectId));
  else if ("objectId" in request && path !== undefined) yield* pullOne(call, resource, `${path}/${mustBeId(request.objectId)}`);
  else throw new InvalidInput("WHOOP gives cycles, sleeps, recoveries, workouts by window or id, and the body's measurement.");
}

function widened({ fromMs, toMs }: Window, resource: string): Window {
  const marginMs = MARGIN_MS[resource] ?? 0;
  return { fromMs: fromMs - marginMs, toMs: toMs + marginMs };
}

function mustBeId(objectId: string): string {
  if (!/^[A-Za-z0-9-]{1,100}$/.test(objectId)) throw new InvalidInput("An id at WHOOP is a number or a UUID.");
  return objectId;
}

interface List {
  readonly resource: string;
  readonly path: string;
  readonly window: Window;
  /** Refusals that end the list without an error. */
  readonly accept?: readonly number[];
}

/** One answer of a list: its bytes, and its records as parsed. */
interface ListPage {
  readonly body: Uint8Array;
  readonly records: readonly unknown[];
}

/** Newest first. Sent as `nextToken`, given as `next_token`: null, empty or absent at the end. */
async function* readList(call: DriverCall, { resource, path, window, accept = [] }: List): AsyncIterable<ListPage> {
  const query = { limit: PER_PAGE, start: instantText(window.fromMs), end: instantText(window.toMs) };
  const tokens = new Set<string>();
  let next: Record<string, string> = {};
  while (tokens.size < MOST_PAGES) {
    const answer: VendorResponse = await call.fetch(path, { query: { ...query, ...next }, accept });
    if (answer.status >= 400) return;
    const { records, next_token: token } = parseEnvelope(schema.page, answer.json(), `WHOOP ${resource} list`);
    for (const [index, record] of records.entries()) mustBeOwn(call, record, `/records/${index}`);
    if (records.length > 0) yield { body: answer.body, records };
    if (!token) return;
    if (tokens.has(token)) throw new ProviderContractBroken(`WHOOP gives the same page of ${resource} again and again.`, "/next_token");
    tokens.add(token);
    next = { nextToken: token };
  }
  throw new ProviderContractBroken(`WHOOP gives more than ${MOST_PAGES} pages of ${resource}.`, "/next_token");
}

async function* pullList(call: DriverCall, list: List): AsyncIterable<PulledPage> {
  for await (const { body } of readList(call, list)) yield { resource: list.resource, body };
}

async function* pullOne(call: DriverCall, resource: string, path: string): AsyncIterable<PulledPage> {
  const answer = await call.fetch(path, { accept: [404] });
  if (answer.status === 404) return;
  const record = parseEnvelope(schema.object, answer.json(), `WHOOP ${resource}`);
  mustBeOwn(call, record, "");
  yield { resource, body: answer.body };
  const [start, end] = [record["start"], record["end"]].map((text) => (typeof text === "string" ? parseInstant(text) : null));
  if (resource !== "sleep" || !start || !end || end.ms - start.ms > CYCLE_BEFORE_MS) return;
  const window = { fromMs: start.ms - CYCLE_BEFORE_MS, toMs: end.ms + 1 };
  yield* pullList(call, { resource: "cycle", path: CYCLE, window, accept: [403] });
}

/** Recoveries say neither when nor where they were: each goes with the place of its sleep. */
async function* pullRecoveries(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const sleeps = new Map<string, schema.SleepPlace>();
  const around = widened(window, "recovery");
  // Without the sleeps a recovery still has the time it was made at.
  for await (const { records } of readList(call, { resource: "sleep", path: SLEEP, window: widened(around, "recovery"), accept: [403] })) {
    for (const record of records) {
      const sleep = schema.sleepPlace.safeParse(record);
      if (sleep.success) sleeps.set(sleep.data.id, sleep.data);
    }
  }
  for await (const { records } of readList(call, { resource: "recovery", path: LISTS["recovery"]!, window: around })) {
    yield recoveryPage(records, sleeps);
  }
}

async function* pullRecovery(call: DriverCall, sleepId: string): AsyncIterable<PulledPage> {
  const answer = await call.fetch(`${SLEEP}/${sleepId}`, { accept: [404] });
  // Gone with its sleep: nothing says any more which day it was.
  if (answer.status === 404) return;
  const sleep = parseEnvelope(schema.sleepPlace, answer.json(), "WHOOP sleep");
  mustBeOwn(call, sleep, "");
  if (!sleep.cycle_id) throw new ProviderContractBroken("WHOOP gave a sleep without its cycle.", "/cycle_id");
  const found = await call.fetch(`${CYCLE}/${sleep.cycle_id}/recovery`, { accept: [404] });
  if (found.status === 404) {
    yield { resource: "recovery_gone", body: toBytes({ sleep: placeOf(sleep) }) };
    return;
  }
  const record = parseEnvelope(schema.object, found.json(), "WHOOP recovery");
  mustBeOwn(call, record, "");
  yield recoveryPage([record], new Map([[sleep.id, sleep]]));
}

/** The records as WHOOP sent them, each with the place of its sleep where that is known. */
function recoveryPage(records: readonly unknown[], sleeps: ReadonlyMap<string, schema.SleepPlace>): PulledPage {
  const placed = records.map((record) => {
    const known = schema.recoveryOf.safeParse(record);
    const sleep = known.success ? sleeps.get(known.data.sleep_id) : undefined;
    return sleep ? { ...(record as object), sleep: placeOf(sleep) } : record;
  });
  return { resource: "recovery", body: toBytes({ records: placed }) };
}

const placeOf = ({ id, start, end, timezone_offset }: schema.SleepPlace): object => ({ id, start, end, timezone_offset });

/** Nobody has a measurement before the first time: 404. */
async function* pullBody(call: DriverCall): AsyncIterable<PulledPage> {
  const answer = await call.fetch("/v2/user/measurement/body", { accept: [404] });
  if (answer.status === 404) return;
  parseEnvelope(schema.object, answer.json(), "WHOOP body measurement");
  yield { resource: "body_measurement", body: answer.body };
}

/** Another person's data must never land here (VA-15). */
function mustBeOwn(call: DriverCall, record: unknown, path: string): void {
  const owner = schema.owned.safeParse(record);
  const own = call.account.vendorUserId;
  if (owner.success && own !== null && owner.data.user_id !== own) {
    throw new ProviderContractBroken("WHOOP answered with another person's record.", `${path}/user_id`);
  }
}

const toBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const instantText = (ms: number): string => new Date(ms).toISOString();

/** Ends the authorization; WHOOP then sends no more events for the person. One that is gone already is no error. */
export async function revoke(call: DriverCall): Promise<void> {
  try {
    await call.fetch("/v2/user/access", { method: "DELETE", accept: [401, 403, 404] });
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}

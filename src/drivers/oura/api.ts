/** Oura's endpoints. Source: vendors/oura.md, Identity, Data endpoints, Errors and quirks, Deauthorisation. */
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { DAY_MS, HOUR_MS, parseInstant, parseTime, SECOND_MS, type Window } from "#units/time.ts";
import { collectionOf, MAX_INSTANTS_MS, type Collection } from "./collections.ts";
import * as schema from "./schema.ts";

const ROOT = "/v2/usercollection/";
const SANDBOX_ROOT = "/v2/sandbox/usercollection/";
const PERSON = `${ROOT}personal_info`;
const MOST_PAGES = 200;

/** The person's id at Oura, which events carry, too. What was granted stands in the callback and the token answer, not here. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const answer = await call.fetch(PERSON);
  return { vendorUserId: parseEnvelope(schema.personalInfo, answer.json(), "Oura personal info").id, grantedScopes: null };
}

/**
 * A collection by window, or one document by id. A sleep or a day of activity brings the heart rate of its time along, of which no event
 * tells. A document that is gone gives no page: its deletion is an event of its own. Throws InvalidInput for anything else,
 * ProviderRefused (403) when the person has not allowed the collection, ProviderContractBroken for unusable answers.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  const collection = collectionOf(request.resource);
  if (!collection || "url" in request) throw new InvalidInput("Oura gives its collections by window, and their documents by id.");
  // Known beforehand: a call without its scope costs a place in the budget, and perhaps a refresh.
  if (!isAllowed(call, collection)) throw new ProviderRefused(`The person has not allowed reading ${collection.name} at Oura.`, 403, "");
  try {
    if ("objectId" in request) yield* pullOne(call, collection, request.objectId);
    else yield* pullWindow(call, collection, request.window);
  } catch (error) {
    if (collection.scopes.length > 0 || !(error instanceof ReauthorizationRequired)) throw error;
    await mustStillBeConnected(call, error);
    throw new ProviderRefused(`Oura refuses ${collection.name} alone: the person has not allowed it.`, 403, "", { cause: error });
  }
}

/** False where the granted scopes are known and none of them opens the collection. */
function isAllowed({ account: { grantedScopes } }: DriverCall, { scopes }: Collection): boolean {
  if (grantedScopes === null || scopes.length === 0) return true;
  // Whatever a scope is prefixed with.
  return grantedScopes.some((granted) => scopes.includes(granted.slice(granted.lastIndexOf(":") + 1)));
}

/** Oura may answer 401 to a missing scope, which looks like a dead token; where another call is answered, the token lives. */
async function mustStillBeConnected(call: DriverCall, refusal: ReauthorizationRequired): Promise<void> {
  const answer = await call.fetch(PERSON, { accept: [401, 403] });
  if (answer.status === 401) throw refusal;
}

function pathOf(call: DriverCall, { name }: Collection): string {
  return (call.settings["data"] === "sandbox" ? SANDBOX_ROOT : ROOT) + name;
}

async function* pullWindow(call: DriverCall, collection: Collection, { fromMs, toMs }: Window): AsyncIterable<PulledPage> {
  const list = { resource: collection.name, path: pathOf(call, collection) };
  switch (collection.asked) {
    case "single":
      if (call.settings["profile"] !== "off") yield await pullPerson(call, collection.name);
      break;
    case "pages":
      yield* pullPages(call, { ...list, query: {} });
      break;
    case "dates":
      // A date is the person's own, and whether the end counts is unclear: asked for generously.
      yield* pullPages(call, { ...list, query: { start_date: dateText(fromMs - DAY_MS), end_date: dateText(toMs + 2 * DAY_MS) } });
      break;
    case "instants":
      for (let partMs = fromMs; partMs < toMs; partMs += MAX_INSTANTS_MS) {
        yield* pullPages(call, { ...list, query: between({ fromMs: partMs, toMs: Math.min(partMs + MAX_INSTANTS_MS, toMs) }) });
      }
      break;
  }
}

async function pullPerson(call: DriverCall, resource: string): Promise<PulledPage> {
  const answer = await call.fetch(PERSON);
  const { id } = parseEnvelope(schema.personalInfo, answer.json(), "Oura personal info");
  const own = call.account.vendorUserId;
  // Another person's data must never land here (VA-15).
  if (own !== null && own !== id) throw new ProviderContractBroken("Oura answered with another person's profile.", "/id");
  return { resource, body: answer.body };
}

interface PageList {
  readonly resource: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Refusals that end the list without an error. */
  readonly accept?: readonly number[];
}

/** Pages until there is no next one; empty ones are not worth keeping. */
async function* pullPages(call: DriverCall, { resource, path, query, accept = [] }: PageList): AsyncIterable<PulledPage> {
  const tokens = new Set<string>();
  let next: Record<string, string> = {};
  while (tokens.size < MOST_PAGES) {
    const answer: VendorResponse = await call.fetch(path, { query: { ...query, ...next }, accept });
    if (answer.status >= 400) return;
    const { data, next_token: token } = parseEnvelope(schema.page, answer.json(), `Oura ${resource} answer`);
    if (data.length > 0) yield { resource, body: answer.body };
    if (!token) return;
    if (tokens.has(token)) throw new ProviderContractBroken(`Oura gives the same page of ${resource} again and again.`, "/next_token");
    tokens.add(token);
    next = { next_token: token };
  }
  throw new ProviderContractBroken(`Oura gives more than ${MOST_PAGES} pages of ${resource}.`, "/next_token");
}

async function* pullOne(call: DriverCall, collection: Collection, objectId: string): AsyncIterable<PulledPage> {
  if (collection.asked !== "dates" || !/^[\w-]{1,200}$/.test(objectId)) throw new InvalidInput("Oura has no such document.");
  const answer = await call.fetch(`${pathOf(call, collection)}/${objectId}`, { accept: [404] });
  if (answer.status === 404) return;
  const document = parseEnvelope(schema.document, answer.json(), `Oura ${collection.name} document`);
  if (document.id !== objectId) throw new ProviderContractBroken("Oura answered with another document.", "/id");
  yield { resource: collection.name, body: answer.body };

  const heartRate = collectionOf("heartrate");
  const beside = timeOf(document);
  if (!beside || !heartRate || !isAllowed(call, heartRate) || (collection.name !== "sleep" && collection.name !== "daily_activity")) return;
  const window = { fromMs: beside.fromMs, toMs: Math.min(beside.toMs, call.nowMs) };
  if (window.fromMs >= window.toMs) return;
  yield* pullPages(call, { resource: heartRate.name, path: pathOf(call, heartRate), query: between(window), accept: [403] });
}

/** When a sleep was, or a day of activity: by its own start and offset, else by its date wherever on earth. Null when it does not say. */
function timeOf({ bedtime_start, bedtime_end, timestamp, day }: schema.DatedDocument): Window | null {
  const [start, end, dayStart] = [bedtime_start, bedtime_end, timestamp].map((text) => (text ? (parseInstant(text)?.ms ?? null) : null));
  if (typeof start === "number" && typeof end === "number") return end - start <= 2 * DAY_MS ? { fromMs: start, toMs: end } : null;
  if (typeof dayStart === "number") return { fromMs: dayStart, toMs: dayStart + DAY_MS };
  const date = day ? parseTime(day) : null;
  return date && { fromMs: date.wallMs - 14 * HOUR_MS, toMs: date.wallMs + DAY_MS + 16 * HOUR_MS };
}

/** Bounds to the second, so that nothing of the window is cut off. */
function between({ fromMs, toMs }: Window): Record<string, string> {
  return { start_datetime: secondText(Math.floor(fromMs / SECOND_MS)), end_datetime: secondText(Math.ceil(toMs / SECOND_MS)) };
}

const secondText = (seconds: number): string => new Date(seconds * SECOND_MS).toISOString().replace(".000Z", "+00:00");
const dateText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Ends the grant. Documents show the token in the address and do not agree on the verb; a grant that is gone already is no error.
 * Subscriptions belong to the application and stay.
 */
export async function revoke(call: DriverCall): Promise<void> {
  try {
    const accept = [400, 401, 403, 404, 405];
    const answer = await call.fetch("/oauth/revoke", { method: "POST", tokenInQuery: "access_token", accept });
    if (answer.status === 404 || answer.status === 405) await call.fetch("/oauth/revoke", { tokenInQuery: "access_token", accept });
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}

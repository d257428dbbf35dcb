/** Asking a site of Nightscout, by either version of its API. Source: vendors/nightscout.md, v1 endpoints and v3 endpoints. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { looseNumber, parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import { DAY_MS, HOUR_MS, SECOND_MS, type Window } from "#units/time.ts";
import { accountId, apiOf, mustBeThere } from "./auth.ts";
import { instantOf } from "./map-place.ts";
import { isRow, readRows, siteStatus, type AskedWindow } from "./schema.ts";

/** A day has 288 readings, or 1,440 of a sensor that gives one a minute. */
export const ENTRIES_WINDOW_MS = 3 * DAY_MS;
/** A pump that a phone steers writes some 350 rows a day. */
export const TREATMENTS_WINDOW_MS = 7 * DAY_MS;
/** How far apart the time a row is filed under and the time it means may lie; and how long a sensor goes on being announced (map-treatments.ts). */
export const BEFORE_MS = 6 * HOUR_MS;
/** A temporary basal rate holds for a day at most, and ends with the one after it: so that one must be in the page, too. */
const AFTER_MS = DAY_MS;
/** Carbohydrates are written ahead of their time by hours. */
const AHEAD_MS = 12 * HOUR_MS;

/** Rows of one answer. Version 1 has no bound of its own; 1,000 is version 3's. */
const PAGE = { v1: 2_000, v3: 1_000 } as const;
const MOST_PAGES = 50;
/** Small free hosts wake up slowly. */
const TIMEOUT_MS = 60_000;

/** Documents of `entries` have their time in `date`, those of `treatments` in `created_at`, also where other fields contradict it. */
const TIME_FIELD = { entries: "date", treatments: "created_at" } as const;
type Collection = keyof typeof TIME_FIELD;

const RESOURCES: Readonly<Record<string, Collection>> = { entries: "entries", entries_late: "entries", treatments: "treatments", treatments_late: "treatments" };

/** Whose site it is, confirmed by asking it. Throws ReauthorizationRequired where it does not let us read, as every call does. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const answer = await call.fetch("/api/v1/status.json", { accept: [404] });
  mustBeThere(answer);
  parseEnvelope(siteStatus, answer.json(), "Nightscout status");
  return { vendorUserId: accountId(call.settings), grantedScopes: null };
}

/** Pages of a resource, newest first: Nightscout lists from the newest back. */
export async function* pull(call: DriverCall, request: PullRequest): AsyncGenerator<PulledPage> {
  const { resource } = request;
  if (!("window" in request)) throw new InvalidInput("Nightscout answers for windows of time only.");
  if (resource === "profile") {
    yield await profilePage(call);
    return;
  }
  const collection = Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined;
  if (collection === undefined) throw new InvalidInput("Nightscout has no such resource.");
  if (collection === "treatments") {
    for (const part of partsOf(request.window, TREATMENTS_WINDOW_MS)) yield await treatmentsPage(call, resource, part);
    return;
  }
  for (const part of partsOf(request.window, ENTRIES_WINDOW_MS)) {
    for await (const { body } of answersOf(call, "entries", part)) yield { resource, body };
  }
}

function* partsOf({ fromMs, toMs }: Window, longestMs: number): Generator<Window> {
  for (let endMs = toMs; endMs > fromMs; endMs -= longestMs) yield { fromMs: Math.max(fromMs, endMs - longestMs), toMs: endMs };
}

interface AnswerPage {
  readonly body: Uint8Array;
  readonly items: readonly unknown[];
}

/**
 * All that a collection has in the window, in as many answers as it takes. There is no cursor: each next answer is asked for from the oldest
 * time of the one before. Throws ProviderContractBroken when that leads nowhere.
 */
async function* answersOf(call: DriverCall, collection: Collection, { fromMs, toMs }: Window): AsyncGenerator<AnswerPage> {
  const version = apiOf(call.settings);
  let endMs = toMs;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    call.signal.throwIfAborted();
    const answer = await call.fetch(pathOf(version, collection), { query: queryOf(version, collection, { fromMs, toMs: endMs }), timeoutMs: TIMEOUT_MS });
    const { items } = readRows(answer.json(), collection);
    yield { body: answer.body, items };
    if (items.length < PAGE[version]) return;
    const oldestMs = Math.min(...items.map((item) => fileTimeOf(item, collection)));
    // Up to the end of that second, asked again: a text without milliseconds is sorted apart from one that has them.
    const nextMs = Math.floor(oldestMs / SECOND_MS) * SECOND_MS + SECOND_MS;
    if (!(nextMs < endMs)) throw new ProviderContractBroken(`Nightscout gives the same page of ${collection} again and again.`, "$");
    endMs = nextMs;
  }
  throw new ProviderContractBroken(`Nightscout gives more than ${MOST_PAGES} pages of ${collection}.`, "$");
}

function fileTimeOf(item: unknown, collection: Collection): number {
  const value = isRow(item) ? item[TIME_FIELD[collection]] : null;
  return (collection === "entries" ? looseNumber(value) : instantOf(value)) ?? Number.POSITIVE_INFINITY;
}

function pathOf(version: "v1" | "v3", collection: string): string {
  return version === "v3" ? `/api/v3/${collection}` : `/api/v1/${collection}.json`;
}

function queryOf(version: "v1" | "v3", collection: Collection, { fromMs, toMs }: Window): Record<string, string | number> {
  const field = TIME_FIELD[collection];
  const bound = (ms: number): string | number => (field === "date" ? ms : new Date(ms).toISOString());
  if (version === "v1") return { count: PAGE.v1, [`find[${field}][$gte]`]: bound(fromMs), [`find[${field}][$lt]`]: bound(toMs) };
  return { limit: PAGE.v3, [`${field}$gte`]: bound(fromMs), [`${field}$lt`]: bound(toMs), sort$desc: field };
}

/**
 * One page with all rows that can matter to the window, and the window itself: so a row that is gone shows (map.ts). The end is left away where
 * it is the present, which would make each page another one.
 */
async function treatmentsPage(call: DriverCall, resource: string, { fromMs, toMs }: Window): Promise<PulledPage> {
  const isOpen = toMs >= call.nowMs;
  const asked = { fromMs: fromMs - BEFORE_MS, toMs: isOpen ? call.nowMs + AHEAD_MS : toMs + AFTER_MS };
  const rows = new Map<string, unknown>();
  for await (const { items } of answersOf(call, "treatments", asked)) for (const item of items) rows.set(JSON.stringify(item), item);
  const page: AskedWindow & { readonly rows: readonly unknown[] } = { from: fromMs, to: isOpen ? null : toMs, rows: [...rows.values()] };
  return { resource, body: new TextEncoder().encode(JSON.stringify(page)) };
}

/** Kept raw: the schedules of now. */
async function profilePage(call: DriverCall): Promise<PulledPage> {
  const version = apiOf(call.settings);
  const query: Record<string, string | number> = version === "v3" ? { limit: 10, sort$desc: "date" } : { count: 10 };
  const answer = await call.fetch(pathOf(version, "profile"), { query, timeoutMs: TIMEOUT_MS });
  readRows(answer.json(), "profile");
  return { resource: "profile", body: answer.body };
}

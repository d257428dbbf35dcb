/** COROS's endpoints. Source: vendors/coros.md, Data endpoints and Errors. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { parseEnvelope, quoteLongIntegers } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { DAY_MS, HOUR_MS, type Window } from "#units/time.ts";
import * as schema from "./schema.ts";

/** At most 30 dates a call, both ends counted; the bounds reach for the dates of every zone, which takes up to three of them. */
export const MAX_WINDOW_MS = 27 * DAY_MS;
/** "About three months": COROS lists nothing older. */
export const HISTORY_DAYS = 90;

/** The furthest that a clock on a wall lies behind UTC, and ahead of it. */
const WEST_MS = 12 * HOUR_MS;
const EAST_MS = 14 * HOUR_MS;

const PATHS: Readonly<Record<string, string>> = { sport: "/v2/coros/sport/list", daily: "/coros/daily/query" };

/** The person's openId: from the code exchange, else asked for. Throws ProviderContractBroken without one. */
export async function identify(call: DriverCall, tokenAnswer: Readonly<Record<string, unknown>>): Promise<ProviderAccount> {
  const known = schema.tokenAnswer.safeParse(tokenAnswer);
  if (known.success) return { vendorUserId: known.data.openId, grantedScopes: null };
  const answer = await get(call, "/v2/user", {});
  return { vendorUserId: parseEnvelope(schema.userAnswer, answer.json(), "COROS user").data.openId, grantedScopes: null };
}

/**
 * `sport` and `daily` by window, one page for each 28 days. COROS is asked for whole local dates, of whatever zone, so a page may reach a day
 * beyond the window on either side. Throws InvalidInput for anything else.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  const path = Object.hasOwn(PATHS, request.resource) ? PATHS[request.resource] : undefined;
  if (path === undefined || !("window" in request)) throw new InvalidInput("COROS gives sports and days by window.");
  for (const part of partsOf(request.window, call.nowMs)) {
    call.signal.throwIfAborted();
    const answer = await get(call, path, { startDate: dateOf(part.fromMs - WEST_MS), endDate: dateOf(lastAsked(part.toMs, call.nowMs)) });
    mustBeOwn(call, parseEnvelope(schema.list, listOf(answer.json()), "COROS list"));
    const text = new TextDecoder().decode(answer.body);
    // Ids of 64 bits may come as bare numbers, which any reader of the stored page would round.
    const exact = quoteLongIntegers(text);
    yield { resource: request.resource, body: exact === text ? answer.body : new TextEncoder().encode(exact) };
  }
}

/** Another person's data must never land here (VA-15). */
function mustBeOwn(call: DriverCall, items: readonly unknown[]): void {
  const own = call.account.vendorUserId;
  for (const [index, item] of items.entries()) {
    const owned = schema.owned.safeParse(item);
    if (own !== null && owned.success && owned.data.openId !== own) throw new ProviderContractBroken("COROS answered with another person's data.", `/data/${index}/openId`);
  }
}

/** COROS takes an end of at most one day past today, UTC. */
function lastAsked(toMs: number, nowMs: number): number {
  return Math.min(toMs - 1 + EAST_MS, nowMs + DAY_MS);
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll("-", "");
}

function* partsOf({ fromMs, toMs }: Window, nowMs: number): Generator<Window> {
  const earliestMs = Math.max(fromMs, nowMs - HISTORY_DAYS * DAY_MS);
  for (let startMs = earliestMs; startMs < toMs; startMs += MAX_WINDOW_MS) yield { fromMs: startMs, toMs: Math.min(startMs + MAX_WINDOW_MS, toMs) };
}

/** What is listed, in `data` itself or one step below it. */
export function listOf(json: unknown): unknown {
  const { data } = parseEnvelope(schema.envelope, json, "COROS answer");
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data;
  const inner: Readonly<Record<string, unknown>> = { ...data };
  return inner["sportDataList"] ?? inner["dailyList"] ?? inner["dataList"] ?? inner["list"];
}

/** A call as the person, who is named beside the token. The token goes into the address: COROS takes it nowhere else. */
async function get(call: DriverCall, path: string, query: Readonly<Record<string, string>>): Promise<VendorResponse> {
  const openId = call.account.vendorUserId;
  return call.fetch(path, { query: { ...query, ...(openId === null ? {} : { openId }) }, tokenInQuery: "token", statusOf });
}

const STATUSES: ReadonlyMap<string, number> = new Map([
  ["0000", 200],
  // The authorisation is invalid: refresh once, then ask the person.
  ["5006", 401],
  // The feature is not granted to the app.
  ["30009", 403],
  ["2001", 503],
]);

/** The HTTP status that the result code of an answer stands for; 200 for what has none, whose reader will say so. */
export function statusOf(body: Uint8Array): number {
  const result = resultOf(body);
  return result === null ? 200 : (STATUSES.get(result) ?? (/^0+$/.test(result) ? 200 : 400));
}

function resultOf(body: Uint8Array): string | null {
  try {
    const parsed = JSON.parse(new TextDecoder().decode(body)) as unknown;
    const result = typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>)["result"] : undefined;
    return typeof result === "string" || typeof result === "number" ? String(result) : null;
  } catch {
    return null;
  }
}

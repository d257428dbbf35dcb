/** Dexcom's endpoints. Source: vendors/dexcom.md, "Data endpoints". */
import { ProviderContractBroken } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, PulledPage } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { DAY_MS, MINUTE_MS, parseTime, SECOND_MS, type Window } from "#units/time.ts";
import { dataRange, parseList, type DataRange, type ListName } from "./schema.ts";

/**
 * Dexcom allows 30 days a request (version 2: 90). A day less leaves room for the second of overlap below, and for any reading
 * of "30 days".
 */
export const MAX_WINDOW_MS = 29 * DAY_MS;

/** Single requests of more than 30 s have been seen in production. */
const TIMEOUT_MS = 60_000;

/** The earliest and latest moments of a person's data; also the cheapest way to learn who the person is. */
export async function getDataRange(call: DriverCall): Promise<{ readonly response: VendorResponse; readonly range: DataRange }> {
  const response = await call.fetch("/v3/users/self/dataRange", { timeoutMs: TIMEOUT_MS });
  const range = parseEnvelope(dataRange, response.json(), "Dexcom dataRange answer");
  checkPerson(call, range.userId);
  return { response, range };
}

/**
 * Pages of one list, oldest first, one a window of at most MAX_WINDOW_MS: Dexcom has no paging inside a window. A page whose
 * envelope is unusable, or that is of another person, throws ProviderContractBroken and is not yielded.
 */
export async function* pullList(call: DriverCall, name: ListName, window: Window): AsyncGenerator<PulledPage> {
  for (const part of partsOf(window)) {
    call.signal.throwIfAborted();
    const response = await call.fetch(`/v3/users/self/${name}`, {
      // Whether the bounds are inclusive is not documented: a second earlier makes sure that nothing falls between two windows.
      query: { startDate: utcText(part.fromMs - SECOND_MS), endDate: utcText(part.toMs + SECOND_MS - 1) },
      timeoutMs: TIMEOUT_MS,
    });
    const { userId } = parseList(name, response.json());
    if (userId !== null) checkPerson(call, userId);
    yield { resource: name, body: response.body };
  }
}

/** Another person's answer must not reach this one's records (faults VA-15). */
function checkPerson(call: DriverCall, userId: string): void {
  const expected = call.account.vendorUserId;
  if (expected !== null && expected !== userId) {
    throw new ProviderContractBroken("Dexcom answered with the data of another account.", "/userId");
  }
}

function* partsOf({ fromMs, toMs }: Window): Generator<Window> {
  for (let startMs = fromMs; startMs < toMs; startMs += MAX_WINDOW_MS) {
    yield { fromMs: startMs, toMs: Math.min(startMs + MAX_WINDOW_MS, toMs) };
  }
}

/** UTC to the second without an offset: what startDate and endDate want. */
function utcText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

/**
 * The window moved back by as much as the person's newest data lies behind the clock. The sandbox serves recordings of years ago,
 * so a window that ends today would find nothing (vendors/dexcom.md, Sandbox). Unmoved when the data is of the last day.
 */
export async function anchoredWindow(call: DriverCall, window: Window): Promise<Window> {
  const { range } = await getDataRange(call);
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const stretch of [range.egvs, range.events, range.calibrations]) {
    const end = stretch ? parseTime(stretch.end.systemTime) : null;
    if (end) newestMs = Math.max(newestMs, end.wallMs - (end.offsetMinutes ?? 0) * MINUTE_MS);
  }
  const behindMs = call.nowMs - newestMs;
  if (!Number.isFinite(behindMs) || behindMs < DAY_MS) return window;
  const shiftMs = behindMs - SECOND_MS;
  return { fromMs: window.fromMs - shiftMs, toMs: window.toMs - shiftMs };
}

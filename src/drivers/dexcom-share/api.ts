/** The one data door of Dexcom Share. Source: vendors/dexcom-share.md, Data. */
import { InvalidInput, ReauthorizationRequired } from "#errors.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { MINUTE_MS } from "#units/time.ts";
import { meantStatus } from "./answers.ts";

/** The door's own limits: a day, a reading in five minutes. */
const MOST_MINUTES = 1_440;
const MOST_READINGS = 288;

function latest(call: DriverCall, minutes: number, maxCount: number): Promise<VendorResponse> {
  return call.fetch("/Publisher/ReadPublisherLatestGlucoseValues", { method: "POST", query: { minutes, maxCount }, json: {}, statusOfError: meantStatus });
}

/** The account whose session it is; a read of one reading proves that it lives. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const { vendorUserId } = call.account;
  if (vendorUserId === null) throw new ReauthorizationRequired("Dexcom Share tells an account only while signing in.");
  (await latest(call, 10, 1)).json();
  return { vendorUserId, grantedScopes: null };
}

/** Readings from the window's start to now: the door knows no end. A window that ended a day ago or earlier has none. */
export async function* pull(call: DriverCall, request: PullRequest): AsyncGenerator<PulledPage> {
  if (request.resource !== "readings" || !("window" in request)) throw new InvalidInput("Dexcom Share answers for windows of its readings only.");
  const { fromMs, toMs } = request.window;
  if (toMs <= call.nowMs - MOST_MINUTES * MINUTE_MS) return;
  const minutes = Math.min(MOST_MINUTES, Math.max(1, Math.ceil((call.nowMs - fromMs) / MINUTE_MS)));
  const response = await latest(call, minutes, MOST_READINGS);
  // What is no list breaks the contract here and is not stored as a page.
  response.json();
  yield { resource: "readings", body: response.body };
}

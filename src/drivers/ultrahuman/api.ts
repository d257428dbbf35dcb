/** Ultrahuman's endpoints. Source: vendors/ultrahuman.md. */
import { InvalidInput, ProviderUnavailable } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import { addDays, DAY_MS, localDate, type Window } from "#units/time.ts";
import * as schema from "./schema.ts";

const OAUTH_ROOT = "/api/partners/v1/user_data";

/** More than seven days at once are refused with 400. */
export const MAX_EPOCHS_MS = 7 * DAY_MS;
const MAX_EPOCHS_S = MAX_EPOCHS_MS / 1000;

/** The person's id: asked for. Throws ProviderContractBroken without one. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const answer = await call.fetch(`${OAUTH_ROOT}/user_info`);
  return { vendorUserId: parseEnvelope(schema.userInfo, answer.json(), "Ultrahuman user"), grantedScopes: null };
}

/**
 * `metrics` by window: a page for each local day that the window touches, or for seven days at once (setting `window`). A page of a day reaches
 * beyond the window on either side. Throws InvalidInput for anything else.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  if (request.resource !== "metrics" || !("window" in request)) throw new InvalidInput("Ultrahuman gives metrics by window.");
  const queries = call.settings["window"] === "epoch" ? epochsOf(request.window) : datesOf(request.window, call);
  for (const query of queries) {
    call.signal.throwIfAborted();
    // 404: nothing of this day, or a day that has not begun where the person is.
    const answer = await call.fetch(`${OAUTH_ROOT}/metrics`, { query, accept: [404] });
    if (answer.status === 404) continue;
    const { error } = parseEnvelope(schema.envelope, answer.json(), "Ultrahuman answer");
    if (error !== null && error !== undefined && error !== "") {
      throw new ProviderUnavailable("Ultrahuman answered 200 with an error in the body.", { vendorStatus: 200 });
    }
    yield { resource: "metrics", body: answer.body };
  }
}

function* epochsOf({ fromMs, toMs }: Window): Generator<Readonly<Record<string, number>>> {
  const endS = Math.ceil(toMs / 1000);
  for (let startS = Math.floor(fromMs / 1000); startS < endS; startS += MAX_EPOCHS_S) yield { start_epoch: startS, end_epoch: Math.min(startS + MAX_EPOCHS_S, endS) };
}

/** The dates of the person's own days; where the zone is not known, a day more on either side. */
function* datesOf({ fromMs, toMs }: Window, { account: { zone } }: DriverCall): Generator<Readonly<Record<string, string>>> {
  const aside = zone === undefined ? DAY_MS : 0;
  const last = localDate(zone ?? "UTC", toMs - 1 + aside);
  for (let date = localDate(zone ?? "UTC", fromMs - aside); date <= last; date = addDays(date, 1)) yield { date };
}

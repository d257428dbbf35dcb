/** LibreLinkUp's data doors. Source: vendors/abbott-libre.md, Data endpoints and Rate limits. */
import { InvalidInput, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { isTooOld, meantStatus, meantStatusOfError, refusalOf, toldBy, tooOld, turnedAway, withoutTicket } from "./answers.ts";
import { connectionList } from "./followed.ts";
import { headersOf } from "./headers.ts";

/** How far back each door reaches, a little more than said. */
const REACH_MS = { graph: 13 * HOUR_MS, logbook: 15 * DAY_MS } as const;

/**
 * One answer, signed in anew once where the session has ended. "Too old" counts as such an end: the sign-in takes the version over that is
 * wanted, keeps it with the connection, and the call is made again with it. Throws ProviderMisconfigured where no version is named.
 */
async function ask(call: DriverCall, path: string): Promise<VendorResponse> {
  const send = (settings: Readonly<Record<string, string>>): Promise<VendorResponse> =>
    call.fetch(path, { headers: headersOf(settings), accept: [401, 403], statusOf: meantStatus, statusOfError: meantStatusOfError });
  let response = await send(call.settings);
  const wanted = response.status === 401 ? (toldBy(response.body)?.minimumVersion ?? null) : null;
  if (wanted !== null) response = await send({ ...call.settings, version_wanted: wanted });
  if (response.status === 403) throw turnedAway(call.nowMs);
  if (response.status !== 401) return response;
  const told = toldBy(response.body);
  throw isTooOld(told) ? tooOld(told?.minimumVersion ?? null) : new ReauthorizationRequired("LibreLinkUp refuses a session that was made just before.");
}

/** The followed person, as long as they are still followed. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const response = await ask(call, "/llu/connections");
  const refusal = refusalOf(toldBy(response.body), call.nowMs);
  if (refusal) throw refusal;
  const { data } = parseEnvelope(connectionList, response.json(), "LibreLinkUp connections");
  const found = data.find(({ patientId }) => patientId === call.account.vendorUserId);
  if (!found) throw new ReauthorizationRequired("This person no longer shares with the LibreLinkUp account.");
  return { vendorUserId: found.patientId, grantedScopes: null };
}

/** All that a door has: they know no windows. Windows that end before its reach have nothing. */
export async function* pull(call: DriverCall, request: PullRequest): AsyncGenerator<PulledPage> {
  const { resource } = request;
  if ((resource !== "graph" && resource !== "logbook") || !("window" in request)) throw new InvalidInput(`LibreLinkUp has no windows of "${resource}".`);
  if (request.window.toMs <= call.nowMs - REACH_MS[resource]) return;
  const response = await ask(call, `/llu/connections/${encodeURIComponent(call.account.vendorUserId ?? "")}/${resource}`);
  const refusal = refusalOf(toldBy(response.body), call.nowMs);
  if (refusal) {
    // How the door refuses whom nobody shares with any more is not known: the list tells.
    await identify(call);
    throw refusal;
  }
  yield { resource, body: withoutTicket(response) };
}

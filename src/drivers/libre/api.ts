/** LibreLinkUp's data doors. Source: vendors/abbott-libre.md, Data endpoints and Rate limits. */
import { InvalidInput, ProviderMisconfigured, ProviderUnavailable, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { HOUR_MS } from "#units/time.ts";
import { connectionList } from "./followed.ts";
import { headersOf, isJson, minimumVersion } from "./headers.ts";

/** How far back each door reaches, a little more than said. */
const REACH_MS = { graph: 13 * HOUR_MS, logbook: 15 * 24 * HOUR_MS } as const;

/** A 403 is about the version or the gate, never about one resource. */
async function ask(call: DriverCall, path: string): Promise<VendorResponse> {
  const response = await call.fetch(path, { headers: headersOf(call.settings), accept: [403] });
  if (response.status !== 403) return response;
  const wanted = minimumVersion(response);
  // The next sign-in takes the version over.
  if (wanted !== null) throw new ProviderMisconfigured(`LibreLinkUp wants version ${wanted} or newer: set LIBRE_VERSION.`);
  throw new ProviderUnavailable(isJson(response) ? "LibreLinkUp refuses at the moment." : "LibreLinkUp's gate turned the call away.", { vendorStatus: 403 });
}

/** The followed person, as long as they are still followed. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const { data } = parseEnvelope(connectionList, (await ask(call, "/llu/connections")).json(), "LibreLinkUp connections");
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
  response.json();
  yield { resource, body: response.body };
}

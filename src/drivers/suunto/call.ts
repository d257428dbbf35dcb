/** One call to Suunto, and what its gateway means by refusing it. Source: vendors/suunto.md, OAuth and Errors; words of Azure API Management. */
import { ProviderMisconfigured, ProviderRateLimited, ProviderRefused, ReauthorizationRequired } from "#errors.ts";
import type { DriverCall } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { HOUR_MS, SECOND_MS } from "#units/time.ts";

/**
 * A call with the subscription's key. A key that is missing or wrong is answered 401 like a dead token, but is the operator's matter: no
 * connection may be given up for it (ProviderMisconfigured). A spent quota is answered 403 (ProviderRateLimited, with the time to return). Any
 * other 403 is ProviderRefused: a token that is dead for good shows at its next refresh.
 */
export async function get(
  call: DriverCall, path: string, query: Readonly<Record<string, string | number>>, accept: readonly number[] = [],
): Promise<VendorResponse> {
  const key = call.settings["subscription_key"] ?? "";
  if (key === "") throw new ProviderMisconfigured("Suunto needs the key of your subscription: set SUUNTO_SUBSCRIPTION_KEY.");
  const answer = await call.fetch(path, { query, headers: { "ocp-apim-subscription-key": key }, accept: [401, 403, ...accept] });
  if (answer.status !== 401 && answer.status !== 403) return answer;
  const words = new TextDecoder().decode(answer.body);
  if (answer.status === 401 && /subscription key/i.test(words)) {
    throw new ProviderMisconfigured("Suunto refuses the key of your subscription: check SUUNTO_SUBSCRIPTION_KEY.");
  }
  if (answer.status === 401) throw new ReauthorizationRequired("Suunto refuses a token that was refreshed just before.");
  if (/call volume quota/i.test(words)) throw new ProviderRateLimited("The call quota of your subscription at Suunto is spent.", call.nowMs + waitMs(words));
  throw new ProviderRefused("suunto answered 403.", 403, words);
}

/** "Quota will be replenished in 02:13:48." An hour where no time is told; days where they come before a point. */
function waitMs(words: string): number {
  const match = /replenished in (?:(\d{1,2})\.)?(\d{1,2}):(\d{2}):(\d{2})/i.exec(words);
  if (!match) return HOUR_MS;
  const [days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0)) as [number, number, number, number];
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND_MS;
}

/** Withings' OAuth 2.0, its hosts, and the signature of services that want one. Source: vendors/withings.md, OAuth and Signature. */
import { createHmac } from "node:crypto";
import { InvalidInput } from "#errors.ts";
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";
import { AUTHENTICATION_FAILED, ERRORS_OF_WITHINGS, INVALID_PARAMETERS, TOO_MANY_REQUESTS, UNAUTHORIZED } from "./status.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth2_user/authorize2",
  tokenPath: "/v2/oauth2",
  // No user.sleepevents: who goes to bed when is told by the sleep itself.
  scopes: ["user.info", "user.metrics", "user.activity"],
  scopeSeparator: ",",
  pkce: "none",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 10_800,
  // The old one dies with the first use of the new access token, or after eight hours.
  refreshTokenRotates: true,
  extraTokenParameters: { action: "requesttoken" },
  answerEnvelope: {
    statusField: "status",
    bodyField: "body",
    wordsField: "error",
    refusals: [
      // 503 is "invalid parameters": recordings show it for dead codes and refresh tokens as well as for a wrong client, told apart by words.
      { statuses: [...AUTHENTICATION_FAILED, ...INVALID_PARAMETERS], words: /client|signature|redirect|callback/i, meaning: "operator" },
      { statuses: INVALID_PARAMETERS, words: /refresh_token|code|token|grant/i, meaning: "person" },
      { statuses: AUTHENTICATION_FAILED, meaning: "person" },
      { statuses: UNAUTHORIZED, meaning: "operator" },
      { statuses: [TOO_MANY_REQUESTS], meaning: "limit" },
      { statuses: ERRORS_OF_WITHINGS, meaning: "time" },
    ],
  },
};

/** Two clouds with separate accounts and applications; of the American one the consent page is documented, the API's host is remembered. */
const HOSTS: Readonly<Record<string, { readonly account: string; readonly api: string }>> = {
  general: { account: "https://account.withings.com", api: "https://wbsapi.withings.net" },
  us_medical: { account: "https://account.us.withingsmed.com", api: "https://wbsapi.us.withingsmed.net" },
};

export const settings: readonly DriverSetting[] = [
  {
    name: "cloud",
    description: "Where your application is registered: the general cloud, or the one for medical use in the United States (us_medical).",
    values: Object.keys(HOSTS),
    default: "general",
    chosenBy: "provider",
  },
];

/** `base_url` and `browser_base_url` as for every driver. Throws InvalidInput for a cloud that is not offered. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const cloud = given["cloud"] ?? "general";
  const hosts = Object.hasOwn(HOSTS, cloud) ? HOSTS[cloud] : undefined;
  if (!hosts) throw new InvalidInput(`The cloud of Withings must be one of ${Object.keys(HOSTS).join(", ")}.`);
  const base = trimmed(given["base_url"]);
  const api = base ?? hosts.api;
  return { auth: trimmed(given["browser_base_url"]) ?? base ?? hosts.account, token: api, api };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);

/** Lower-case hex HMAC-SHA256 by the client secret of these values, sorted by their parameters' names and joined by commas. */
export function signatureOf(parameters: Readonly<Record<string, string>>, clientSecret: string): string {
  const values = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return createHmac("sha256", clientSecret).update(values.join(",")).digest("hex");
}

/** Fitbit's OAuth 2.0, hosts and settings. Source: vendors/fitbit.md, Base URLs, OAuth and Errors. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth2/authorize",
  tokenPath: "/oauth2/token",
  revokePath: "/oauth2/revoke",
  // No location, nutrition, social, electrocardiogram and rhythm notifications: nothing of them is read.
  scopes: ["activity", "cardio_fitness", "heartrate", "oxygen_saturation", "profile", "respiratory_rate", "settings", "sleep", "temperature", "weight"],
  scopeSeparator: " ",
  pkce: "required",
  // Of apps of the types "Server" and "Personal"; those of the type "Client" have no secret.
  clientAuthentication: "basic",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 28_800,
  refreshTokenRotates: true,
  // Errors of the token endpoint have Fitbit's own form: {"success":false,"errors":[{"errorType":"invalid_grant","message":…}]}.
  refusals: [
    { words: /"errorType"\s*:\s*"invalid_grant"/, meaning: "person" },
    { words: /"errorType"\s*:\s*"(invalid_client|unauthorized_client|invalid_request|invalid_scope|unsupported_grant_type)"/, meaning: "operator" },
  ],
};

export const settings: readonly DriverSetting[] = [
  {
    name: "verification_code",
    description: "The code that dev.fitbit.com shows for our subscriber address; without it the address cannot be verified.",
    values: [],
    default: "",
    isSecret: true,
    chosenBy: "provider",
  },
  {
    name: "intraday",
    description:
      "Whether heart rate and steps within the day are asked for. Fitbit gave them to \"Personal\" apps for the owner's own data, to others on request only: off " +
      "for those that never had it.",
    values: ["on", "off"],
    default: "on",
    chosenBy: "provider",
  },
  {
    name: "detail",
    description: "How finely heart rate and steps within the day are asked for. Steps come by the minute at the finest.",
    values: ["1sec", "1min", "5min", "15min"],
    default: "1min",
    chosenBy: "provider",
  },
];

/** No sandbox, no regions. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]);
  const api = base ?? "https://api.fitbit.com";
  return { auth: trimmed(given["browser_base_url"]) ?? base ?? "https://www.fitbit.com", token: api, api };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);

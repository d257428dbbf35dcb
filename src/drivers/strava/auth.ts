/** Strava's OAuth 2.0 and host. Source: vendors/strava.md, OAuth. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth/authorize",
  tokenPath: "/oauth/token",
  // No profile:read_all: the profile's weight has no date and is not taken over.
  scopes: ["read", "activity:read_all"],
  scopeSeparator: ",",
  pkce: "none",
  clientAuthentication: "body",
  extraAuthorizeParameters: { approval_prompt: "auto" },
  sendsRedirectUriWithCode: false,
  defaultTokenLifeSeconds: 21_600,
  // The newest one counts, but while the access token has an hour left the same tokens are given again.
  refreshTokenRotates: false,
};

export const settings: readonly DriverSetting[] = [
  {
    name: "signature",
    description:
      "What to do with the header X-Strava-Signature, on which sources conflict: check it when it is there (verify), demand it (required), " +
      "or pay no heed to it (ignore).",
    values: ["verify", "required", "ignore"],
    default: "verify",
    chosenBy: "provider",
  },
  {
    name: "streams",
    description: "Whether heart rate, power, speed, cadence and altitude of an activity are fetched with it (one more call for each activity).",
    values: ["on", "off"],
    default: "on",
    chosenBy: "provider",
  },
  {
    name: "zones",
    description: "Whether the time in heart-rate zones of an activity is fetched with it: one more call, and only for athletes who subscribe to Strava.",
    values: ["off", "on"],
    default: "off",
    chosenBy: "provider",
  },
];

/** One host, no sandbox, no regions. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]) ?? "https://www.strava.com";
  return { auth: trimmed(given["browser_base_url"]) ?? base, token: base, api: base };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);

/** Oura's OAuth 2.0 and hosts. Source: vendors/oura.md, Base URLs and OAuth. */
import type { DriverSetting } from "#driver/types.ts";
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

// No `email`: nothing of Islet needs it.
const SCOPES = ["personal", "daily", "heartrate", "workout", "tag", "session", "spo2"];

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth/authorize",
  tokenPath: "/oauth/token",
  scopes: SCOPES,
  scopesSetting: "scopes",
  scopeSeparator: " ",
  pkce: "none",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  // The samples say a day, the FAQ a month; the field `expires_in` is believed.
  defaultTokenLifeSeconds: 86_400,
  refreshTokenRotates: true,
  // Errors are documented as {status, title, detail}, without an OAuth code.
  bareRefusalEndsGrant: true,
};

export const settings: readonly DriverSetting[] = [
  {
    name: "scopes",
    description:
      "What is asked for, separated by spaces. Oura's documents spell spo2 in two ways (spo2, spo2Daily), and newer scopes are not listed in all " +
      "of them.",
    values: [],
    default: SCOPES.join(" "),
    chosenBy: "provider",
  },
  {
    name: "profile",
    description:
      "Whether weight and height are taken from the profile. People type them there and nothing says when, so they count from the day they were " +
      "first seen.",
    values: ["on", "off"],
    default: "on",
    chosenBy: "provider",
  },
  {
    name: "data",
    description: "Where data is read: the person's own (live), or Oura's made-up data for trials of an application (sandbox).",
    values: ["live", "sandbox"],
    default: "live",
    chosenBy: "provider",
  },
];

/** No regions. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]);
  const api = base ?? "https://api.ouraring.com";
  return { auth: trimmed(given["browser_base_url"]) ?? base ?? "https://cloud.ouraring.com", token: api, api };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);

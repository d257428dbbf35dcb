/** Garmin's OAuth 2.0 and hosts. Source: vendors/garmin.md, Base URLs and OAuth. */
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth2Confirm",
  tokenPath: "/di-oauth2-service/oauth/token",
  // What may be read is fixed when the app is made and ticked by the person; no scope is sent.
  scopes: [],
  permissions: ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT"],
  scopeSeparator: " ",
  pkce: "required",
  clientAuthentication: "body",
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 86_400,
  refreshTokenRotates: true,
};

/** One production host for each purpose, no sandbox. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(settings: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(settings["base_url"]);
  return {
    auth: trimmed(settings["browser_base_url"]) ?? base ?? "https://connect.garmin.com",
    token: base ?? "https://diauth.garmin.com",
    api: base ?? "https://apis.garmin.com",
  };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);

/** Polar's OAuth 2.0 and hosts. Source: vendors/polar.md, Part A. */
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/oauth2/authorization",
  tokenPath: "/v2/oauth2/token",
  scopes: ["accesslink.read_all"],
  scopeSeparator: " ",
  pkce: "none",
  clientAuthentication: "basic",
  sendsRedirectUriWithCode: true,
  // Tokens live about ten years and cannot be refreshed: a refused one needs a new consent.
  defaultTokenLifeSeconds: 315_360_000,
  refreshTokenRotates: false,
  givesRefreshToken: false,
};

/** A host for each purpose, no sandbox, no regions. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(settings: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(settings["base_url"]);
  return {
    auth: trimmed(settings["browser_base_url"]) ?? base ?? "https://flow.polar.com",
    token: base ?? "https://polarremote.com",
    api: base ?? "https://www.polaraccesslink.com",
  };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);

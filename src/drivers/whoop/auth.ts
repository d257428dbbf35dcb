/** WHOOP's OAuth 2.0 and host. Source: vendors/whoop.md, Base URLs and OAuth. */
import type { Endpoints, OAuth2Auth } from "#oauth/types.ts";

export const auth: OAuth2Auth = {
  kind: "oauth2",
  authorizePath: "/auth",
  tokenPath: "/token",
  // Without `offline` there is no refresh token.
  scopes: ["read:recovery", "read:cycles", "read:workout", "read:sleep", "read:profile", "read:body_measurement", "offline"],
  scopeSeparator: " ",
  pkce: "none",
  clientAuthentication: "body",
  extraRefreshParameters: { scope: "offline" },
  sendsRedirectUriWithCode: true,
  defaultTokenLifeSeconds: 3_600,
  // A refresh kills the old access token as well as the old refresh token.
  refreshTokenRotates: true,
  // After a person's revocation the next refresh fails with a 400 or 401 of no documented form.
  bareRefusalEndsGrant: true,
};

/** One host, no sandbox, no regions. `base_url` and `browser_base_url` as for every driver. */
export function endpoints(given: Readonly<Record<string, string>>): Endpoints {
  const base = trimmed(given["base_url"]) ?? "https://api.prod.whoop.com";
  const browser = trimmed(given["browser_base_url"]) ?? base;
  return { auth: `${browser}/oauth/oauth2`, token: `${base}/oauth/oauth2`, api: `${base}/developer` };
}

const trimmed = (url: string | undefined): string | null => (url ? url.replace(/\/+$/, "") : null);

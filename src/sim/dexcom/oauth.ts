/** Dexcom's sign-in and token doors. vendors/dexcom.md, OAuth. */

import type { CloudContext } from "../cloud.ts";
import type { Route } from "../exchange.ts";
import { oauthRoutes } from "../oauth.ts";

/** The same doors under both path versions; both are in use. */
export function dexcomOAuthRoutes(context: CloudContext): Route[] {
  return oauthRoutes(context, {
    pages: ["/v3/oauth2/login", "/v2/oauth2/login"],
    tokenPaths: ["/v3/oauth2/token", "/v2/oauth2/token"],
    pkce: "optional",
    scopes: (asked) => (asked === "offline_access" ? { permissions: [], fixedScopes: ["offline_access"] } : null),
    tell: ({ tokens, grant, expiresIn }) => ({
      access_token: tokens.accessToken,
      expires_in: expiresIn,
      refresh_expires_in: 0,
      refresh_token: tokens.refreshToken,
      token_type: "Bearer",
      "not-before-policy": 0,
      session_state: grant.id,
      scope: "offline_access",
    }),
  });
}

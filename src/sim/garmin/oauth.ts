/** Garmin's consent page and token door; PKCE is mandatory. vendors/garmin.md, OAuth. */

import type { CloudContext } from "../cloud.ts";
import type { Route } from "../exchange.ts";
import { oauthRoutes } from "../oauth.ts";

const PERMISSIONS = [
  { value: "HEALTH_EXPORT", label: "Health data: sleep, stress, heart rate, steps, body", isTicked: true },
  { value: "ACTIVITY_EXPORT", label: "Activities", isTicked: true },
  { value: "MCT_EXPORT", label: "Women's health: cycle days and phases", isTicked: false },
  { value: "HISTORICAL_DATA_EXPORT", label: "Historical data, from before today", isTicked: false },
];

export function garminOAuthRoutes(context: CloudContext): Route[] {
  return oauthRoutes(context, {
    pages: ["/oauth2Confirm"],
    tokenPaths: ["/di-oauth2-service/oauth/token"],
    pkce: "required",
    // No scopes are asked: the person ticks permissions.
    scopes: () => ({ permissions: PERMISSIONS, fixedScopes: [] }),
    tell: ({ tokens, grant, expiresIn, refreshExpiresIn }) => ({
      access_token: tokens.accessToken,
      token_type: "bearer",
      refresh_token: tokens.refreshToken,
      expires_in: expiresIn,
      refresh_token_expires_in: refreshExpiresIn,
      scope: "PARTNER_WRITE PARTNER_READ CONNECT_READ CONNECT_WRITE",
      jti: grant.id,
    }),
  });
}

/** WHOOP's consent page and token door. vendors/whoop.md, OAuth. */

import type { CloudContext } from "../cloud.ts";
import { authorizationParameters } from "../consent.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf, redirect, withParameters } from "../exchange.ts";
import type { OAuthSheet } from "../oauth.ts";
import { oauthRefusal, oauthRoutes, tickedScopes } from "../oauth.ts";

const SCOPES: Readonly<Record<string, string>> = {
  "read:recovery": "Recovery", "read:cycles": "Cycles: strain and heart rate of the day", "read:workout": "Workouts", "read:sleep": "Sleep",
  "read:profile": "Name and email", "read:body_measurement": "Height, weight and highest heart rate",
};
const OFFLINE = "offline";
const STATE_LENGTH = 8;

export function whoopOAuthRoutes(context: CloudContext): Route[] {
  const sheet: OAuthSheet = {
    pages: ["/oauth/oauth2/auth"],
    tokenPaths: ["/oauth/oauth2/token"],
    pkce: "none",
    scopes(asked) {
      const wanted = (asked ?? "").split(" ").filter((scope) => scope !== OFFLINE).join(" ");
      const ticked = tickedScopes(SCOPES, wanted, " ");
      return ticked && { ...ticked, fixedScopes: (asked ?? "").split(" ").includes(OFFLINE) ? [OFFLINE] : [] };
    },
    tell: ({ tokens, grant, expiresIn }) => ({
      access_token: tokens.accessToken,
      expires_in: expiresIn,
      // Whoever did not ask for `offline` gets none.
      ...(grant.scopes.includes(OFFLINE) ? { refresh_token: tokens.refreshToken } : {}),
      scope: grant.scopes.join(" "),
      token_type: "bearer",
    }),
  };
  return oauthRoutes(context, sheet).map((route) => ({
    ...route, handle: (call) => (route.door === "page" ? withState(context, call, route) : withOffline(context, call, route)),
  }));
}

/** The state is required. Copies of the documents differ whether it has eight characters or at least eight. */
function withState(context: CloudContext, call: Call, route: Route): Answer | Promise<Answer> {
  const asked = authorizationParameters(call);
  const redirectUri = asked.get("redirect_uri") ?? "";
  const isKnown = asked.get("client_id") === context.client.clientId && context.client.redirectUris.includes(redirectUri);
  const { length } = asked.get("state") ?? "";
  const isFit = context.position("state") === "exactly 8" ? length === STATE_LENGTH : length >= STATE_LENGTH;
  if (!isKnown || isFit) return route.handle(call);
  return redirect(withParameters(redirectUri, { error: "invalid_state", state: asked.get("state") }));
}

/** A refresh has to say `offline` again. What happens otherwise is not written: it is refused, or brings no refresh token any more. */
async function withOffline(context: CloudContext, call: Call, route: Route): Promise<Answer> {
  const fields = formOf(call);
  const isAsked = fields.get("grant_type") !== "refresh_token" || (fields.get("scope") ?? "").split(" ").includes(OFFLINE);
  if (isAsked) return route.handle(call);
  if (context.position("refreshWithoutOffline") === "refused") return oauthRefusal({ error: "invalid_request", description: "The refresh has to ask for the scope offline." });
  const answer = await route.handle(call);
  return { ...answer, body: JSON.stringify({ ...(JSON.parse(String(answer.body)) as object), refresh_token: undefined }) };
}

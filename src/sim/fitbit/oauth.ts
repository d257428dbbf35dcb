/** Fitbit's consent page, token, introspection and revocation doors. vendors/fitbit.md, OAuth. */

import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { basic, bearer, empty, formOf, json } from "../exchange.ts";
import { oauthRoutes, tickedScopes } from "../oauth.ts";
import { fitbitUserId } from "./identity.ts";
import { fitbitRefusal } from "./refusal.ts";

const SCOPES: Readonly<Record<string, string>> = {
  activity: "Activity and exercise", cardio_fitness: "Cardio fitness", electrocardiogram: "Electrocardiograms", heartrate: "Heart rate",
  irregular_rhythm_notifications: "Irregular rhythm notifications", location: "Location and GPS", nutrition: "Food and water",
  oxygen_saturation: "Oxygen saturation", profile: "Profile", respiratory_rate: "Breathing rate", settings: "Devices and settings", sleep: "Sleep",
  social: "Friends", temperature: "Temperature", weight: "Weight",
};

export function fitbitOAuthRoutes(context: CloudContext): Route[] {
  const doors = oauthRoutes(context, {
    pages: ["/oauth2/authorize"],
    tokenPaths: ["/oauth2/token"],
    pkce: "optional",
    // The application is one of type "Server".
    clientProof: ["basic"],
    scopes: (asked) => tickedScopes(SCOPES, asked, " "),
    tell: ({ tokens, grant, person, expiresIn }) => ({
      access_token: tokens.accessToken,
      expires_in: expiresIn,
      refresh_token: tokens.refreshToken,
      scope: grant.scopes.join(" "),
      token_type: "Bearer",
      user_id: fitbitUserId(context, person),
    }),
    refuse: ({ error, description }) => fitbitRefusal(error === "invalid_client" ? 401 : 400, error, description),
  });
  return [
    ...doors,
    { method: "POST", path: "/1.1/oauth2/introspect", door: "token", handle: (call) => introspect(context, call) },
    { method: "POST", path: "/oauth2/revoke", door: "token", handle: (call) => revoke(context, call) },
  ];
}

function introspect(context: CloudContext, call: Call): Answer {
  if (!context.grants.find(bearer(call) ?? "")) return unauthorized(context, bearer(call) ?? "");
  const token = formOf(call).get("token") ?? "";
  const grant = context.grants.find(token) ?? context.grants.findByRefresh(token);
  if (!grant) return json(200, { active: false });
  const scope = `{${grant.scopes.map((one) => `${one.toUpperCase()}=READ`).join(", ")}}`;
  return json(200, { active: true, scope, client_id: context.client.clientId, user_id: fitbitUserId(context, knownPerson(context, grant.personId)), token_type: "access_token" });
}

/** Either token ends the whole grant; its subscriptions stay, and tell nobody anything. */
function revoke(context: CloudContext, call: Call): Answer {
  const client = basic(call);
  if (client?.name !== context.client.clientId || client.password !== context.client.clientSecret) return fitbitRefusal(401, "invalid_client", "Invalid authorization header.");
  const token = formOf(call).get("token") ?? "";
  const grant = context.grants.findByRefresh(token) ?? context.grants.find(token);
  if (!grant) return fitbitRefusal(400, "invalid_token", "Access token invalid.");
  context.grants.revoke(grant.personId);
  context.outbox.drop(grant.personId);
  return empty(200);
}

/** Tells a token that is over from one that never was, or is no longer allowed. */
export function unauthorized(context: CloudContext, token: string): Answer {
  const isOver = context.grants.live().some(({ id }) => token.includes(id));
  return isOver ? fitbitRefusal(401, "expired_token", "Access token expired.") : fitbitRefusal(401, "invalid_token", "Access token invalid.");
}

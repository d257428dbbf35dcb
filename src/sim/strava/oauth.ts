/** Strava's consent page, token and deauthorization doors. vendors/strava.md, OAuth. */

import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { basic, bearer, formOf, json } from "../exchange.ts";
import type { TokenProblem } from "../oauth.ts";
import { oauthRoutes, tickedScopes } from "../oauth.ts";
import { summaryAthlete } from "./api.ts";
import { stravaRefusal } from "./refusal.ts";
import type { StravaWorld } from "./world.ts";

const SCOPES: Readonly<Record<string, string>> = {
  read: "Your public profile",
  read_all: "Your private routes and segments",
  "profile:read_all": "Your whole profile, weight included",
  "profile:write": "Change your profile",
  "activity:read": "Activities that others can see",
  "activity:read_all": "All activities, those set to “Only you” too",
  "activity:write": "Upload activities",
};

export function stravaOAuthRoutes(world: StravaWorld): Route[] {
  const { context } = world;
  const doors = oauthRoutes(context, {
    pages: ["/oauth/authorize", "/oauth/mobile/authorize"],
    tokenPaths: ["/oauth/token", "/api/v3/oauth/token"],
    pkce: "none",
    bodies: ["form", "json"],
    repeatsRedirect: false,
    isRedirectAllowed: (redirectUri, { redirectUris }) => isCallbackDomain(redirectUri, redirectUris),
    scopes: (asked) => tickedScopes(SCOPES, asked, ","),
    redirectExtras: (accepted) => ({ scope: accepted.join(",") }),
    tell: ({ tokens, grant, person, how }) => ({
      token_type: "Bearer",
      expires_at: Math.floor(tokens.accessExpiresMs / 1000),
      expires_in: Math.floor((tokens.accessExpiresMs - context.now()) / 1000),
      refresh_token: tokens.refreshToken,
      access_token: tokens.accessToken,
      // The athlete comes with the code alone.
      ...(how === "code" ? { athlete: summaryAthlete(context, person, grant.scopes) } : {}),
    }),
    refuse: refuseToken,
  });
  return [
    ...doors,
    { method: "POST", path: "/oauth/deauthorize", door: "token", handle: (call) => deauthorize(world, call) },
    { method: "POST", path: "/oauth/revoke", door: "token", handle: (call) => revoke(world, call) },
  ];
}

/** Only the host counts; the two local ones are always allowed. */
function isCallbackDomain(redirectUri: string, registered: readonly string[]): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const { hostname } = new URL(redirectUri);
  const domains = registered.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).hostname);
  return ["localhost", "127.0.0.1", ...domains].includes(hostname);
}

function refuseToken({ field }: TokenProblem): Answer {
  if (field === "client_secret") return stravaRefusal(401, "Authorization Error", ["Application", "", "invalid"]);
  const resources: Readonly<Record<string, string>> = { code: "AuthorizationCode", refresh_token: "RefreshToken" };
  return stravaRefusal(400, "Bad Request", [resources[field] ?? "Application", field, "invalid"]);
}

function deauthorize({ context, events }: StravaWorld, call: Call): Answer {
  if (context.position("deauthorize") === "new") return stravaRefusal(410, "Gone", null);
  const token = bearer(call) ?? call.query.get("access_token") ?? formOf(call).get("access_token") ?? "";
  const grant = context.grants.find(token);
  if (!grant) return stravaRefusal(401, "Authorization Error", ["Athlete", "access_token", "invalid"]);
  events.withdraw(knownPerson(context, grant.personId), context.now() + 1_000);
  return json(200, { access_token: token });
}

/** As RFC 7009 has it: the client by Basic or in the form, the token as a parameter. A token that is not known is no error. */
function revoke({ context, events }: StravaWorld, call: Call): Answer {
  if (context.position("deauthorize") === "old") return stravaRefusal(404, "Record Not Found", null);
  const fields = new URLSearchParams([...call.query, ...formOf(call)]);
  const { name, password } = basic(call) ?? { name: fields.get("client_id"), password: fields.get("client_secret") };
  const { clientId, clientSecret } = context.client;
  if (name !== clientId || password !== clientSecret) return stravaRefusal(401, "Authorization Error", ["Application", "", "invalid"]);
  const grant = context.grants.find(fields.get("token") ?? "");
  if (grant) events.withdraw(knownPerson(context, grant.personId), context.now() + 1_000);
  return json(200, {});
}

/** Strava's consent page, token and deauthorization doors. vendors/strava.md, OAuth. */

import type { ConsentRequest } from "../consent.ts";
import { authorizationParameters, consentPage, decideConsent, refusalPage } from "../consent.ts";
import type { SimContext } from "../context.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, formOf, isJson, json, jsonFields, redirect, withParameters } from "../exchange.ts";
import type { TokenOutcome } from "../grants.ts";
import type { StravaEvents } from "./events.ts";
import { summaryAthlete } from "./api.ts";
import { stravaRefusal } from "./refusal.ts";

const NAME = "Strava";

const SCOPES: Readonly<Record<string, string>> = {
  read: "Your public profile",
  read_all: "Your private routes and segments",
  "profile:read_all": "Your whole profile, weight included",
  "profile:write": "Change your profile",
  "activity:read": "Activities that others can see",
  "activity:read_all": "All activities, those set to “Only you” too",
  "activity:write": "Upload activities",
};

export function stravaOAuthRoutes(context: SimContext, events: StravaEvents): Route[] {
  const pages = ["/oauth/authorize", "/oauth/mobile/authorize"].flatMap((path): Route[] => [
    { method: "GET", path, door: "page", handle: (call) => consent(context, call, consentPage) },
    { method: "POST", path, door: "page", handle: (call) => consent(context, call, decideConsent) },
  ]);
  const tokens = ["/oauth/token", "/api/v3/oauth/token"].map((path): Route => ({ method: "POST", path, door: "token", handle: (call) => token(context, call) }));
  return [...pages, ...tokens, { method: "POST", path: "/oauth/deauthorize", door: "token", handle: (call) => deauthorize(context, events, call) }];
}

type Step = (context: SimContext, call: Call, request: ConsentRequest) => Answer;

function consent(context: SimContext, call: Call, step: Step): Answer {
  const asked = authorizationParameters(call);
  const client = context.options.clients.strava;
  const redirectUri = asked.get("redirect_uri") ?? "";
  if (asked.get("client_id") !== client.clientId) return refusalPage(NAME, "The client is not known.");
  if (!isCallbackDomain(redirectUri, client.redirectUris)) return refusalPage(NAME, "The redirect address is outside the Authorization Callback Domain.");
  const state = asked.get("state");
  const refuse = (error: string): Answer => redirect(withParameters(redirectUri, { error, state }));
  if (asked.get("response_type") !== "code") return refuse("unsupported_response_type");
  const scopes = (asked.get("scope") ?? "").split(",").filter(Boolean);
  if (scopes.length === 0 || scopes.some((scope) => !Object.hasOwn(SCOPES, scope))) return refuse("invalid_scope");
  return step(context, call, {
    vendor: "strava", cloudName: NAME, redirectUri, state, challenge: null, fixedScopes: [],
    permissions: scopes.map((value) => ({ value, label: SCOPES[value] ?? value, isTicked: true })),
    redirectExtras: (accepted) => ({ scope: accepted.join(",") }),
  });
}

/** Only the host counts; the two local ones are always allowed. */
function isCallbackDomain(redirectUri: string, registered: readonly string[]): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const { hostname } = new URL(redirectUri);
  const domains = registered.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).hostname);
  return ["localhost", "127.0.0.1", ...domains].includes(hostname);
}

function token(context: SimContext, call: Call): Answer {
  const client = context.options.clients.strava;
  const fields = isJson(call) ? jsonFields(call) : formOf(call);
  if (!fields) return stravaRefusal(400, "Bad Request", ["Application", "body", "invalid"]);
  if (fields.get("client_id") !== client.clientId) return stravaRefusal(400, "Bad Request", ["Application", "client_id", "invalid"]);
  if (fields.get("client_secret") !== client.clientSecret) return stravaRefusal(401, "Authorization Error", ["Application", "", "invalid"]);
  const grantType = fields.get("grant_type");
  if (grantType === "authorization_code") {
    const outcome = context.grants.redeem("strava", fields.get("code") ?? "", { redirectUri: null, verifier: null });
    if ("refusal" in outcome) return stravaRefusal(400, "Bad Request", ["AuthorizationCode", "code", "invalid"]);
    const person = knownPerson(context, outcome.grant.personId);
    return json(200, { ...told(context, outcome), athlete: summaryAthlete(context, person, outcome.grant.scopes) });
  }
  if (grantType !== "refresh_token") return stravaRefusal(400, "Bad Request", ["Application", "grant_type", "invalid"]);
  const outcome = context.grants.refresh("strava", fields.get("refresh_token") ?? "");
  if ("refusal" in outcome) return stravaRefusal(400, "Bad Request", ["RefreshToken", "refresh_token", "invalid"]);
  return json(200, told(context, outcome));
}

function told(context: SimContext, { tokens }: Exclude<TokenOutcome, { refusal: string }>): object {
  return {
    token_type: "Bearer",
    expires_at: Math.floor(tokens.accessExpiresMs / 1000),
    expires_in: Math.floor((tokens.accessExpiresMs - context.options.now()) / 1000),
    refresh_token: tokens.refreshToken,
    access_token: tokens.accessToken,
  };
}

function deauthorize(context: SimContext, events: StravaEvents, call: Call): Answer {
  const token = bearer(call) ?? call.query.get("access_token") ?? formOf(call).get("access_token") ?? "";
  const grant = context.grants.find("strava", token);
  if (!grant) return stravaRefusal(401, "Authorization Error", ["Athlete", "access_token", "invalid"]);
  const person = knownPerson(context, grant.personId);
  events.withdraw(person, context.options.now() + 1_000);
  return json(200, { access_token: token });
}

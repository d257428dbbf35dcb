/** Garmin's consent page and token door; PKCE is mandatory. vendors/garmin.md, OAuth. */

import type { ConsentRequest } from "../consent.ts";
import { authorizationParameters, consentPage, decideConsent, refusalPage } from "../consent.ts";
import type { SimContext } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf, isForm, json, redirect, withParameters } from "../exchange.ts";
import type { TokenOutcome } from "../grants.ts";

const NAME = "Garmin";

const PERMISSIONS = [
  { value: "HEALTH_EXPORT", label: "Health data: sleep, stress, heart rate, steps, body", isTicked: true },
  { value: "ACTIVITY_EXPORT", label: "Activities", isTicked: true },
  { value: "HISTORICAL_DATA_EXPORT", label: "Historical data, from before today", isTicked: false },
];

export function garminOAuthRoutes(context: SimContext): Route[] {
  return [
    { method: "GET", path: "/oauth2Confirm", door: "page", handle: (call) => consent(context, call, consentPage) },
    { method: "POST", path: "/oauth2Confirm", door: "page", handle: (call) => consent(context, call, decideConsent) },
    { method: "POST", path: "/di-oauth2-service/oauth/token", door: "token", handle: (call) => token(context, call) },
  ];
}

type Step = (context: SimContext, call: Call, request: ConsentRequest) => Answer;

function consent(context: SimContext, call: Call, step: Step): Answer {
  const asked = authorizationParameters(call);
  const client = context.options.clients.garmin;
  const redirectUri = asked.get("redirect_uri") ?? "";
  if (asked.get("client_id") !== client.clientId || !client.redirectUris.includes(redirectUri)) {
    return refusalPage(NAME, "The client or its redirect address is not registered.");
  }
  const state = asked.get("state");
  const refuse = (error: string): Answer => redirect(withParameters(redirectUri, { error, state }));
  if (asked.get("response_type") !== "code") return refuse("unsupported_response_type");
  const challenge = asked.get("code_challenge");
  if (!challenge || !/^[A-Za-z0-9\-_]{43}$/.test(challenge) || asked.get("code_challenge_method") !== "S256") return refuse("invalid_request");
  return step(context, call, {
    vendor: "garmin", cloudName: NAME, redirectUri, state, challenge, permissions: PERMISSIONS, fixedScopes: [], redirectExtras: () => ({}),
  });
}

function token(context: SimContext, call: Call): Answer {
  const client = context.options.clients.garmin;
  if (!isForm(call)) return refusal("invalid_request", "The body must be application/x-www-form-urlencoded.");
  const form = formOf(call);
  if (form.get("client_id") !== client.clientId || form.get("client_secret") !== client.clientSecret) {
    return json(401, { error: "invalid_client", error_description: "Bad client credentials" });
  }
  const grantType = form.get("grant_type");
  if (grantType === "authorization_code") {
    const proof = { redirectUri: form.get("redirect_uri") ?? "", verifier: form.get("code_verifier") };
    return answered(context, context.grants.redeem("garmin", form.get("code") ?? "", proof));
  }
  if (grantType === "refresh_token") return answered(context, context.grants.refresh("garmin", form.get("refresh_token") ?? ""));
  return refusal("unsupported_grant_type", "grant_type must be authorization_code or refresh_token.");
}

function answered(context: SimContext, outcome: TokenOutcome): Answer {
  if ("refusal" in outcome) return refusal("invalid_grant", outcome.refusal);
  const { tokens, grant } = outcome;
  const nowMs = context.options.now();
  return json(200, {
    access_token: tokens.accessToken,
    token_type: "bearer",
    refresh_token: tokens.refreshToken,
    expires_in: Math.round((tokens.accessExpiresMs - nowMs) / 1000),
    refresh_token_expires_in: Math.round(((tokens.refreshExpiresMs ?? nowMs) - nowMs) / 1000),
    scope: "PARTNER_WRITE PARTNER_READ CONNECT_READ CONNECT_WRITE",
    jti: grant.id,
  });
}

function refusal(error: string, description: string): Answer {
  return json(400, { error, error_description: description });
}

/** Dexcom's sign-in and token doors. vendors/dexcom.md, OAuth. */

import type { ConsentRequest } from "../consent.ts";
import { authorizationParameters, consentPage, decideConsent, refusalPage } from "../consent.ts";
import type { SimContext } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf, isForm, json, redirect, withParameters } from "../exchange.ts";
import type { TokenOutcome } from "../grants.ts";

const NAME = "Dexcom";

/** The same doors under both path versions; both are in use. */
export function dexcomOAuthRoutes(context: SimContext): Route[] {
  return ["/v3", "/v2"].flatMap((version): Route[] => [
    { method: "GET", path: `${version}/oauth2/login`, door: "page", handle: (call) => consent(context, call, consentPage) },
    { method: "POST", path: `${version}/oauth2/login`, door: "page", handle: (call) => consent(context, call, decideConsent) },
    { method: "POST", path: `${version}/oauth2/token`, door: "token", handle: (call) => token(context, call) },
  ]);
}

type Step = (context: SimContext, call: Call, request: ConsentRequest) => Answer;

function consent(context: SimContext, call: Call, step: Step): Answer {
  const asked = authorizationParameters(call);
  const client = context.options.clients.dexcom;
  const redirectUri = asked.get("redirect_uri") ?? "";
  if (asked.get("client_id") !== client.clientId || !client.redirectUris.includes(redirectUri)) {
    return refusalPage(NAME, "The client application is not known or is not authorized.");
  }
  const state = asked.get("state");
  const refuse = (error: string): Answer => redirect(withParameters(redirectUri, { error, state }));
  if (asked.get("response_type") !== "code") return refuse("unsupported_response_type");
  if (asked.get("scope") !== "offline_access") return refuse("invalid_scope");
  const challenge = asked.get("code_challenge");
  if (challenge !== null && asked.get("code_challenge_method") !== "S256") return refuse("invalid_request");
  return step(context, call, {
    vendor: "dexcom", cloudName: NAME, redirectUri, state, challenge, permissions: [], fixedScopes: ["offline_access"],
    redirectExtras: () => ({}),
  });
}

function token(context: SimContext, call: Call): Answer {
  const client = context.options.clients.dexcom;
  const form = formOf(call);
  if (!isForm(call)) return refusal("invalid_request", "The body must be application/x-www-form-urlencoded.");
  if (form.get("client_id") !== client.clientId || form.get("client_secret") !== client.clientSecret) {
    return json(401, { error: "invalid_client", error_description: "The client application is not known or is not authorized." });
  }
  const grantType = form.get("grant_type");
  if (grantType === "authorization_code") {
    const proof = { redirectUri: form.get("redirect_uri") ?? "", verifier: form.get("code_verifier") };
    return answered(context, context.grants.redeem("dexcom", form.get("code") ?? "", proof));
  }
  if (grantType === "refresh_token") return answered(context, context.grants.refresh("dexcom", form.get("refresh_token") ?? ""));
  return refusal("unsupported_grant_type", "grant_type must be authorization_code or refresh_token.");
}

function answered(context: SimContext, outcome: TokenOutcome): Answer {
  if ("refusal" in outcome) return refusal("invalid_grant", outcome.refusal);
  const { tokens, grant } = outcome;
  return json(200, {
    access_token: tokens.accessToken,
    expires_in: Math.round((tokens.accessExpiresMs - context.options.now()) / 1000),
    refresh_expires_in: 0,
    refresh_token: tokens.refreshToken,
    token_type: "Bearer",
    "not-before-policy": 0,
    session_state: grant.id,
    scope: "offline_access",
  });
}

function refusal(error: string, description: string): Answer {
  return json(400, { error, error_description: description });
}

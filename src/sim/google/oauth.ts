/** Google's consent page, token and revocation doors. vendors/google-health.md, OAuth and scopes. */

import type { CloudContext } from "../cloud.ts";
import type { ConsentRequest } from "../consent.ts";
import { authorizationParameters, consentPage, decideConsent, refusalPage } from "../consent.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf, json, redirect, withParameters } from "../exchange.ts";
import type { OAuthSheet } from "../oauth.ts";
import { tickedScopes, tokenDoor } from "../oauth.ts";

const PREFIX = "https://www.googleapis.com/auth/googlehealth.";
const NAMES: Readonly<Record<string, string>> = {
  activity_and_fitness: "Activity and fitness", health_metrics_and_measurements: "Health metrics and measurements", sleep: "Sleep", profile: "Profile",
  settings: "Settings", ecg: "Electrocardiograms", irn: "Irregular rhythm notifications", location: "Routes of exercises", logged_symptoms: "Logged symptoms",
  mindfulness: "Mindfulness", nutrition: "Food and water", reproductive_health: "Reproductive health",
};
const LABELS = Object.fromEntries(Object.entries(NAMES).map(([family, label]) => [`${PREFIX}${family}.readonly`, label]));

/** How the consent was asked for decides on a refresh token; kept with the scopes, told to nobody. */
const OFFLINE = "access_type=offline";
const ASKED_ANEW = "prompt=consent";
const UNTOLD: readonly string[] = [OFFLINE, ASKED_ANEW];

/** The whole scope of a family: `sleep` → `https://…/googlehealth.sleep.readonly`. */
export function readScope(family: string): string {
  return `${PREFIX}${family}.readonly`;
}

export function googleOAuthRoutes(context: CloudContext): Route[] {
  const sheet: OAuthSheet = {
    pages: [], tokenPaths: [], pkce: "optional",
    scopes: (asked) => tickedScopes(LABELS, asked, " "),
    tell: ({ tokens, grant, how, expiresIn }) => {
      const others = context.grants.live(grant.personId).filter((one) => one !== grant);
      const isKept = how === "code" && grant.scopes.includes(OFFLINE) && (others.length === 0 || grant.scopes.includes(ASKED_ANEW));
      return {
        access_token: tokens.accessToken,
        expires_in: expiresIn,
        // Told once: a refresh answers without it, and so does a repeated consent that nobody was asked for.
        ...(isKept ? { refresh_token: tokens.refreshToken } : {}),
        scope: grant.scopes.filter((scope) => !UNTOLD.includes(scope)).join(" "),
        token_type: "Bearer",
      };
    },
  };
  const page = (method: "GET" | "POST", step: typeof consentPage): Route => ({ method, path: "/o/oauth2/v2/auth", door: "page", handle: (call) => consent(context, sheet, call, step) });
  return [
    page("GET", consentPage),
    page("POST", decideConsent),
    { method: "POST", path: "/token", door: "token", handle: (call) => tokenDoor(context, sheet, call) },
    { method: "POST", path: "/revoke", door: "token", handle: (call) => revoke(context, call) },
  ];
}

function consent(context: CloudContext, sheet: OAuthSheet, call: Call, step: typeof consentPage): Answer {
  const asked = authorizationParameters(call);
  const redirectUri = asked.get("redirect_uri") ?? "";
  if (asked.get("client_id") !== context.client.clientId || !context.client.redirectUris.includes(redirectUri)) {
    return refusalPage(context.name, "The application is not known here, or its redirect address is not registered.");
  }
  const state = asked.get("state");
  const refuse = (error: string): Answer => redirect(withParameters(redirectUri, { error, state }));
  if (asked.get("response_type") !== "code") return refuse("unsupported_response_type");
  const scopes = sheet.scopes(asked.get("scope"));
  if (!scopes) return refuse("invalid_scope");
  const challenge = asked.get("code_challenge");
  if (challenge !== null && (!/^[A-Za-z0-9\-_]{43}$/.test(challenge) || asked.get("code_challenge_method") !== "S256")) return refuse("invalid_request");
  const fixedScopes = [
    ...(asked.get("access_type") === "offline" ? [OFFLINE] : []),
    ...((asked.get("prompt") ?? "").split(" ").includes("consent") ? [ASKED_ANEW] : []),
  ];
  const request: ConsentRequest = {
    permissions: scopes.permissions, fixedScopes, redirectUri, state, challenge,
    redirectExtras: (accepted) => ({ scope: accepted.filter((scope) => !UNTOLD.includes(scope)).join(" ") }),
  };
  return step(context, call, request);
}

/** Either token ends all that the person allowed the application. */
function revoke(context: CloudContext, call: Call): Answer {
  const token = formOf(call).get("token") ?? call.query.get("token") ?? "";
  const grant = context.grants.findByRefresh(token) ?? context.grants.find(token);
  if (!grant) return json(400, { error: "invalid_token", error_description: "Token expired or revoked" });
  context.grants.revoke(grant.personId);
  context.outbox.drop(grant.personId);
  return json(200, {});
}

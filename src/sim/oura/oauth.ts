/** Oura's consent page, token and revocation doors. vendors/oura.md, OAuth and Deauthorisation. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { json } from "../exchange.ts";
import { oauthRoutes, tickedScopes } from "../oauth.ts";
import { ouraRefusal } from "./refusal.ts";
import type { OuraWorld } from "./world.ts";

const COMMON: Readonly<Record<string, string>> = {
  email: "Your email address", personal: "Gender, age, height, weight and ring", daily: "Sleep, activity and readiness", heartrate: "Heart rate",
  workout: "Workouts", tag: "Tags", session: "Guided sessions",
};
const SPEC: Readonly<Record<string, string>> = { ...COMMON, spo2Daily: "Blood oxygen during sleep" };
const NEWER: Readonly<Record<string, string>> = {
  ...COMMON, spo2: "Blood oxygen during sleep", ring_configuration: "The ring", stress: "Stress and resilience", heart_health: "Heart health",
};

export function ouraOAuthRoutes(world: OuraWorld): Route[] {
  const { context } = world;
  const doors = oauthRoutes(context, {
    pages: ["/oauth/authorize"],
    tokenPaths: ["/oauth/token"],
    pkce: "none",
    clientProof: ["body", "basic"],
    // Which names there are is not settled; one that is not known here gives invalid_scope.
    scopes: (asked) => tickedScopes(context.position("scopes") === "spec" ? SPEC : NEWER, asked, " "),
    // What was really granted is said here and nowhere else.
    redirectExtras: (accepted) => ({ scope: accepted.join(" ") }),
    tell: ({ tokens, expiresIn }) => ({
      access_token: tokens.accessToken, token_type: "bearer", expires_in: expiresIn, refresh_token: tokens.refreshToken,
    }),
  });
  const revokeBy = (method: "GET" | "POST"): Route => ({ method, path: "/oauth/revoke", door: "token", handle: (call) => revoke(context, call, method) });
  return [...doors, revokeBy("GET"), revokeBy("POST")];
}

/** By GET in one copy of the documents, by POST in working code; the token stands in the query in both. */
function revoke(context: CloudContext, call: Call, method: "GET" | "POST"): Answer {
  const wanted = context.position("revokeBy");
  if (wanted !== "both" && wanted !== method) return ouraRefusal(405, `${method} is not allowed`);
  const grant = context.grants.find(call.query.get("access_token") ?? "");
  if (!grant) return ouraRefusal(401, "The access token is unknown, expired or revoked");
  context.grants.end(grant);
  if (context.grants.live(grant.personId).length === 0) context.outbox.drop(grant.personId);
  return json(200, {});
}

/** Tidepool's cloud. Written from vendors/tidepool.md. */

import { MINUTE_MS, parseInstant } from "#units/time.ts";
import type { Cloud, CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import { empty, formOf, header, json, type Answer, type Call, type Route } from "../exchange.ts";
import { oauthRefusal, oauthRoutes } from "../oauth.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { datumsOf } from "./datums.ts";

const REALMS = ["tidepool", "integration"];
const SCOPES = ["openid", "openid offline_access", "openid email", "openid email offline_access"];

export function tidepoolUserId(context: CloudContext, person: Person): string {
  return uuidOf(context.seed, "tidepool", person.who.id);
}

/** Error body of Tidepool's platform. */
export function tidepoolError(status: number, code: string, title: string): Answer {
  return json(status, { code, title, detail: title });
}

export const tidepool: Cloud = {
  id: "tidepool",
  name: "Tidepool",
  tokens: { codeSeconds: 60, accessSeconds: 600, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null },
  delivery: null,
  shownParameters: ["type", "startDate", "endDate", "dexcom", "carelink", "medtronic", "latest"],
  switches: [{ name: "spelling", label: "Spelling of units", positions: ["one", "several"], initial: "several" }],
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "invalid_grant") return oauthRefusal({ error: "invalid_grant", description: "Token is not active" });
    if (refusal.kind === "rate_limited") {
      const answer = tidepoolError(429, "too-many-requests", "too many requests");
      return refusal.retryAfterSeconds === undefined ? answer : { ...answer, headers: { "retry-after": String(refusal.retryAfterSeconds) } };
    }
    return refusal.kind === "server_error" ? tidepoolError(refusal.status, "internal-server-error", "internal server error") : tidepoolError(404, "resource-not-found", "resource not found");
  },
  create(context) {
    const visited = (handle: (person: Person, call: Call) => Answer): Route["handle"] => (call) => {
      const grant = context.grants.find(header(call, "x-tidepool-session-token"));
      return grant ? handle(knownPerson(context, grant.personId), call) : tidepoolError(401, "unauthenticated", "authentication token is invalid");
    };
    const realms = REALMS.map((realm) => `/realms/${realm}/protocol/openid-connect`);
    return {
      routes: [
        ...oauthRoutes(context, {
          pages: realms.map((path) => `${path}/auth`), tokenPaths: realms.map((path) => `${path}/token`), pkce: "required",
          scopes: (asked) => (SCOPES.includes(asked ?? "") ? { permissions: [], fixedScopes: (asked ?? "").split(" ") } : null),
          tell: ({ tokens, expiresIn, grant, refreshExpiresIn }) => ({
            access_token: tokens.accessToken, expires_in: expiresIn, refresh_expires_in: refreshExpiresIn, refresh_token: tokens.refreshToken, token_type: "Bearer",
            "not-before-policy": 0, session_state: grant.id, scope: "openid offline_access",
          }),
        }),
        ...realms.map((path): Route => ({ method: "POST", path: `${path}/revoke`, door: "token", handle: (call) => revoke(context, call) })),
        { method: "GET", path: "/info", door: "page", handle: () => json(200, { auth: { url: context.baseUrl, realm: "tidepool" }, versions: {} }) },
        { method: "GET", path: "/auth/user", door: "data", handle: visited((person) => json(200, { userid: tidepoolUserId(context, person), username: `${person.who.id}@people.example`, emailVerified: true })) },
        { method: "GET", path: "/data/:userId", door: "data", handle: visited((person, call) => data(context, person, call)) },
      ],
      facts: (person) => ({ userId: tidepoolUserId(context, person) }),
    };
  },
};

function revoke(context: CloudContext, call: Call): Answer {
  const form = formOf(call);
  if (form.get("client_id") !== context.client.clientId || form.get("client_secret") !== context.client.clientSecret) return oauthRefusal({ error: "invalid_client", description: "Invalid client credentials" });
  const token = form.get("token") ?? "";
  const grant = context.grants.findByRefresh(token) ?? context.grants.find(token);
  if (grant) context.grants.end(grant);
  return empty(200);
}

function data(context: CloudContext, person: Person, call: Call): Answer {
  if (call.params["userId"] !== tidepoolUserId(context, person)) return tidepoolError(403, "unauthorized", "authentication token is not authorized for requested action");
  const [from, to] = ["startDate", "endDate"].map((name) => call.query.get(name));
  const [start, end] = [from, to].map((text) => (text === null || text === undefined ? null : parseInstant(text)));
  if ((from !== null && !start) || (to !== null && !end)) return tidepoolError(400, "parameter-invalid", "startDate and endDate must be ISO 8601");
  const fromMs = start?.ms ?? context.now() - 30 * 86_400_000;
  const toMs = Math.min(end?.ms ?? context.now(), context.now() - 2 * MINUTE_MS);
  const types = call.query.get("type")?.split(",") ?? null;
  const all = datumsOf(context, person, fromMs, toMs);
  return json(200, types === null ? all : all.filter(({ type }) => types.includes(type)));
}


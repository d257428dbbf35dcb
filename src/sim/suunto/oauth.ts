/** Suunto's consent page and token door, and where a grant is ended. vendors/suunto.md, OAuth, Identity, Deauthorisation. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, json } from "../exchange.ts";
import { oauthRefusal, oauthRoutes } from "../oauth.ts";
import { hashOf, hexOf } from "../people/rng.ts";
import { hmacOf } from "../signing.ts";
import type { TokenText } from "../tokens.ts";

/** One project asks for it, another for nothing. */
const SCOPE = "workout";

/** What the person is called in tokens and notifications. */
export function userNameOf(personId: string): string {
  return `${personId}${1000 + (hashOf("suunto-user", personId) % 9000)}`;
}

/** Another name of the same person, in tokens alone. */
const subjectOf = (personId: string): string => hexOf(24, "suunto-subject", personId);

const coded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Access tokens are JWTs that name the person; nobody but Suunto can check their signature. */
export function tokenText({ kind, grant, plain }: TokenText): string {
  if (kind === "refresh") return plain;
  const claims = { sub: subjectOf(grant.personId), user: userNameOf(grant.personId), scope: [SCOPE], iss: "cloudapi-oauth.suunto.com", jti: hmacOf(plain, "jti").slice(0, 32) };
  const signed = `${coded({ alg: "HS256", typ: "JWT" })}.${coded(claims)}`;
  return `${signed}.${Buffer.from(hmacOf(signed, plain), "hex").toString("base64url")}`;
}

export function suuntoOAuthRoutes(context: CloudContext): Route[] {
  return [
    ...oauthRoutes(context, {
      pages: ["/oauth/authorize"],
      tokenPaths: ["/oauth/token"],
      pkce: "none",
      clientProof: ["basic"],
      scopes: (asked) => (["", SCOPE].includes(asked ?? "") ? { permissions: [], fixedScopes: [SCOPE] } : null),
      tell: ({ tokens, person, expiresIn }) => ({
        access_token: tokens.accessToken,
        token_type: "bearer",
        refresh_token: tokens.refreshToken,
        expires_in: expiresIn,
        scope: SCOPE,
        ...(context.position("tokenAnswer") === "names the person" ? { user: userNameOf(person.who.id) } : {}),
        jti: hmacOf(tokens.accessToken, "answer").slice(0, 32),
      }),
    }),
    { method: "GET", path: "/oauth/deauthorize", door: "token", handle: (call) => deauthorize(context, call) },
  ];
}

function deauthorize(context: CloudContext, call: Call): Answer {
  if (call.query.get("client_id") !== context.client.clientId) return oauthRefusal({ error: "invalid_client", description: "Bad client credentials" });
  const grant = context.grants.find(bearer(call) ?? "");
  if (!grant) return json(401, { error: "invalid_token", error_description: "Invalid access token" });
  context.grants.revoke(grant.personId);
  context.outbox.drop(grant.personId);
  return json(200, {});
}

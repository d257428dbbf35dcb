/** Ultrahuman's consent page, token door and revocation. vendors/ultrahuman.md, OAuth. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf, json } from "../exchange.ts";
import { oauthRefusal, oauthRoutes, tickedScopes } from "../oauth.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";

const SCOPES: Readonly<Record<string, string>> = { profile: "Name and email", ring_data: "What the ring measures", cgm_data: "Glucose" };

/** The same for the person at each call. */
export function userIdOf(context: Pick<CloudContext, "seed">, person: Person): string {
  return uuidOf("ultrahuman-user", context.seed, person.who.id);
}

export function ultrahumanOAuthRoutes(context: CloudContext): Route[] {
  return [
    ...oauthRoutes(context, {
      pages: ["/authorise"],
      tokenPaths: ["/api/partners/oauth/token"],
      pkce: "none",
      scopes: (asked) => tickedScopes(SCOPES, asked, " "),
      tell: ({ tokens, grant, expiresIn }) => ({
        access_token: tokens.accessToken,
        token_type: "Bearer",
        expires_in: expiresIn,
        refresh_token: tokens.refreshToken,
        // Whether it says what was granted is not known.
        ...(context.position("tellsScope") === "yes" ? { scope: grant.scopes.join(" ") } : {}),
      }),
    }),
    { method: "POST", path: "/api/partners/oauth/revoke", door: "token", handle: (call) => revoke(context, call) },
  ];
}

/** Either token ends the grant; one that is unknown is as good as ended (RFC 7009). */
function revoke({ client, grants }: CloudContext, call: Call): Answer {
  const form = formOf(call);
  if (form.get("client_id") !== client.clientId || form.get("client_secret") !== client.clientSecret) {
    return oauthRefusal({ error: "invalid_client", description: "The application is not known, or its secret is wrong." });
  }
  const token = form.get("token") ?? "";
  if (token === "") return oauthRefusal({ error: "invalid_request", description: "There is no token." });
  const grant = grants.find(token) ?? grants.findByRefresh(token);
  if (grant) grants.end(grant);
  return json(200, {});
}

/** Wahoo's consent page and token door, and its cap on tokens. vendors/wahoo.md, OAuth, Identity. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf } from "../exchange.ts";
import { oauthRoutes, tickedScopes } from "../oauth.ts";
import type { Person } from "../people/person.ts";
import { hashOf } from "../people/rng.ts";
import { wahooRefusal } from "./refusal.ts";

const SCOPES: Readonly<Record<string, string>> = {
  email: "Email address", user_read: "Profile", user_write: "Change the profile", workouts_read: "Workouts", workouts_write: "Write workouts",
  offline_data: "Be told of new workouts", plans_read: "Plans", plans_write: "Write plans", power_zones_read: "Power zones", power_zones_write: "Write power zones",
  routes_read: "Routes", routes_write: "Write routes",
};

/** The same for the person at each call. */
export function wahooUserId(context: Pick<CloudContext, "seed">, person: Person): number {
  return 100_000 + (hashOf(context.seed, "wahoo-user", person.who.id) % 90_000) * 10 + person.who.index;
}

export function wahooOAuthRoutes(context: CloudContext): Route[] {
  const routes = oauthRoutes(context, {
    pages: ["/oauth/authorize"],
    tokenPaths: ["/oauth/token"],
    pkce: "optional",
    scopes: (asked) => tickedScopes(SCOPES, asked, " "),
    tell: ({ tokens, grant, expiresIn }) => ({
      access_token: tokens.accessToken,
      token_type: "Bearer",
      expires_in: expiresIn,
      refresh_token: tokens.refreshToken,
      scope: grant.scopes.join(" "),
      created_at: Math.floor(context.now() / 1000),
    }),
  });
  return routes.map((route): Route => (route.door === "page" ? route : { ...route, handle: (call) => withinCap(context, call, route) }));
}

/** No person may have more tokens that are neither revoked nor over. */
async function withinCap(context: CloudContext, call: Call, route: Route): Promise<Answer> {
  const most = Number(context.position("tokensPerPerson"));
  const known = context.grants.findByRefresh(formOf(call).get("refresh_token") ?? "");
  if (known && countTokens(context, known.personId) >= most) return tooMany();
  const answer = await route.handle(call);
  if (answer.status !== 200 || known) return answer;
  const { access_token } = JSON.parse(String(answer.body)) as { access_token: string };
  const grant = context.grants.find(access_token);
  if (!grant || countTokens(context, grant.personId) <= most) return answer;
  context.grants.end(grant);
  return tooMany();
}

// With which status is not told.
const tooMany = (): Answer => wahooRefusal(403, "Too many unrevoked access tokens exist for this user");

function countTokens(context: CloudContext, personId: string): number {
  return context.grants.live(personId).reduce((sum, { access }) => sum + access.filter(({ expiresMs }) => expiresMs > context.now()).length, 0);
}

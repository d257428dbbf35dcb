/** Polar's consent page and token door. vendors/polar.md, OAuth. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf } from "../exchange.ts";
import type { OAuthSheet } from "../oauth.ts";
import { oauthRoutes } from "../oauth.ts";
import type { Person } from "../people/person.ts";
import { hashOf } from "../people/rng.ts";

const SCOPE = "accesslink.read_all";

/** The same for the person at each call. */
export function polarUserId(context: Pick<CloudContext, "seed">, person: Person): number {
  return 10_000_000 + (hashOf(context.seed, "polar-user", person.who.id) % 4_000_000) * 10 + person.who.index;
}

export function polarOAuthRoutes(context: CloudContext): Route[] {
  const sheet: OAuthSheet = {
    pages: ["/oauth2/authorization"],
    tokenPaths: ["/v2/oauth2/token"],
    pkce: "none",
    clientProof: ["basic"],
    scopes: (asked) => (asked === null || asked === SCOPE ? { permissions: [], fixedScopes: [SCOPE] } : null),
    tell: ({ tokens, person, expiresIn }) => ({ access_token: tokens.accessToken, token_type: "bearer", expires_in: expiresIn, x_user_id: polarUserId(context, person) }),
  };
  /** Codes of authorizations that named no address: their exchange names none either. */
  const nameless = new Set<string>();
  return oauthRoutes(context, sheet).map((route): Route => ({
    ...route,
    handle: route.door === "page" ? (call) => withAddress(context, call, route, nameless) : (call) => route.handle(withoutNeed(context, call, nameless)),
  }));
}

/** Where one address alone is registered, it need not be named. */
async function withAddress(context: CloudContext, call: Call, route: Route, nameless: Set<string>): Promise<Answer> {
  const [only, ...others] = context.client.redirectUris;
  if (call.query.has("redirect_uri") || formOf(call).has("redirect_uri") || only === undefined || others.length > 0) return route.handle(call);
  const query = new URLSearchParams(call.query);
  query.set("redirect_uri", only);
  const answer = await route.handle({ ...call, query });
  // The page's form would name the address it was given here; its hidden field is left out so that the answer is known to be nameless.
  if (answer.status === 200 && typeof answer.body === "string") return { ...answer, body: answer.body.replace(/<input type="hidden" name="redirect_uri"[^>]*>/, "") };
  const location = answer.headers?.["location"];
  const code = location && URL.canParse(location) ? new URL(location).searchParams.get("code") : null;
  if (code) nameless.add(code);
  return answer;
}

function withoutNeed(context: CloudContext, call: Call, nameless: Set<string>): Call {
  const form = formOf(call);
  const [only = ""] = context.client.redirectUris;
  if (form.has("redirect_uri") || !nameless.delete(form.get("code") ?? "")) return call;
  form.set("redirect_uri", only);
  return { ...call, body: form.toString() };
}

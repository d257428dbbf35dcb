/** COROS's consent page, its two token doors and its end of a grant. vendors/coros.md, OAuth; Deauthorisation. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf } from "../exchange.ts";
import type { OAuthSheet, TokenProblem } from "../oauth.ts";
import { oauthRoutes, tokenDoor } from "../oauth.ts";
import type { Person } from "../people/person.ts";
import { hexOf } from "../people/rng.ts";
import { corosAnswer, corosRefusal, RESULT } from "./envelope.ts";
import type { CorosWorld } from "./world.ts";

/** The one scope that anybody has seen; most ask for none. */
const SCOPE = "workout";

/** The same for the person at each call. */
export function openIdOf(context: Pick<CloudContext, "seed">, person: Person): string {
  return hexOf(32, context.seed, "coros-open-id", person.who.id);
}

export function corosOAuthRoutes(world: CorosWorld): Route[] {
  const { context } = world;
  const sheet: OAuthSheet = {
    pages: ["/oauth2/authorize"],
    tokenPaths: [],
    pkce: "none",
    scopes: (asked) => (["", SCOPE].includes(asked ?? "") ? { permissions: [], fixedScopes: [SCOPE] } : null),
    tell({ tokens, person, how, expiresIn }) {
      const pair = { access_token: tokens.accessToken, refresh_token: tokens.refreshToken, expires_in: expiresIn, openId: openIdOf(context, person) };
      if (how === "code") return pair;
      // Whether a refresh can bring tokens is unsure; if it does, they are the ones there are.
      return { result: RESULT.ok, message: "OK", ...(context.position("refreshAnswer") === "tokens" ? pair : {}) };
    },
    refuse: refuseToken,
  };
  /** Each door takes one kind of grant. */
  const door = (path: string, grantType: string): Route => ({
    method: "POST", path, door: "token",
    handle: (call) => tokenDoor(context, sheet, formOf(call).get("grant_type") === grantType ? call : { ...call, body: withoutGrantType(call) }),
  });
  return [
    ...oauthRoutes(context, sheet),
    door("/oauth2/accesstoken", "authorization_code"),
    door("/oauth2/refresh-token", "refresh_token"),
    { method: "POST", path: "/oauth2/deauthorize", door: "token", handle: (call) => deauthorize(world, call) },
  ];
}

function withoutGrantType(call: Call): string {
  const form = formOf(call);
  form.delete("grant_type");
  return form.toString();
}

function refuseToken({ error }: TokenProblem): Answer {
  if (error === "invalid_client") return corosRefusal("badClient");
  return corosRefusal(error === "invalid_grant" ? "unauthorised" : "badRequest");
}

/** Two projects send the token in the address, a third in the form. */
function deauthorize({ context, forget }: CorosWorld, call: Call): Answer {
  const read = context.position("deauthorizeToken");
  const token = (read === "form" ? null : call.query.get("token")) ?? (read === "address" ? null : formOf(call).get("token"));
  const grant = context.grants.find(token ?? "");
  if (!grant) return corosRefusal("unauthorised");
  forget(grant.personId);
  return corosAnswer();
}

/** Withings' consent page and token service. vendors/withings.md, OAuth; Deauthorisation. */

import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { formOf } from "../exchange.ts";
import type { OAuthSheet, TokenProblem } from "../oauth.ts";
import { oauthRoutes, tickedScopes, tokenDoor } from "../oauth.ts";
import type { Person } from "../people/person.ts";
import { hashOf, hexOf } from "../people/rng.ts";
import type { Grant, Tokens } from "../tokens.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";
import type { WithingsWorld } from "./world.ts";

const SCOPES: Readonly<Record<string, string>> = {
  "user.info": "Who you are, your devices and goals",
  "user.metrics": "Weight, blood pressure, temperature and other measures",
  "user.activity": "Activity, workouts and sleep",
  "user.sleepevents": "When you get into and out of bed",
};

/** The same for the person at each call. */
export function withingsUserId(context: Pick<CloudContext, "seed">, person: Person): number {
  return 20_000_000 + (hashOf(context.seed, "withings-user", person.who.id) % 900_000) * 10 + person.who.index;
}

export function withingsOAuthRoutes(world: WithingsWorld): Route[] {
  const { context, limit } = world;
  const sheet: OAuthSheet = {
    pages: ["/oauth2_user/authorize2"],
    tokenPaths: [],
    pkce: "none",
    isRedirectAllowed: (redirectUri, { redirectUris }) => redirectUris.some((base) => isAtOrBelow(redirectUri, base)),
    scopes: (asked) => tickedScopes(SCOPES, asked, ","),
    tell: ({ grant, tokens, person, expiresIn }) => ({ status: 0, body: tokenBody(context, person, { grant, tokens, expiresIn }) }),
    refuse: refuseToken,
  };
  return [
    ...oauthRoutes(context, sheet),
    { method: "POST", path: "/v2/oauth2", door: "token", handle: limit((call) => oauthService(world, sheet, call)) },
    { method: "POST", path: "/v2/signature", door: "token", handle: limit((call) => world.nonces.door(call)) },
  ];
}

/** A registered address, or one below it: a longer path, or a query. */
function isAtOrBelow(redirectUri: string, base: string): boolean {
  if (!URL.canParse(redirectUri) || !URL.canParse(base)) return false;
  const [asked, known] = [new URL(redirectUri), new URL(base)];
  const folder = known.pathname.endsWith("/") ? known.pathname : `${known.pathname}/`;
  return asked.origin === known.origin && asked.username === "" && (asked.pathname === known.pathname || asked.pathname.startsWith(folder));
}

interface Told {
  readonly grant: Grant;
  readonly tokens: Tokens;
  readonly expiresIn: number;
}

function tokenBody(context: CloudContext, person: Person, { grant, tokens, expiresIn }: Told): object {
  const userId = withingsUserId(context, person);
  return {
    // A number for some, a text for others.
    userid: person.who.index % 2 === 0 ? String(userId) : userId,
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    expires_in: expiresIn,
    scope: grant.scopes.join(","),
    csrf_token: `PAC${hexOf(24, "csrf", tokens.accessToken)}`,
    token_type: "Bearer",
  };
}

function refuseToken({ error, field }: TokenProblem): Answer {
  if (error === "invalid_grant" && field === "refresh_token") {
    return withingsRefusal(STATUS.invalidToken, "XRequestID: Not provided invalid_token: The refresh token provided is invalid");
  }
  return withingsRefusal(STATUS.invalidParameters, `Invalid Params: invalid ${field}`);
}

function oauthService(world: WithingsWorld, sheet: OAuthSheet, call: Call): Answer {
  const { context } = world;
  const fields = formOf(call);
  const isSigned = fields.has("signature") ? world.nonces.isSigned(fields) : null;
  if (isSigned === false) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: invalid signature");
  const action = fields.get("action");
  if (action === "requesttoken") {
    // The signed variant proves the secret instead of sending it.
    if (isSigned) fields.set("client_secret", context.client.clientSecret);
    return tokenDoor(context, sheet, isSigned ? { ...call, body: fields.toString() } : call);
  }
  if (action !== "revoke" && action !== "getdemoaccess") return withingsRefusal(STATUS.notImplemented);
  if (!isSigned) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: this service has to be signed");
  if (action === "getdemoaccess") return demoAccess(context, fields);
  const person = context.people.find((one) => String(withingsUserId(context, one)) === fields.get("userid"));
  if (!person) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: invalid userid");
  world.events.forget(person);
  return withingsAnswer({});
}

function demoAccess(context: CloudContext, fields: URLSearchParams): Answer {
  const scopes = tickedScopes(SCOPES, fields.get("scope_oauth2"), ",");
  if (!scopes) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: invalid scope_oauth2");
  const [person] = context.people;
  const { grant, tokens } = context.grants.open(person.who.id, scopes.permissions.map(({ value }) => value));
  return withingsAnswer(tokenBody(context, person, { grant, tokens, expiresIn: Math.round((tokens.accessExpiresMs - context.now()) / 1000) }));
}

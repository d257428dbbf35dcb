/** Who sends a request: a session cookie of the pages, or a bearer token of a program. */
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "#people/sessions/sessions.ts";
import { looksLikeApiKey } from "#people/sessions/keys/api-key.ts";
import { keyMayCall } from "#people/sessions/keys/key-scopes.ts";
import { MINUTE_MS } from "#units/time.ts";
import { NotAuthenticated, NotFound, NotPermitted, PasswordChangeRequired, ProofRequired, SecondFactorRequired } from "../errors.ts";
import { identifyCaller } from "../trail.ts";
import type { ApiContext } from "./context.ts";

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** The `__Host-` prefix binds the cookie to this host, whole path and TLS; browsers treat loopback as secure. */
export function cookieName(context: ApiContext): string {
  return context.config.insecureCookies ? "islet_session" : "__Host-islet_session";
}

export function setSessionCookie(context: ApiContext, reply: FastifyReply, token: string, expiresMs: number): void {
  reply.setCookie(cookieName(context), token, {
    httpOnly: true, sameSite: "lax", secure: !context.config.insecureCookies, path: "/", expires: new Date(expiresMs),
  });
}

export function clearSessionCookie(context: ApiContext, reply: FastifyReply): void {
  reply.clearCookie(cookieName(context), { httpOnly: true, sameSite: "lax", secure: !context.config.insecureCookies, path: "/" });
}

/** A request that a page makes by itself says so: it is no sign of its person, and an idle session ends all the same. */
const QUIET_HEADER = "x-islet-background";

/** Who asks; null for a stranger. A program's token is no cookie and a page's cookie no token. @param fresh nothing remembered counts. */
export async function findActor(context: ApiContext, request: FastifyRequest, fresh = false): Promise<Actor | null> {
  const bearer = /^Bearer +([A-Za-z0-9._-]{20,8192})$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) {
    if (looksLikeApiKey(bearer)) return context.apiKeys.find(bearer, { fresh });
    if (context.foreignTokens.isOfIssuer(bearer)) return context.foreignTokens.find(bearer, { fresh });
    const actor = await context.sessions.find(bearer, { fresh });
    return actor?.session.kind === "bearer" ? actor : null;
  }
  const cookie = request.cookies[cookieName(context)];
  const actor = cookie && !cookie.includes(".") ? await context.sessions.find(cookie, { quiet: fresh || request.headers[QUIET_HEADER] !== undefined }) : null;
  return actor?.session.kind === "cookie" ? actor : null;
}

/**
 * Refuses a write that a page of another site sent: browsers say where it comes from in one header, older ones in the other. Programs say
 * nothing. Catalogue AU-11; ASVS 5.0 3.5.1–3.5.3.
 */
export function refuseOtherSites(context: ApiContext, request: FastifyRequest): void {
  const { "sec-fetch-site": site, origin } = request.headers;
  const isOurs = (site === undefined || site === "same-origin") && (origin === undefined || isOwnOrigin(context, request, origin));
  if (!isOurs) throw new NotPermitted("A write by session cookie must come from Islet's own pages.");
}

/** Also by a name that the operator did not set, while the page and the request agree on it: no page can choose the Host of a request. */
function isOwnOrigin(context: ApiContext, request: FastifyRequest, origin: string): boolean {
  return context.config.publicOrigins.includes(origin) || (URL.canParse(origin) && new URL(origin).host !== "" && new URL(origin).host === request.headers.host);
}

/** Who was found to send a request. */
const known = new WeakMap<FastifyRequest, Actor>();

/** Who was found to ask; null before, and for a stranger. */
export function knownActor(request: FastifyRequest): Actor | null {
  return known.get(request) ?? null;
}

/** Who asks, found out once for a request. Throws as `authenticate`. */
export async function requireActor(context: ApiContext, request: FastifyRequest): Promise<Actor> {
  const actor = known.get(request) ?? (await authenticate(context, request, false));
  known.set(request, actor);
  identifyCaller({
    kind: actor.session.kind === "key" ? "api_key" : "user", userId: actor.userId, roles: actor.roles, patientId: actor.patientId,
    keyId: actor.session.kind === "key" ? actor.session.id : null,
    sessionRef: createHash("sha256").update("audit\0").update(actor.session.hash).digest("hex").slice(0, 16),
  });
  return actor;
}

/**
 * Who asks as things are now; without `fresh` as they were a few seconds ago. Throws NotAuthenticated for a stranger, NotPermitted for a write that rides on a cookie without proof that our own page
 * sent it (the CSRF token of the session), PasswordChangeRequired and SecondFactorRequired for what comes after those.
 */
export async function authenticate(context: ApiContext, request: FastifyRequest, fresh = true): Promise<Actor> {
  let actor = await findActor(context, request, fresh);
  // Who has just changed it, by another process, is not to wait until that is heard of here.
  if (actor && !fresh && heldBack(actor, request)) actor = await findActor(context, request, true);
  if (!actor) throw new NotAuthenticated("Sign in first, or send a valid bearer token.");
  if (actor.session.kind === "key") holdToScopes(actor, request);
  // By what authenticated, not by what else was sent: browsers add an Authorization header of their own before a password-protected proxy.
  if (actor.session.kind === "cookie" && !SAFE_METHODS.has(request.method)) {
    refuseOtherSites(context, request);
    const given = request.headers["x-csrf-token"];
    if (!context.sessions.isCsrfToken(actor, typeof given === "string" ? given : undefined)) {
      throw new NotPermitted("The X-CSRF-Token header is missing or belongs to another session.");
    }
  }
  const refusal = heldBack(actor, request);
  if (refusal) throw refusal;
  return actor;
}

/** What stands before everything else that the session may do; null where nothing does. */
function heldBack({ session }: Actor, request: FastifyRequest): PasswordChangeRequired | SecondFactorRequired | null {
  if (session.mustChangePassword && !isAmong(OPEN_BEFORE_CHANGE, request)) return new PasswordChangeRequired("Change your password first: POST /api/v1/me/password.");
  if (session.mustAddSecondFactor && !isAmong(OPEN_BEFORE_FACTOR, request)) return new SecondFactorRequired("Your organization requires a second factor: set one up first, /api/v1/me/second-factors.");
  return null;
}

/** What a session may do whose account must change its password: read itself, change the password, sign out. ASVS 5.0 6.4.1, 6.4.4. */
const OPEN_BEFORE_CHANGE: ReadonlySet<string> = new Set(["GET /api/v1/session", "DELETE /api/v1/session", "GET /api/v1/me", "POST /api/v1/me/password"]);

/** What it may do besides while its person must set up a second factor: prove to be there, and set one up. ASVS 5.0 6.3.3. */
const OPEN_BEFORE_FACTOR: ReadonlySet<string> = new Set([
  ...OPEN_BEFORE_CHANGE, "PATCH /api/v1/me", "POST /api/v1/session/proof", "GET /api/v1/me/second-factors", "POST /api/v1/me/second-factors/totp", "POST /api/v1/me/second-factors/totp/:factorId/confirm",
  "POST /api/v1/me/second-factors/passkeys/options", "POST /api/v1/me/second-factors/passkeys",
]);

function isAmong(open: ReadonlySet<string>, { method, routeOptions }: FastifyRequest): boolean {
  return open.has(`${method === "HEAD" ? "GET" : method} ${routeOptions.url ?? ""}`);
}

/** Throws NotPermitted for what a key's scopes do not name, NotFound for a patient who is not its person, where it opens no others. */
function holdToScopes({ session, patientId }: Actor, request: FastifyRequest): void {
  const { config, url: route = "" } = request.routeOptions;
  if (!keyMayCall(session.scopes ?? [], request.method, { access: config.access, route })) throw new NotPermitted("The scopes of this key do not allow that.");
  const named = (request.params as { patientId?: string }).patientId;
  if (session.isOwnOnly && named !== undefined && named !== "me" && named !== patientId) throw new NotFound("There is no such patient.");
}

/**
 * Refuses what is too grave for a session that was left open: the person must have proved to be there within so many minutes. Throws ProofRequired.
 * Source: ASVS 5.0 7.5.1, 7.5.3.
 */
export function requireRecentProof(context: Pick<ApiContext, "clock">, actor: Actor, minutes = 10): void {
  const { provenMs } = actor.session;
  if (provenMs === null || context.clock.now() - provenMs > minutes * MINUTE_MS) throw new ProofRequired("Prove first that it is you: POST /api/v1/session/proof with the password.");
}

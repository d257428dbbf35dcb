/** Who sends a request: a session cookie of the pages, or a bearer token of a program. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "#people/sessions.ts";
import { NotAuthenticated, NotPermitted } from "../errors.ts";
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

/** Who asks; null for a stranger. A program's token is no cookie and a page's cookie no token. */
export async function findActor(context: ApiContext, request: FastifyRequest): Promise<Actor | null> {
  const bearer = /^Bearer +([A-Za-z0-9_-]{20,200})$/i.exec(request.headers.authorization ?? "")?.[1];
  const cookie = bearer ? undefined : request.cookies[cookieName(context)];
  const token = bearer ?? cookie;
  const actor = token ? await context.sessions.find(token) : null;
  return actor?.session.kind === (bearer ? "bearer" : "cookie") ? actor : null;
}

/** Refuses a write that a page of another site sent. Older browsers and programs say nothing of where they come from. */
export function refuseOtherSites(request: FastifyRequest): void {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") throw new NotPermitted("A write by session cookie must come from Islet's own pages.");
}

/**
 * Who asks. Throws NotAuthenticated for a stranger, NotPermitted for a write that rides on a cookie without proof that our own page
 * sent it (the CSRF token of the session).
 */
export async function requireActor(context: ApiContext, request: FastifyRequest): Promise<Actor> {
  const actor = await findActor(context, request);
  if (!actor) throw new NotAuthenticated("Sign in first, or send a valid bearer token.");
  // By what authenticated, not by what else was sent: browsers add an Authorization header of their own before a password-protected proxy.
  if (actor.session.kind === "cookie" && !SAFE_METHODS.has(request.method)) {
    refuseOtherSites(request);
    const given = request.headers["x-csrf-token"];
    if (!context.sessions.isCsrfToken(actor, typeof given === "string" ? given : undefined)) {
      throw new NotPermitted("The X-CSRF-Token header is missing or belongs to another session.");
    }
  }
  return actor;
}

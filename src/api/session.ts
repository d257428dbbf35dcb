/** Signing in and out, and oneself. */
import { z } from "zod";
import { changePreferences, readProfile } from "#people/accounts.ts";
import type { Actor } from "#people/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { clearSessionCookie, refuseOtherSites, requireActor, setSessionCookie } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, SECURITY, type Server } from "./route-kit.ts";
import { accessToken, me, preferencesPatch, session, signInRequest, type Me } from "./schemas.ts";

export function sessionRoutes(server: Server, context: ApiContext): void {
  const readMe = (actor: Actor): Promise<Me> => context.database.withOrganization(actor.organizationId, (tx) => readProfile(tx, actor.userId));
  const limit = { rateLimit: { max: context.config.signInLimit, timeWindow: "15 minutes" } };
  const showSession = async (actor: Actor) => ({
    ...(await readMe(actor)), csrfToken: context.sessions.csrfToken(actor), expiresAt: formatInstant(actor.session.expiresMs),
  });

  server.post("/session", {
    config: limit,
    schema: { tags: ["sign-in"], summary: "Sign in as a person; sets the session cookie", body: signInRequest, response: { 200: session, ...PROBLEMS } },
  }, async (request, reply) => {
    // Another site must not be able to sign a browser in as somebody else.
    refuseOtherSites(request);
    const { token, actor } = await context.sessions.signIn(request.body.email, request.body.password, "cookie");
    setSessionCookie(context, reply, token, actor.session.expiresMs);
    return showSession(actor);
  });

  server.get("/session", {
    schema: { tags: ["sign-in"], summary: "The session of this browser", security: SECURITY, response: { 200: session, ...PROBLEMS } },
  }, async (request) => showSession(await requireActor(context, request)));

  server.delete("/session", {
    schema: { tags: ["sign-in"], summary: "Sign out", security: SECURITY, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    await context.sessions.end(await requireActor(context, request));
    clearSessionCookie(context, reply);
    return reply.code(204).send(null);
  });

  server.post("/tokens", {
    config: limit,
    schema: { tags: ["sign-in"], summary: "Sign in as a program; gives a bearer token", body: signInRequest, response: { 200: accessToken, ...PROBLEMS } },
  }, async (request) => {
    const { token, actor } = await context.sessions.signIn(request.body.email, request.body.password, "bearer");
    return { accessToken: token, tokenType: "Bearer" as const, expiresAt: formatInstant(actor.session.expiresMs) };
  });

  server.get("/me", {
    schema: { tags: ["sign-in"], summary: "Who am I", security: SECURITY, response: { 200: me, ...PROBLEMS } },
  }, async (request) => readMe(await requireActor(context, request)));

  server.patch("/me", {
    schema: { tags: ["sign-in"], summary: "Change my preferences", security: SECURITY, body: preferencesPatch, response: { 200: me, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    return context.database.withOrganization(actor.organizationId, async (tx) => {
      await changePreferences(tx, actor.userId, request.body);
      return readProfile(tx, actor.userId);
    });
  });
}

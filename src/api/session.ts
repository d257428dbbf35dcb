/** Signing in and out, and oneself. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { changePreferences, readProfile } from "#people/accounts/accounts.ts";
import { deviceWords } from "#people/sessions/device-words.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import type { AuthenticationResponseJSON } from "#people/second-factor/passkeys.ts";
import type { Asked } from "#people/second-factor/prove.ts";
import type { PasswordAttempt, Proven, SignedIn } from "#people/sign-in/sign-in.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput, NotPermitted } from "../errors.ts";
import { clearSessionCookie, findActor, refuseOtherSites, requireActor, setSessionCookie } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { readDeviceCookie, setDeviceCookie } from "./device-cookie.ts";
import { me, preferencesPatch, proof, proofRequest, secondFactorNeeded, session, signInRequest, type Me } from "./schemas.ts";

/** What was typed and where it comes from, for the check of a password. */
export function attemptOf(request: { readonly body: { identifier?: string | undefined; email?: string | undefined; password: string }; readonly ip: string }): PasswordAttempt {
  const { identifier, email, password } = request.body;
  return { identifier: identifier ?? email ?? "", password, address: request.ip };
}

/** Opens a session for this browser. What it held before opens nothing any more (catalogue AU-09). */
export async function openBrowser(
  context: ApiContext, { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply }, proven: Proven & Pick<SignedIn, "mustChangePassword" | "device">,
): Promise<z.infer<typeof session>> {
  const before = await findActor(context, request, true);
  const { token, actor } = await context.sessions.open(proven, "cookie", { device: deviceWords(request.headers["user-agent"]) });
  if (before?.session.kind === "cookie") await context.sessions.end(before);
  setSessionCookie(context, reply, token, actor.session.expiresMs);
  if (proven.device) setDeviceCookie(context, reply, proven.device);
  return { ...(await showSession(context, actor)), ...(proven.mustChangePassword ? { mustChangePassword: true } : {}) };
}

/** What is to be answered before there is a session. */
export function showStep({ challengeId, expiresMs, methods, passkeyOptions }: Asked): z.infer<typeof secondFactorNeeded> {
  return { secondFactor: { challengeId, expiresAt: formatInstant(expiresMs), methods: [...methods], passkeyOptions: passkeyOptions as unknown as Record<string, unknown> | null } };
}

function readMe(context: ApiContext, actor: Actor): Promise<Me> {
  return context.database.withPerson(actor, (tx) => readProfile(tx, actor.userId));
}

async function showSession(context: ApiContext, actor: Actor): Promise<z.infer<typeof session>> {
  return { ...(await readMe(context, actor)), csrfToken: context.sessions.csrfToken(actor), expiresAt: formatInstant(actor.session.expiresMs), ...(actor.session.mustAddSecondFactor ? { mustAddSecondFactor: true } : {}) };
}

export function sessionRoutes(server: Server, context: ApiContext): void {
  server.post("/session", {
    config: { access: { who: "anyone" }, limit: "sensitive" },
    schema: {
      tags: ["sign-in"], summary: "Sign in as a person; sets the session cookie", description: "Where the account has a second factor, the answer says how to go on: POST /session/second-factor.",
      body: signInRequest, response: { 200: z.union([session, secondFactorNeeded]), ...PROBLEMS },
    },
  }, async (request, reply) => {
    // Another site must not be able to sign a browser in as somebody else.
    refuseOtherSites(context, request);
    const proven = await context.signIn.withPassword({ ...attemptOf(request), device: { token: readDeviceCookie(context, request) } });
    if (proven.secondFactor === "needed") return showStep(await context.secondFactor.ask(proven));
    return openBrowser(context, { request, reply }, proven);
  });

  server.get("/session", {
    config: { access: { who: "user" } },
    schema: { tags: ["sign-in"], summary: "The session of this browser", response: { 200: session, ...PROBLEMS } },
  }, async (request) => showSession(context, await requireActor(context, request)));

  server.delete("/session", {
    config: { access: { who: "user" } },
    schema: { tags: ["sign-in"], summary: "Sign out", response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    if (actor.session.kind === "foreign") throw new NotPermitted("This token ends at whoever issued it.");
    await context.sessions.end(actor);
    if (actor.session.kind === "cookie") {
      clearSessionCookie(context, reply);
      // Not "cookies": by one of them this browser is known the next time it signs in.
      reply.header("clear-site-data", '"cache", "storage"');
    }
    return reply.code(204).send(null);
  });

  server.post("/session/proof", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: {
      tags: ["sign-in"], summary: "Prove again that it is me, before what needs it; renews the session", body: proofRequest, response: { 200: proof, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    const { body } = request;
    if ("password" in body) await context.signIn.confirm(actor, body.password);
    else {
      const proven = await context.secondFactor.answerPasskey(body.challengeId, body.response as unknown as AuthenticationResponseJSON);
      if (proven.userId !== actor.userId) throw new InvalidInput("That is somebody else's passkey.", { code: "passkey_refused" });
    }
    const renewed = await context.sessions.renew(actor);
    const isCookie = renewed.actor.session.kind === "cookie";
    if (isCookie) setSessionCookie(context, reply, renewed.token, renewed.actor.session.expiresMs);
    return {
      provenAt: formatInstant(renewed.actor.session.provenMs!), expiresAt: formatInstant(renewed.actor.session.expiresMs),
      csrfToken: isCookie ? context.sessions.csrfToken(renewed.actor) : null, accessToken: isCookie ? null : renewed.token,
    };
  });

  server.get("/me", {
    config: { access: { who: "user" } },
    schema: { tags: ["sign-in"], summary: "Who am I", response: { 200: me, ...PROBLEMS } },
  }, async (request) => readMe(context, await requireActor(context, request)));

  server.patch("/me", {
    config: { access: { who: "user" } },
    schema: { tags: ["sign-in"], summary: "Change my preferences", body: preferencesPatch, response: { 200: me, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    return context.database.withPerson(actor, async (tx) => {
      await changePreferences(tx, actor.userId, request.body);
      return readProfile(tx, actor.userId);
    });
  });
}

/** The second step of a sign-in, and sign-in by passkey alone, which is two factors in one. ASVS 6.3.3, 6.6; faults AU-17, AU-18. */
import type { FastifyRequest } from "fastify";
import { deviceWords } from "#people/sessions/device-words.ts";
import type { AuthenticationResponseJSON } from "#people/second-factor/passkeys.ts";
import type { Answer } from "#people/second-factor/prove.ts";
import { formatInstant } from "#units/time.ts";
import type { z } from "zod";
import { refuseOtherSites } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { readDeviceCookie } from "./device-cookie.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { accessToken, passkeyAnswer, passkeyOptions, secondFactorAnswer, session } from "./schemas.ts";
import { openBrowser } from "./session.ts";
import { showTokens } from "./tokens.ts";

const TAGS = ["sign-in"];
const FOR_ANYONE = { access: { who: "anyone" }, limit: "sensitive" } as const;

export function secondStepRoutes(server: Server, context: ApiContext): void {
  const { secondFactor, signIn, sessions } = context;
  const device = (request: FastifyRequest) => ({ token: readDeviceCookie(context, request) });

  server.post("/session/second-factor", {
    config: FOR_ANYONE, schema: { tags: TAGS, summary: "Answer the second step of a sign-in; sets the session cookie", body: secondFactorAnswer, response: { 200: session, ...PROBLEMS } },
  }, async (request, reply) => {
    refuseOtherSites(context, request);
    const proven = await secondFactor.answer(request.body.challengeId, answerOf(request.body));
    return openBrowser(context, { request, reply }, { ...proven, ...(await signIn.complete(proven, device(request))) });
  });

  server.post("/tokens/second-factor", {
    config: FOR_ANYONE, schema: { tags: TAGS, summary: "Answer the second step of a program's sign-in", body: secondFactorAnswer, response: { 200: accessToken, ...PROBLEMS } },
  }, async (request) => {
    const proven = await secondFactor.answer(request.body.challengeId, answerOf(request.body));
    await signIn.complete(proven);
    return showTokens(await sessions.open(proven, "bearer", { device: deviceWords(request.headers["user-agent"]) }));
  });

  server.post("/session/passkey/options", {
    config: FOR_ANYONE, schema: { tags: TAGS, summary: "Begin to sign in by passkey, whosever it is", response: { 200: passkeyOptions, ...PROBLEMS } },
  }, async () => {
    const { challengeId, expiresMs, options } = await secondFactor.askPasskey();
    return { challengeId, expiresAt: formatInstant(expiresMs), options: options as unknown as Record<string, unknown> };
  });

  server.post("/session/passkey", {
    config: FOR_ANYONE, schema: { tags: TAGS, summary: "Sign in by passkey; sets the session cookie", body: passkeyAnswer.omit({ name: true }), response: { 200: session, ...PROBLEMS } },
  }, async (request, reply) => {
    refuseOtherSites(context, request);
    const proven = await secondFactor.answerPasskey(request.body.challengeId, request.body.response as unknown as AuthenticationResponseJSON);
    return openBrowser(context, { request, reply }, { ...proven, ...(await signIn.complete(proven, device(request))) });
  });
}

function answerOf(body: z.infer<typeof secondFactorAnswer>): Answer {
  if ("code" in body) return { code: body.code };
  if ("recoveryCode" in body) return { recoveryCode: body.recoveryCode };
  return { response: body.response as unknown as AuthenticationResponseJSON };
}

/** Tokens of programs: by password, and again and again by refresh token. */
import { z } from "zod";
import { deviceWords } from "#people/sessions/device-words.ts";
import type { Opened } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import type { Limit } from "./limits.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { attemptOf, showStep } from "./session.ts";
import { accessToken, refreshRequest, secondFactorNeeded, signInRequest, signingKeys } from "./schemas.ts";

/** `grant` may be left out. */
const passwordRequest = signInRequest.extend({ grant: z.literal("password").optional() });

/** Nobody guesses a refresh token, and a clinic's apps behind one address come back every few minutes: only what a password is tried with is sensitive. */
const limitOf = (body: unknown): Limit => (typeof body === "object" && body !== null && "refreshToken" in body ? "ordinary" : "sensitive");

export function tokenRoutes(server: Server, context: ApiContext): void {
  server.post("/tokens", {
    config: { access: { who: "anyone" }, limit: limitOf },
    schema: {
      tags: ["sign-in"], summary: "Sign in as a program, or refresh its tokens", body: z.union([refreshRequest, passwordRequest]),
      description: "Where the account has a second factor, the answer says how to go on: POST /tokens/second-factor.", response: { 200: z.union([accessToken, secondFactorNeeded]), ...PROBLEMS },
    },
  }, async (request) => {
    const { body } = request;
    if ("refreshToken" in body) return showTokens(await context.sessions.refresh(body.refreshToken));
    const proven = await context.signIn.withPassword(attemptOf({ body, ip: request.ip }));
    if (proven.secondFactor === "needed") return showStep(await context.secondFactor.ask(proven));
    return showTokens(await context.sessions.open(proven, "bearer", { device: deviceWords(request.headers["user-agent"]) }));
  });
}

/** Where other services find what our access tokens are signed with (RFC 7517 §5). */
export function signingKeyRoutes(server: Server, context: ApiContext): void {
  server.get("/.well-known/jwks.json", {
    config: { access: { who: "anyone" } },
    schema: { tags: ["sign-in"], summary: "The public keys of our access tokens (RFC 7517)", response: { 200: signingKeys } },
  }, async (_request, reply) => {
    // Far shorter than a key is published ahead of its first signature.
    reply.header("cache-control", "public, max-age=3600");
    return { keys: context.sessions.publishedKeys() };
  });
}

export function showTokens({ token, actor, refresh }: Opened): z.infer<typeof accessToken> {
  return {
    accessToken: token, tokenType: "Bearer", expiresAt: formatInstant(actor.session.expiresMs),
    refreshToken: refresh!.token, refreshExpiresAt: formatInstant(refresh!.expiresMs),
  };
}

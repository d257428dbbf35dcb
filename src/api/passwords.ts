/** Passwords: recovering, checking and changing one's own. None ever stands in an address. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { askRecovery, changePassword, recoverPassword } from "#people/accounts/password-change.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { accepted, linkAndPassword, passwordChange, passwordProof, passwordProofReply, passwordRecoveryRequest } from "./schemas.ts";

const TAGS = ["accounts"];

export function passwordRoutes(server: Server, context: ApiContext): void {
  const forAnyone = { access: { who: "anyone" }, limit: "sensitive" } as const;
  const forUsers = { access: { who: "user" }, limit: "sensitive" } as const;
  server.post("/password-recoveries", {
    config: forAnyone,
    schema: {
      tags: TAGS, summary: "Ask for a new password", description: "A link comes by mail, good for 30 minutes. The answer does not tell whether there is such an account.", body: passwordRecoveryRequest,
      response: { 202: accepted, ...PROBLEMS },
    },
  }, async (request, reply) => {
    await askRecovery(context.accounts, request.body.identifier);
    return reply.code(202).send({ accepted: true });
  });

  server.put("/password-recoveries", {
    config: forAnyone,
    schema: { tags: TAGS, summary: "Choose the new password, by the link of the mail", description: "Ends every session, and signs nobody in.", body: linkAndPassword, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    await recoverPassword(context.accounts, request.body.token, request.body.password);
    context.sessions.forget();
    return reply.code(204).send(null);
  });

  server.post("/me/password/check", {
    config: forUsers,
    schema: { tags: TAGS, summary: "Whether this is my password", body: passwordProof, response: { 200: passwordProofReply, ...PROBLEMS } },
  }, async (request) => ({ matches: await context.signIn.isOwnPassword(await requireActor(context, request as FastifyRequest), request.body.password) }));

  server.post("/me/password", {
    config: forUsers,
    schema: { tags: TAGS, summary: "Change my password", description: "Ends all my other sessions.", body: passwordChange, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const { currentPassword: current, newPassword: next } = request.body;
    await changePassword(context.accounts, await requireActor(context, request as FastifyRequest), { current, next });
    context.sessions.forget();
    return reply.code(204).send(null);
  });
}

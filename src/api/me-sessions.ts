/** Where I am signed in. */
import { z } from "zod";
import { endOtherSessions, endSession, listSessions } from "#people/sessions/my-sessions.ts";
import { formatInstant } from "#units/time.ts";
import { requireActor, requireRecentProof } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { deviceSessionList, endedSessions } from "./schemas.ts";

export function mySessionRoutes(server: Server, context: ApiContext): void {
  server.get("/me/sessions", {
    config: { access: { who: "user" } },
    schema: { tags: ["sign-in"], summary: "Where I am signed in", response: { 200: deviceSessionList, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    const sessions = await context.database.asSystem((tx) => listSessions(tx, actor, context.clock.now()));
    return {
      data: sessions.map(({ startedMs, lastSeenMs, expiresMs, ...rest }) => ({
        ...rest, startedAt: formatInstant(startedMs), lastSeenAt: formatInstant(lastSeenMs), expiresAt: formatInstant(expiresMs),
      })),
    };
  });

  server.delete("/me/sessions", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: { tags: ["sign-in"], summary: "Sign out everywhere else", response: { 200: endedSessions, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    requireRecentProof(context, actor);
    const ended = await context.database.asSystem((tx) => endOtherSessions(tx, actor));
    context.sessions.forget();
    return { ended };
  });

  server.delete("/me/sessions/:sessionId", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: {
      tags: ["sign-in"], summary: "Sign out one device", params: z.object({ sessionId: z.string().max(40) }), response: { 204: z.null(), ...PROBLEMS },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    requireRecentProof(context, actor);
    await context.database.asSystem((tx) => endSession(tx, actor, request.params.sessionId));
    context.sessions.forget();
    return reply.code(204).send(null);
  });
}

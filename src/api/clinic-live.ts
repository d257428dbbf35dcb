/** Server-sent events of a clinic: whose request for an appointment moved, never what is in it. Resumes by Last-Event-ID. */
import type { FastifyRequest } from "fastify";
import type { FeedEvent } from "#live/feed.ts";
import type { Role } from "#people/sessions/sessions.ts";
import { NotPermitted } from "../errors.ts";
import { authenticate, requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { eventStreams, STREAM_REPLIES, streamQuery } from "./event-stream.ts";
import type { Server } from "./route-kit.ts";
import type { ClinicEvent } from "./schemas.ts";

const ROLES: readonly Role[] = ["clinician", "admin"];

export function clinicLiveRoutes(server: Server, context: ApiContext): void {
  const streams = eventStreams(server, context);

  server.get("/clinic/live", {
    config: { access: { who: "user", roles: ROLES }, limit: "none" },
    exposeHeadRoute: false,
    schema: {
      tags: ["live"], summary: "What moves in the clinic's appointment queue (text/event-stream)",
      description: "Events `change` (`{\"kind\":\"appointment\",\"patientId\":…}` as data) and `reset` (ask again for everything); the connection ends with the session, and with the role.",
      querystring: streamQuery, response: STREAM_REPLIES,
    },
  }, async (request, reply) => {
    const { organizationId, session } = await requireActor(context, request as FastifyRequest);
    await streams.open({ request: request as FastifyRequest, reply }, {
      follow: (listener) => context.live.followClinic(organizationId, listener),
      since: (position) => context.live.sinceOfClinic(organizationId, position),
      show: ({ patientId }: FeedEvent): ClinicEvent => ({ kind: "appointment", patientId }),
      mayStill: async () => {
        const now = await authenticate(context, request as FastifyRequest);
        if (!ROLES.some((role) => now.roles.includes(role))) throw new NotPermitted("Your role may not do this.");
      },
      expiresMs: session.expiresMs,
    });
  });
}

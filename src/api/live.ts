/** Server-sent events of one patient: what changed, never the values. Resumes by Last-Event-ID. */
import type { FastifyRequest } from "fastify";
import type { FeedEvent } from "#live/feed.ts";
import { patientFor } from "#people/access/access.ts";
import { metricById } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import { authenticate } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { eventStreams, STREAM_REPLIES, streamQuery } from "./event-stream.ts";
import { asking, patientParams, type Server, withPatient } from "./route-kit.ts";
import type { LiveEvent } from "./schemas.ts";

export function liveRoutes(server: Server, context: ApiContext): void {
  const streams = eventStreams(server, context);

  server.get("/patients/:patientId/live", {
    config: { access: { who: "patient", scope: "view" }, limit: "none" },
    // An answer to HEAD would never end, either.
    exposeHeadRoute: false,
    schema: {
      tags: ["live"], summary: "Changes as they happen (text/event-stream)",
      description: "Events `change` (a `liveEvent` as data) and `reset` (ask again for everything); the connection ends with the session.",
      params: patientParams, querystring: streamQuery, response: STREAM_REPLIES,
    },
  }, async (request, reply) => {
    const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }));
    await streams.open({ request: request as FastifyRequest, reply }, {
      follow: (listener) => context.live.follow(patient.id, listener),
      since: (position) => context.live.since(patient.id, position),
      show: showChange,
      mayStill: async () => {
        const now = await authenticate(context, request as FastifyRequest);
        await context.database.withPerson(asking(now, request.params.patientId), (tx) => patientFor(tx, now, request.params.patientId, { scope: "view" }));
      },
      expiresMs: actor.session.expiresMs,
    });
  });
}

/** A change as it is told, live and afterwards. */
export function showChange(event: FeedEvent): LiveEvent {
  return {
    kind: event.kind,
    metric: event.metric === null ? null : metricById(event.metric),
    connectionId: event.connectionId,
    from: event.fromMs === null ? null : formatInstant(event.fromMs),
    to: event.toMs === null ? null : formatInstant(event.toMs),
    count: event.count,
  };
}

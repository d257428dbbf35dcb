/** Server-sent events of one patient: what changed, never the values. Resumes by Last-Event-ID. */
import { z } from "zod";
import type { FeedEvent } from "#live/feed.ts";
import { metricById } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, patientParams, SECURITY, type Server, withPatient } from "./route-kit.ts";
import type { LiveEvent } from "./schemas.ts";

/** Proxies cut a silent connection after 30 to 60 s. */
const HEARTBEAT_MS = 15_000;

export function liveRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/live", {
    config: { rateLimit: false },
    schema: {
      tags: ["live"], summary: "Changes as they happen (text/event-stream)",
      description: "Events `change` (a `liveEvent` as data) and `reset` (ask again for everything); the connection ends with the session.",
      security: SECURITY, params: patientParams, querystring: z.object({ last_event_id: z.string().max(64).optional() }),
      response: { 200: z.string().describe("text/event-stream"), ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { patient, actor } = await withPatient(context, request, "view", async (_tx, found, who) => ({ patient: found, actor: who }));
    const header = request.headers["last-event-id"];
    const last = typeof header === "string" ? header : request.query.last_event_id;
    reply.hijack();
    const stream = reply.raw;
    stream.writeHead(200, {
      ...reply.getHeaders() as Record<string, string>, "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform", "x-accel-buffering": "no",
    });
    stream.write("retry: 2000\n\n");
    // What happens while the past is read is kept and told after it.
    const early: FeedEvent[] = [];
    let isLive = false;
    const tell = (event: FeedEvent): void => void stream.write(`id: ${event.position}\nevent: change\ndata: ${JSON.stringify(show(event))}\n\n`);
    const unfollow = context.live.follow(patient.id, (event) => (isLive ? tell(event) : early.push(event)));
    const heartbeat = setInterval(() => stream.write(":hb\n\n"), HEARTBEAT_MS);
    const expiry = setTimeout(() => stream.end(), Math.min(actor.session.expiresMs - context.clock.now(), 2 ** 31 - 1));
    stream.once("close", () => {
      unfollow();
      clearInterval(heartbeat);
      clearTimeout(expiry);
    });
    try {
      const missed = last === undefined ? [] : await context.live.since(patient.id, last);
      if (missed === null) stream.write("event: reset\ndata: {}\n\n");
      const told = new Set(missed?.map((event) => event.position));
      missed?.forEach(tell);
      early.filter((event) => !told.has(event.position)).forEach(tell);
      isLive = true;
    } catch (error) {
      context.log.warn({ requestId: request.id, error }, "a live stream could not resume");
      stream.end("event: reset\ndata: {}\n\n");
    }
  });
}

function show(event: FeedEvent): LiveEvent {
  return {
    kind: event.kind,
    metric: event.metric === null ? null : metricById(event.metric),
    connectionId: event.connectionId,
    from: event.fromMs === null ? null : formatInstant(event.fromMs),
    to: event.toMs === null ? null : formatInstant(event.toMs),
    count: event.count,
  };
}

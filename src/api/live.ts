/** Server-sent events of one patient: what changed, never the values. Resumes by Last-Event-ID. */
import type { ServerResponse } from "node:http";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { isAfter, type FeedEvent } from "#live/feed.ts";
import { patientFor } from "#people/access.ts";
import { metricById } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import { errorCode } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import { limitsOf, type ApiContext } from "./context.ts";
import { PROBLEMS, patientParams, SECURITY, type Server, withPatient } from "./route-kit.ts";
import type { LiveEvent } from "./schemas.ts";

type LiveRequest = FastifyRequest<{ Params: { patientId: string } }>;

/** Bytes that may wait for a listener who does not read; beyond, the stream is cut and the listener resumes. */
const MOST_WAITING_BYTES = 256 * 1024;
/** Setting a timer further ahead than this would fire it at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function liveRoutes(server: Server, context: ApiContext): void {
  const open = new Set<ServerResponse>();
  // Streams have no end of their own: without this the server would wait for them when it stops.
  server.addHook("preClose", (done) => {
    for (const stream of open) stream.end();
    done();
  });

  server.get("/patients/:patientId/live", {
    config: { rateLimit: false },
    // An answer to HEAD would never end, either.
    exposeHeadRoute: false,
    schema: {
      tags: ["live"], summary: "Changes as they happen (text/event-stream)",
      description: "Events `change` (a `liveEvent` as data) and `reset` (ask again for everything); the connection ends with the session.",
      security: SECURITY, params: patientParams, querystring: z.object({ last_event_id: z.string().max(64).optional() }),
      response: { 200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } }, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { patient, actor } = await withPatient(context, request, "view", async (_tx, found, who) => ({ patient: found, actor: who }));
    const header = request.headers["last-event-id"];
    const asked = typeof header === "string" && header !== "" ? header : request.query.last_event_id;
    // What happens while the past is read is kept and told after it.
    let early: FeedEvent[] | null = [];
    let tell: (event: FeedEvent) => void = () => undefined;
    const unfollow = await context.live.follow(patient.id, (event) => (early ? early.push(event) : tell(event)));
    const stream = reply.raw;
    try {
      const position = await context.live.position();
      const missed = asked === undefined ? null : await context.live.since(patient.id, asked);
      reply.hijack();
      stream.writeHead(200, {
        ...reply.getHeaders() as Record<string, string>, "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store, no-transform", "x-accel-buffering": "no",
      });
      let last = missed === null ? position : asked!;
      tell = (event) => {
        if (!isAfter(event.position, last)) return;
        last = event.position;
        write(stream, `id: ${event.position}\nevent: change\ndata: ${JSON.stringify(showChange(event))}\n\n`);
      };
      write(stream, "retry: 2000\n");
      // The place is told even where nothing happened yet, so that a listener cut off early resumes, too.
      if (missed === null) write(stream, `id: ${position}\n${asked === undefined ? "" : "event: reset\ndata: {}\n"}\n`);
      else write(stream, "\n");
      missed?.forEach(tell);
      early.forEach(tell);
      early = null;
    } catch (error) {
      unfollow();
      throw error;
    }
    open.add(stream);
    const stopWatching = watch(context, request, stream, actor.session.expiresMs);
    const close = (): void => {
      unfollow();
      stopWatching();
      open.delete(stream);
    };
    if (stream.destroyed) close();
    else stream.once("close", close);
    // A broken connection is told by "close"; without a listener it would end the process.
    stream.on("error", () => undefined);
  });
}

/** Keeps a stream alive, and ends it when its listener may no longer listen. The result ends the watch. */
function watch(context: ApiContext, request: LiveRequest, stream: ServerResponse, expiresMs: number): () => void {
  const { heartbeatMs, accessCheckMs } = limitsOf(context);
  const heartbeat = setInterval(() => write(stream, ":hb\n\n"), heartbeatMs);
  const expiry = setTimeout(() => stream.end(), Math.min(expiresMs - context.clock.now(), LONGEST_TIMER_MS));
  let isChecking = false;
  const check = setInterval(() => {
    // A slow database must not be asked the faster for it.
    if (isChecking) return;
    isChecking = true;
    void stillMay(context, request)
      .then(
        (may) => (may ? undefined : stream.end()),
        (error: unknown) => context.log.warn({ requestId: request.id, error }, "the access of a live stream could not be checked"),
      )
      .finally(() => (isChecking = false));
  }, accessCheckMs);
  return () => {
    clearInterval(heartbeat);
    clearTimeout(expiry);
    clearInterval(check);
  };
}

/** False after a sign-out, a block, or the end of a grant; throws when that cannot be told now. */
async function stillMay(context: ApiContext, request: LiveRequest): Promise<boolean> {
  try {
    const actor = await requireActor(context, request as FastifyRequest);
    await context.database.withOrganization(actor.organizationId, (tx) => patientFor(tx, actor, request.params.patientId, "view"));
    return true;
  } catch (error) {
    if (["not_authenticated", "not_permitted", "not_found"].includes(errorCode(error))) return false;
    throw error;
  }
}

function write(stream: ServerResponse, text: string): void {
  if (stream.destroyed || stream.writableEnded) return;
  stream.write(text);
  if (stream.writableLength > MOST_WAITING_BYTES) stream.destroy();
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

/** Server-sent events of the change feed, for whoever may hear them: what was missed, then what happens; ended with the session and with the right. */
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isAfter, type FeedEvent } from "#live/feed.ts";
import { limitsOf, type ApiContext } from "./context.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";
import { errorCode } from "../errors.ts";

/** Bytes that may wait for a listener who does not read; beyond, the stream is cut and the listener resumes. */
const MOST_WAITING_BYTES = 256 * 1024;
/** Setting a timer further ahead than this would fire it at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const streamQuery = z.object({ last_event_id: z.string().max(64).optional() });
export const STREAM_REPLIES = { 200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } }, ...PROBLEMS } as const;

/** What is listened to, by whom. */
export interface Listening {
  follow(listener: (event: FeedEvent) => void): Promise<() => void>;
  /** What was missed after a position; null where it cannot be told singly. */
  since(position: string): Promise<FeedEvent[] | null>;
  /** An event as it is told. */
  show(event: FeedEvent): object;
  /** Asks the right anew, as things are now; throws what refuses it. */
  readonly mayStill: () => Promise<unknown>;
  /** End of the session, epoch milliseconds. */
  readonly expiresMs: number;
}

export interface EventStreams {
  /** Answers with the stream; resolves once it runs. */
  open(exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply }, listening: Listening): Promise<void>;
}

export function eventStreams(server: Server, context: ApiContext): EventStreams {
  const open = new Set<ServerResponse>();
  // Streams have no end of their own: without this the server would wait for them when it stops.
  server.addHook("preClose", (done) => {
    for (const stream of open) stream.end();
    done();
  });
  return {
    open: async ({ request, reply }, listening) => {
      const header = request.headers["last-event-id"];
      const asked = typeof header === "string" && header !== "" ? header : (request.query as z.infer<typeof streamQuery>).last_event_id;
      // What happens while the past is read is kept and told after it.
      let early: FeedEvent[] | null = [];
      let tell: (event: FeedEvent) => void = () => undefined;
      const unfollow = await listening.follow((event) => (early ? early.push(event) : tell(event)));
      const stream = reply.raw;
      try {
        const position = await context.live.position();
        const missed = asked === undefined ? null : await listening.since(asked);
        reply.hijack();
        stream.writeHead(200, {
          ...reply.getHeaders() as Record<string, string>, "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store, no-transform", "x-accel-buffering": "no",
        });
        let last = missed === null ? position : asked!;
        tell = (event) => {
          if (!isAfter(event.position, last)) return;
          last = event.position;
          write(stream, `id: ${event.position}\nevent: change\ndata: ${JSON.stringify(listening.show(event))}\n\n`);
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
      const stopWatching = watch(context, request, stream, listening);
      const close = (): void => {
        unfollow();
        stopWatching();
        open.delete(stream);
      };
      if (stream.destroyed) close();
      else stream.once("close", close);
      // A broken connection is told by "close"; without a listener it would end the process.
      stream.on("error", () => undefined);
    },
  };
}

/** Keeps a stream alive, and ends it when its listener may no longer listen. The result ends the watch. */
function watch(context: ApiContext, request: FastifyRequest, stream: ServerResponse, { expiresMs, mayStill }: Listening): () => void {
  const { heartbeatMs, accessCheckMs } = limitsOf(context);
  const heartbeat = setInterval(() => write(stream, ":hb\n\n"), heartbeatMs);
  const expiry = setTimeout(() => stream.end(), Math.min(expiresMs - context.clock.now(), LONGEST_TIMER_MS));
  let isChecking = false;
  const check = setInterval(() => {
    // A slow database must not be asked the faster for it.
    if (isChecking) return;
    isChecking = true;
    void stillMay(mayStill)
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

/** False after a sign-out, a block, the end of a grant, of sharing or of a role; throws when that cannot be told now. */
async function stillMay(mayStill: () => Promise<unknown>): Promise<boolean> {
  try {
    await mayStill();
    return true;
  } catch (error) {
    if (["not_authenticated", "not_permitted", "not_found", "consent_missing", "password_change_required"].includes(errorCode(error))) return false;
    throw error;
  }
}

function write(stream: ServerResponse, text: string): void {
  if (stream.destroyed || stream.writableEnded) return;
  stream.write(text);
  if (stream.writableLength > MOST_WAITING_BYTES) stream.destroy();
}

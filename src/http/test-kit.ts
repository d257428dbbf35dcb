/** What tests of outbound calls share: a clock that jumps, and a vendor on the loopback interface. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";
import { silentLog, type Log } from "../log.ts";
import { createHttpClient } from "./client.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import type { HttpClient, RateLimit } from "./types.ts";

export const TEST_START_MS = Date.UTC(2026, 4, 4, 8, 0, 0);

export interface FakeClock extends Clock {
  /** Every sleep asked for, in order, milliseconds. */
  readonly slept: number[];
  advance(ms: number): void;
}

/** Sleeping takes no time but moves the clock. */
export function createFakeClock(startMs = TEST_START_MS): FakeClock {
  let nowMs = startMs;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      nowMs += ms;
    },
  };
}

export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface TestServer {
  readonly baseUrl: string;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

/** Answers each request by `respond`, told the request and its number from 1. */
export async function startTestServer(respond: (response: ServerResponse, request: SeenRequest, number: number) => void): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const request = { method: incoming.method ?? "", url: incoming.url ?? "", headers: incoming.headers, body: Buffer.concat(chunks).toString("utf8") };
      seen.push(request);
      respond(response, request, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function replyJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export interface TestClientOptions {
  readonly clock?: FakeClock;
  readonly random?: () => number;
  readonly log?: Log;
  readonly limits?: readonly RateLimit[];
}

/** A real client without limits, whose jitter is always the longest unless said otherwise. */
export function createTestClient({ clock = createFakeClock(), random = () => 1, log = silentLog, limits = [] }: TestClientOptions = {}): HttpClient {
  return createHttpClient({ clock, random, log, limiter: createRateLimiter({ clock, limitsOf: () => limits }), userAgent: "islet-test" });
}

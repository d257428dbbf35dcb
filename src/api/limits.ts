/**
 * How much one address and one account may ask: by minute of everything, by quarter of an hour of what is sensitive (sign-in, recovery, sharing, keys, exports).
 * Counted in each process; what is counted for everybody together is sign-in itself (people/sign-in). Requirement R10; ASVS 2.4.1, 6.3.1.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { TooManyRequests } from "../errors.ts";
import { knownActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";

/** `none`: asked by machines every few seconds, or held open for hours. */
export type Limit = "ordinary" | "sensitive" | "none";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Where one route does several things, by what it is asked for: then counted when its body has been read, and as ordinary before. */
    limit?: Limit | ((body: unknown) => Limit);
  }
}

const QUARTER_MS = 15 * 60_000;
const MINUTE_MS = 60_000;

type Counter = ReturnType<FastifyInstance["createRateLimit"]>;

interface Counters {
  readonly address: Counter;
  readonly account: Counter;
}

/** Counts by address. Before anything is looked up for the caller. */
export function limitAddresses(server: FastifyInstance, counters: ReturnType<typeof createCounters>): void {
  server.addHook("onRequest", async (request, reply) => {
    const limit = limitOf(request);
    if (limit !== "none") await count(counters[limit].address, request, reply);
  });
  server.addHook("preHandler", async (request, reply) => {
    const { limit } = request.routeOptions.config;
    if (typeof limit === "function" && limit(request.body) === "sensitive") await count(counters.sensitive.address, request, reply);
  });
}

/** Counts by account: for whom it is known. */
export function limitAccounts(server: FastifyInstance, counters: ReturnType<typeof createCounters>): void {
  server.addHook("onRequest", async (request, reply) => {
    const limit = limitOf(request);
    if (limit !== "none" && knownActor(request)) await count(counters[limit].account, request, reply);
  });
}

export function createCounters(server: FastifyInstance, { config }: Pick<ApiContext, "config">): Readonly<Record<Exclude<Limit, "none">, Counters>> {
  const counter = (kind: string, max: number, timeWindow: number): Counters => ({
    // By default an IPv6 caller is its network of 64 bits.
    address: server.createRateLimit({ max, timeWindow, ipv6Subnet: 64 }),
    account: server.createRateLimit({ max, timeWindow, keyGenerator: (request: FastifyRequest) => `${kind} ${knownActor(request)?.userId ?? ""}` }),
  });
  return { ordinary: counter("ordinary", config.requestLimit, MINUTE_MS), sensitive: counter("sensitive", config.sensitiveLimit, QUARTER_MS) };
}

function limitOf(request: FastifyRequest): Limit {
  const { limit } = request.routeOptions.config;
  return typeof limit === "function" ? "ordinary" : (limit ?? "ordinary");
}

/** Throws TooManyRequests. The headers tell of the counter that is nearer to its end. */
async function count(counter: Counter, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const counted = await counter(request);
  if (counted.isAllowed) return;
  const told = reply.getHeader("ratelimit-remaining");
  if (typeof told !== "number" || counted.remaining <= told) {
    reply.header("ratelimit-limit", counted.max).header("ratelimit-remaining", counted.remaining).header("ratelimit-reset", counted.ttlInSeconds);
  }
  if (counted.isExceeded) throw new TooManyRequests("Too many requests: wait and try again.", counted.ttlInSeconds);
}

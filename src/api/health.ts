/** For operators and load balancers: does the process live, can it do its work, and how is it doing. */
import { z } from "zod";
import type { Phase } from "#telemetry/readiness.ts";
import type { ApiContext } from "./context.ts";
import { isOperator, requireOperator } from "./operator.ts";
import { NotReady } from "./problem.ts";
import { PROBLEM, type Server } from "./route-kit.ts";

/** How the process stands that answers here. */
export interface Standing {
  readonly phase: () => Phase;
  /** Whether jobs run in it. */
  readonly runsJobs: boolean;
}

const check = z.object({ name: z.string(), state: z.enum(["ok", "degraded", "failed"]), detail: z.string() });

export function healthRoutes(server: Server, context: ApiContext, standing: Standing): void {
  const readiness = context.readiness(standing);

  server.get("/health", {
    config: { access: { who: "anyone" }, limit: "none" },
    schema: { tags: ["operation"], summary: "The process lives", description: "That it answers is the answer: a process that hangs does not.", response: { 200: z.object({ status: z.literal("ok") }) } },
  }, () => ({ status: "ok" as const }));

  server.get("/ready", {
    config: { access: { who: "anyone" }, limit: "none" },
    schema: {
      tags: ["operation"], summary: "The process can do its work: the database answers and is of this version, jobs run, the inbox moves",
      description: "Within two seconds. An operator (as for `/metrics`) is told each check, also in the problem of a 503; anybody else only whether it is ready.",
      response: { 200: z.object({ status: z.literal("ready"), checks: z.array(check).optional() }), 503: PROBLEM },
    },
  }, async (request) => {
    const { isReady, checks } = await readiness.check();
    const shown = isOperator(context, request) ? checks : null;
    if (!isReady) {
      const phase = standing.phase();
      throw new NotReady(phase === "serving" ? "Islet cannot do its work now." : `Islet is ${phase}.`, phase === "starting" ? 1 : 5, shown);
    }
    return { status: "ready" as const, ...(shown ? { checks: [...shown] } : {}) };
  });

  server.get("/metrics", {
    config: { access: { who: "operator" }, limit: "none" },
    schema: {
      tags: ["operation"], summary: "Metrics of this process, for Prometheus",
      description: "Counts, times and ages; never a value, a token or a person. Without ISLET_METRICS_TOKEN this machine alone may read them.",
      response: { 200: { content: { "text/plain": { schema: z.string() } } }, 401: PROBLEM, 403: PROBLEM },
    },
    onRequest: (request, _reply, done) => {
      requireOperator(context, request);
      done();
    },
  }, async (_request, reply) => {
    const text = await context.scrape.text();
    return reply.header("cache-control", "no-store").type(context.scrape.contentType).serializer((value: unknown) => String(value)).send(text);
  });
}

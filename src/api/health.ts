/** For operators and load balancers: does the process live, and can it serve. */
import { z } from "zod";
import { Unavailable } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, type Server } from "./route-kit.ts";

export function healthRoutes(server: Server, context: ApiContext, isReady: () => boolean): void {
  server.get("/health", {
    config: { rateLimit: false },
    schema: { tags: ["operation"], summary: "The process lives", response: { 200: z.object({ status: z.literal("ok") }) } },
  }, () => ({ status: "ok" as const }));

  server.get("/ready", {
    config: { rateLimit: false },
    schema: { tags: ["operation"], summary: "Requests can be served: the database answers", response: { 200: z.object({ status: z.literal("ready") }), 503: PROBLEM } },
  }, async () => {
    if (!isReady()) throw new Unavailable("Islet is starting.", { retryAfterSeconds: 1 });
    await context.database.ping();
    return { status: "ready" as const };
  });
}

/** What every route must keep to, whoever writes it: declared replies, and nothing but those. */
import type { FastifyInstance } from "fastify";
import { InternalError } from "../errors.ts";
import { PROBLEM_TYPE } from "./problem.ts";

/** Refuses routes without response schemas at start, and statuses that a route did not declare before they are sent. */
export function guardReplies(server: FastifyInstance): void {
  server.addHook("onRoute", (route) => {
    const isOurs = ["/api/", "/webhooks/", "/oauth/"].some((prefix) => route.url.startsWith(prefix));
    if (isOurs && !route.schema?.response) throw new InternalError(`The route ${route.url} declares no response schema.`);
  });
  // At the last moment, so that texts, bytes and empty replies are caught, too: only objects pass a serializer before.
  server.addHook("onSend", async (request, reply, payload) => {
    const declared = request.routeOptions.schema?.response as Record<string, unknown> | undefined;
    const isProblem = reply.getHeader("content-type") === PROBLEM_TYPE;
    if (declared && !isProblem && !(String(reply.statusCode) in declared)) {
      throw new InternalError(`The route ${request.routeOptions.url} answered a status that it does not declare (${reply.statusCode}).`);
    }
    return payload;
  });
}

/** Collects the routes that are registered from now on; gives the methods that an address takes. */
export function collectMethods(server: FastifyInstance): (path: string) => string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  server.addHook("onRoute", ({ url, method }) => {
    if (url.includes("*")) return;
    const pattern = url.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(".", "\\."))).join("/");
    routes.push({ pattern: new RegExp(`^${pattern}$`), methods: [method].flat() });
  });
  return (path) => [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].toSorted();
}

/** Where a vendor's consent page sends the browser back to: `/oauth/{provider}/callback`. */
import { z } from "zod";
import { finishConnect } from "#sync/connect.ts";
import { InvalidInput } from "../errors.ts";
import { findActor } from "./authenticate.ts";
import { requireConfigured } from "./connections.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";

export function oauthCallbackRoutes(server: Server, context: ApiContext): void {
  server.get("/oauth/:provider/callback", {
    config: { access: { who: "anyone" } },
    // A look ahead with HEAD would use the state up.
    exposeHeadRoute: false,
    schema: {
      tags: ["connections"], summary: "The vendor's answer to a consent (for browsers)", params: z.object({ provider: z.string().max(40) }),
      querystring: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
      response: { 302: z.null().describe("To the page that began, with `connected` or `error`."), ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    // Neither this address nor the page after it may travel on in a Referer: it carries code and state (faults OA-15).
    reply.header("referrer-policy", "no-referrer").header("cache-control", "no-store");
    const providerId = request.params.provider;
    try {
      requireConfigured(context, providerId);
      const outcome = await finishConnect(context.sync, { providerId, query: request.query, actor: await findActor(context, request) });
      return await reply.redirect(withResult(outcome.returnTo, providerId, outcome.error), 302);
    } catch (error) {
      // A browser that was led astray gets a page it understands; everything else gets the problem.
      const isPage = error instanceof InvalidInput && (request.headers.accept ?? "").includes("text/html");
      if (!isPage) throw error;
      return reply.redirect(withResult("/connections", providerId, "state_invalid"), 302);
    }
  });
}

function withResult(returnTo: string, provider: string, error: string | null): string {
  const [path = "", query = ""] = returnTo.split("?");
  const parameters = new URLSearchParams(query);
  if (error === null) parameters.set("connected", provider);
  else {
    parameters.set("error", error);
    parameters.set("provider", provider);
  }
  return `${path}?${parameters.toString()}`;
}

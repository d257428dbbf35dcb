/** Whom to tell of a weakness: RFC 9116. */
import { z } from "zod";
import type { ApiContext } from "./context.ts";
import type { Server } from "./route-kit.ts";

/** The file must say until when it holds, less than a year ahead. */
const HOLDS_DAYS = 180;
const DAY_MS = 86_400_000;

export function securityTxtRoutes(server: Server, { config, clock }: ApiContext): void {
  server.get("/.well-known/security.txt", {
    config: { access: { who: "anyone" } },
    schema: {
      tags: ["operation"], summary: "Whom to tell of a weakness (RFC 9116)",
      response: { 200: { description: "The file.", content: { "text/plain": { schema: z.string() } } } },
    },
  }, async (_request, reply) => {
    const origin = config.publicOrigins[0]!;
    const midnight = Math.floor(clock.now() / DAY_MS) * DAY_MS;
    const lines = [
      `Contact: ${config.securityContact ?? `mailto:security@${new URL(origin).hostname}`}`, `Expires: ${new Date(midnight + HOLDS_DAYS * DAY_MS).toISOString()}`,
      "Preferred-Languages: en, es", `Canonical: ${origin}/.well-known/security.txt`,
    ];
    return reply.header("cache-control", "public, max-age=3600").type("text/plain; charset=utf-8").serializer((value: unknown) => String(value)).send(`${lines.join("\n")}\n`);
  });
}

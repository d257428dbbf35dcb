/**
 * Vendors' logos, where the operator has put them: official files are not bundled, because each vendor gives them under terms of its own.
 * `logos/<vendor>.svg` (or .png, .webp) in the data folder; text until then.
 */
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { NotFound } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, type Server } from "./route-kit.ts";

const TYPES = { svg: "image/svg+xml", png: "image/png", webp: "image/webp" } as const;
type Extension = keyof typeof TYPES;
const EXTENSIONS = Object.keys(TYPES) as Extension[];

function fileOf(context: ApiContext, provider: string): { readonly path: string; readonly type: string } | null {
  const extension = EXTENSIONS.find((each) => existsSync(join(context.config.dataDir, "logos", `${provider}.${each}`)));
  return extension ? { path: join(context.config.dataDir, "logos", `${provider}.${extension}`), type: TYPES[extension] } : null;
}

/** Address of a vendor's logo; null where the operator has put none. */
export function logoUrl(context: ApiContext, provider: string): string | null {
  return fileOf(context, provider) === null ? null : `/logos/${provider}`;
}

export function logoRoutes(server: Server, context: ApiContext): void {
  server.get("/logos/:provider", {
    config: { access: { who: "anyone" } },
    schema: {
      tags: ["connections"], summary: "A vendor's logo, where the operator has put one", params: z.object({ provider: z.string().max(40) }),
      response: { 200: z.any().describe("The picture."), ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { provider } = request.params;
    // Only ids of our own list become paths.
    const file = context.sync.providers.drivers.some(({ id }) => id === provider) ? fileOf(context, provider) : null;
    if (!file) throw new NotFound("There is no logo of this vendor.");
    // A picture may not run anything, wherever it comes from.
    reply.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox").header("cache-control", "public, max-age=3600");
    return reply.type(file.type).serializer((value: unknown) => value as string).send(await readFile(file.path));
  });
}

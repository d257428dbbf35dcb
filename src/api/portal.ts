/** The portal's files, and its start page for every path that is a page of it. */
import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { NotFound } from "../errors.ts";
import { MethodNotAllowed } from "./problem.ts";

const FOLDER = fileURLToPath(new URL("../../web/dist/", import.meta.url));

/** Paths below which an unknown address is a mistake of a program, not a page. */
const NOT_PAGES = ["/api/", "/webhooks/", "/oauth/", "/docs", "/assets/", "/sim/"];

export async function portalIsBuilt(): Promise<boolean> {
  return access(`${FOLDER}index.html`).then(() => true, () => false);
}

/** `methodsAt` gives the methods that an address of the API takes. */
export async function portalRoutes(server: FastifyInstance, methodsAt: (path: string) => string[]): Promise<void> {
  const isBuilt = await portalIsBuilt();
  if (isBuilt) {
    await server.register(fastifyStatic, {
      root: FOLDER,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Built files carry a digest in their name; the page itself must always be fresh.
        reply.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0]!;
    const methods = methodsAt(path);
    if (methods.length > 0) {
      reply.header("allow", methods.join(", "));
      throw new MethodNotAllowed();
    }
    const isPage = isBuilt && request.method === "GET" && !NOT_PAGES.some((prefix) => path.startsWith(prefix)) && !/\.[a-z0-9]+$/i.test(path);
    if (!isPage) throw new NotFound("There is nothing at this address.");
    return reply.sendFile("index.html");
  });
}

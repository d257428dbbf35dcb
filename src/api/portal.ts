/** The pages' files, and a start page for every path that is a page: the back office's below /office, the portal's elsewhere. */
import { randomBytes } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { NotFound } from "../errors.ts";
import { MethodNotAllowed } from "./problem.ts";

const FOLDER = fileURLToPath(new URL("../../web/dist/", import.meta.url));

const OFFICE = "/office";
/** Stands in the office's page where the nonce of its styles goes. */
const NONCE_PLACE = "%STYLE_NONCE%";
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
      globIgnore: ["office/index.html"],
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Built files carry a digest in their name; the page itself must always be fresh.
        reply.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  const officePage = isBuilt ? await readFile(`${FOLDER}office/index.html`, "utf8") : "";
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0]!;
    const methods = methodsAt(path);
    if (methods.length > 0) {
      reply.header("allow", methods.join(", "));
      throw new MethodNotAllowed();
    }
    const isPage = isBuilt && request.method === "GET" && !NOT_PAGES.some((prefix) => path.startsWith(prefix)) && !/\.[a-z0-9]+$/i.test(path);
    if (!isPage) throw new NotFound("There is nothing at this address.");
    if (path === OFFICE || path.startsWith(`${OFFICE}/`)) return sendOffice(reply, officePage);
    return reply.sendFile("index.html");
  });
}

/** The office's components make style sheets as they go; only those with this answer's nonce count (CSP, style-src). */
function sendOffice(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(16).toString("base64");
  const policy = String(reply.getHeader("content-security-policy"));
  reply.header("content-security-policy", policy.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`));
  return reply.type("text/html; charset=utf-8").header("cache-control", "no-store").send(page.replace(NONCE_PLACE, nonce));
}

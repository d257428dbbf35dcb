/** Who may see how the house is doing: whoever has the operator's token or, where none is set, who asks from this very machine. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { NotAuthenticated, NotPermitted } from "../errors.ts";
import { LOOPBACK } from "../networks.ts";
import type { ApiContext } from "./context.ts";

/** What only a proxy adds: then the caller is somebody else than the socket's other end. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];
const OWN_NAMES = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

type Asked = Pick<FastifyRequest, "headers" | "raw">;

export function isOperator({ config }: Pick<ApiContext, "config">, request: Asked): boolean {
  if (config.metricsToken) {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    return timingSafeEqual(digest(given), digest(config.metricsToken.open()));
  }
  // A proxy on this machine calls from loopback, too; it gives itself away by its headers or by the public name that it passes on.
  return LOOPBACK.has(request.raw.socket.remoteAddress) && PROXY_HEADERS.every((name) => request.headers[name] === undefined) && OWN_NAMES.test(request.headers.host ?? "");
}

/** Throws NotAuthenticated or NotPermitted. */
export function requireOperator(context: Pick<ApiContext, "config">, request: Asked): void {
  if (isOperator(context, request)) return;
  if (context.config.metricsToken) throw new NotAuthenticated("Send the operator's token (ISLET_METRICS_TOKEN) as a bearer token.");
  throw new NotPermitted("Only this machine itself may read this, until a token is set with ISLET_METRICS_TOKEN.");
}

/** Of one length whatever is compared. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The cookie by which a browser is known that has signed in before. It opens nothing (src/people/sign-in/known-devices.ts). */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { DeviceToken } from "#people/sign-in/known-devices.ts";
import type { ApiContext } from "./context.ts";

function deviceCookieName(context: ApiContext): string {
  return context.config.insecureCookies ? "islet_device" : "__Host-islet_device";
}

export function readDeviceCookie(context: ApiContext, request: FastifyRequest): string | null {
  return request.cookies[deviceCookieName(context)] ?? null;
}

/** Strict: it is needed by our own sign-in page alone. */
export function setDeviceCookie(context: ApiContext, reply: FastifyReply, { token, expiresMs }: DeviceToken): void {
  reply.setCookie(deviceCookieName(context), token, { httpOnly: true, sameSite: "strict", secure: !context.config.insecureCookies, path: "/", expires: new Date(expiresMs) });
}

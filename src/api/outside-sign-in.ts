/** Signing in at an outside provider, and linking such an identity to oneself. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { deviceWords } from "#people/sessions/device-words.ts";
import { formatInstant } from "#units/time.ts";
import { findActor, refuseOtherSites, requireActor, requireRecentProof, setSessionCookie } from "./authenticate.ts";
import { publicOrigin } from "./connections.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { identityList, outsideDeparture, outsideRequest, signInProviderList } from "./schemas.ts";

const providerParams = z.object({ providerId: z.string().max(40) });

export function outsideSignInRoutes(server: Server, context: ApiContext): void {
  const { outsideSignIn } = context;
  const depart = async (request: FastifyRequest<{ Params: { providerId: string }; Body: z.infer<typeof outsideRequest> }>, reply: FastifyReply, isLink: boolean) => {
    const linkTo = isLink ? await requireActor(context, request as FastifyRequest) : null;
    if (linkTo) requireRecentProof(context, linkTo);
    const { providerId } = request.params;
    const { authorizeUrl, ticket, expiresMs } = await outsideSignIn.begin(providerId, {
      returnTo: request.body.returnTo, redirectUri: redirectUriOf(context, request as FastifyRequest, providerId), linkTo,
    });
    reply.setCookie(ticketName(context), ticket, { ...ticketCookie(context), expires: new Date(expiresMs) });
    return { authorizeUrl, expiresAt: formatInstant(expiresMs) };
  };

  server.get("/sign-in-providers", {
    config: { access: { who: "anyone" } },
    schema: { tags: ["sign-in"], summary: "Where else one can sign in", response: { 200: signInProviderList, ...PROBLEMS } },
  }, async () => ({ data: [...outsideSignIn.providers] }));

  server.post("/sign-in-providers/:providerId", {
    config: { access: { who: "anyone" }, limit: "sensitive" },
    schema: { tags: ["sign-in"], summary: "Begin to sign in at a provider, as a browser", params: providerParams, body: outsideRequest, response: { 200: outsideDeparture, ...PROBLEMS } },
  }, async (request, reply) => {
    // Another site must not be able to sign a browser in.
    refuseOtherSites(context, request);
    return depart(request, reply, false);
  });

  server.post("/me/identities/:providerId", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: { tags: ["sign-in"], summary: "Begin to link an identity at a provider to me", params: providerParams, body: outsideRequest, response: { 200: outsideDeparture, ...PROBLEMS } },
  }, async (request, reply) => depart(request, reply, true));

  server.get("/me/identities", {
    config: { access: { who: "user" } },
    schema: { tags: ["sign-in"], summary: "Where else I can sign in as myself", response: { 200: identityList, ...PROBLEMS } },
  }, async (request) => {
    const linked = await outsideSignIn.linkedTo(await requireActor(context, request));
    return { data: linked.map(({ id, name, linkedMs }) => ({ id, name, linkedAt: formatInstant(linkedMs) })) };
  });

  server.delete("/me/identities/:providerId", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: { tags: ["sign-in"], summary: "End what links an identity at a provider to me", params: providerParams, response: { 204: z.null(), ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    requireRecentProof(context, actor);
    await outsideSignIn.unlink(request.params.providerId, actor);
    return reply.code(204).send(null);
  });

  server.get("/sign-in-providers/:providerId/callback", {
    // A look ahead with HEAD would use the state up.
    exposeHeadRoute: false,
    config: { access: { who: "anyone" }, limit: "sensitive" },
    schema: {
      tags: ["sign-in"], summary: "The provider's answer (for browsers)", params: providerParams, querystring: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
      response: { 302: z.null().describe("To the page that began, with `error` where it was in vain."), ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    // Neither this address nor the page after it may travel on in a Referer: it carries code and state (faults OA-15).
    reply.header("referrer-policy", "no-referrer").clearCookie(ticketName(context), ticketCookie(context));
    const before = await findActor(context, request, true);
    const outcome = await outsideSignIn.finish(request.params.providerId, {
      query: request.url.split("?")[1] ?? "", redirectUri: redirectUriOf(context, request as FastifyRequest, request.params.providerId), ticket: request.cookies[ticketName(context)], actor: before,
    });
    if (outcome.kind === "refused") return reply.redirect(withError(outcome.returnTo, outcome.error), 302);
    if (outcome.kind === "signed_in") {
      const { token, actor } = await context.sessions.open(outcome.proven, "cookie", { device: deviceWords(request.headers["user-agent"]), provenMs: outcome.provenMs });
      if (before?.session.kind === "cookie") await context.sessions.end(before);
      setSessionCookie(context, reply, token, actor.session.expiresMs);
    }
    return reply.redirect(outcome.returnTo, 302);
  });
}

/** What is registered at the provider: one address for each, so that none can answer for another (RFC 9700 §4.4). */
function redirectUriOf(context: ApiContext, request: FastifyRequest, providerId: string): string {
  return `${publicOrigin(context, request.headers.host)}/api/v1/sign-in-providers/${providerId}/callback`;
}

function ticketName({ config }: ApiContext): string {
  return config.insecureCookies ? "islet_outside" : "__Host-islet_outside";
}

/** Lax: it must come along when the provider's page leads back. */
function ticketCookie({ config }: ApiContext) {
  return { httpOnly: true, sameSite: "lax", secure: !config.insecureCookies, path: "/" } as const;
}

function withError(returnTo: string, error: string): string {
  const url = new URL(returnTo, "https://islet.invalid");
  url.searchParams.set("error", error);
  return url.pathname + url.search + url.hash;
}

/**
 * Who may call a route: declared where the route is, told in the OpenAPI document (`x-access`), enforced before the handler runs. The database
 * asks once more (docs/decisions/008). ASVS 8.1.1, 8.2.1, 8.3.1.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AccessScope } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor, Role } from "#people/sessions/sessions.ts";
import { InternalError, NotPermitted } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";

/**
 * - `anyone`: no sign-in; whatever protects the route (a one-time link, a password) is its own business.
 * - `user`: whoever is signed in, where `roles` are named with one of them; about oneself, or what one's role may.
 * - `patient`: who may view, upload to or manage the patient whom the path names; where `roles` are named, with one of them, too.
 * - `operator`, `vendor`, `device`: by a token of the operator, a vendor's signature, the token of a paired device.
 */
export type Access =
  | { readonly who: "anyone" }
  | { readonly who: "user"; readonly roles?: readonly Role[] }
  | { readonly who: "patient"; readonly scope: AccessScope; readonly roles?: readonly Role[] }
  | { readonly who: "operator" }
  | { readonly who: "vendor" }
  | { readonly who: "device" };

declare module "fastify" {
  interface FastifyContextConfig {
    access?: Access;
  }
}

/** What OpenAPI calls the ways to prove who one is. */
const SECURITY: Readonly<Record<Access["who"], readonly Record<string, string[]>[]>> = {
  anyone: [], user: [{ session: [] }, { bearer: [] }], patient: [{ session: [] }, { bearer: [] }], operator: [{ operator: [] }], vendor: [], device: [{ device: [] }],
};

/** What the document says of a route's access. */
export function describeAccess(access: Access | undefined): { "x-access"?: Access; security?: readonly Record<string, string[]>[] } {
  if (!access) return {};
  return { "x-access": access, ...(SECURITY[access.who].length > 0 ? { security: SECURITY[access.who] } : {}) };
}

/** What the route declared. Throws InternalError for a route that declared something else than the caller needs. */
export function patientAccess(request: FastifyRequest): Extract<Access, { who: "patient" }> {
  const access = request.routeOptions.config.access;
  if (access?.who !== "patient") throw new InternalError(`The route ${request.routeOptions.url ?? ""} works on a patient and does not declare it.`);
  return access;
}

/** Requests whose patient was found to be one that the actor may reach. */
const checked = new WeakSet<object>();

export function notePatientChecked(request: FastifyRequest): void {
  checked.add(request);
}

/** Refuses routes without a declaration at start, and callers that a declaration does not let in before anything is read of what they sent. */
export function holdAccess(server: FastifyInstance, context: ApiContext): void {
  server.addHook("onRoute", (route) => {
    if (!route.config?.access) throw new InternalError(`The route ${route.url} does not declare who may call it.`);
    if ((route.config.access.who === "patient") !== route.url.includes("/:patientId")) throw new InternalError(`The route ${route.url} names a patient in its path or in its access, and not in both.`);
  });
  server.addHook("onRequest", async (request) => {
    const access = request.routeOptions.config.access;
    if (access?.who !== "user" && access?.who !== "patient") return;
    const actor = await requireActor(context, request);
    if (access.who === "user" && access.roles && !access.roles.some((role) => actor.roles.includes(role))) {
      await auditRefusal(context, actor, request);
      throw new NotPermitted("Your role may not do this.");
    }
  });
  // A handler that forgot to ask for the patient must not answer.
  server.addHook("onSend", async (request, reply, payload) => {
    if (request.routeOptions.config.access?.who === "patient" && reply.statusCode < 400 && !checked.has(request)) {
      throw new InternalError(`The route ${request.routeOptions.url ?? ""} answered without having asked whether the patient may be reached.`);
    }
    return payload;
  });
}

/** Whoever tries what their role may not is in the audit log, like whoever reaches for a patient in vain. ASVS 16.3.2. */
function auditRefusal({ database }: ApiContext, { organizationId, userId }: Actor, request: FastifyRequest): Promise<void> {
  const objectId = `${request.method} ${request.routeOptions.url ?? ""}`;
  return database.withOrganization(organizationId, (tx) =>
    audit(tx, organizationId, { action: "access.refused", actorUserId: userId, objectType: "route", objectId, outcome: "refused", purpose: "administration", requestId: request.id }));
}

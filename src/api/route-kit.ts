/** What the resources share: the typed server, reading a patient's rows as an actor, times in queries. */
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { patientFor, type AccessScope, type PatientRow } from "#people/access.ts";
import { audit } from "#people/audit.ts";
import type { Actor } from "#people/sessions.ts";
import { parseInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { problem } from "./schemas.ts";

export type Server = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, ZodTypeProvider>;

/** Statuses that any route for signed-in people may answer. */
export const PROBLEMS = { 400: problem, 401: problem, 403: problem, 404: problem, 429: problem, 500: problem, 503: problem } as const;

export const SECURITY = [{ session: [] }, { bearer: [] }];

export const patientParams = z.object({ patientId: z.string().max(40).describe("A patient's id, or `me` for a patient's own data.") });

/**
 * Runs `work` in the organization's transaction with the named patient, if the actor may. Reading somebody else's data is audited.
 */
export async function withPatient<T>(
  context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, scope: AccessScope,
  work: (tx: Tx, patient: PatientRow, actor: Actor) => Promise<T>,
): Promise<T> {
  const actor = await requireActor(context, request as FastifyRequest);
  return context.database.withOrganization(actor.organizationId, async (tx) => {
    const patient = await patientFor(tx, actor, request.params.patientId, scope);
    if (!patient.isSelf) {
      await audit(tx, actor.organizationId, {
        action: `patient.${scope}`, actorUserId: actor.userId, patientId: patient.id, objectType: "route", objectId: request.routeOptions.url ?? "", requestId: request.id,
      });
    }
    return work(tx, patient, actor);
  });
}

/** An instant of a query, as epoch milliseconds. Throws InvalidInput naming the parameter. */
export function instantParameter(name: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  const parsed = parseInstant(text.replace(" ", "+"));
  if (!parsed) {
    throw new InvalidInput(`${name} is no instant.`, { issues: [{ pointer: `/querystring/${name}`, detail: "use RFC 3339 with an offset, e.g. 2026-03-02T06:30:00Z" }] });
  }
  return parsed.ms;
}

/** `[from, to)` of a query, checked. */
export function periodParameters(
  query: { from?: string | undefined; to?: string | undefined }, nowMs: number, defaultLengthMs: number,
): { fromMs: number; toMs: number } {
  const toMs = instantParameter("to", query.to, nowMs);
  const fromMs = instantParameter("from", query.from, toMs - defaultLengthMs);
  if (fromMs >= toMs) throw new InvalidInput("from must lie before to.", { issues: [{ pointer: "/querystring/from", detail: "an instant before to" }] });
  return { fromMs, toMs };
}

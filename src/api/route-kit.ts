/** What the resources share: the typed server, reading a patient's rows as an actor, times in queries. */
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { PersonContext, Tx } from "#db/database.ts";
import { isId, patientFor, type PatientRow } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { DAY_MS, MINUTE_MS, parseInstant } from "#units/time.ts";
import { ConsentMissing, InvalidInput, NotFound, NotPermitted } from "../errors.ts";
import { noteEmergency } from "../trail.ts";
import { notePatientChecked, patientAccess } from "./access.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM_TYPE } from "./problem.ts";
import { problem } from "./schemas.ts";

export type Server = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, ZodTypeProvider>;

/** A status that is answered by a problem. */
export const PROBLEM = { content: { [PROBLEM_TYPE]: { schema: problem } } } as const;

/** Statuses that any route for signed-in people may answer. */
export const PROBLEMS = { 400: PROBLEM, 401: PROBLEM, 403: PROBLEM, 404: PROBLEM, 429: PROBLEM, 500: PROBLEM, 503: PROBLEM } as const;

/** An answer to `If-None-Match`: what the caller has is what there is. */
export const UNCHANGED = { 304: z.null().describe("Nothing has changed since the reply with this ETag.") } as const;

export const patientParams = z.object({ patientId: z.string().max(40).describe("A patient's id, or `me` for a patient's own data.") });

/**
 * Runs `work` in the actor's transaction with the named patient, if the actor has what the route declares and the person still shares. Whoever reaches for
 * somebody else's data is audited, also in vain.
 */
export async function withPatient<T>(
  context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>,
  work: (tx: Tx, patient: PatientRow, actor: Actor) => Promise<T>, options: { readonly evenUnshared?: boolean } = {},
): Promise<T> {
  const { scope, roles } = patientAccess(request as FastifyRequest);
  const actor = await requireActor(context, request as FastifyRequest);
  const note = (tx: Tx, patientId: string, outcome: "done" | "refused"): Promise<void> =>
    audit(tx, actor.organizationId, {
      action: `patient.${scope}`, actorUserId: actor.userId, patientId, objectType: "route", objectId: request.routeOptions.url ?? "",
      requestId: request.id, outcome,
    });
  const result = await context.database.withPerson(asking(actor, request.params.patientId), async (tx) => {
    const patient = await patientFor(tx, actor, request.params.patientId, { scope, ...options }).then((found) => {
      // Only now: whether there is such a patient is not learned by a role.
      return roles && !roles.some((role) => actor.roles.includes(role)) ? new NotPermitted("Your role may not do this.") : found;
    }).catch((error: unknown) => {
      if (error instanceof NotFound || error instanceof NotPermitted || error instanceof ConsentMissing) return error;
      throw error;
    });
    if (patient instanceof Error) {
      if (isId(request.params.patientId)) await note(tx, request.params.patientId, "refused");
      return { refusal: patient };
    }
    notePatientChecked(request as FastifyRequest);
    if (patient.isEmergency) noteEmergency(patient.id);
    if (!patient.isSelf) {
      await note(tx, patient.id, "done");
      await hideOwnerOnly(context, tx);
    }
    return { value: await work(tx, patient, actor) };
  });
  // Thrown only now, so that the note of it is kept.
  if ("refusal" in result) throw result.refusal;
  return result.value;
}

/** On whose behalf a request for this patient is served. What is no id finds nobody. */
export function asking(actor: Actor, patientId: string): PersonContext {
  const askedPatientId = patientId === "me" ? actor.patientId : patientId;
  return { organizationId: actor.organizationId, userId: actor.userId, patientId: actor.patientId, ...(askedPatientId !== null && isId(askedPatientId) ? { askedPatientId } : {}) };
}

/** Goes on with a patient that `withPatient` was asked for before, in a transaction of its own: a right that has ended meanwhile is refused, and nothing is audited anew. */
export async function withPatientAgain<T>(
  context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, work: (tx: Tx, patient: PatientRow) => Promise<T>,
): Promise<T> {
  const actor = await requireActor(context, request as FastifyRequest);
  return context.database.withPerson(asking(actor, request.params.patientId), async (tx) => {
    const patient = await patientFor(tx, actor, request.params.patientId, { scope: "view" });
    if (!patient.isSelf) await hideOwnerOnly(context, tx);
    return work(tx, patient);
  });
}

/** What a vendor lets be shown to the person alone is not there for the rest of this transaction. */
export async function hideOwnerOnly(context: ApiContext, tx: Tx): Promise<void> {
  const hidden = context.sync.providers.drivers.filter((driver) => driver.brand.isForOwnerOnly).map((driver) => driver.id);
  await tx.query("select set_config('app.hidden_providers', $1, true)", [hidden.join(",")]);
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

/** The end of the minute that it is: a reply up to "now" stays the same for so long, and so does its ETag. */
export function endOfMinute(nowMs: number): number {
  return Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
}

/** `[from, to)` of a query, checked; `mostDays` where one reply holds it all. @param names what the query calls them. */
export function periodParameters(
  query: { from?: string | undefined; to?: string | undefined }, nowMs: number, lengths: { defaultMs: number; mostDays?: number }, names = { from: "from", to: "to" },
): { fromMs: number; toMs: number } {
  const toMs = instantParameter(names.to, query.to, nowMs);
  const fromMs = instantParameter(names.from, query.from, toMs - lengths.defaultMs);
  const refusal = (message: string, detail: string): InvalidInput => new InvalidInput(message, { issues: [{ pointer: `/querystring/${names.from}`, detail }] });
  if (fromMs >= toMs) throw refusal(`${names.from} must lie before ${names.to}.`, `an instant before ${names.to}`);
  if (lengths.mostDays !== undefined && toMs - fromMs > lengths.mostDays * DAY_MS) {
    throw refusal(`At most ${lengths.mostDays} days at once.`, "ask for fewer days");
  }
  return { fromMs, toMs };
}

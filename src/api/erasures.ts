/** The end of a person's data, at their wish: asked for with a confirmation, undone until it begins. GDPR Art. 17; faults PR-01 to PR-04. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { PRIVACY_QUEUES } from "#privacy/context.ts";
import { askForErasure, checkConfirmed, listErasures, readErasure, undoErasure, type Erasure } from "#privacy/erasure/wishes.ts";
import type { PatientRow } from "#people/access/access.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { NotPermitted } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { erasure, erasureList, erasureWish } from "./schemas.ts";

const TAGS = ["privacy"];
const params = patientParams.extend({ erasureId: z.string().max(40) });
const access = { who: "patient", scope: "manage" } as const;

export function erasureRoutes(server: Server, context: ApiContext): void {
  server.post("/patients/:patientId/erasures", {
    config: { access },
    schema: {
      tags: TAGS, summary: "Ask for the end of all my data and my account",
      description: "By the person alone. It begins at `beginsAt`; until then it can be undone. Then vendors are told, and everything goes: docs/privacy.md says what.",
      params: patientParams, body: erasureWish, response: { 202: erasure, ...PROBLEMS, 409: PROBLEM, 422: PROBLEM },
    },
  }, async (request, reply) => {
    const asked = await asOneself(context, request, async (tx, patient, actor) => {
      checkConfirmed(request.body.confirm, patient.displayName);
      return askForErasure(tx, context.privacy, { organizationId: patient.organizationId, patientId: patient.id, askedBy: actor.userId, reason: "own_wish", requestId: request.id });
    });
    if (asked.beginsMs <= context.clock.now()) {
      await context.privacy.queue.send(PRIVACY_QUEUES.erasure, { erasureId: asked.id }, { key: asked.id })
        .catch((error: unknown) => context.log.warn({ erasure: asked.id, error }, "an erasure could not be begun at once; the sweep will"));
    }
    return reply.code(202).send(show(asked));
  });

  server.get("/patients/:patientId/erasures", {
    config: { access },
    schema: { tags: TAGS, summary: "Erasures that were asked for", params: patientParams, response: { 200: erasureList, ...PROBLEMS } },
  }, (request) => asOneself(context, request, async (tx, patient) => {
    return { data: (await listErasures(tx, patient.id)).map(show) };
  }));

  server.get("/patients/:patientId/erasures/:erasureId", {
    config: { access },
    schema: { tags: TAGS, summary: "One erasure", params, response: { 200: erasure, ...PROBLEMS } },
  }, (request) => asOneself(context, request, async (tx, patient) => {
    return show(await readErasure(tx, patient.id, request.params.erasureId));
  }));

  server.delete("/patients/:patientId/erasures/:erasureId", {
    config: { access },
    schema: { tags: TAGS, summary: "Change my mind, before it begins", params, response: { 204: z.null(), ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    await asOneself(context, request, async (tx, patient, actor) => {
      await undoErasure(tx, context.privacy, { patientId: patient.id, id: request.params.erasureId, byUserId: actor.userId, requestId: request.id });
    });
    return reply.code(204).send(null);
  });
}

/** In a transaction that may work on erasures. Who manages somebody's data may not end it: throws NotPermitted. */
async function asOneself<T>(context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, work: (tx: Tx, patient: PatientRow, actor: Actor) => Promise<T>): Promise<T> {
  const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }));
  if (!patient.isSelf) throw new NotPermitted("Only the person may ask for the end of their data.");
  return context.database.withOrganization(patient.organizationId, (tx) => work(tx, patient, actor));
}

function show({ id, state, reason, askedMs, beginsMs, undoneMs, isOnHold }: Erasure) {
  return { id, state, reason, askedAt: formatInstant(askedMs), beginsAt: formatInstant(beginsMs), undoneAt: undoneMs === null ? null : formatInstant(undoneMs), isOnHold };
}

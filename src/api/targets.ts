/** Targets of a patient: the ranges and goals that the clinic holds their glucose against. Shown as they were chosen; Islet proposes none. */
import type { FastifyRequest } from "fastify";
import { STANDARD_TARGET, targetOf, type Target } from "#clinic/targets/target.ts";
import { listTargets, setTargetOf, type SetTarget } from "#clinic/targets/targets.ts";
import type { Tx } from "#db/database.ts";
import { namesOf } from "#people/audit/accesses.ts";
import { audit } from "#people/audit/audit.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { patientParams, PROBLEMS, type Server, withPatient } from "./route-kit.ts";
import { targetList, targetRequest, type TargetShown } from "./schemas.ts";

const TAGS = ["clinic"];

export function targetRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/targets", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: TAGS, summary: "What this patient's glucose is held against, and every change of it", description: GLUCOSE_NOTICE, params: patientParams, response: { 200: targetList, ...PROBLEMS } },
  }, async (request, reply) => {
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const { sets, organizationId } = await withPatient(context, request, async (tx, patient) => ({ sets: await listTargets(tx, patient.id), organizationId: patient.organizationId }));
    return withNames(context, organizationId, sets);
  });

  server.put("/patients/:patientId/targets", {
    config: { access: { who: "patient", scope: "view", roles: ["clinician"] } },
    schema: {
      tags: TAGS, summary: "Set what this patient's glucose is held against", description: "A clinician of the patient's chooses a preset or ranges of their own, and goals. Earlier ones stay in the history. Analyses keep to the preset that they are asked with.",
      params: patientParams, body: targetRequest, response: { 200: targetList, ...PROBLEMS },
    },
  }, async (request) => {
    const chosen = request.body;
    if (!targetOf(chosen)) throw new InvalidInput("These are no ranges.", { issues: [{ pointer: "/body/bounds", detail: "with `custom` four thresholds that ascend, and with a preset none" }] });
    const { sets, organizationId } = await withPatient(context, request, async (tx: Tx, patient, actor) => {
      await setTargetOf(tx, { organizationId: patient.organizationId, patientId: patient.id, setBy: actor.userId, nowMs: context.clock.now() }, chosen);
      await audit(tx, actor.organizationId, { action: "target.set", actorUserId: actor.userId, patientId: patient.id, objectType: "target", requestId: (request as FastifyRequest).id });
      return { sets: await listTargets(tx, patient.id), organizationId: patient.organizationId };
    });
    return withNames(context, organizationId, sets);
  });
}

async function withNames(context: ApiContext, organizationId: string, sets: readonly SetTarget[]): Promise<{ current: TargetShown; history: TargetShown[] }> {
  const names = await context.database.withOrganization(organizationId, (tx) => namesOf(tx, sets.map(({ setBy }) => setBy)));
  const history = sets.map((set) => ({ ...showTarget(set), setAt: formatInstant(set.setMs), setBy: set.setBy, setByName: names.get(set.setBy) ?? null }));
  return { current: history[0] ?? { ...showTarget(STANDARD_TARGET), setAt: null, setBy: null, setByName: null }, history };
}

/** A target without who set it. */
export function showTarget({ preset, bounds, goals, hasOwnGoals, unit }: Target): Pick<TargetShown, "preset" | "thresholds" | "goals" | "hasOwnGoals" | "unit"> {
  return { preset, thresholds: bounds, goals, hasOwnGoals, unit };
}

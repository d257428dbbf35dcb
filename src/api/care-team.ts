/** Who of the clinic cares for a person: seen by the person, kept by whoever manages. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { addMember, changeMember, endMembership, listCareTeam, type CareTeamMember as Member, type CareTeamOwner } from "#clinic/care-team/care-team.ts";
import type { Tx } from "#db/database.ts";
import { formatInstant } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import { HISTORY_TAGS } from "./clinical-entries.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { careTeam, careTeamPatch, careTeamRequest, type CareTeamMember } from "./schemas.ts";

const memberParams = patientParams.extend({ memberId: z.string().max(40) });

export function careTeamRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/care-team", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: HISTORY_TAGS, summary: "Who cares for the person, and who of them may look now", description: "To be in the team opens nothing: a grant does. Clinicians who have access and were never named are told, too.",
      params: patientParams, response: { 200: careTeam, ...PROBLEMS },
    },
  }, async (request) => {
    const { id, organizationId } = await withPatient(context, request, async (_tx, patient) => patient);
    return { data: (await context.database.withOrganization(organizationId, (tx) => listCareTeam(tx, id))).map(showMember) };
  });

  server.post("/patients/:patientId/care-team", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: HISTORY_TAGS, summary: "Name a clinician of the care team", params: patientParams, body: careTeamRequest, response: { 201: careTeam, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const { userId, ...place } = request.body;
    return reply.code(201).send(await withTeam(context, request, (tx, owner) => addMember(tx, owner, userId, place)));
  });

  server.patch("/patients/:patientId/care-team/:memberId", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: HISTORY_TAGS, summary: "Change a member's role, or make them the main contact", params: memberParams, body: careTeamPatch, response: { 200: careTeam, ...PROBLEMS } },
  }, (request) => withTeam(context, request, (tx, owner) => changeMember(tx, owner, request.params.memberId, withoutUndefined(request.body))));

  server.delete("/patients/:patientId/care-team/:memberId", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: HISTORY_TAGS, summary: "End a membership; access ends with the grant", params: memberParams, response: { 200: careTeam, ...PROBLEMS } },
  }, (request) => withTeam(context, request, (tx, owner) => endMembership(tx, owner, request.params.memberId)));
}

/** Does it, and tells the team as it is then. */
async function withTeam(context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, work: (tx: Tx, owner: CareTeamOwner) => Promise<unknown>): Promise<{ data: CareTeamMember[] }> {
  const owner = await withPatient(context, request, async (_tx, { id: patientId, organizationId }, { userId }) => ({ organizationId, patientId, userId, nowMs: context.clock.now() }));
  return context.database.withOrganization(owner.organizationId, async (tx) => {
    await work(tx, owner);
    return { data: (await listCareTeam(tx, owner.patientId)).map(showMember) };
  });
}

function withoutUndefined(patch: z.infer<typeof careTeamPatch>): Parameters<typeof changeMember>[3] {
  const { role, roleWords, isMainContact } = patch;
  return { ...(role === undefined ? {} : { role }), ...(roleWords === undefined ? {} : { roleWords }), ...(isMainContact === undefined ? {} : { isMainContact }) };
}

function showMember({ id, userId, displayName, role, roleWords, isMainContact, sinceMs, scope, accessSinceMs }: Member): CareTeamMember {
  return {
    id, user: { id: userId, name: displayName }, role, roleWords, isMainContact, since: sinceMs === null ? null : formatInstant(sinceMs),
    access: scope === null || accessSinceMs === null ? null : { scope, since: formatInstant(accessSinceMs) },
  };
}

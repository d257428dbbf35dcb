/** Tags: a clinic's own words for its patients. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { changeTag, deleteTag, listTagsWithCounts, makeTag, putTagOn, tagsOfPatient, takeTagOff, type Tag } from "#clinic/tags/tags.ts";
import { IS_OPEN, isId } from "#people/access/access.ts";
import { audit, auditEach } from "#people/audit/audit.ts";
import type { Tx } from "#db/database.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { InvalidInput, NotFound } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { patientParams, PROBLEM, PROBLEMS, type Server, withPatient } from "./route-kit.ts";
import { patientTags, tag, taggingReply, taggingRequest, tagList, tagPatch, tagRequest } from "./schemas.ts";

const TAGS = ["clinic"];
const FOR_CLINICIANS = { access: { who: "user", roles: ["clinician"] } } as const;
const tagParams = z.object({ tagId: z.string().max(40) });

export function tagRoutes(server: Server, context: ApiContext): void {
  server.get("/tags", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "The clinic's tags, by name, and how many carry each", response: { 200: tagList, ...PROBLEMS } },
  }, async (request) => {
    const { organizationId } = await requireActor(context, request);
    return { data: await context.database.withOrganization(organizationId, listTagsWithCounts) };
  });

  server.post("/tags", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "Make a tag", description: "50 at most. A name is there once, whatever its case.", body: tagRequest, response: { 201: tag, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => reply.code(201).send(await ofClinic(context, request as FastifyRequest, "tag.made", (tx, { organizationId }) => makeTag(tx, organizationId, request.body))));

  server.patch("/tags/:tagId", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "Change a tag's name or colour", params: tagParams, body: tagPatch, response: { 200: tag, ...PROBLEMS, 409: PROBLEM } },
  }, (request) => ofClinic(context, request as FastifyRequest, "tag.changed", (tx) => changeTag(tx, request.params.tagId, request.body)));

  server.delete("/tags/:tagId", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "Delete a tag, and take it off everybody", params: tagParams, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const { tagId } = request.params;
    await ofClinic(context, request as FastifyRequest, "tag.deleted", async (tx) => {
      await deleteTag(tx, tagId);
      return { id: tagId };
    });
    return reply.code(204).send(null);
  });

  server.get("/patients/:patientId/tags", {
    config: { access: { who: "patient", scope: "view", roles: ["clinician"] } },
    schema: { tags: TAGS, summary: "The tags that are on this patient, by name", params: patientParams, response: { 200: patientTags, ...PROBLEMS } },
  }, async (request) => ({ data: await withPatient(context, request, (tx, { id }) => tagsOfPatient(tx, id)) }));

  server.post("/tags/:tagId/patients", {
    config: FOR_CLINICIANS,
    schema: {
      tags: TAGS, summary: "Put a tag on patients, and take it off others", description: "All of them or, where one is not mine to see, none. The reply is what undoes it.",
      params: tagParams, body: taggingRequest, response: { 200: taggingReply, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const { tagId } = request.params;
    const [add, remove] = [[...new Set(request.body.add)], [...new Set(request.body.remove)]];
    if (add.some((id) => remove.includes(id))) throw new InvalidInput("A patient cannot get a tag and lose it at once.", { issues: [{ pointer: "/body/remove", detail: "none of those in add" }] });
    return context.database.withPerson(actor, async (tx) => {
      await requireSeen(tx, actor, [...add, ...remove]);
      const added = await putTagOn(tx, { organizationId: actor.organizationId, addedBy: actor.userId, tagId }, add);
      const removed = await takeTagOff(tx, tagId, remove);
      await auditEach(tx, actor.organizationId, { action: "tag.put_on", actorUserId: actor.userId, objectType: "tag", objectId: tagId, requestId: request.id }, added);
      await auditEach(tx, actor.organizationId, { action: "tag.taken_off", actorUserId: actor.userId, objectType: "tag", objectId: tagId, requestId: request.id }, removed);
      return { added, removed };
    });
  });
}

/** Throws NotFound unless the clinician sees each of these patients, and they share. */
async function requireSeen(tx: Tx, { userId }: Actor, patientIds: readonly string[]): Promise<void> {
  const known = patientIds.filter(isId);
  const [seen] = await tx.query<{ count: number }>(
    `select count(*)::int as count from grants g where g.user_id = $1 and g.patient_id = any($2::uuid[]) and now() between g.valid_from and g.valid_to and ${IS_OPEN}`, [userId, known],
  );
  if (known.length < patientIds.length || seen!.count < known.length) throw new NotFound("There is no such patient.");
}

/** What belongs to the organization is changed with the rights of its administration. */
async function ofClinic<T extends Pick<Tag, "id">>(context: ApiContext, request: FastifyRequest, action: string, work: (tx: Tx, actor: Actor) => Promise<T>): Promise<T> {
  const actor = await requireActor(context, request);
  return context.database.withOrganization(actor.organizationId, async (tx) => {
    const changed = await work(tx, actor);
    await audit(tx, actor.organizationId, { action, actorUserId: actor.userId, objectType: "tag", objectId: changed.id, purpose: "administration", requestId: request.id });
    return changed;
  });
}

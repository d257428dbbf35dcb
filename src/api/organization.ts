/** The organization: how its admins set it up, what everybody in it may know of it, and the keys of its people. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { audit } from "#people/audit/audit.ts";
import { listOrganizationKeys, type OrganizationKey } from "#people/organizations/keys.ts";
import { mealLabels } from "#people/organizations/meal-labels.ts";
import { changeOrganization, readOrganization, type Organization, type OrganizationPatch } from "#people/organizations/settings.ts";
import { revokeApiKey } from "#people/sessions/keys/api-keys.ts";
import { formatInstant } from "#units/time.ts";
import { requireActor, requireRecentProof } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { ifMatchNeeded, putVersion, versionOf } from "./if-match.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { organizationKeyList, organizationPatch, organizationProfile, organizationShown } from "./schemas.ts";

const TAGS = ["administration"];
const FOR_ADMINS = { who: "user", roles: ["admin"] } as const;

export function organizationRoutes(server: Server, context: ApiContext): void {
  const { database, clock } = context;
  server.get("/organization", {
    config: { access: FOR_ADMINS }, schema: { tags: TAGS, summary: "How the organization is set up", description: "Its ETag is what a change names.", response: { 200: organizationShown, ...PROBLEMS } },
  }, async (request, reply) => {
    const { organizationId } = await requireActor(context, request as FastifyRequest);
    const found = await database.withOrganization(organizationId, (tx) => readOrganization(tx, organizationId));
    putVersion(reply, found.version);
    return show(found);
  });

  server.patch("/organization", {
    config: { access: FOR_ADMINS, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "Change how it is set up", description: "To ask less of the staff than a second factor needs a proof of the last ten minutes.", headers: ifMatchNeeded, body: organizationPatch,
      response: { 200: organizationShown, ...PROBLEMS, 409: PROBLEM, 412: PROBLEM },
    },
  }, async (request, reply) => {
    const admin = await requireActor(context, request as FastifyRequest);
    if (request.body.staffSecondFactor !== undefined) requireRecentProof(context, admin);
    const changed = await database.withOrganization(admin.organizationId, (tx) =>
      changeOrganization(tx, admin, request.body as OrganizationPatch, { ifVersion: versionOf(request.headers["if-match"]), nowMs: clock.now() }));
    // Whom it holds back from now on is asked of the database, not remembered.
    context.sessions.forget();
    putVersion(reply, changed.version);
    return show(changed);
  });

  server.get("/organization/profile", {
    config: { access: { who: "user" } },
    schema: { tags: TAGS, summary: "What everybody in the organization may know of it", response: { 200: organizationProfile, ...PROBLEMS } },
  }, async (request) => {
    const { organizationId, roles } = await requireActor(context, request);
    const { id, name, locale, glucoseUnit, zone, contact, mealLabels: own, notices } = await database.withOrganization(organizationId, (tx) => readOrganization(tx, organizationId));
    const isStaff = roles.some((role) => role === "clinician" || role === "admin");
    return { id, name, locale, glucoseUnit, zone, contact, mealLabels: mealLabels(own), notice: isStaff ? notices.staff : notices.patients };
  });

  keyRoutes(server, context);
}

function keyRoutes(server: Server, context: ApiContext): void {
  const { database, clock } = context;
  server.get("/organization/api-keys", {
    config: { access: FOR_ADMINS },
    schema: {
      tags: TAGS, summary: "Keys of everybody's apps, those used last first", querystring: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(400).optional() }),
      response: { 200: organizationKeyList, ...PROBLEMS },
    },
  }, async (request) => {
    const { organizationId, userId } = await requireActor(context, request as FastifyRequest);
    const { limit, cursor } = request.query;
    const scope = `organization-keys ${organizationId}`;
    const offset = cursor === undefined ? 0 : Number(decodeCursor(context, scope, cursor)[0]);
    const found = await database.withOrganization(organizationId, async (tx) => {
      await audit(tx, organizationId, { action: "api_key.listed", actorUserId: userId, objectType: "api_key", purpose: "administration", requestId: request.id });
      return listOrganizationKeys(tx, clock.now(), { limit: limit + 1, offset });
    });
    return { data: found.slice(0, limit).map(showKey), nextCursor: found.length > limit ? encodeCursor(context, scope, [offset + limit]) : null };
  });

  server.delete("/organization/api-keys/:keyId", {
    config: { access: FOR_ADMINS, limit: "sensitive" },
    schema: { tags: TAGS, summary: "Revoke anybody's key", params: z.object({ keyId: z.string().max(40) }), response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const { keyId } = request.params;
    await database.withOrganization(actor.organizationId, (tx) => revokeApiKey(tx, actor, keyId, clock.now()));
    context.apiKeys.forget(keyId);
    return reply.code(204).send(null);
  });
}

function show({ changedMs, ...rest }: Organization): z.infer<typeof organizationShown> {
  return { ...rest, mealLabels: { ...rest.mealLabels }, changedAt: formatInstant(changedMs) };
}

function showKey({ ownerId, ownerName, ownerRoles, scopes, createdMs, expiresMs, lastUsedMs, ...rest }: OrganizationKey): z.infer<typeof organizationKeyList>["data"][number] {
  return {
    ...rest, owner: { id: ownerId, name: ownerName, roles: [...ownerRoles] }, scopes: [...scopes], createdAt: formatInstant(createdMs), expiresAt: formatInstant(expiresMs),
    lastUsedAt: lastUsedMs === null ? null : formatInstant(lastUsedMs),
  };
}

/** Keys of apps. */
import { z } from "zod";
import { addApiKey, listApiKeys, revokeApiKey, type ListedApiKey } from "#people/sessions/keys/api-keys.ts";
import { formatInstant } from "#units/time.ts";
import { requireActor, requireRecentProof } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { apiKeyList, apiKeyRequest, newApiKey } from "./schemas.ts";

export function apiKeyRoutes(server: Server, context: ApiContext): void {
  server.get("/api-keys", {
    config: { access: { who: "user" } },
    schema: { tags: ["sign-in"], summary: "My apps' keys; for admins all of the organization", response: { 200: apiKeyList, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    const keys = await context.database.withOrganization(actor.organizationId, (tx) => listApiKeys(tx, actor, context.clock.now()));
    return { data: keys.map(showKey) };
  });

  server.post("/api-keys", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: {
      tags: ["sign-in"], summary: "Make a key for an app; it is shown this once", body: apiKeyRequest, response: { 201: newApiKey, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    requireRecentProof(context, actor);
    const made = await context.database.withOrganization(actor.organizationId, (tx) => addApiKey(tx, actor, request.body, context.clock.now()));
    return reply.code(201).send({ ...showKey(made), key: made.key });
  });

  server.delete("/api-keys/:keyId", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: { tags: ["sign-in"], summary: "Revoke a key", params: z.object({ keyId: z.string().max(40) }), response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    const { keyId } = request.params;
    await context.database.withOrganization(actor.organizationId, (tx) => revokeApiKey(tx, actor, keyId, context.clock.now()));
    context.apiKeys.forget(keyId);
    return reply.code(204).send(null);
  });
}

function showKey(key: ListedApiKey) {
  return {
    id: key.id, userId: key.userId, publicId: key.publicId, name: key.name, scopes: [...key.scopes], isOwnOnly: key.isOwnOnly,
    createdAt: formatInstant(key.createdMs), expiresAt: formatInstant(key.expiresMs), lastUsedAt: key.lastUsedMs === null ? null : formatInstant(key.lastUsedMs),
  };
}

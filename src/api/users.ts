/** An organization's users, for its admins. A foreign user and a missing one are the same 404. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { changeUser, listUsers, makeUser, readUser, setBlocked, type UserFilter, type UserShown } from "#people/accounts/users.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { NotFound } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { role, userList, userMade, userPatch, userRequest, userShown, type UserReply } from "./schemas.ts";
import { plainText } from "./schemas/common.ts";

const TAGS = ["accounts"];
const FOR_ADMINS = { access: { who: "user", roles: ["admin"] } } as const;
const listQuery = z.object({
  dni: plainText.min(4).max(40).optional().describe("A national id, however it is written."), username: plainText.max(40).optional(), email: plainText.max(254).optional(), role: role.optional(),
  blocked: z.enum(["true", "false"]).optional(), limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(600).optional(),
});
const searchBody = z.strictObject({
  text: plainText.trim().min(1).max(100).describe("Part of a name without regard to accents and case, the beginning of an e-mail address or a username, or a whole national id."), role: role.optional(), isBlocked: z.boolean().optional(),
  limit: z.int().min(1).max(200).default(50), cursor: z.string().max(600).optional(),
});
const idParams = z.object({ id: z.string().max(40) });

export function userRoutes(server: Server, context: ApiContext): void {
  server.get("/users", {
    config: FOR_ADMINS,
    schema: { tags: TAGS, summary: "Users of the organization, by name", description: "By national id, username, e-mail, role; blocked ones too.", querystring: listQuery, response: { 200: userList, ...PROBLEMS } },
  }, (request) => {
    const { limit, cursor, dni, username, email, role: withRole, blocked } = request.query;
    return listPage(context, request as FastifyRequest, { filter: { nationalId: dni, username, email, role: withRole, isBlocked: blocked === undefined ? undefined : blocked === "true" }, limit, cursor });
  });

  server.post("/users/search", {
    config: FOR_ADMINS,
    schema: { tags: TAGS, summary: "The same, of those whom a text finds", description: "What is searched for stands in no address.", body: searchBody, response: { 200: userList, ...PROBLEMS } },
  }, (request) => {
    const { limit, cursor, ...filter } = request.body;
    return listPage(context, request as FastifyRequest, { filter, limit, cursor });
  });

  server.post("/users", {
    config: { ...FOR_ADMINS, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "Make an account", description: "With a password that its person changes at the first sign-in. To let people choose their own, invite them.",
      body: userRequest, response: { 201: userMade, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const admin = await requireActor(context, request as FastifyRequest);
    const { email = null, username = null, nationalId = null, password = null, ...rest } = request.body;
    const { userId, initialPassword } = await makeUser(context.accounts, admin, { ...rest, email, username, nationalId, password });
    const made = await context.database.withOrganization(admin.organizationId, (tx) => readUser(context.accounts, tx, userId));
    return reply.code(201).send({ ...showUser(made), initialPassword });
  });

  server.get("/users/:id", {
    config: FOR_ADMINS,
    schema: { tags: TAGS, summary: "One user, also a blocked one", params: idParams, response: { 200: userShown, ...PROBLEMS } },
  }, (request) => asAdmin(context, request as FastifyRequest, async (tx, admin) => {
    const user = await readUser(context.accounts, tx, idOf(request.params));
    await audit(tx, admin.organizationId, { action: "user.read", actorUserId: admin.userId, patientId: user.patientId, objectType: "user", objectId: user.id, requestId: request.id });
    return showUser(user);
  }));

  server.patch("/users/:id", {
    config: FOR_ADMINS,
    schema: {
      tags: TAGS, summary: "Change a user's names and roles", description: "Other roles end the user's sessions. The last admin cannot lose the role.",
      params: idParams, body: userPatch, response: { 200: userShown, ...PROBLEMS, 409: PROBLEM },
    },
  }, (request) => asAdmin(context, request as FastifyRequest, async (tx, admin) => {
    const userId = idOf(request.params);
    await changeUser(context.accounts, tx, { admin, userId }, request.body);
    return showUser(await readUser(context.accounts, tx, userId));
  }));

  const block = (request: FastifyRequest<{ Params: { id: string } }>, isBlocked: boolean): Promise<UserReply> =>
    asAdmin(context, request as FastifyRequest, async (tx, admin) => {
      const userId = idOf(request.params);
      await setBlocked(context.accounts, tx, { admin, userId }, isBlocked);
      return showUser(await readUser(context.accounts, tx, userId));
    });
  server.post("/users/:id/block", {
    config: FOR_ADMINS,
    schema: { tags: TAGS, summary: "Block a user; ends every session at once", params: idParams, response: { 200: userShown, ...PROBLEMS, 409: PROBLEM } },
  }, (request) => block(request, true));
  server.post("/users/:id/unblock", {
    config: FOR_ADMINS,
    schema: { tags: TAGS, summary: "Let a blocked user in again", params: idParams, response: { 200: userShown, ...PROBLEMS, 409: PROBLEM } },
  }, (request) => block(request, false));
}

interface PageAsked {
  readonly filter: UserFilter;
  readonly limit: number;
  readonly cursor: string | undefined;
}

async function listPage(context: ApiContext, request: FastifyRequest, { filter, limit, cursor }: PageAsked): Promise<{ data: UserReply[]; nextCursor: string | null }> {
  const admin = await requireActor(context, request);
  return context.database.withOrganization(admin.organizationId, async (tx) => {
    // Only the filter's digest binds the cursor: a national id has no place in it.
    const scope = `users ${admin.organizationId} ${context.accounts.identities.digest("cursor", JSON.stringify(filter)).toString("hex")}`;
    const afterId = cursor === undefined ? null : String(decodeCursor(context, scope, cursor)[0]);
    const users = await listUsers(context.accounts, tx, filter, { limit: limit + 1, afterId });
    const page = users.slice(0, limit);
    await audit(tx, admin.organizationId, { action: "user.listed", actorUserId: admin.userId, objectType: "user", requestId: request.id });
    return { data: page.map(showUser), nextCursor: users.length > limit ? encodeCursor(context, scope, [page.at(-1)!.id]) : null };
  });
}

async function asAdmin<T>(context: ApiContext, request: FastifyRequest, work: (tx: Tx, admin: Actor) => Promise<T>): Promise<T> {
  const admin = await requireActor(context, request);
  const done = await context.database.withOrganization(admin.organizationId, (tx) => work(tx, admin));
  if (request.method !== "GET") context.sessions.forget();
  return done;
}

function idOf({ id }: { readonly id: string }): string {
  if (!isId(id)) throw new NotFound("There is no such user.");
  return id;
}

function showUser({ createdMs, blockedMs, ...rest }: UserShown): UserReply {
  return { ...rest, createdAt: formatInstant(createdMs), blockedAt: blockedMs === null ? null : formatInstant(blockedMs) };
}

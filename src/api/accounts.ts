/** Making an account, being invited to one, its e-mail address, giving it up. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { deleteAccount } from "#people/accounts/deletion.ts";
import { askEmailChange, askEmailProof, confirmEmail, undoEmailChange } from "#people/accounts/email-change.ts";
import { acceptInvitation, checkMayInvite, invite, listInvitations, lookAtInvitation, withdrawInvitation, type Invitation } from "#people/accounts/invitations.ts";
import { confirmRegistration, register } from "#people/accounts/registrations.ts";
import { isId } from "#people/access/access.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { NotFound } from "../errors.ts";
import { clearSessionCookie, requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import {
  accepted, accountDeletion, accountMade, emailChangeRequest, invitationAcceptance, invitationList, invitationLook, invitationMade, invitationRequest, linkAndPassword, linkOnly, passwordProof,
  registrationRequest, type InvitationShown,
} from "./schemas.ts";

const TAGS = ["accounts"];
const idParams = z.object({ id: z.string().max(40) });
const ACCEPTED = { 202: accepted, ...PROBLEMS };

export function accountRoutes(server: Server, context: ApiContext): void {
  registrationRoutes(server, context);
  invitationRoutes(server, context);
  emailRoutes(server, context);

  server.post("/me/deletion", {
    config: { access: { who: "user" }, limit: "sensitive" },
    schema: { tags: TAGS, summary: "Give up my account", description: "A patient's account goes with the record, whose erasure is ordered: it waits and can be undone as any other. Whoever also works here asks once more when the record is gone.", body: passwordProof, response: { 200: accountDeletion, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const outcome = await deleteAccount(context.accounts, await requireActor(context, request as FastifyRequest), request.body.password);
    context.sessions.forget();
    if (outcome === "deleted") clearSessionCookie(context, reply);
    return { outcome };
  });
}

function registrationRoutes(server: Server, context: ApiContext): void {
  const config = { access: { who: "anyone" }, limit: "sensitive" } as const;
  server.post("/registrations", {
    config,
    schema: { tags: TAGS, summary: "Ask for an account", description: "A link to go on comes by mail. The answer does not tell whether the address has an account.", body: registrationRequest, response: ACCEPTED },
  }, async (request, reply) => {
    await register(context.accounts, request.body);
    return reply.code(202).send({ accepted: true });
  });

  server.post("/registrations/confirm", {
    config,
    schema: { tags: TAGS, summary: "Make the account asked for, by the link of the mail and a password", body: linkAndPassword, response: { 201: accountMade, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => reply.code(201).send(await confirmRegistration(context.accounts, request.body.token, request.body.password)));
}

function invitationRoutes(server: Server, context: ApiContext): void {
  const forStaff = { access: { who: "user", roles: ["clinician", "admin"] } } as const;
  const forAnyone = { access: { who: "anyone" }, limit: "sensitive" } as const;
  server.get("/invitations", {
    config: forStaff,
    schema: { tags: TAGS, summary: "Invitations, the newest first", description: "For admins those of the organization, for clinicians their own.", response: { 200: invitationList, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    return { data: (await context.database.withOrganization(actor.organizationId, (tx) => listInvitations(tx, ownAlone(actor)))).map(showInvitation) };
  });

  server.post("/invitations", {
    config: { ...forStaff, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "Invite somebody to an account of these roles", description: "Into one's own organization; clinicians invite patients alone. Good once, for seven days, for this address or national id alone.",
      body: invitationRequest, response: { 201: invitationMade, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const { userId, organizationId } = actor;
    const { email = null, nationalId = null, roles, locale } = request.body;
    checkMayInvite(actor, roles);
    const { invitation, link } = await context.database.withOrganization(organizationId, (tx) => invite(context.accounts, tx, { organizationId, invitedBy: userId, roles, email, nationalId, locale }));
    return reply.code(201).send({ ...showInvitation(invitation), link });
  });

  server.delete("/invitations/:id", {
    config: forStaff,
    schema: { tags: TAGS, summary: "Withdraw an invitation that nobody has accepted", params: idParams, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const { userId, organizationId } = actor;
    const { id } = request.params;
    if (!isId(id)) throw new NotFound("There is no such open invitation.");
    await context.database.withOrganization(organizationId, (tx) => withdrawInvitation(context.accounts, tx, { id, organizationId, userId, madeBy: ownAlone(actor) }));
    return reply.code(204).send(null);
  });

  server.post("/invitations/look", {
    config: forAnyone,
    schema: { tags: TAGS, summary: "What an invitation is for, by its link", body: linkOnly, response: { 200: invitationLook, ...PROBLEMS } },
  }, (request) => lookAtInvitation(context.accounts, request.body.token));

  server.post("/invitations/accept", {
    config: forAnyone,
    schema: { tags: TAGS, summary: "Make the invited account", description: "Roles and organization are those of the invitation.", body: invitationAcceptance, response: { 201: accountMade, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const { email = null, nationalId = null, username = null, ...rest } = request.body;
    const { userId, patientId } = await acceptInvitation(context.accounts, { ...rest, email, nationalId, username });
    return reply.code(201).send({ userId, patientId });
  });
}

/** Whose invitations somebody sees and withdraws: an admin everybody's. */
function ownAlone({ roles, userId }: Actor): string | null {
  return roles.includes("admin") ? null : userId;
}

function emailRoutes(server: Server, context: ApiContext): void {
  const forAnyone = { access: { who: "anyone" }, limit: "sensitive" } as const;
  const forUsers = { access: { who: "user" }, limit: "sensitive" } as const;
  server.post("/me/email", {
    config: forUsers,
    schema: { tags: TAGS, summary: "Change my e-mail address", description: "By a link that is sent to the new one. The answer does not tell whether that address is somebody's.", body: emailChangeRequest, response: ACCEPTED },
  }, async (request, reply) => {
    await askEmailChange(context.accounts, await requireActor(context, request as FastifyRequest), request.body);
    return reply.code(202).send({ accepted: true });
  });

  server.post("/me/email/proof", {
    config: forUsers,
    schema: { tags: TAGS, summary: "Send me a link to confirm my address", response: ACCEPTED },
  }, async (request, reply) => {
    await askEmailProof(context.accounts, await requireActor(context, request));
    return reply.code(202).send({ accepted: true });
  });

  server.post("/email-addresses/confirm", {
    config: forAnyone,
    schema: { tags: TAGS, summary: "Confirm an address, or change to it, by the link of the mail", body: linkOnly, response: { 204: z.null(), ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    await confirmEmail(context.accounts, request.body.token);
    return reply.code(204).send(null);
  });

  server.post("/email-addresses/undo", {
    config: forAnyone,
    schema: { tags: TAGS, summary: "Take an address back that was changed, by the link of the mail", description: "Signs everybody out; a link to choose a new password is sent at once.", body: linkOnly, response: { 204: z.null(), ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    await undoEmailChange(context.accounts, request.body.token);
    context.sessions.forget();
    return reply.code(204).send(null);
  });
}

function showInvitation({ createdMs, expiresMs, acceptedMs, withdrawnMs, ...rest }: Invitation): InvitationShown {
  const at = (ms: number | null): string | null => (ms === null ? null : formatInstant(ms));
  return { ...rest, createdAt: formatInstant(createdMs), expiresAt: formatInstant(expiresMs), acceptedAt: at(acceptedMs), withdrawnAt: at(withdrawnMs) };
}

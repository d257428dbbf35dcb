/** Sharing: whom a patient lets see, upload to or manage their data, and until when. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import {
  answerOffer, changeGrant, endGrant, giveGrant, listClinicians, listGrants, listOffers, offerGrant, offersTo, withdrawOffer, type Giver, type Grant, type Offer,
} from "#people/access/grants.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { recordConsent, requireConsent } from "#people/consent/consents.ts";
import type { ConsentLocale } from "#people/consent/texts.ts";
import { formatInstant, parseInstant } from "#units/time.ts";
import { InvalidInput, NotFound, NotPermitted } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { patientParams, PROBLEM, PROBLEMS, type Server, withPatient } from "./route-kit.ts";
import { clinicianList, grantList, grantPatch, grantReply, grantRequest, offerAnswer, offersToMe } from "./schemas.ts";
import { localeOf } from "./words.ts";

const TAGS = ["sharing"];
const userParams = patientParams.extend({ userId: z.string().max(40) });
const offerParams = patientParams.extend({ offerId: z.string().max(40) });

export function grantRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/grants", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: TAGS, summary: "Who may reach this patient's data, and what is offered", params: patientParams, response: { 200: grantList, ...PROBLEMS } },
  }, (request) => withManaged(context, request, async (tx, { patientId }) => ({
    data: (await listGrants(tx, patientId)).map(showGrant), offers: (await listOffers(tx, patientId)).map(showOffer),
  })));

  server.post("/patients/:patientId/grants", {
    config: { access: { who: "patient", scope: "manage" }, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "Share with a clinician, or offer it to an e-mail address",
      description: "A clinician of the organization holds the grant at once; whoever owns the address has to accept. Only the person themselves lets somebody else manage. Needs consent to `sharing`: given before, or by the person with `consent`.",
      params: patientParams, body: grantRequest, response: { 201: grantReply, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const { body } = request;
    const wanted = { scope: body.scope, untilMs: untilOf(body.until) };
    const told = await withManaged(context, request, async (tx, giver) => {
      await consentToShare(tx, giver, body.consent && { version: body.consent.version, locale: body.consent.locale ?? localeOf(request) });
      if ("email" in body) {
        const offer = await offerGrant(tx, giver, body.email, wanted);
        await note(tx, request, giver, { action: "grant.offered", objectType: "grant_offer", objectId: offer.id });
        return { grant: null, offer: showOffer(offer) };
      }
      if (!isId(body.userId)) throw new NotFound("There is no such clinician.");
      await giveGrant(tx, giver, body.userId, wanted);
      await note(tx, request, giver, { action: "grant.given", objectType: "user", objectId: body.userId });
      return { grant: await grantOf(tx, giver.patientId, body.userId), offer: null };
    });
    return reply.code(201).send(told);
  });

  server.patch("/patients/:patientId/grants/:userId", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: TAGS, summary: "Change what somebody may, or until when", params: userParams, body: grantPatch, response: { 200: grantReply, ...PROBLEMS, 409: PROBLEM } },
  }, (request) => withManaged(context, request, async (tx, giver) => {
    const { userId } = request.params;
    if (!isId(userId)) throw new NotFound("There is no such grant.");
    await changeGrant(tx, giver, userId, { scope: request.body.scope, untilMs: untilOf(request.body.until) });
    await note(tx, request, giver, { action: "grant.changed", objectType: "user", objectId: userId });
    return { grant: await grantOf(tx, giver.patientId, userId), offer: null };
  }));

  server.delete("/patients/:patientId/grants/:userId", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: TAGS, summary: "End somebody's access at once", params: userParams, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    await withManaged(context, request, async (tx, giver) => {
      const { userId } = request.params;
      if (!isId(userId)) throw new NotFound("There is no such grant.");
      await endGrant(tx, giver.patientId, userId);
      await note(tx, request, giver, { action: "grant.ended", objectType: "user", objectId: userId });
    });
    return reply.code(204).send(null);
  });

  server.delete("/patients/:patientId/grant-offers/:offerId", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: TAGS, summary: "Take an offer back", params: offerParams, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    await withManaged(context, request, async (tx, giver) => {
      const { offerId } = request.params;
      if (!isId(offerId)) throw new NotFound("There is no such offer.");
      await withdrawOffer(tx, giver.patientId, offerId);
      await note(tx, request, giver, { action: "grant.offer_withdrawn", objectType: "grant_offer", objectId: offerId });
    });
    return reply.code(204).send(null);
  });

  ownRoutes(server, context);
}

/** What is offered to oneself, and whom one can share with. */
function ownRoutes(server: Server, context: ApiContext): void {
  server.delete("/patients/:patientId/my-grant", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: TAGS, summary: "Give up my own access to somebody's data", params: patientParams, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    // Of somebody who shares no more, too.
    const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }), { evenUnshared: true });
    await context.database.withOrganization(actor.organizationId, async (tx) => {
      await endGrant(tx, patient.id, actor.userId);
      await note(tx, request as FastifyRequest, { organizationId: actor.organizationId, patientId: patient.id, userId: actor.userId }, { action: "grant.given_up", objectType: "user", objectId: actor.userId });
    });
    return reply.code(204).send(null);
  });

  server.get("/clinicians", {
    config: { access: { who: "user" } },
    schema: { tags: TAGS, summary: "Clinicians of my organization, whom I can share with", response: { 200: clinicianList, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    return { data: await context.database.withOrganization(actor.organizationId, listClinicians) };
  });

  server.get("/me/grant-offers", {
    config: { access: { who: "user" } },
    schema: { tags: TAGS, summary: "What others offer to share with me", response: { 200: offersToMe, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    const offers = await context.database.withOrganization(actor.organizationId, (tx) => offersTo(tx, actor.userId));
    return { data: offers.map(({ id, patientId, from, scope, untilMs, expiresMs }) => ({ id, patientId, from, scope, until: showUntil(untilMs), expiresAt: formatInstant(expiresMs) })) };
  });

  server.post("/me/grant-offers/:offerId", {
    config: { access: { who: "user" } },
    schema: {
      tags: TAGS, summary: "Accept or decline what somebody offers to share", params: z.object({ offerId: z.string().max(40) }), body: offerAnswer, response: { 204: z.null(), ...PROBLEMS },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    const { offerId } = request.params;
    const accept = request.body.decision === "accept";
    if (!isId(offerId)) throw new NotFound("There is no such offer.");
    await context.database.withOrganization(actor.organizationId, async (tx) => {
      const { patientId } = await answerOffer(tx, actor.userId, offerId, accept);
      await note(tx, request as FastifyRequest, { organizationId: actor.organizationId, patientId, userId: actor.userId }, { action: accept ? "grant.accepted" : "grant.declined", objectType: "grant_offer", objectId: offerId });
    });
    return reply.code(204).send(null);
  });
}

/** With the patient that the caller manages, in a transaction that may write grants. */
async function withManaged<T>(context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, work: (tx: Tx, giver: Caller) => Promise<T>): Promise<T> {
  const giver = await withPatient(context, request, async (_tx, patient, actor): Promise<Caller> => ({
    organizationId: actor.organizationId, patientId: patient.id, userId: actor.userId, isSelf: patient.isSelf, via: actor.session.kind === "cookie" ? "page" : "api",
  }));
  return context.database.withOrganization(giver.organizationId, (tx) => work(tx, giver));
}

interface Caller extends Giver {
  readonly via: "page" | "api";
}

/**
 * To give a grant is to consent to sharing: the text that the person read is written down with it. Whoever manages for them shares only where they agreed
 * before. Throws ConsentMissing, Conflict (`consent_outdated`), NotPermitted for another's consent.
 */
async function consentToShare(tx: Tx, { isSelf, userId, ...who }: Caller, given: { version: number; locale: ConsentLocale } | undefined): Promise<void> {
  if (given === undefined) return requireConsent(tx, who.patientId, "sharing");
  if (!isSelf) throw new NotPermitted("Only the person themselves consents to sharing by a grant.");
  await recordConsent(tx, { ...who, ...given, purpose: "sharing", decision: "given", byUserId: userId, isOnBehalf: false });
}

function note(
  tx: Tx, request: Pick<FastifyRequest, "id">, { organizationId, patientId, userId }: Omit<Giver, "isSelf">, what: { action: string; objectType: string; objectId: string },
): Promise<void> {
  return audit(tx, organizationId, { ...what, actorUserId: userId, patientId, requestId: request.id });
}

async function grantOf(tx: Tx, patientId: string, userId: string): Promise<z.infer<typeof grantReply>["grant"]> {
  const found = (await listGrants(tx, patientId)).find((each) => each.userId === userId);
  return found ? showGrant(found) : null;
}

function untilOf(text: string | null): number | null {
  if (text === null) return null;
  const parsed = parseInstant(text);
  if (!parsed) throw new InvalidInput("until is no instant.", { issues: [{ pointer: "/body/until", detail: "use RFC 3339 with an offset, e.g. 2026-03-02T06:30:00Z, or null" }] });
  return parsed.ms;
}

function showUntil(ms: number): string | null {
  return ms === Number.POSITIVE_INFINITY ? null : formatInstant(ms);
}

function showGrant({ fromMs, untilMs, roles, ...rest }: Grant): z.infer<typeof grantList>["data"][number] {
  return { ...rest, roles: [...roles], from: formatInstant(fromMs), until: showUntil(untilMs) };
}

function showOffer({ untilMs, offeredMs, expiresMs, ...rest }: Offer): z.infer<typeof grantList>["offers"][number] {
  return { ...rest, until: showUntil(untilMs), offeredAt: formatInstant(offeredMs), expiresAt: formatInstant(expiresMs) };
}

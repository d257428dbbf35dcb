/** A person's second factors: authenticator apps, passkeys, recovery codes. To change them one proves first, and lately, that it is oneself. ASVS 6.3.3, 6.4, 6.5, 7.5.1. */
import type { FastifyRequest } from "fastify";
import { renderSVG } from "uqr";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { readProfile } from "#people/accounts/accounts.ts";
import { audit } from "#people/audit/audit.ts";
import { openChallenge, takeChallenge } from "#people/second-factor/challenges.ts";
import { addPasskey, addTotp, confirmTotp, hasSecondFactor, listFactors, passkeysOf, recoveryCodesLeft, removeFactor, renameFactor, replaceRecoveryCodes } from "#people/second-factor/factors.ts";
import { checkRegistration, registrationOptions, type RegistrationResponseJSON } from "#people/second-factor/passkeys.ts";
import { makeRecoveryCodes } from "#people/second-factor/recovery-codes.ts";
import { makeTotpSecret, totpUri } from "#people/second-factor/totp.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput, NotAuthenticated } from "../errors.ts";
import { requireActor, requireRecentProof } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { factorAdded, factorList, factorPatch, passkeyAnswer, passkeyOptions, recoveryCodes, totpCode, totpRequest, totpSecret } from "./schemas.ts";

const TAGS = ["sign-in"];
const OWN = { access: { who: "user" } } as const;
const SENSITIVE = { access: { who: "user" }, limit: "sensitive" } as const;
const idParams = z.object({ factorId: z.uuid() });

export function secondFactorRoutes(server: Server, context: ApiContext): void {
  const { database, clock, party, sync: { vault, randomBytes } } = context;
  /** For changing factors: of whom it was proved a few minutes ago. */
  const proven = async (request: FastifyRequest): Promise<Actor> => {
    const actor = await requireActor(context, request);
    requireRecentProof(context, actor);
    return actor;
  };
  const asOwner = <T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> => database.withOrganization(actor.organizationId, work);
  /** The first factor comes with recovery codes; later ones go by those. */
  const firstCodes = async (tx: Tx, actor: Actor): Promise<string[] | null> => {
    if ((await recoveryCodesLeft(tx, actor.userId)) > 0) return null;
    const codes = makeRecoveryCodes(randomBytes);
    await replaceRecoveryCodes(tx, actor, codes);
    return codes;
  };
  const note = (tx: Tx, request: Pick<FastifyRequest, "id">, actor: Actor, what: { action: string; objectId: string }): Promise<void> =>
    audit(tx, actor.organizationId, { ...what, actorUserId: actor.userId, objectType: "second_factor", requestId: request.id });

  server.get("/me/second-factors", {
    config: OWN, schema: { tags: TAGS, summary: "My second factors", response: { 200: factorList, ...PROBLEMS } },
  }, async (request) => {
    const actor = await requireActor(context, request);
    return asOwner(actor, async (tx) => ({
      data: (await listFactors(tx, actor.userId)).map(({ createdMs, lastUsedMs, ...rest }) => ({ ...rest, createdAt: formatInstant(createdMs), lastUsedAt: lastUsedMs === null ? null : formatInstant(lastUsedMs) })),
      recoveryCodesLeft: await recoveryCodesLeft(tx, actor.userId),
    }));
  });

  server.post("/me/second-factors/totp", {
    config: SENSITIVE,
    schema: { tags: TAGS, summary: "Begin with an authenticator app", description: "Shown here and never again; it counts once its first code was given.", body: totpRequest, response: { 201: totpSecret, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const actor = await proven(request as FastifyRequest);
    const secret = makeTotpSecret(randomBytes);
    const told = await asOwner(actor, async (tx) => {
      const { email } = await readProfile(tx, actor.userId);
      const id = await addTotp(tx, actor, { name: request.body.name, secret, vault });
      return { id, uri: totpUri(secret, email ?? actor.userId) };
    });
    return reply.code(201).send({ ...told, secret, qrSvg: renderSVG(told.uri, { ecc: "M" }) });
  });

  server.post("/me/second-factors/totp/:factorId/confirm", {
    config: SENSITIVE,
    schema: { tags: TAGS, summary: "Give the first code of an authenticator app", params: idParams, body: totpCode, response: { 200: factorAdded, ...PROBLEMS } },
  }, async (request) => {
    const actor = await proven(request as FastifyRequest);
    const { factorId } = request.params;
    return asOwner(actor, async (tx) => {
      if (!(await confirmTotp(tx, actor.userId, factorId, { code: request.body.code, nowMs: clock.now(), vault }))) {
        throw new InvalidInput("The code is wrong: wait for the next one, and check the clock of the phone.", { code: "wrong_code", issues: [{ pointer: "/body/code", detail: "the six digits that the app shows now" }] });
      }
      await note(tx, request, actor, { action: "second_factor.added", objectId: factorId });
      return { id: factorId, recoveryCodes: await firstCodes(tx, actor) };
    });
  });

  server.post("/me/second-factors/passkeys/options", {
    config: SENSITIVE, schema: { tags: TAGS, summary: "Begin to make a passkey", response: { 200: passkeyOptions, ...PROBLEMS } },
  }, async (request) => {
    const actor = await proven(request as FastifyRequest);
    return asOwner(actor, async (tx) => {
      const { email, displayName } = await readProfile(tx, actor.userId);
      const options = await registrationOptions(party, { id: actor.userId, name: email ?? displayName, displayName }, await passkeysOf(tx, actor.userId));
      const { id, expiresMs } = await openChallenge(tx, { purpose: "passkey_registration", userId: actor.userId, organizationId: actor.organizationId, challenge: options.challenge }, clock.now());
      return { challengeId: id, expiresAt: formatInstant(expiresMs), options: options as unknown as Record<string, unknown> };
    });
  });

  server.post("/me/second-factors/passkeys", {
    config: SENSITIVE,
    schema: { tags: TAGS, summary: "Keep the passkey that the browser made", body: passkeyAnswer, response: { 201: factorAdded, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const actor = await proven(request as FastifyRequest);
    const { challengeId, name, response } = request.body;
    const told = await asOwner(actor, async (tx) => {
      // Whoever is signed in stays so: a step that is over is no 401 here.
      const step = await takeChallenge(tx, challengeId, "passkey_registration", clock.now()).catch((error: unknown) => {
        if (error instanceof NotAuthenticated) return null;
        throw error;
      });
      if (step?.userId !== actor.userId || step.challenge === null) throw new InvalidInput("The passkey's answer does not belong to this step.", { code: "passkey_refused" });
      const passkey = await checkRegistration(party, response as unknown as RegistrationResponseJSON, step.challenge);
      const id = await addPasskey(tx, actor, { name: name ?? "Passkey", passkey, nowMs: clock.now() });
      await note(tx, request, actor, { action: "second_factor.added", objectId: id });
      return { id, recoveryCodes: await firstCodes(tx, actor) };
    });
    return reply.code(201).send(told);
  });

  server.patch("/me/second-factors/:factorId", {
    config: OWN, schema: { tags: TAGS, summary: "Rename a second factor", params: idParams, body: factorPatch, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    await asOwner(actor, (tx) => renameFactor(tx, actor.userId, request.params.factorId, request.body.name));
    return reply.code(204).send(null);
  });

  server.delete("/me/second-factors/:factorId", {
    config: SENSITIVE, schema: { tags: TAGS, summary: "Remove a second factor", description: "With the last one the recovery codes go, too.", params: idParams, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await proven(request as FastifyRequest);
    await asOwner(actor, async (tx) => {
      await removeFactor(tx, actor.userId, request.params.factorId);
      await note(tx, request, actor, { action: "second_factor.removed", objectId: request.params.factorId });
    });
    return reply.code(204).send(null);
  });

  server.post("/me/recovery-codes", {
    config: SENSITIVE, schema: { tags: TAGS, summary: "New recovery codes, in the place of the old ones", description: "Shown here and never again.", response: { 201: recoveryCodes, ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const actor = await proven(request as FastifyRequest);
    const codes = makeRecoveryCodes(randomBytes);
    await asOwner(actor, async (tx) => {
      if (!(await hasSecondFactor(tx, actor.userId))) throw new InvalidInput("Recovery codes go with a second factor: add one first.", { code: "no_second_factor" });
      await replaceRecoveryCodes(tx, actor, codes);
      await note(tx, request, actor, { action: "recovery_codes.replaced", objectId: actor.userId });
    });
    return reply.code(201).send({ codes });
  });
}

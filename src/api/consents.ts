/** What a person consents to: asked, decided, taken back; and the texts that ask, which an organization's admins publish. GDPR Art. 7; requirement R10. */
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access/access.ts";
import { namesOf } from "#people/audit/accesses.ts";
import { audit } from "#people/audit/audit.ts";
import { consentHistory, decidedPurposes, recordConsent, refuseStopped, requireConsent, type ConsentEvent } from "#people/consent/consents.ts";
import { GENERAL_PURPOSES, purposeOf, stateOf, vendorOf, vendorPurpose, type Purpose } from "#people/consent/states.ts";
import { hashesOf, hashOfText, presentTexts, publishedTexts, publishText, textFor, wordsOf, type ConsentLocale, type TextPurpose } from "#people/consent/texts.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { resumePulls, stopPulls } from "#sync/consent-stops.ts";
import { wakeSync } from "#sync/context.ts";
import { formatInstant, parseInstant } from "#units/time.ts";
import { InvalidInput, NotFound } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { consentList, consentRequest, consentTextHistory, consentTextList, consentTextRequest, type ConsentList, type ConsentShown } from "./schemas.ts";
import { localeOf } from "./words.ts";

const TAGS = ["consent"];

export function consentRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/consents", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: TAGS, summary: "What the person consents to, and every decision so far", params: patientParams, response: { 200: consentList, ...PROBLEMS } },
  }, async (request) => {
    const patient = await withPatient(context, request, async (_tx, found) => found);
    return context.database.withOrganization(patient.organizationId, (tx) => showConsents(context, tx, patient.id, localeOf(request)));
  });

  server.post("/patients/:patientId/consents", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: TAGS, summary: "Give a consent or take it back",
      description: "Giving names the version of the text that was shown; 409 `consent_outdated` when there is a newer one. Taking `storage` or a vendor back stops what is fetched and stored from that moment on.",
      params: patientParams, body: consentRequest, response: { 200: consentList, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request) => {
    const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }));
    const { decision, version, locale = localeOf(request) } = request.body;
    const purpose = purposeAsked(context, request.body.purpose);
    if (decision === "given" && version === undefined) {
      throw new InvalidInput("Say which text was shown.", { issues: [{ pointer: "/body/version", detail: "the version of the text that GET …/consents shows" }] });
    }
    const decide = { patient, actor, purpose, decision, locale, ...(version === undefined ? {} : { version }) } as const;
    await decideConsent(context, decide);
    return context.database.withOrganization(patient.organizationId, (tx) => showConsents(context, tx, patient.id, localeOf(request)));
  });

  textRoutes(server, context);
}

function textRoutes(server: Server, context: ApiContext): void {
  server.get("/consent-texts", {
    config: { access: { who: "user" } },
    schema: { tags: TAGS, summary: "The texts that ask for consent now", response: { 200: consentTextList, ...PROBLEMS } },
  }, async (request) => {
    const { organizationId } = await requireActor(context, request);
    return context.database.withOrganization(organizationId, showTexts);
  });

  server.get("/consent-texts/history", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: { tags: TAGS, summary: "Every version of the texts, those to come and those of the past", response: { 200: consentTextHistory, ...PROBLEMS } },
  }, async (request) => {
    const { organizationId } = await requireActor(context, request as FastifyRequest);
    const texts = await context.database.withOrganization(organizationId, (tx) => publishedTexts(tx, context.clock.now()));
    return { data: texts.map(({ validFromMs, ...rest }) => ({ ...rest, validFrom: validFromMs === null ? null : formatInstant(validFromMs) })) };
  });

  server.post("/consent-texts", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: {
      tags: TAGS, summary: "Publish a new version of a text, in both languages", description: "A text never changes; whoever agreed to an earlier one is asked again.",
      body: consentTextRequest, response: { 201: consentTextList, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { organizationId, userId } = await requireActor(context, request as FastifyRequest);
    const { texts, validFrom } = request.body;
    const purpose: TextPurpose = request.body.purpose === "vendor" ? "vendor" : purposeAsked(context, request.body.purpose);
    const validFromMs = validFrom === undefined ? null : (parseInstant(validFrom)?.ms ?? null);
    if (validFrom !== undefined && validFromMs === null) {
      throw new InvalidInput("validFrom is no instant.", { issues: [{ pointer: "/body/validFrom", detail: "use RFC 3339 with an offset, e.g. 2026-03-02T06:30:00Z" }] });
    }
    const shown = await context.database.withOrganization(organizationId, async (tx) => {
      const version = await publishText(tx, { organizationId, userId, purpose, texts, validFromMs });
      await audit(tx, organizationId, { action: "consent_text.published", actorUserId: userId, objectType: "consent_text", objectId: `${purpose}/${version}`, purpose: "administration" });
      return showTexts(tx);
    });
    return reply.code(201).send(shown);
  });
}

async function showTexts(tx: Tx): Promise<z.infer<typeof consentTextList>> {
  const present = [...(await presentTexts(tx)).values()];
  return { data: present.map(({ purpose, version, texts, validFromMs }) => ({ purpose, version, texts, validFrom: validFromMs === null ? null : formatInstant(validFromMs) })) };
}

/** Throws InvalidInput for a purpose that there is none of, NotFound for an unknown vendor's. */
function purposeAsked(context: ApiContext, text: string): Purpose {
  const purpose = purposeOf(text);
  if (purpose === null) throw new InvalidInput("There is no such purpose.", { issues: [{ pointer: "/body/purpose", detail: `one of ${GENERAL_PURPOSES.join(", ")}, vendor:<provider>` }] });
  const vendor = vendorOf(purpose);
  if (vendor !== null && nameOfVendor(context, vendor) === null) throw new NotFound("There is no such vendor.");
  return purpose;
}

function nameOfVendor(context: ApiContext, id: string): string | null {
  return context.sync.providers.drivers.find((driver) => driver.id === id)?.displayName ?? null;
}

interface Decided {
  readonly patient: PatientRow;
  readonly actor: Actor;
  readonly purpose: Purpose;
  readonly decision: "given" | "withdrawn";
  readonly version?: number;
  readonly locale: ConsentLocale;
}

/** Writes a decision down, and stops or resumes what hangs on it in the same transaction. Throws Conflict (`consent_outdated`). */
async function decideConsent(context: ApiContext, { patient, actor, purpose, ...rest }: Decided): Promise<void> {
  const { organizationId, id: patientId } = patient;
  const isAboutPulls = purpose === "storage" || vendorOf(purpose) !== null;
  const resumed = await context.database.withOrganization(organizationId, async (tx) => {
    const isNew = await recordConsent(tx, {
      organizationId, patientId, purpose, ...rest, byUserId: actor.userId, isOnBehalf: !patient.isSelf, via: actor.session.kind === "cookie" ? "page" : "api",
    });
    if (!isNew || !isAboutPulls) return [];
    const stop = { organizationId, patientId, provider: vendorOf(purpose) };
    if (rest.decision === "given") return resumePulls(tx, stop, context.clock.now());
    await stopPulls(tx, stop);
    return [];
  });
  for (const ref of resumed) await wakeSync(context.sync, ref);
}

/** Before a vendor is connected: consent to it, carried by the request or given before. Throws ConsentMissing, or Conflict (`consent_outdated`). */
export async function consentToConnect(
  context: ApiContext, { patient, actor, providerId, given, locale }: { patient: PatientRow; actor: Actor; providerId: string; given: { version: number; locale?: ConsentLocale | undefined } | undefined; locale: ConsentLocale },
): Promise<void> {
  const purpose = vendorPurpose(providerId);
  await context.database.withOrganization(patient.organizationId, (tx) => requireConsent(tx, patient.id, "storage"));
  if (given) return decideConsent(context, { patient, actor, purpose, decision: "given", version: given.version, locale: given.locale ?? locale });
  await context.database.withOrganization(patient.organizationId, async (tx) => {
    await requireConsent(tx, patient.id, purpose);
    await refuseStopped(tx, patient.id, providerId);
  });
}

/** The text that a person consents to by connecting each vendor. */
export async function connectTexts(context: ApiContext, organizationId: string, locale: ConsentLocale): Promise<(providerId: string) => { version: number; text: string }> {
  const present = await context.database.withOrganization(organizationId, presentTexts);
  return (providerId) => {
    const text = textFor(present, vendorPurpose(providerId));
    return { version: text.version, text: wordsOf(text, locale, nameOfVendor(context, providerId)) };
  };
}

async function showConsents(context: ApiContext, tx: Tx, patientId: string, locale: ConsentLocale): Promise<ConsentList> {
  const present = await presentTexts(tx);
  const history = await consentHistory(tx, patientId);
  const names = await namesOf(tx, history.map(({ byUserId }) => byUserId));
  const configured = context.sync.providers.drivers.filter(({ id, auth }) => context.sync.providers.find(id) !== null && auth.kind !== "none").map(({ id }) => vendorPurpose(id));
  const purposes = [...new Set<Purpose>([...GENERAL_PURPOSES, ...configured, ...decidedPurposes(history)])];
  const show = (purpose: Purpose): ConsentShown => {
    const latest = history.find((event) => event.purpose === purpose) ?? null;
    const text = textFor(present, purpose);
    const vendorId = vendorOf(purpose);
    const vendor = vendorId === null ? null : (nameOfVendor(context, vendorId) ?? vendorId);
    return {
      purpose, vendor, state: stateOf(latest, hashesOf(text)), since: latest && formatInstant(latest.atMs),
      text: { version: text.version, locale, text: wordsOf(text, locale, vendor), hash: hashOfText(text.texts[locale]).toString("hex") },
    };
  };
  const tell = ({ purpose, decision, version, locale: read, textHash, atMs, byUserId, isOnBehalf, via }: ConsentEvent): ConsentList["history"][number] => ({
    purpose, decision, version, locale: read, textHash: textHash?.toString("hex") ?? null, at: formatInstant(atMs), via,
    by: { id: byUserId, name: names.get(byUserId ?? "") ?? null, isOnBehalf },
  });
  return { data: purposes.map(show), history: history.map(tell) };
}

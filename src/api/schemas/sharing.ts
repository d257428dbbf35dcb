/** Shapes of sharing: grants, offers, emergency access. */
import { z } from "zod";
import { BREAK_GLASS_REASONS } from "#people/access/break-glass.ts";
import { instant, plainText, uuid } from "./common.ts";
import { consentGiven } from "./consents.ts";

const accessScope = z.enum(["view", "upload", "manage"]).describe("Each holds the one before: look, send measurements, change connections and settings.");
const until = z.string().max(40).nullable().default(null).describe("RFC 3339 instant at which the grant ends; null: when it is taken back.");

export const grant = z.object({
  userId: uuid, displayName: z.string(), roles: z.array(z.enum(["patient", "clinician", "admin", "follower"])), scope: accessScope,
  kind: z.enum(["shared", "break_glass"]).describe("`break_glass`: taken in an emergency, and not given."), from: instant, until: instant.nullable(),
});
export const grantOffer = z.object({ id: uuid, email: z.string(), scope: accessScope, until: instant.nullable(), offeredAt: instant, expiresAt: instant });
export const grantList = z.object({ data: z.array(grant), offers: z.array(grantOffer).describe("Not answered yet.") });
const consent = consentGiven.optional().describe("The text for `sharing` that the person has read. Needed from the person where there is no consent to sharing yet; nobody else can give it here.");
export const grantRequest = z.union([
  z.strictObject({ userId: z.string().max(40).describe("A clinician of GET /clinicians: holds at once."), scope: accessScope, until, consent }),
  z.strictObject({ email: z.email().max(254).describe("Whoever proves to own it may accept; whether it has an account is not told."), scope: accessScope, until, consent }),
]);
export const grantPatch = z.strictObject({ scope: accessScope, until });
export const grantReply = z.object({ grant: grant.nullable(), offer: grantOffer.nullable() });

export const clinicianList = z.object({ data: z.array(z.object({ id: uuid, displayName: z.string() })) });

export const offersToMe = z.object({
  data: z.array(z.object({ id: uuid, patientId: uuid, from: z.string().describe("The patient's name."), scope: accessScope, until: instant.nullable(), expiresAt: instant })),
});
export const offerAnswer = z.strictObject({ decision: z.enum(["accept", "decline"]) });

export const breakGlassRequest = z.strictObject({
  patientId: z.string().max(40), reason: z.enum(BREAK_GLASS_REASONS),
  explanation: plainText.trim().min(10).max(500).describe("Why it cannot wait for the person's grant. The person and the admins read it."),
});
export const breakGlassAccess = z.object({
  id: uuid, patientId: uuid, patientName: z.string(), userId: uuid, userName: z.string(), reason: z.enum(BREAK_GLASS_REASONS), explanation: z.string(),
  begunAt: instant, until: instant, reviewedAt: instant.nullable(), verdict: z.enum(["justified", "not_justified"]).nullable(),
});
export const breakGlassList = z.object({ data: z.array(breakGlassAccess) });
export const breakGlassReview = z.strictObject({ verdict: z.enum(["justified", "not_justified"]) });

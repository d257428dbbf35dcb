/** Shapes of an organization: how it is set up, what everybody in it knows of it, and the keys of its people. */
import { z } from "zod";
import { MEALS } from "#people/organizations/meal-labels.ts";
import { glucoseUnit, instant, plainText, uuid } from "./common.ts";
import { keyScope } from "./tokens.ts";

const locale = z.enum(["en", "es"]);
const labels = z.partialRecord(z.enum(MEALS), plainText.trim().min(1).max(40));
const allLabels = z.record(z.enum(MEALS), z.string());
const noticeText = plainText.trim().min(1).max(600);
const notice = z.strictObject({ en: noticeText, es: noticeText }).nullable().describe("In both languages; null: none.");
const contact = z.strictObject({
  email: z.email().max(254).nullable(), phone: plainText.trim().min(3).max(40).nullable(),
  website: z.string().max(300).regex(/^https:\/\/[^\s@]+$/, "an https address").nullable(),
});
const contactShown = z.object({ email: z.string().nullable(), phone: z.string().nullable(), website: z.string().nullable() });
const noticeShown = z.object({ en: z.string(), es: z.string() }).nullable();

export const organizationShown = z.object({
  id: uuid, name: z.string(), locale, glucoseUnit: glucoseUnit.describe("What new accounts begin with."), zone: z.string(), contact: contactShown,
  mealLabels: z.object({ en: z.partialRecord(z.enum(MEALS), z.string()).optional(), es: z.partialRecord(z.enum(MEALS), z.string()).optional() }).describe("Only where they differ from Islet's words."),
  notices: z.object({ patients: noticeShown, staff: noticeShown }), staffSecondFactor: z.enum(["optional", "required"]), version: z.number().int(), changedAt: instant,
});
/** What an admin may change; whatever else is sent is refused. */
export const organizationPatch = z.strictObject({
  name: plainText.trim().min(1).max(120), locale, glucoseUnit, zone: plainText.min(1).max(64), contact, mealLabels: z.strictObject({ en: labels.optional(), es: labels.optional() }),
  notices: z.strictObject({ patients: notice, staff: notice }),
  staffSecondFactor: z.enum(["optional", "required"]).describe("`required`: clinicians and admins without a second factor can do nothing but set one up."),
}).partial();
export const organizationProfile = z.object({
  id: uuid, name: z.string(), locale, glucoseUnit: glucoseUnit.describe("What new accounts begin with."), zone: z.string(), contact: contactShown,
  mealLabels: z.object({ en: allLabels, es: allLabels }).describe("What the kinds of a typed reading are called here."), notice: noticeShown.describe("The organization's own words for whoever asks."),
});
export const organizationKey = z.object({
  id: uuid, publicId: z.string().describe("Stands in the key, and opens nothing."), name: z.string(), owner: z.object({ id: uuid, name: z.string(), roles: z.array(z.string()) }), scopes: z.array(keyScope),
  isOwnOnly: z.boolean(), createdAt: instant, expiresAt: instant, lastUsedAt: instant.nullable().describe("To five minutes, about."),
});
export const organizationKeyList = z.object({ data: z.array(organizationKey), nextCursor: z.string().nullable() });

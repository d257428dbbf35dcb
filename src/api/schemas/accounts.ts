/** Shapes of accounts: registration, invitations, passwords, addresses, users. */
import { z } from "zod";
import { instant, plainText, uuid } from "./common.ts";

const text = (most: number) => plainText.trim().min(1).max(most);
/** The rules say what a password must be; here only that no book is sent in its place. */
const password = z.string().min(1).max(1024);
const email = plainText.min(3).max(254);
const nationalId = plainText.min(4).max(40);
const username = plainText.min(3).max(40);
const locale = z.enum(["en", "es"]);
const zone = plainText.min(1).max(64);
const token = z.string().min(20).max(100).describe("What stands behind the # of the link in the mail.");
const accountRole = z.enum(["patient", "clinician", "admin", "follower"]);

const person = { displayName: text(120), givenName: text(80).optional(), familyName: text(120).optional() };

export const registrationRequest = z.object({ email, ...person, locale: locale.default("en"), zone: zone.default("UTC") });
/** Whether or not anything comes of it. */
export const accepted = z.object({ accepted: z.literal(true) });
export const linkAndPassword = z.object({ token, password });
export const linkOnly = z.object({ token });
export const accountMade = z.object({ userId: uuid, patientId: uuid.nullable() });

export const passwordRecoveryRequest = z.object({ identifier: z.string().min(3).max(254).describe("An e-mail address, a username or a national id.") });
export const passwordProof = z.object({ password });
export const passwordProofReply = z.object({ matches: z.boolean() });
export const passwordChange = z.object({ currentPassword: password, newPassword: password });
export const emailChangeRequest = z.object({ email, password });
export const accountDeletion = z.object({ outcome: z.enum(["deleted", "erasure_ordered"]) });

export const invitationRequest = z.object({
  roles: z.array(accountRole).min(1).max(4), email: email.optional(), nationalId: nationalId.optional(), locale: locale.default("en"),
}).refine((body) => body.email !== undefined || body.nationalId !== undefined, { path: ["email"], message: "say for whom: an e-mail address or a national id" });
export const invitation = z.object({
  id: uuid, roles: z.array(accountRole), email: z.string().nullable(), byNationalId: z.boolean(),
  createdAt: instant, expiresAt: instant, acceptedAt: instant.nullable(), withdrawnAt: instant.nullable(),
});
export const invitationMade = invitation.extend({ link: z.string().nullable().describe("To be handed over where no address was given; shown this once.") });
export const invitationList = z.object({ data: z.array(invitation) });
export const invitationLook = z.object({ organization: z.string(), roles: z.array(accountRole), email: z.string().nullable(), needsNationalId: z.boolean() });
export const invitationAcceptance = z.object({
  token, password, ...person, email: email.optional(), nationalId: nationalId.optional(), username: username.optional(), locale: locale.default("en"), zone: zone.default("UTC"),
});

export const userShown = z.object({
  id: uuid, email: z.string().nullable(), isEmailVerified: z.boolean(), username: z.string().nullable(), nationalId: z.string().nullable(),
  displayName: z.string(), givenName: z.string().nullable(), familyName: z.string().nullable(), hospitalAccount: z.string().nullable(), tidepoolAccount: z.string().nullable(),
  roles: z.array(accountRole), patientId: uuid.nullable(), createdAt: instant, blockedAt: instant.nullable(), mustChangePassword: z.boolean(),
});
export const userMade = userShown.extend({ initialPassword: z.string().nullable().describe("Made where none was given; shown this once, and to be changed at the first sign-in.") });
export const userList = z.object({ data: z.array(userShown), nextCursor: z.string().nullable() });
export const userRequest = z.object({
  ...person, email: email.optional(), username: username.optional(), nationalId: nationalId.optional(), roles: z.array(accountRole).min(1).max(4), password: password.optional(),
  hospitalAccount: text(120).optional(), tidepoolAccount: text(120).optional(), locale: locale.default("en"), zone: zone.default("UTC"),
}).refine((body) => body.email !== undefined || body.username !== undefined || body.nationalId !== undefined, { path: ["email"], message: "give an e-mail address, a username or a national id to sign in by" });
/** What an admin may change; whatever else is sent is refused, not ignored. */
export const userPatch = z.strictObject({
  displayName: text(120), givenName: text(80).nullable(), familyName: text(120).nullable(), username: username.nullable(), nationalId: nationalId.nullable(),
  hospitalAccount: text(120).nullable(), tidepoolAccount: text(120).nullable(), roles: z.array(accountRole).min(1).max(4),
}).partial();

export type InvitationShown = z.infer<typeof invitation>;
export type UserReply = z.infer<typeof userShown>;

/** Shapes of the care team. */
import { z } from "zod";
import { CARE_ROLES } from "#clinic/care-team/care-team.ts";
import { instant, plainText, uuid } from "./common.ts";

const roleWords = plainText.trim().min(1).max(80).nullable().describe("In the clinic's own words, where the role alone does not say it.");

export const careTeamMember = z.object({
  id: uuid.nullable().describe("Null for a clinician who has access and was never named."),
  user: z.object({ id: uuid, name: z.string() }), role: z.enum(CARE_ROLES).nullable(), roleWords: z.string().nullable(), isMainContact: z.boolean(), since: instant.nullable(),
  access: z.object({ scope: z.enum(["view", "upload", "manage"]), since: instant }).nullable().describe("What they may see or do now, by the person's grant; null: nothing. To be in the team opens nothing."),
});
export type CareTeamMember = z.infer<typeof careTeamMember>;
export const careTeam = z.object({ data: z.array(careTeamMember) });
export const careTeamRequest = z.object({ userId: uuid, role: z.enum(CARE_ROLES), roleWords: roleWords.default(null), isMainContact: z.boolean().default(false) });
export const careTeamPatch = z.object({ role: z.enum(CARE_ROLES).optional(), roleWords: roleWords.optional(), isMainContact: z.boolean().optional() })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), { message: "say what changes: role, roleWords or isMainContact" });

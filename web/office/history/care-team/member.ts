/** A member of a care team, and the words of their roles. */
import type { Reply } from "#web/client/operation-client.ts";
import type { MessageKey } from "../../messages/catalogue.ts";

export type Member = Reply<"get /patients/{patientId}/care-team">["data"][number];

export const ROLE_WORDS = {
  physician: "history.rolePhysician", nurse: "history.roleNurse", dietitian: "history.roleDietitian", educator: "history.roleEducator", psychologist: "history.rolePsychologist", other: "history.roleOther",
} as const satisfies Readonly<Record<NonNullable<Member["role"]>, MessageKey>>;

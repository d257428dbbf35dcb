/** A tag as the clinic's list has it. */
import type { Reply } from "#web/client/operation-client.ts";
import { LIST_KEYS } from "../../patients/use-patients.ts";

export type Tag = Reply<"get /tags">["data"][number];
/** What a tag that changes makes old. */
export const TAG_KEYS = ["get /tags", ...LIST_KEYS] as const;
/** The longest name, in letters. */
export const MOST_LETTERS = 40;

/** The kinds of entries of a clinical history, and who may write which. Pure. */
import { NotPermitted } from "../../errors.ts";

export const ENTRY_KINDS = ["condition", "medication", "allergy", "procedure", "note", "document"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** Who may read it: the care team's clinicians alone, or the person, too. */
export const AUDIENCES = ["care_team", "shared"] as const;
export type Audience = (typeof AUDIENCES)[number];

/** What a person may say of themselves; the rest is for clinicians to write. */
const SAID_BY_PEOPLE: ReadonlySet<EntryKind> = new Set(["condition", "medication", "allergy"]);

/** In which part somebody writes. */
export interface Writer {
  readonly userId: string;
  /** A clinician who writes of somebody else. */
  readonly isClinician: boolean;
}

/** Throws NotPermitted for a person who would write what is for clinicians to write. */
export function holdMayAdd({ isClinician }: Writer, kind: EntryKind): void {
  if (!isClinician && !SAID_BY_PEOPLE.has(kind)) throw new NotPermitted("Only a clinician writes this into the history.");
}

/** Throws NotPermitted for a person who would change what a clinician wrote. A clinician may correct what the person said: its versions tell who said what. */
export function holdMayChange({ isClinician }: Writer, entry: { readonly isSelfReported: boolean }): void {
  if (!isClinician && !entry.isSelfReported) throw new NotPermitted("A clinician wrote this: only a clinician changes it.");
}

/** What a person says of themselves they can read, always. */
export function audienceFor({ isClinician }: Writer, asked: Audience | undefined): Audience {
  return isClinician ? (asked ?? "shared") : "shared";
}

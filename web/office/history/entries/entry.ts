/** What the sections of the clinical history share: the lines that they show, the fields that they ask for. Pure. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ApiError } from "#web/client/errors.ts";
import type { Formatter } from "#web/language/format.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import type { Words } from "../../messages/words.ts";

export interface Author {
  readonly name: string | null;
  readonly isPatient: boolean;
}

/** What every entry has, whatever it is of. */
export interface EntryLine {
  readonly id: string;
  readonly version: number;
  readonly status: string | null;
  readonly audience: "care_team" | "shared";
  readonly isPinned: boolean;
  readonly isSelfReported: boolean;
  readonly createdAt: string;
  readonly createdBy: Author | null;
  readonly changedAt: string;
  readonly changedBy: Author | null;
  readonly enteredInErrorAt: string | null;
}

export interface VersionLine {
  readonly version: number;
  readonly deed: "written" | "changed" | "entered_in_error" | "restored";
  readonly status: string | null;
  readonly errorReason: StrikeReason | null;
  readonly at: string;
  readonly author: Author | null;
}

/** As a form holds them: empty for none, `true` for a tick. */
export type FormValues = Readonly<Record<string, string>>;

export interface FormField {
  readonly name: string;
  readonly label: MessageKey;
  readonly kind: "text" | "prose" | "date" | "select" | "tick";
  /** Of a select: what is sent, and its word. */
  readonly options?: readonly (readonly [value: string, label: MessageKey])[];
  readonly isRequired?: boolean;
  readonly most?: number;
  /** In a new entry. */
  readonly first?: string;
}

/** How one kind of entries is shown and asked for. */
export interface EntryView<Line> {
  readonly testId: string;
  readonly title: MessageKey;
  readonly add: MessageKey;
  readonly empty: MessageKey;
  readonly fields: readonly FormField[];
  heading(line: Line, t: Words): string;
  /** Lines below the heading; empty ones are left out. */
  facts(line: Line, t: Words, f: Formatter): readonly (string | null)[];
  valuesOf(line: Line): FormValues;
}

/** What can be asked and done. Each rejects after its error was shown. */
export interface EntryOperations<Line> {
  readonly query: UseQueryResult<{ readonly data: readonly Line[]; readonly nextCursor: string | null }, ApiError>;
  readonly isWorking: boolean;
  /** Absent where entries come by another way. */
  readonly add?: (values: FormValues) => Promise<unknown>;
  readonly change: (line: Line, values: FormValues) => Promise<unknown>;
  readonly strike: (line: Line, reason: StrikeReason | undefined) => Promise<unknown>;
  readonly restore: (line: Line) => Promise<unknown>;
}

export const STRIKE_REASONS = ["mistyped", "duplicate", "somebody_else", "test", "other"] as const;
export type StrikeReason = (typeof STRIKE_REASONS)[number];
export const STRIKE_WORDS: Readonly<Record<StrikeReason, MessageKey>> = {
  mistyped: "history.reasonMistyped", duplicate: "history.reasonDuplicate", somebody_else: "history.reasonSomebodyElse", test: "history.reasonTest", other: "history.reasonOther",
};

export const ifMatch = ({ version }: Pick<EntryLine, "version">): Readonly<Record<string, string>> => ({ "if-match": `"${version}"` });

/** Null for what was left empty. */
export const orNull = (text: string | undefined): string | null => {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
};

export interface Code {
  readonly system: string;
  readonly code: string;
}

/** A code of a list needs both of its parts. */
export const codeOf = (values: FormValues): Code | null => {
  const [system, code] = [orNull(values["codeSystem"]), orNull(values["code"])];
  return system !== null && code !== null ? { system, code } : null;
};

export const codeValues = (code: Code | null): FormValues => ({ codeSystem: code?.system ?? "", code: code?.code ?? "" });
export const codeText = (code: Code | null): string | null => (code === null ? null : `${code.system} ${code.code}`);

export const CODE_FIELDS: readonly FormField[] = [{ name: "codeSystem", label: "history.codeSystem", kind: "text", most: 100 }, { name: "code", label: "history.code", kind: "text", most: 60 }];
export const NOTE_FIELD: FormField = { name: "note", label: "history.note", kind: "prose", most: 4_000 };

/** `from – to`, with a word for an end that is open. */
export function spanText(from: string | null, to: string | null, f: Formatter): string | null {
  if (from === null && to === null) return null;
  return `${from === null ? "…" : f.yearDay(from)} – ${to === null ? "…" : f.yearDay(to)}`;
}

/** Two dates of a form, the first of which is not after the second. */
const SPANS = [["onset", "end"], ["from", "to"]] as const;

/** What is wrong with a form, by field: what is missing, half a code, an end before its beginning. */
export function faultsOf(fields: readonly FormField[], values: FormValues): Readonly<Record<string, MessageKey>> {
  const faults: Record<string, MessageKey> = {};
  const given = (name: string): string | null => (fields.some((field) => field.name === name) ? orNull(values[name]) : null);
  for (const { name, isRequired } of fields) if (isRequired && given(name) === null) faults[name] = "history.faultRequired";
  for (const [one, other] of [["codeSystem", "code"], ["code", "codeSystem"]] as const) if (given(one) === null && given(other) !== null) faults[one] = "history.faultCode";
  for (const [first, last] of SPANS) {
    const [from, to] = [given(first), given(last)];
    if (from !== null && to !== null && to < from) faults[last] = "history.faultDates";
  }
  return faults;
}

/** Fields of a form that the server refused, by its pointers to what was sent. */
export function refusedFields(pointers: readonly string[]): readonly string[] {
  return pointers.map((pointer) => (pointer.endsWith("/code/system") ? "codeSystem" : (pointer.split("/").at(-1) ?? "")));
}

/** What the cards of the health record share: how a kind of entries is shown, and what its form asks for. Pure. */
import type { OwnKind, RecordEntry, RecordKind, RecordRequest, RecordVersion } from "#web/client/record.ts";
import type { Formatter } from "#web/language/format.ts";
import type { MessageKey, Translate } from "../../messages/translate.ts";

/** An entry, or a version of it. */
export type Said<Kind extends RecordKind> = RecordEntry<Kind> | RecordVersion<Kind>;

/** How one kind is shown. */
export interface EntryView<Kind extends RecordKind> {
  readonly kind: Kind;
  readonly title: MessageKey;
  /** Of somebody else's, where it says another. */
  readonly titleOf?: MessageKey;
  /** Said where there is nothing; null: then there is no card at all. */
  readonly none: MessageKey | null;
  heading(said: Said<Kind>, t: Translate, f: Formatter): string;
  /** Lines below the heading; null and empty ones are left out. */
  facts(said: Said<Kind>, t: Translate, f: Formatter): readonly (string | null)[];
  /** Somebody's own words of several lines. */
  words?(said: Said<Kind>): string | null;
}

/** As a form holds them: empty for none. */
export type FormValues = Readonly<Record<string, string>>;

export interface FormField {
  readonly name: string;
  readonly label: MessageKey;
  readonly kind: "text" | "prose" | "date" | "select";
  readonly hint?: MessageKey;
  /** Of a select: what is sent, and its words. */
  readonly options?: readonly (readonly [value: string, label: MessageKey])[];
  readonly isRequired?: boolean;
  readonly most?: number;
  /** In a new entry. */
  readonly first?: string;
  /** Of a date: the field whose date it cannot be before. */
  readonly notBefore?: string;
}

/** What people write themselves of a kind. */
export interface EntryFormView<Kind extends OwnKind> {
  readonly add: MessageKey;
  readonly fields: readonly FormField[];
  valuesOf(entry: RecordEntry<Kind>): FormValues;
  /** @param before the entry that is changed: what the form does not ask for stays as it is */
  bodyOf(values: FormValues, before: RecordEntry<Kind> | null): RecordRequest<Kind>;
}

/** Null for what was left empty. */
export function orNull(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
}

/** `3 Mar 2009 – 4 May 2010`, or the one end that was said; null without any. */
export function spanText([from, to]: readonly [from: string | null, to: string | null], t: Translate, f: Formatter): string | null {
  if (from !== null && to !== null) return `${f.yearDay(from)} – ${f.yearDay(to)}`;
  if (from !== null) return t("entry.since", { date: f.yearDay(from) });
  return to === null ? null : t("entry.until", { date: f.yearDay(to) });
}

/** A part that was said with one that may not have been. */
export const joined = (...parts: readonly (string | null)[]): string | null => parts.filter((part) => part !== null && part !== "").join(" · ") || null;

export const codeText = (code: { readonly system: string; readonly code: string } | null): string | null => (code === null ? null : `${code.system} ${code.code}`);

/** The fields in which something stands that cannot be sent. */
export function faultsOf(fields: readonly FormField[], values: FormValues): { readonly missing: readonly string[]; readonly wrongOrder: readonly string[] } {
  const textOf = (name: string): string => (values[name] ?? "").trim();
  return {
    missing: fields.filter(({ name, isRequired }) => isRequired && textOf(name) === "").map(({ name }) => name),
    wrongOrder: fields.filter(({ name, notBefore }) => notBefore !== undefined && textOf(notBefore) !== "" && textOf(name) !== "" && textOf(name) < textOf(notBefore)).map(({ name }) => name),
  };
}

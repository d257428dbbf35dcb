/** How each kind of entries is shown, and the forms of those that people write themselves. */
import type { RecordEntry } from "#web/client/record.ts";
import type { MessageKey } from "../../messages/translate.ts";
import { codeText, type EntryFormView, type EntryView, type FormField, joined, orNull, spanText } from "./entry.ts";

type ConditionStatus = RecordEntry<"conditions">["status"];
type MedicationStatus = RecordEntry<"medications">["status"];
type AllergyStatus = RecordEntry<"allergies">["status"];
type MedicationKind = RecordEntry<"medications">["medicationKind"];
type Severity = NonNullable<RecordEntry<"allergies">["severity"]>;

export const STATUS_NAMES: Readonly<Record<ConditionStatus | MedicationStatus | AllergyStatus, MessageKey>> = {
  active: "status.entry.active", remission: "status.entry.remission", resolved: "status.entry.resolved", paused: "status.entry.paused", stopped: "status.entry.stopped", inactive: "status.entry.inactive",
};
/** What is no more stands apart. */
export const isPast = (status: keyof typeof STATUS_NAMES | null): boolean => status === "resolved" || status === "stopped" || status === "inactive";

const MEDICATION_NAMES: Readonly<Record<MedicationKind, MessageKey>> = {
  basal_insulin: "medication.basal_insulin", fast_insulin: "medication.fast_insulin", mixed_insulin: "medication.mixed_insulin", injectable: "medication.injectable", oral: "medication.oral", other: "medication.other",
};
const SEVERITY_NAMES: Readonly<Record<Severity, MessageKey>> = { mild: "severity.mild", moderate: "severity.moderate", severe: "severity.severe" };
const NOTE_NAMES: Readonly<Record<RecordEntry<"notes">["noteKind"], MessageKey>> = { visit: "noteKind.visit", call: "noteKind.call", message: "noteKind.message", other: "noteKind.other" };
const DOCUMENT_NAMES: Readonly<Record<RecordEntry<"documents">["documentKind"], MessageKey>> = {
  lab: "documentKind.lab", letter: "documentKind.letter", report: "documentKind.report", other: "documentKind.other",
};

const NOTE: FormField = { name: "note", label: "field.note", kind: "prose", most: 4_000 };
const statusField = (...statuses: readonly (keyof typeof STATUS_NAMES)[]): FormField => ({
  name: "status", label: "field.status", kind: "select", isRequired: true, first: "active", options: statuses.map((status) => [status, STATUS_NAMES[status]] as const),
});

export const CONDITIONS: EntryView<"conditions"> = {
  kind: "conditions", title: "conditions.title", none: "conditions.none",
  heading: ({ name }) => name,
  facts: ({ onset, end, code }, t, f) => [spanText([onset, end], t, f), codeText(code)],
  words: ({ note }) => note,
};

export const CONDITION_FORM: EntryFormView<"conditions"> = {
  add: "conditions.add",
  fields: [
    { name: "name", label: "field.name", kind: "text", isRequired: true, most: 200 }, statusField("active", "remission", "resolved"), { name: "onset", label: "field.onset", kind: "date" },
    { name: "end", label: "field.end", kind: "date", notBefore: "onset" }, NOTE,
  ],
  valuesOf: ({ name, status, onset, end, note }) => ({ name, status, onset: onset ?? "", end: end ?? "", note: note ?? "" }),
  bodyOf: ({ name = "", status, onset, end, note }, before) => ({
    name: name.trim(), status: status as ConditionStatus, onset: orNull(onset), end: orNull(end), note: orNull(note), code: before?.code ?? null,
  }),
};

export const MEDICATIONS: EntryView<"medications"> = {
  kind: "medications", title: "medications.title", none: "medications.none",
  heading: ({ name }) => name,
  facts: (said, t, f) => [joined(said.dose, t(MEDICATION_NAMES[said.medicationKind])), joined(spanText([said.from, said.to], t, f), said.reason), codeText(said.code)],
  words: ({ note }) => note,
};

export const MEDICATION_FORM: EntryFormView<"medications"> = {
  add: "medications.add",
  fields: [
    { name: "name", label: "field.name", kind: "text", isRequired: true, most: 200 },
    { name: "medicationKind", label: "field.medicationKind", kind: "select", isRequired: true, first: "oral", options: Object.entries(MEDICATION_NAMES) },
    { name: "dose", label: "field.dose", kind: "text", most: 300, hint: "field.doseHint" }, statusField("active", "paused", "stopped"), { name: "from", label: "field.onset", kind: "date" },
    { name: "to", label: "field.end", kind: "date", notBefore: "from" }, { name: "reason", label: "field.reason", kind: "text", most: 300 }, NOTE,
  ],
  valuesOf: ({ name, medicationKind, dose, status, from, to, reason, note }) => ({ name, medicationKind, dose: dose ?? "", status, from: from ?? "", to: to ?? "", reason: reason ?? "", note: note ?? "" }),
  bodyOf: ({ name = "", medicationKind, dose, status, from, to, reason, note }, before) => ({
    name: name.trim(), medicationKind: medicationKind as MedicationKind, dose: orNull(dose), status: status as MedicationStatus, from: orNull(from), to: orNull(to), reason: orNull(reason), note: orNull(note),
    code: before?.code ?? null,
  }),
};

export const ALLERGIES: EntryView<"allergies"> = {
  kind: "allergies", title: "allergies.title", none: "allergies.none",
  heading: ({ substance }) => substance,
  facts: ({ reaction, severity, code }, t) => [joined(reaction, severity && t(SEVERITY_NAMES[severity])), codeText(code)],
  words: ({ note }) => note,
};

export const ALLERGY_FORM: EntryFormView<"allergies"> = {
  add: "allergies.add",
  fields: [
    { name: "substance", label: "field.substance", kind: "text", isRequired: true, most: 200 }, { name: "reaction", label: "field.reaction", kind: "text", most: 300 },
    { name: "severity", label: "field.severity", kind: "select", options: Object.entries(SEVERITY_NAMES) }, statusField("active", "inactive", "resolved"), NOTE,
  ],
  valuesOf: ({ substance, reaction, severity, status, note }) => ({ substance, reaction: reaction ?? "", severity: severity ?? "", status, note: note ?? "" }),
  bodyOf: ({ substance = "", reaction, severity, status, note }, before) => ({
    substance: substance.trim(), reaction: orNull(reaction), severity: orNull(severity) as Severity | null, status: status as AllergyStatus, note: orNull(note), code: before?.code ?? null,
  }),
};

export const PROCEDURES: EntryView<"procedures"> = {
  kind: "procedures", title: "procedures.title", none: "procedures.none",
  heading: ({ name }) => name,
  facts: ({ date, code }, _t, f) => [date && f.yearDay(date), codeText(code)],
  words: ({ note }) => note,
};

/** Those alone that the clinic wrote for the person to read; the server tells of no others. */
export const NOTES: EntryView<"notes"> = {
  kind: "notes", title: "notes.title", titleOf: "notes.titleOf", none: null,
  heading: ({ noteKind, date }, t, f) => joined(t(NOTE_NAMES[noteKind]), date && f.yearDay(date)) ?? "",
  facts: () => [],
  words: ({ text }) => text,
};

export const DOCUMENTS: EntryView<"documents"> = {
  kind: "documents", title: "documents.title", none: "documents.none",
  heading: ({ title }) => title,
  facts: ({ documentKind, date }, t, f) => [joined(t(DOCUMENT_NAMES[documentKind]), date && f.yearDay(date))],
  words: ({ note }) => note,
};

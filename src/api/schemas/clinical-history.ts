/** Shapes of the clinical history: what clinicians and the person write, in their own words. Dates are dates: `YYYY-MM-DD`, without time or zone. */
import { z } from "zod";
import { AUDIENCES } from "#clinic/history/kinds.ts";
import { DEEDS } from "#clinic/history/read-entries.ts";
import { instant, plainText, uuid } from "./common.ts";
import { namedPerson, takeBackReason } from "./readings.ts";

/** Text of several lines. */
const prose = z.string().regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, "no control characters but ends of lines");
const date = z.iso.date().describe("A date of the calendar, YYYY-MM-DD.");
const note = prose.max(4_000).nullable().default(null);
const name = plainText.trim().min(1).max(200);
const code = z.object({ system: plainText.min(1).max(100).describe("Of which list it is, e.g. `ICD-10` or `SNOMED CT`."), code: plainText.min(1).max(60) }).nullable().default(null);

export const author = namedPerson.extend({ isPatient: z.boolean().describe("The person themselves.") });
export type Author = z.infer<typeof author>;

const meta = {
  id: uuid, version: z.number().int().describe("Counts up with each change; the ETag."), audience: z.enum(AUDIENCES), isPinned: z.boolean(),
  isSelfReported: z.boolean().describe("Said by the person, or by who manages for them."), createdAt: instant, createdBy: author.nullable(), changedAt: instant, changedBy: author.nullable(),
  enteredInErrorAt: instant.nullable().describe("Kept, and to be shown as entered in error; left out of lists unless asked for."),
};

/** A later date before an earlier one is a slip of whoever typed. */
function inOrder<Shape extends z.ZodObject>(shape: Shape, from: string, to: string): Shape {
  return shape.refine((value) => {
    const dates = value as Readonly<Record<string, unknown>>;
    return typeof dates[from] !== "string" || typeof dates[to] !== "string" || dates[from] <= dates[to];
  }, { path: [to], message: `not before ${from}` });
}

function reply<Fields extends z.ZodRawShape, Status extends z.ZodType>(fields: Fields, status: Status) {
  return z.object({ ...meta, ...fields, status });
}

const versionMeta = {
  version: z.number().int(), deed: z.enum(DEEDS), audience: z.enum(AUDIENCES), isPinned: z.boolean(), errorReason: takeBackReason.nullable().describe("Why it was taken out, of one that was entered in error."), at: instant,
  author: author.nullable(),
};
function versions<Fields extends z.ZodRawShape, Status extends z.ZodType>(fields: Fields, status: Status) {
  return z.object({ data: z.array(z.object({ ...versionMeta, ...fields, status })) });
}
const listOf = <Entry extends z.ZodObject>(entry: Entry) => z.object({ data: z.array(entry), nextCursor: z.string().nullable() });
const none = z.null().describe("This kind has no status.");

// ── conditions ─────────────────────────────────────────────────────────────────────────────────────────────────────
export const CONDITION_STATUSES = ["active", "remission", "resolved"] as const;
const conditionStatus = z.enum(CONDITION_STATUSES);
const conditionFields = { name, code, onset: date.nullable().default(null), end: date.nullable().default(null), note };
export const conditionRequest = inOrder(z.object({ ...conditionFields, status: conditionStatus.default("active") }), "onset", "end");
export const condition = reply(conditionFields, conditionStatus);
export const conditionList = listOf(condition);
export const conditionVersions = versions(conditionFields, conditionStatus);

// ── medications ────────────────────────────────────────────────────────────────────────────────────────────────────
export const MEDICATION_STATUSES = ["active", "paused", "stopped"] as const;
export const MEDICATION_KINDS = ["basal_insulin", "fast_insulin", "mixed_insulin", "injectable", "oral", "other"] as const;
const medicationStatus = z.enum(MEDICATION_STATUSES);
const medicationFields = {
  name, code, dose: plainText.trim().max(300).nullable().default(null).describe("In the words of whoever wrote it: stored and shown, never computed with."),
  medicationKind: z.enum(MEDICATION_KINDS), from: date.nullable().default(null), to: date.nullable().default(null), reason: plainText.trim().max(300).nullable().default(null), note,
};
export const medicationRequest = inOrder(z.object({ ...medicationFields, status: medicationStatus.default("active") }), "from", "to");
export const medication = reply(medicationFields, medicationStatus);
export const medicationList = listOf(medication);
export const medicationVersions = versions(medicationFields, medicationStatus);

// ── allergies ──────────────────────────────────────────────────────────────────────────────────────────────────────
export const ALLERGY_STATUSES = ["active", "inactive", "resolved"] as const;
export const SEVERITIES = ["mild", "moderate", "severe"] as const;
const allergyStatus = z.enum(ALLERGY_STATUSES);
const allergyFields = { substance: name, code, reaction: plainText.trim().max(300).nullable().default(null), severity: z.enum(SEVERITIES).nullable().default(null), note };
export const allergyRequest = z.object({ ...allergyFields, status: allergyStatus.default("active") });
export const allergy = reply(allergyFields, allergyStatus);
export const allergyList = listOf(allergy);
export const allergyVersions = versions(allergyFields, allergyStatus);

// ── procedures ─────────────────────────────────────────────────────────────────────────────────────────────────────
const procedureFields = { name, code, date: date.nullable().default(null), note };
export const procedureRequest = z.object(procedureFields);
export const procedure = reply(procedureFields, none);
export const procedureList = listOf(procedure);
export const procedureVersions = versions(procedureFields, none);

// ── notes ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export const NOTE_KINDS = ["visit", "call", "message", "other"] as const;
const audience = z.enum(AUDIENCES).default("care_team").describe("`care_team`: clinicians alone; `shared`: the person reads it, too.");
const noteFields = { text: prose.trim().min(1).max(20_000), noteKind: z.enum(NOTE_KINDS), date: date.nullable().default(null).describe("Of the visit or call.") };
export const clinicalNoteRequest = z.object({ ...noteFields, audience, isPinned: z.boolean().default(false) });
export const clinicalNote = reply(noteFields, none);
export const clinicalNoteList = listOf(clinicalNote);
export const clinicalNoteVersions = versions(noteFields, none);

// ── documents ──────────────────────────────────────────────────────────────────────────────────────────────────────
export const DOCUMENT_KINDS = ["lab", "letter", "report", "other"] as const;
const documentFields = { title: name, documentKind: z.enum(DOCUMENT_KINDS), date: date.nullable().default(null), note };
export const clinicalDocumentPatch = z.object({ ...documentFields, audience: audience.default("shared") });
export const clinicalDocumentRequest = clinicalDocumentPatch.extend({
  file: z.object({ name: plainText.max(200).nullable().default(null), mediaType: plainText.max(100).nullable().default(null), base64: z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, "base64, without line ends").describe("The bytes of a PDF, JPEG or PNG; 8 MB at most.") }),
});
const fileMeta = z.object({ name: z.string(), mediaType: z.string(), sizeBytes: z.number().int(), sha256: z.string() });
export const clinicalDocument = reply({ ...documentFields, file: fileMeta }, none);
export const clinicalDocumentList = listOf(clinicalDocument);
export const clinicalDocumentVersions = versions(documentFields, none);

export type Condition = z.infer<typeof condition>;
export type Medication = z.infer<typeof medication>;
export type Allergy = z.infer<typeof allergy>;
export type Procedure = z.infer<typeof procedure>;
export type ClinicalNote = z.infer<typeof clinicalNote>;
export type ClinicalDocument = z.infer<typeof clinicalDocument>;

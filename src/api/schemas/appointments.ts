/** Shapes of the appointment queue: what people ask, tell and are answered. Doses and ratios are people's own words; nothing is computed from them. */
import { z } from "zod";
import { MOTIVES, SPANISH_MOTIVE_NAMES } from "#clinic/appointments/motives.ts";
import { ACTOR_KINDS, OPEN_STATES, STATES } from "#clinic/appointments/state-machine.ts";
import { PRIORITIES } from "#clinic/appointments/types.ts";
import { glucoseUnit, instant, plainText, uuid } from "./common.ts";

/** Words in several lines: no control character but the end of a line. */
export const linesOfText = z.string().regex(/^(?:[^\p{Cc}\p{Cs}]|\n)*$/u, "no control characters");

export const appointmentState = z.enum(STATES);
const priority = z.enum(PRIORITIES);
const named = z.object({ userId: uuid, displayName: z.string() }).nullable().describe("Null: time itself, or an account that is gone.");

const motiveWord = z.enum([...MOTIVES, ...SPANISH_MOTIVE_NAMES]).describe("In English, or as earlier systems sent them in Spanish.");
const reasons = {
  motives: z.array(motiveWord).max(12), otherMotive: plainText.trim().min(1).max(500).nullable().optional().describe("In the person's words."),
  isSevere: z.boolean().optional().describe("Of a hypoglycaemia: the person needed somebody's help."),
};

export const appointmentRequest = z.object({ ...reasons, motives: reasons.motives.optional() }).describe("What is known already; the rest is told once the request is accepted.");

const words = plainText.trim().min(1).max(200);
const dose = z.union([words, z.object({ amount: z.number().min(0).max(1_000), unit: plainText.trim().min(1).max(20) })]).describe("In words, or a number with its unit. Kept as said.");
const detailFields = {
  glucoseObjective: z.object({ value: z.number().positive().max(600), unit: glucoseUnit }).nullable().describe("In the unit that the person uses."),
  insulinType: words.nullable(), dose: dose.nullable(), fastInsulin: words.nullable(), fixedDose: dose.nullable(), ratio: words.nullable(), sensitivity: words.nullable(),
  pumpType: words.nullable(), otherTreatment: linesOfText.trim().min(1).max(1_000).nullable(),
};
export const appointmentDetailsRequest = z.object(detailFields).partial().extend(reasons).extend({ motives: reasons.motives.optional() })
  .refine(({ glucoseObjective: goal }) => goal === undefined || goal === null || (goal.unit === "mg/dL" ? goal.value >= 40 : goal.value >= 2.2 && goal.value <= 33.3), { path: ["glucoseObjective"], message: "does not look like that unit: 40–600 mg/dL, 2.2–33.3 mmol/L" });

const resolutionFields = {
  changeBasal: z.object({ type: words.nullable(), dose: dose.nullable(), time: words.nullable() }),
  changeFast: z.object({ type: words.nullable(), ratio: words.nullable(), sensitivity: words.nullable() }),
  needsEmergencyCare: z.boolean(), needsPhysicalAppointment: z.boolean(), text: linesOfText.trim().min(1).max(4_000).nullable(),
};
export const appointmentResolutionRequest = z.object({
  changeBasal: resolutionFields.changeBasal.partial().optional(), changeFast: resolutionFields.changeFast.partial().optional(),
  needsEmergencyCare: z.boolean().default(false), needsPhysicalAppointment: z.boolean().default(false), text: resolutionFields.text.optional(),
}).refine((given) => given.text != null || given.needsEmergencyCare || given.needsPhysicalAppointment || [given.changeBasal, given.changeFast].some((part) => Object.values(part ?? {}).some((value) => value !== null)), { message: "says nothing: write at least one of its parts" });

/** A request as its patient reads it. */
export const appointment = z.object({
  id: uuid, patientId: uuid, state: appointmentState, motives: z.array(z.enum(MOTIVES)), otherMotive: z.string().nullable(), isSevere: z.boolean(),
  isEmergency: z.boolean().describe("Ketosis, or a severe hypoglycaemia: stands on top by itself. Call, do not wait."),
  priority, requestedAt: instant, stateSince: instant, handledBy: named, denialReason: z.string().nullable().describe("The clinic's own words."),
  version: z.number().int().describe("Counts every change; the number of the ETag, and of If-Match."),
});
export const emergencyWords = z.object({ text: z.string(), phone: z.string().nullable() }).describe("The clinic's own words for whoever may be in an emergency, in the reader's language.");
export const appointmentList = z.object({ data: z.array(appointment), nextCursor: z.string().nullable() });
export const appointmentAsked = z.object({ appointment, position: z.number().int().nullable(), emergency: emergencyWords.nullable().describe("Where the request is an emergency.") });
export const currentAppointment = z.object({
  state: z.union([appointmentState, z.literal("none")]), appointment: appointment.nullable().describe("The open one."),
  position: z.number().int().nullable().describe("Place in the line, from 1."), isTaking: z.boolean().describe("Whether the clinic has room for another request."),
  emergency: emergencyWords,
});

const history = z.array(z.object({
  move: z.string(), from: appointmentState.nullable(), to: appointmentState, kind: z.enum(ACTOR_KINDS), by: named, at: instant, reason: z.string().nullable(),
}));
const version = { version: z.number().int(), author: named, writtenAt: instant };
const appointmentDetails = z.object({ ...detailFields, ...version });
export const appointmentResolution = z.object({ ...resolutionFields, ...version });
export const controlData = z.object({ id: uuid, name: z.string(), mediaType: z.string(), sizeBytes: z.number().int(), sha256: z.string(), addedAt: instant });
const parts = {
  position: z.number().int().nullable(), details: appointmentDetails.nullable().describe("As written last."), resolution: appointmentResolution.nullable().describe("As written last; the clinician's own words."),
  controlData: z.array(controlData), history,
};
export const appointmentWhole = appointment.extend(parts).extend({ emergency: emergencyWords.nullable() });

/** The same as the clinic reads it. */
const forClinic = { displayName: z.string(), priorityReason: z.string().nullable() };
export const appointmentLine = appointment.extend(forClinic).extend({ position: z.number().int().nullable().describe("In lists of open requests alone."), files: z.number().int().describe("Of control data.") });
export const appointmentLineList = z.object({
  asOf: instant, data: z.array(appointmentLine), hidden: z.number().int().describe("Open ones in these states, of patients who share no more: they count, and are not shown."), nextCursor: z.string().nullable(),
});
export const clinicAppointment = appointment.extend(forClinic).extend(parts).extend({ detailVersions: z.number().int(), resolutions: z.array(appointmentResolution).describe("Each version, the newest first.") });
export const resolutionList = z.object({ data: z.array(appointmentResolution).describe("Each version, the newest first.") });

export const denial = z.object({ reason: plainText.trim().min(3).max(1_000).describe("Shown to the patient.") });
export const priorityChange = z.object({ priority, reason: plainText.trim().min(3).max(500).describe("For the clinic alone.") });

export const appointmentQueue = z.object({
  capacity: z.number().int(), active: z.number().int().describe("Requests that are open now, also those that are not shown: they alone take places."), free: z.number().int(),
  byState: z.object(Object.fromEntries(OPEN_STATES.map((state) => [state, z.number().int()])) as Record<(typeof OPEN_STATES)[number], z.ZodNumber>),
  expiryDays: z.object({ pending: z.number().int(), accepted: z.number().int(), created: z.number().int() }),
  emergencyText: z.object({ en: z.string(), es: z.string() }), emergencyPhone: z.string().nullable(), version: z.number().int(),
  undo: z.object({ clearedAt: instant, until: instant, entries: z.number().int() }).nullable().describe("The clearing that can be undone now."),
});
const days = z.number().int().min(1).max(365);
const emergencyText = plainText.trim().min(10).max(1_000);
export const appointmentQueuePatch = z.object({
  capacity: z.number().int().min(0).max(10_000).optional(),
  expiryDays: z.object({ pending: days, accepted: days, created: days }).partial().optional(),
  emergencyText: z.object({ en: emergencyText, es: emergencyText }).partial().optional(),
  emergencyPhone: z.string().regex(/^\+?[\d ()-]{2,40}$/, "a telephone number").nullable().optional(),
}).refine((patch) => Object.keys(patch).length > 0, { message: "names nothing to change" });
export const queueClearRequest = z.object({ confirm: z.number().int().min(0).describe("How many open requests there are now: that many go.") });
export const queueCleared = z.object({ cleared: z.number().int(), undoUntil: instant });
export const queueRestored = z.object({ restored: z.number().int(), left: z.number().int().describe("Whose patient has asked anew meanwhile.") });

/** `data` of an event of GET /clinic/live: that something changed, never what. */
export const clinicEvent = z.object({ kind: z.literal("appointment"), patientId: uuid });

export type AppointmentReply = z.infer<typeof appointment>;
export type AppointmentLine = z.infer<typeof appointmentLine>;
export type AppointmentWhole = z.infer<typeof appointmentWhole>;
export type ClinicAppointment = z.infer<typeof clinicAppointment>;
export type CurrentAppointment = z.infer<typeof currentAppointment>;
export type AppointmentQueue = z.infer<typeof appointmentQueue>;
export type AppointmentDetailsRequest = z.infer<typeof appointmentDetailsRequest>;
export type AppointmentResolutionRequest = z.infer<typeof appointmentResolutionRequest>;
export type ClinicEvent = z.infer<typeof clinicEvent>;

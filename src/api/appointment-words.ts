/** How requests for appointments are told, to their patient and to the clinic; and the details and resolutions that are sent, as they are kept. */
import type { z } from "zod";
import { motivesOf, type Reasons } from "#clinic/appointments/motives.ts";
import type { QueueSettings } from "#clinic/appointments/queue.ts";
import type { HistoryEntry, LineEntry } from "#clinic/appointments/read.ts";
import type { Appointment, Details, Resolution, Version } from "#clinic/appointments/types.ts";
import type { ClinicalFile } from "#clinic/files/files.ts";
import { formatInstant } from "#units/time.ts";
import type { appointmentRequest, AppointmentDetailsRequest, AppointmentLine, AppointmentReply, AppointmentResolutionRequest, AppointmentWhole, controlData, emergencyWords } from "./schemas.ts";
import type { Locale } from "./words.ts";

export function showAppointment({ requestedMs, stateMs, priorityReason: _clinicOnly, motives, ...rest }: Appointment): AppointmentReply {
  return { ...rest, motives: [...motives], requestedAt: formatInstant(requestedMs), stateSince: formatInstant(stateMs) };
}

export function showLine(entry: LineEntry): AppointmentLine {
  const { displayName, position, files, ...appointment } = entry;
  return { ...showAppointment(appointment), displayName, position, files, priorityReason: entry.priorityReason };
}

export function showEmergency({ emergencyText, emergencyPhone }: QueueSettings, locale: Locale): z.infer<typeof emergencyWords> {
  return { text: emergencyText[locale], phone: emergencyPhone };
}

export function showVersion<T extends object>({ version, content, author, writtenMs }: Version<T>): T & { version: number; author: Version<T>["author"]; writtenAt: string } {
  return { ...content, version, author, writtenAt: formatInstant(writtenMs) };
}

export function showFile({ id, safeName, mediaType, sizeBytes, sha256, createdMs }: ClinicalFile): z.infer<typeof controlData> {
  return { id, name: safeName, mediaType, sizeBytes, sha256, addedAt: formatInstant(createdMs) };
}

/** @param forClinic a reason of the clinic's own (why a priority was changed) is not the patient's to read */
export function showHistory(entries: readonly HistoryEntry[], forClinic: boolean): AppointmentWhole["history"] {
  return entries.map(({ atMs, reason, ...rest }) => ({ ...rest, at: formatInstant(atMs), reason: forClinic || rest.move === "deny" ? reason : null }));
}

/** Reasons as they are kept. */
export function reasonsOf({ motives = [], otherMotive = null, isSevere = false }: z.infer<typeof appointmentRequest>): Reasons {
  return { motives: motivesOf(motives), otherMotive, isSevere };
}

/** What was not said is null. */
export function detailsOf(given: AppointmentDetailsRequest): Details {
  const { glucoseObjective = null, insulinType = null, dose = null, fastInsulin = null, fixedDose = null, ratio = null, sensitivity = null, pumpType = null, otherTreatment = null } = given;
  return { glucoseObjective, insulinType, dose, fastInsulin, fixedDose, ratio, sensitivity, pumpType, otherTreatment };
}

export function resolutionOf({ changeBasal = {}, changeFast = {}, needsEmergencyCare, needsPhysicalAppointment, text = null }: AppointmentResolutionRequest): Resolution {
  return {
    changeBasal: { type: changeBasal.type ?? null, dose: changeBasal.dose ?? null, time: changeBasal.time ?? null },
    changeFast: { type: changeFast.type ?? null, ratio: changeFast.ratio ?? null, sensitivity: changeFast.sensitivity ?? null },
    needsEmergencyCare, needsPhysicalAppointment, text,
  };
}

/** What is written down with a request: the patient's details, the clinician's resolution, each version kept with its author; and the files with control data. Requirement D4. */
import type { Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { Conflict, NotFound } from "../../errors.ts";
import { dropFile, keepFile, openFile, type FilesContext, type OpenedFile, type OpenFilesContext } from "../files/files.ts";
import type { CheckedUpload } from "#uploads/check-upload.ts";
import type { Reasons } from "./motives.ts";
import { APPOINTMENT_CHANGE, moveAppointment, type Mover } from "./moves.ts";
import { readAppointment } from "./read.ts";
import type { Appointment, AppointmentRef, Details, Resolution } from "./types.ts";

/** Of one request. */
export const MOST_FILES = 10;

/** Writes the details down: the first time the request is created by it, later they are changed while nobody has resolved it. Throws as moveAppointment. */
export async function writeDetails(tx: Tx, mover: Mover, ref: AppointmentRef, told: { readonly details: Details; readonly reasons: Reasons | null; readonly ifVersion: number | null }): Promise<Appointment> {
  const { state } = await readAppointment(tx, ref.appointmentId, ref.patientId);
  const moved = await moveAppointment(tx, mover, {
    ...ref, move: state === "created" ? "change_details" : "add_details", ifVersion: told.ifVersion, ...(told.reasons ? { set: told.reasons } : {}),
  });
  await tx.query(
    `insert into appointment_details (organization_id, patient_id, appointment_id, version, details, author_id, written_at)
     select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5, to_timestamp($6::float8 / 1000) from appointment_details where patient_id = $2 and appointment_id = $3`,
    [mover.organizationId, ref.patientId, ref.appointmentId, JSON.stringify(told.details), mover.userId, mover.nowMs],
  );
  return moved;
}

/** Writes the resolution down, or a later version of it. Throws as moveAppointment. */
export async function writeResolution(tx: Tx, mover: Mover, appointmentId: string, told: { readonly resolution: Resolution; readonly ifVersion: number }): Promise<Appointment> {
  const { state } = await readAppointment(tx, appointmentId);
  const moved = await moveAppointment(tx, mover, { appointmentId, move: state === "resolved" ? "revise" : "resolve", ifVersion: told.ifVersion });
  await tx.query(
    `insert into appointment_resolutions (organization_id, patient_id, appointment_id, version, resolution, author_id, written_at)
     select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5, to_timestamp($6::float8 / 1000) from appointment_resolutions where patient_id = $2 and appointment_id = $3`,
    [mover.organizationId, moved.patientId, appointmentId, JSON.stringify(told.resolution), mover.userId, mover.nowMs],
  );
  return moved;
}

/** Throws NotFound where it is not this patient's, Conflict (`illegal_move`) where nobody waits for control data. */
export async function expectControlData(tx: Tx, { patientId, appointmentId }: AppointmentRef): Promise<void> {
  const { state } = await readAppointment(tx, appointmentId, patientId);
  if (state !== "accepted" && state !== "created") throw new Conflict(`The request is ${state}: control data are added to one that was accepted and is not resolved.`, { code: "illegal_move" });
}

/** Keeps a checked file as control data; gives its id. Throws as `expectControlData`, and Conflict `too_many_files`, `files_full`. */
export async function addControlData(context: FilesContext, tx: Tx, mover: Mover, given: AppointmentRef & { readonly checked: CheckedUpload }): Promise<string> {
  const { patientId, appointmentId, checked } = given;
  const { organizationId, userId } = mover;
  await tx.query("select 1 from appointments where patient_id = $1 and id::text = $2 for no key update", [patientId, appointmentId]);
  await expectControlData(tx, given);
  const [held] = await tx.query<{ n: number }>("select count(*)::int as n from appointment_files where patient_id = $1 and appointment_id = $2", [patientId, appointmentId]);
  if (held!.n >= MOST_FILES) throw new Conflict(`A request has ${MOST_FILES} files at most: remove one that is not needed.`, { code: "too_many_files" });
  const fileId = await keepFile(context, tx, { organizationId, patientId, checked, purpose: "control_data", createdBy: userId });
  await tx.query("insert into appointment_files (organization_id, patient_id, appointment_id, file_id) values ($1, $2, $3, $4)", [organizationId, patientId, appointmentId, fileId]);
  await told(tx, mover, given, { action: "clinical_file.added", fileId });
  return fileId;
}

/** One file of a request with its bytes, noted in the audit log. Throws NotFound alike for a missing one and one of another request. */
export async function openControlData(context: OpenFilesContext, tx: Tx, mover: Mover, wanted: AppointmentRef & { readonly fileId: string }): Promise<OpenedFile> {
  await refuseOthers(tx, wanted);
  const file = await openFile(context, tx, wanted);
  await note(tx, mover, wanted, { action: "clinical_file.opened", fileId: wanted.fileId });
  return file;
}

/** Removes a file that its patient gave. Throws as `expectControlData`, NotFound. */
export async function removeControlData(tx: Tx, mover: Mover, wanted: AppointmentRef & { readonly fileId: string }): Promise<void> {
  await expectControlData(tx, wanted);
  await refuseOthers(tx, wanted);
  await tx.query("delete from appointment_files where patient_id = $1 and appointment_id = $2 and file_id = $3", [wanted.patientId, wanted.appointmentId, wanted.fileId]);
  await dropFile(tx, wanted);
  await told(tx, mover, wanted, { action: "clinical_file.removed", fileId: wanted.fileId });
}

async function refuseOthers(tx: Tx, { patientId, appointmentId, fileId }: AppointmentRef & { readonly fileId: string }): Promise<void> {
  const [own] = isId(appointmentId) && isId(fileId) ? await tx.query("select 1 from appointment_files where patient_id = $1 and appointment_id = $2 and file_id = $3", [patientId, appointmentId, fileId]) : [];
  if (!own) throw new NotFound("There is no such file.");
}

interface FileAct {
  readonly action: string;
  readonly fileId: string;
}

async function told(tx: Tx, mover: Mover, { patientId }: AppointmentRef, act: FileAct): Promise<void> {
  await announce(tx, { organizationId: mover.organizationId, patientId, connectionId: null, deliveryId: null }, [APPOINTMENT_CHANGE]);
  await note(tx, mover, { patientId }, act);
}

function note(tx: Tx, { organizationId, userId, requestId }: Mover, { patientId }: Pick<AppointmentRef, "patientId">, { action, fileId }: FileAct): Promise<void> {
  return audit(tx, organizationId, { action, actorUserId: userId, patientId, objectType: "clinical_file", objectId: fileId, ...(requestId ? { requestId } : {}) });
}

/**
 * What stands beside a patient's line and a person's own rights do not read: the account, and the open request for an appointment. Read with the organization's rights, of the patients alone who
 * are shown anyway. A request shares itself with the clinic, as long as its patient shares at all (docs/appointments.md).
 */
import type { Tx } from "#db/database.ts";
import { IS_OPEN, SHARES } from "../appointments/read.ts";
import type { OpenState } from "../appointments/state-machine.ts";

export interface PatientAccount {
  readonly userId: string;
  readonly isBlocked: boolean;
}

export interface OpenAppointment {
  readonly id: string;
  readonly state: OpenState;
  readonly requestedMs: number;
  /** Since when in this state. */
  readonly stateMs: number;
}

export interface Beside {
  readonly accounts: ReadonlyMap<string, PatientAccount>;
  readonly appointments: ReadonlyMap<string, OpenAppointment>;
}

/** By patient; who has no account, or no open request, is not in it. */
export async function readBeside(tx: Tx, patientIds: readonly string[]): Promise<Beside> {
  const accounts = await tx.query<PatientAccount & { patientId: string } & Record<string, unknown>>(
    `select p.id as "patientId", u.id as "userId", u.blocked_at is not null as "isBlocked" from patients p join users u on u.id = p.user_id and u.deleted_at is null where p.id = any($1::uuid[])`, [patientIds],
  );
  const appointments = await tx.query<OpenAppointment & { patientId: string } & Record<string, unknown>>(
    `select a.patient_id as "patientId", a.id, a.state, a.requested_at as "requestedMs", a.state_at as "stateMs" from appointments a where a.patient_id = any($1::uuid[]) and ${IS_OPEN} and ${SHARES}`, [patientIds],
  );
  return {
    accounts: new Map(accounts.map(({ patientId, userId, isBlocked }) => [patientId, { userId, isBlocked }])),
    appointments: new Map(appointments.map(({ patientId, id, state, requestedMs, stateMs }) => [patientId, { id, state, requestedMs, stateMs }])),
  };
}

/** Legal holds: while one stands, nothing of a patient is erased or cut, whoever asks. Placed and lifted by admins and at the console, audited. */
import type { Tx } from "#db/database.ts";
import { isUniqueViolation } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { Conflict, NotFound } from "../errors.ts";

export const HOLD_REASONS = ["litigation", "authority", "incident", "safety"] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export interface LegalHold {
  readonly id: string;
  readonly patientId: string;
  readonly reason: HoldReason;
  readonly placedMs: number;
  /** Null: at the console. */
  readonly placedBy: string | null;
  readonly liftedMs: number | null;
}

interface Row {
  id: string; patient_id: string; reason: HoldReason; placed_at: number; placed_by: string | null; lifted_at: number | null;
}

const COLUMNS = "id, patient_id, reason, placed_at, placed_by, lifted_at";
const fromRow = (row: Row): LegalHold => ({ id: row.id, patientId: row.patient_id, reason: row.reason, placedMs: row.placed_at, placedBy: row.placed_by, liftedMs: row.lifted_at });

/** In SQL: whether a hold stands for the patient that the expression names. */
export function isHeld(patient: string): string {
  return `exists (select 1 from legal_holds h where h.patient_id = ${patient} and h.lifted_at is null)`;
}

export interface HoldBy {
  readonly organizationId: string;
  readonly userId: string | null;
  readonly nowMs: number;
}

/** Throws NotFound for a patient that is not there, Conflict (`on_hold`) where one stands. An erasure under way stops at its next step. */
export async function placeHold(tx: Tx, by: HoldBy, patientId: string, reason: HoldReason): Promise<LegalHold> {
  const known = isId(patientId) ? await tx.query("select 1 from patients where id = $1 for key share", [patientId]) : [];
  if (known.length === 0) throw new NotFound("There is no such patient.");
  const [row] = await tx.query<Row>(
    `insert into legal_holds (organization_id, patient_id, reason, placed_at, placed_by) values ($1, $2, $3, to_timestamp($4::float8 / 1000), $5) returning ${COLUMNS}`,
    [by.organizationId, patientId, reason, by.nowMs, by.userId],
  ).catch((error: unknown) => {
    throw isUniqueViolation(error, "legal_holds_one_open") ? new Conflict("A legal hold stands for this patient already.", { code: "on_hold" }) : error;
  });
  await audit(tx, by.organizationId, { action: "legal_hold.placed", actorUserId: by.userId, patientId, objectType: "legal_hold", objectId: row!.id });
  return fromRow(row!);
}

/** Throws NotFound where none stands. */
export async function liftHold(tx: Tx, by: HoldBy, holdId: string): Promise<LegalHold> {
  const [row] = isId(holdId)
    ? await tx.query<Row>(`update legal_holds set lifted_at = to_timestamp($2::float8 / 1000), lifted_by = $3 where id = $1 and lifted_at is null returning ${COLUMNS}`, [holdId, by.nowMs, by.userId])
    : [];
  if (!row) throw new NotFound("There is no such legal hold.");
  await audit(tx, by.organizationId, { action: "legal_hold.lifted", actorUserId: by.userId, patientId: row.patient_id, objectType: "legal_hold", objectId: row.id });
  return fromRow(row);
}

/** Holds of the organization, those that stand first. */
export async function listHolds(tx: Tx): Promise<LegalHold[]> {
  return (await tx.query<Row>(`select ${COLUMNS} from legal_holds order by lifted_at desc nulls first, placed_at desc, id limit 500`)).map(fromRow);
}

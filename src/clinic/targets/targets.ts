/** Targets at rest: each change a row, of which the last one holds. */
import type { Tx } from "#db/database.ts";
import { keptTarget, type ChosenTarget, type Target } from "./target.ts";

/** A target, with who set it when. */
export interface SetTarget extends Target {
  readonly id: string;
  readonly setBy: string;
  /** Null: of an account that is no more, or that this transaction may not see. */
  readonly setByName: string | null;
  readonly setMs: number;
}

interface Row extends ChosenTarget {
  readonly id: string;
  readonly patientId: string;
  readonly setBy: string;
  readonly setMs: number;
}

const COLUMNS = `id::text, patient_id as "patientId", preset, bounds, goals, unit, set_by as "setBy", set_at as "setMs"`;

/** More changes than anybody reads. */
const MOST_TOLD = 100;

/** All that were set for the patient, the newest first; without names of whoever set them. */
export async function listTargets(tx: Tx, patientId: string): Promise<SetTarget[]> {
  const rows = await tx.query<Row & Record<string, unknown>>(`select ${COLUMNS} from patient_targets where patient_id = $1 order by patient_targets.id desc limit ${MOST_TOLD}`, [patientId]);
  return rows.map(setTarget);
}

/** The targets that hold, by patient; none for patients for whom nobody chose one. */
export async function targetsOf(tx: Tx, patientIds: readonly string[]): Promise<Map<string, SetTarget>> {
  const rows = await tx.query<Row & Record<string, unknown>>(
    `select distinct on (patient_id) ${COLUMNS} from patient_targets where patient_id = any($1::uuid[]) order by patient_id, patient_targets.id desc`, [patientIds],
  );
  return new Map(rows.map((row) => [row.patientId, setTarget(row)]));
}

export interface TargetOrder {
  readonly organizationId: string;
  readonly patientId: string;
  readonly setBy: string;
  readonly nowMs: number;
}

/** Sets a target that `targetOf` has found to be one, and has the patient's lines made anew. */
export async function setTargetOf(tx: Tx, { organizationId, patientId, setBy, nowMs }: TargetOrder, { preset, bounds, goals, unit }: ChosenTarget): Promise<void> {
  await tx.query(
    "insert into patient_targets (organization_id, patient_id, preset, bounds, goals, unit, set_by, set_at) values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000))",
    [organizationId, patientId, preset, bounds && JSON.stringify(bounds), goals && JSON.stringify(goals), unit, setBy, nowMs],
  );
  await tx.query("insert into population_work (organization_id, patient_id) values ($1, $2)", [organizationId, patientId]);
}

function setTarget({ id, setBy, setMs, preset, bounds, goals, unit }: Row): SetTarget {
  return { ...keptTarget({ preset, bounds, goals, unit }), id, setBy, setByName: null, setMs };
}

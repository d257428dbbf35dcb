/** Data keys of patients: one seals, all open. Faults §5.1. */
import type { Tx } from "#db/database.ts";
import type { DataKey, Vault } from "#vault/seal.ts";

interface KeyRow {
  patient_id: string; id: string; wrapped: string; version: number;
}

const COLUMNS = "patient_id, id, wrapped, version";

/** All data keys of a patient, the one that seals first. Empty for a patient of whom nothing was sealed yet. */
export async function readDataKeys(tx: Tx, patientId: string): Promise<DataKey[]> {
  const rows = await tx.query<KeyRow>(`select ${COLUMNS} from patient_keys where patient_id = $1 order by retired_at nulls first`, [patientId]);
  return rows.map(({ patient_id: ownerId, id, wrapped, version }) => ({ id, ownerId, wrapped, version }));
}

/** The key that seals the patient's secrets, made at the first need. Of two that make it at once, one makes it. */
export async function sealingKey(tx: Tx, vault: Vault, of: { organizationId: string; patientId: string }): Promise<DataKey> {
  const find = async (): Promise<DataKey | undefined> => {
    const rows = await tx.query<KeyRow>(`select ${COLUMNS} from patient_keys where patient_id = $1 and retired_at is null`, [of.patientId]);
    return rows.map(({ patient_id: ownerId, id, wrapped, version }) => ({ id, ownerId, wrapped, version }))[0];
  };
  const known = await find();
  if (known) return known;
  const made = vault.makeDataKey(of.patientId);
  const rows = await tx.query(
    `insert into patient_keys (organization_id, patient_id, id, wrapped, version) values ($1, $2, $3, $4, $5)
     on conflict (patient_id) where retired_at is null do nothing returning 1`,
    [of.organizationId, of.patientId, made.id, made.wrapped, made.version],
  );
  return rows.length === 1 ? made : (await find())!;
}

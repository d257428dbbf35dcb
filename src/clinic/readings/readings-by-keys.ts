/** The readings of one body as they stand in the diary now. */
import type { Tx } from "#db/database.ts";
import type { StoredRecord, TreatmentDetails } from "#samples/records.ts";
import { readingOfDiary, type Reading } from "./reading.ts";

/** What was typed or came from a meter by no connection, by the keys that the diary knows it by; in their order, without what is not there. */
export async function readingsByKeys(tx: Tx, patientId: string, keys: readonly string[]): Promise<Reading[]> {
  const rows = await tx.query<{ id: string; vendor_key: string; start_at: number; offset_minutes: number | null; details: TreatmentDetails; delivery_id: string }>(
    `select id::text, vendor_key, start_at, offset_minutes, details, delivery_id::text from treatments
     where patient_id = $1 and provider = 'manual' and connection_id is null and kind = 'meter_glucose' and withdrawn_at is null and vendor_key = any($2::text[])`,
    [patientId, keys],
  );
  const byKey = new Map(rows.map((row) => [row.vendor_key, row]));
  return [...new Set(keys)].flatMap((key) => {
    const row = byKey.get(key);
    const reading = row && readingOfDiary(recordOf(row));
    return reading ? [reading] : [];
  });
}

function recordOf(row: { id: string; vendor_key: string; start_at: number; offset_minutes: number | null; details: TreatmentDetails; delivery_id: string }): StoredRecord<TreatmentDetails> {
  return {
    id: row.id, provider: "manual", connectionId: null, vendorKey: row.vendor_key, startMs: row.start_at, endMs: row.start_at, offsetMinutes: row.offset_minutes, kind: "meter_glucose",
    details: row.details, deliveryId: row.delivery_id,
  };
}

/** Looking at deliveries of a patient. */
import type { Tx } from "#db/database.ts";
import type { MappingProblem } from "#driver/records.ts";
import { unpackBody } from "./body.ts";
import type { DeliveryState, DeliveryVia } from "./inbox.ts";

export interface DeliveryInfo {
  readonly id: string;
  readonly provider: string;
  readonly via: DeliveryVia;
  readonly resource: string | null;
  readonly receivedMs: number;
  readonly processedMs: number | null;
  readonly state: DeliveryState;
  readonly bytes: number;
  readonly attempts: number;
  readonly problems: readonly MappingProblem[];
}

interface Row {
  id: string; provider: string; via: DeliveryVia; resource: string | null; received_at: number; processed_at: number | null;
  state: DeliveryState; body_bytes: number; attempts: number; problems: MappingProblem[];
}

/** A delivery that belongs to the patient; null when there is none of that id (or it is somebody else's). */
export async function readDelivery(tx: Tx, patientId: string, deliveryId: string): Promise<DeliveryInfo | null> {
  const rows = await tx.query<Row>(
    `select id::text, provider, via, resource, received_at, processed_at, state, body_bytes, attempts, problems
     from deliveries where id = $1 and patient_id = $2`,
    [deliveryId, patientId],
  );
  const row = rows[0];
  return row
    ? {
        id: row.id, provider: row.provider, via: row.via, resource: row.resource, receivedMs: row.received_at, processedMs: row.processed_at,
        state: row.state, bytes: row.body_bytes, attempts: row.attempts, problems: row.problems,
      }
    : null;
}

/** The raw bytes as they came; null like readDelivery. */
export async function readDeliveryBody(tx: Tx, patientId: string, deliveryId: string): Promise<{ body: Buffer; via: DeliveryVia } | null> {
  const rows = await tx.query<{ body: Buffer; body_encoding: string; via: DeliveryVia }>(
    "select body, body_encoding, via from deliveries where id = $1 and patient_id = $2", [deliveryId, patientId],
  );
  const row = rows[0];
  return row ? { body: unpackBody(row.body_encoding, row.body), via: row.via } : null;
}

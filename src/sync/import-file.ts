/** A file of measurements for one patient: checked whole, stored as a delivery, then taken the same path as everything else. */
import { reviveDelivery } from "#inbox/claims.ts";
import { digestOf } from "#inbox/inbox.ts";
import type { ImportResult } from "#imports/types.ts";
import { Conflict } from "../errors.ts";
import { refuseUnwanted } from "./consent-gate.ts";
import type { SyncContext } from "./context.ts";
import { processClaimed, processNow } from "./process.ts";
import { importResource, readImport, type ImportSettings } from "./read-import.ts";

export interface ImportOutcome {
  readonly deliveryId: string;
  readonly file: ImportResult;
  /** Records in the file. */
  readonly records: number;
  /** Records that were new or changed. */
  readonly stored: number;
}

/**
 * Imports a file. Throws InvalidInput before anything is stored when no row is usable; otherwise good rows are stored all together,
 * bad ones are in `file.problems`. The same file for the same patient again throws Conflict, unless its first import failed: then it is
 * taken up where it was left.
 */
export async function importFile(
  context: SyncContext, owner: { organizationId: string; patientId: string }, bytes: Uint8Array, settings: ImportSettings,
): Promise<ImportOutcome> {
  await refuseUnwanted(context, owner);
  const { signal } = new AbortController();
  const resource = importResource(settings);
  const { records, file } = readImport({ resource, body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
  const { id, claimed } = await context.inbox.acceptAndClaim({
    provider: "import", via: "import", resource, body: bytes, headers: {}, owner: { ...owner, connectionId: null }, causedBy: null,
    dedupeKey: digestOf(owner.patientId, "\0", resource, "\0", bytes),
  });
  const isRevived = claimed === null && (await context.database.asSystem((tx) => reviveDelivery(tx, id)));
  if (!claimed && !isRevived) throw new Conflict(`This file was imported for this patient before, as delivery ${id}.`, { code: "already_imported" });
  const stored = claimed ? await processClaimed(context, claimed, { signal }) : await processNow(context, [id], signal);
  return { deliveryId: id, file, records: records.length, stored: stored.samples + stored.treatments };
}

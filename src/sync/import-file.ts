/** A file of measurements for one patient: checked whole, stored as a delivery, then taken the same path as everything else. */
import { digestOf } from "#inbox/inbox.ts";
import type { ImportResult } from "#imports/types.ts";
import { Conflict } from "../errors.ts";
import type { SyncContext } from "./context.ts";
import { processNow } from "./process.ts";
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
 * bad ones are in `file.problems`. The same file for the same patient again throws Conflict.
 */
export async function importFile(
  context: SyncContext, owner: { organizationId: string; patientId: string }, bytes: Uint8Array, settings: ImportSettings,
): Promise<ImportOutcome> {
  const resource = importResource(settings);
  const { records, file } = readImport({ resource, body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
  const accepted = await context.inbox.accept({
    provider: "import", via: "import", resource, body: bytes, headers: {}, owner: { ...owner, connectionId: null }, causedBy: null,
    dedupeKey: digestOf(owner.patientId, "\0", resource, "\0", bytes),
  });
  if (!accepted.isNew) throw new Conflict(`This file was imported for this patient before, as delivery ${accepted.id}.`, { code: "already_imported" });
  const stored = await processNow(context, [accepted.id], new AbortController().signal);
  return { deliveryId: accepted.id, file, records: records.length, stored: stored.samples + stored.treatments };
}

/**
 * A vendor's export file for one patient, read as a stream: records are stored batch by batch, so that a file of gigabytes needs no more memory than
 * a small one. Its bytes are not kept: the delivery holds how much was read, and the file stays with the person. Imported again, it adds what is new.
 */
import type { MappingProblem } from "#driver/records.ts";
import type { Driver, FileMapper } from "#driver/types.ts";
import { failDelivery, renewClaims, type ClaimedDelivery } from "#inbox/claims.ts";
import { readAppleExport } from "#imports/apple-export.ts";
import { addResults, ingest, NOTHING, type IngestResult } from "#ingest/ingest.ts";
import { errorCode, InternalError, InvalidInput } from "../errors.ts";
import { refuseUnwanted } from "./consent-gate.ts";
import type { SyncContext } from "./context.ts";
import { keepAlive } from "./keep-alive.ts";
import { endDelivery } from "./store-records.ts";

/** The delivery's resource: a worker that finds one left behind knows that its bytes are gone. */
export const EXPORT = "export-stream";

const MOST_LISTED = 200;
/** Records in one transaction. */
const BATCH = 4_000;

export interface ExportProgress {
  readonly bytesRead: number;
  readonly stored: number;
}

export interface ExportOutcome {
  readonly deliveryId: string;
  readonly provider: string;
  readonly elements: number;
  readonly bytesRead: number;
  readonly stored: IngestResult;
  readonly problems: readonly MappingProblem[];
  /** All of them, also those beyond the listed ones. */
  readonly problemCount: number;
  /** False where the file broke off: what came before is stored. */
  readonly isSound: boolean;
}

export interface ExportImport {
  readonly organizationId: string;
  readonly patientId: string;
  readonly zone: string;
  readonly source: AsyncIterable<Uint8Array>;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  onProgress?(progress: ExportProgress): void;
}

/** Throws InvalidInput for what is no export, or made to harm; records of batches before stay. */
export async function importExport(context: SyncContext, request: ExportImport): Promise<ExportOutcome> {
  const driver = context.providers.drivers.find((candidate) => candidate.fileMapper !== undefined);
  if (!driver?.fileMapper) throw new InternalError("No driver reads export files.");
  await refuseUnwanted(context, request);
  const { claimed } = await context.inbox.acceptAndClaim({
    provider: driver.id, via: "import", resource: EXPORT, body: Buffer.from("{}"), headers: {}, owner: { organizationId: request.organizationId, patientId: request.patientId, connectionId: null },
    causedBy: null, dedupeKey: null,
  });
  if (!claimed) throw new InternalError("An import could not be begun.");
  const alive = keepAlive(context.log, () => context.database.asSystem((tx) => renewClaims(tx, [claimed])));
  try {
    const outcome = await readAll(context, request, { driver, mapper: driver.fileMapper({ receivedMs: context.clock.now(), zone: request.zone }), delivery: claimed });
    await context.database.withOrganization(request.organizationId, (tx) => endDelivery(tx, claimed, { state: "done", problems: [...outcome.problems] }));
    return outcome;
  } catch (error) {
    await context.database.asSystem((tx) => failDelivery(tx, claimed, errorCode(error), null));
    throw error;
  } finally {
    alive.stop();
  }
}

interface Reading {
  readonly driver: Driver;
  readonly mapper: FileMapper;
  readonly delivery: ClaimedDelivery;
}

async function readAll(context: SyncContext, request: ExportImport, { driver, mapper, delivery }: Reading): Promise<ExportOutcome> {
  const { organizationId, patientId, signal } = request;
  const problems: MappingProblem[] = [];
  let [stored, bytesRead, elements, problemCount, isSound] = [NOTHING, 0, 0, 0, true];
  const note = (found: readonly MappingProblem[]): void => {
    problemCount += found.length;
    problems.push(...found.slice(0, Math.max(0, MOST_LISTED - problems.length)));
  };
  const store = async (mapped: ReturnType<FileMapper["take"]>): Promise<void> => {
    note(mapped.problems);
    for (let from = 0; from < mapped.records.length; from += BATCH) {
      const part = mapped.records.slice(from, from + BATCH);
      const storePart = async (): Promise<IngestResult> => {
        const result = await context.database.withOrganization(organizationId, (tx) => ingest(tx, { organizationId, patientId, connectionId: null, provider: driver.id, deliveryId: delivery.id }, part));
        note(result.problems);
        return result.stored;
      };
      stored = addResults(stored, await context.telemetry.storing(driver.id, storePart));
    }
  };
  for await (const batch of readAppleExport(withLimit(request.source, request.maxBytes))) {
    signal.throwIfAborted();
    for (const element of batch.elements) mapper.element(element);
    elements += batch.elements.length;
    ({ bytesRead, isSound } = batch);
    note(batch.problems.map(({ line, reason }) => ({ path: `line ${line}`, reason })));
    await store(mapper.take());
    request.onProgress?.({ bytesRead, stored: stored.samples });
  }
  await store(mapper.flush());
  return { deliveryId: delivery.id, provider: driver.id, elements, bytesRead, stored, problems, problemCount, isSound };
}

/** Throws InvalidInput (413) where a stream goes on beyond what is allowed. */
async function* withLimit(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new InvalidInput("The file is larger than this Islet takes (ISLET_MAX_EXPORT_BYTES).", { code: "too_large", httpStatus: 413 });
    yield chunk;
  }
}

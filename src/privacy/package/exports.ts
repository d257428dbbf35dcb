/** Packages as they are asked for, followed, fetched and given up; the rows of `data_exports`. Requests of the person or of who manages their data. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isId } from "#people/access/access.ts";
import type { Tx } from "#db/database.ts";
import { isUniqueViolation } from "#db/database.ts";
import { audit } from "#people/audit/audit.ts";
import { DAY_MS } from "#units/time.ts";
import { Conflict, NotFound, TooManyRequests } from "../../errors.ts";
import type { PrivacyContext } from "../context.ts";

export type ExportState = "waiting" | "running" | "ready" | "failed" | "gone";

/** How long a package can be fetched. */
export const KEPT_MS = DAY_MS;

export interface DataExport {
  readonly id: string;
  readonly patientId: string;
  readonly askedBy: string;
  readonly state: ExportState;
  /** 0 to 1. */
  readonly progress: number;
  readonly error: string | null;
  readonly askedMs: number;
  readonly readyMs: number | null;
  readonly expiresMs: number | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly files: number | null;
  readonly rows: number | null;
}

interface Row {
  id: string; patient_id: string; asked_by: string; state: ExportState; progress: number; error: string | null; asked_at: number; ready_at: number | null; expires_at: number | null;
  bytes: number | null; sha256: string | null; files: number | null; row_count: number | null;
}

const COLUMNS = "id, patient_id, asked_by, state, progress, error, asked_at, ready_at, expires_at, bytes::float8 as bytes, sha256, files, row_count::float8 as row_count";

function fromRow(row: Row): DataExport {
  return {
    id: row.id, patientId: row.patient_id, askedBy: row.asked_by, state: row.state, progress: row.progress, error: row.error, askedMs: row.asked_at, readyMs: row.ready_at,
    expiresMs: row.expires_at, bytes: row.bytes, sha256: row.sha256, files: row.files, rows: row.row_count,
  };
}

export interface ExportWish {
  readonly organizationId: string;
  readonly patientId: string;
  readonly askedBy: string;
  /** Asked for by the person in person. */
  readonly isOwn: boolean;
  readonly locale: "en" | "es";
  readonly requestId?: string;
}

/** Notes the wish; a worker makes the package. Throws Conflict (`export_running`) while one is made, TooManyRequests after as many as a day allows. */
export async function askForExport(tx: Tx, { sync, settings }: PrivacyContext, wish: ExportWish): Promise<DataExport> {
  const nowMs = sync.clock.now();
  // Two at once would each count the same.
  await tx.query("select 1 from patients where id = $1 for no key update", [wish.patientId]);
  const [recent] = await tx.query<{ n: number; oldest: number | null }>(
    "select count(*)::int as n, min(asked_at) as oldest from data_exports where patient_id = $1 and state <> 'failed' and asked_at > to_timestamp($2::float8 / 1000)", [wish.patientId, nowMs - DAY_MS],
  );
  const [running] = await tx.query("select 1 from data_exports where patient_id = $1 and state in ('waiting', 'running')", [wish.patientId]);
  if (running) throw alreadyRunning();
  if (recent!.n >= settings.exportsADay) {
    throw new TooManyRequests(`A package can be asked for ${settings.exportsADay} times in 24 hours.`, Math.ceil((recent!.oldest! + DAY_MS - nowMs) / 1_000));
  }
  const [row] = await tx.query<Row>(
    `insert into data_exports (organization_id, patient_id, asked_by, is_own, locale, asked_at) values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000)) returning ${COLUMNS}`,
    [wish.organizationId, wish.patientId, wish.askedBy, wish.isOwn, wish.locale, nowMs],
  ).catch((error: unknown) => {
    throw isUniqueViolation(error, "data_exports_one_at_a_time") ? alreadyRunning() : error;
  });
  await audit(tx, wish.organizationId, {
    action: "data_export.asked", actorUserId: wish.askedBy, patientId: wish.patientId, objectType: "data_export", objectId: row!.id, ...(wish.requestId ? { requestId: wish.requestId } : {}),
  });
  return fromRow(row!);
}

function alreadyRunning(): Conflict {
  return new Conflict("A package is being made already: wait for it, or give it up.", { code: "export_running" });
}

/** Packages that this user asked for, the newest first. */
export async function listExports(tx: Tx, patientId: string, askedBy: string): Promise<DataExport[]> {
  const rows = await tx.query<Row>(`select ${COLUMNS} from data_exports where patient_id = $1 and asked_by = $2 order by data_exports.asked_at desc, id limit 100`, [patientId, askedBy]);
  return rows.map(fromRow);
}

/** Throws NotFound for one that is not there, or that somebody else asked for. */
export async function readExport(tx: Tx, patientId: string, askedBy: string, id: string): Promise<DataExport> {
  const rows = isId(id) ? await tx.query<Row>(`select ${COLUMNS} from data_exports where patient_id = $1 and asked_by = $2 and id = $3`, [patientId, askedBy, id]) : [];
  if (!rows[0]) throw new NotFound("There is no such package.");
  return fromRow(rows[0]);
}

/** The sealed file of a package, by random ids alone: one for each worker that began it, so that one that was lost and comes to touches no other's. */
export function fileOf({ settings }: Pick<PrivacyContext, "settings">, id: string, fileId: string): string {
  return join(settings.exportsDir, `${id}.${fileId}.sealed`);
}

/** Deletes what there is of the package's files; gives how many there were. */
export async function deleteFiles({ settings }: Pick<PrivacyContext, "settings">, id: string): Promise<number> {
  const names = await readdir(settings.exportsDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const own = names.filter((name) => name.startsWith(`${id}.`));
  for (const name of own) await rm(join(settings.exportsDir, name), { force: true });
  return own.length;
}

/** Ends packages, whatever has become of them: their keys are destroyed with the transaction; the caller deletes the files after it. */
export async function endExport(tx: Tx, patientId: string, id: string): Promise<void> {
  await tx.query(
    "update data_exports set state = 'gone', key_sealed = null, lease_id = null, lease_until = null, sha256 = null where patient_id = $1 and id = $2 and state <> 'gone'", [patientId, id],
  );
}

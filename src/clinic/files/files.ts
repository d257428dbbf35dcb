/**
 * Files that people give to their clinic: what is known of them in one table, their bytes sealed in another. Checked before by `uploads`; served as an attachment
 * only. With the patient's data key gone, every copy of them is noise (faults PR-01). Requirement D4; docs/appointments.md.
 */
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import type { SyncContext } from "#sync/context.ts";
import { readDataKeys, sealingKey } from "#sync/patient-keys.ts";
import type { CheckedUpload } from "#uploads/check-upload.ts";
import { CONTENT_KEY_BYTES, CONTENT_NONCE_BYTES, openContent, sealContent } from "#vault/content.ts";
import type { Place } from "#vault/seal.ts";
import type { Clock } from "../../clock.ts";
import type { Config } from "../../config.ts";
import { Conflict, NotFound } from "../../errors.ts";
import { Secret } from "../../secret.ts";

/** What keeping a file needs. */
export interface FilesContext {
  readonly clock: Pick<Clock, "now">;
  readonly sync: Pick<SyncContext, "vault" | "randomBytes">;
  readonly config: Pick<Config, "maxClinicalFileBytes">;
}

/** What opening one needs. */
export interface OpenFilesContext {
  readonly sync: Pick<SyncContext, "vault">;
}

export const FILE_PURPOSES = ["control_data", "clinical_document"] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

export interface ClinicalFile {
  readonly id: string;
  readonly purpose: FilePurpose;
  readonly safeName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly createdMs: number;
  readonly createdBy: string | null;
}

export interface OpenedFile extends ClinicalFile {
  readonly bytes: Buffer;
}

export interface FileToKeep {
  readonly organizationId: string;
  readonly patientId: string;
  readonly checked: Pick<CheckedUpload, "bytes" | "safeName" | "mediaType" | "sha256">;
  readonly purpose: FilePurpose;
  /** Who gave it; null: the machine. */
  readonly createdBy?: string | null;
}

export interface FileRef {
  readonly patientId: string;
  readonly fileId: string;
}

const COLUMNS = `f.id, f.purpose, f.safe_name as "safeName", f.media_type as "mediaType", f.size_bytes as "sizeBytes", f.sha256, f.created_at as "createdMs", f.created_by as "createdBy"`;

/**
 * Keeps a file that was checked; gives its id. In a transaction of the organization (islet_worker). Throws Conflict (`files_full`) where the patient's files would
 * be more than the operator lets one patient have.
 */
export async function keepFile(context: FilesContext, tx: Tx, file: FileToKeep): Promise<string> {
  const { organizationId, patientId, checked, purpose } = file;
  const { vault, randomBytes } = context.sync;
  // Two at once would each see the other's room.
  await tx.query("select 1 from patients where id = $1 for no key update", [patientId]);
  const [held] = await tx.query<{ bytes: number }>("select coalesce(sum(size_bytes), 0)::float8 as bytes from clinical_files where patient_id = $1", [patientId]);
  if (held!.bytes + checked.bytes.byteLength > context.config.maxClinicalFileBytes) {
    throw new Conflict(`All files of a patient together may have ${Math.floor(context.config.maxClinicalFileBytes / 1024 / 1024)} MB: remove one that is not needed, or send a smaller one.`, { code: "files_full" });
  }
  const [made] = await tx.query<{ id: string }>(
    `insert into clinical_files (organization_id, patient_id, purpose, safe_name, media_type, size_bytes, sha256, created_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000), $9) returning id`,
    [organizationId, patientId, purpose, checked.safeName, checked.mediaType, checked.bytes.byteLength, checked.sha256, context.clock.now(), file.createdBy ?? null],
  );
  const fileId = made!.id;
  const key = randomBytes(CONTENT_KEY_BYTES);
  const sealed = vault.seal(new Secret(Buffer.from(key).toString("base64url")), placeOf({ patientId, fileId }), await sealingKey(tx, vault, { organizationId, patientId }));
  await tx.query("insert into clinical_file_contents (organization_id, patient_id, file_id, key_sealed, content_sealed) values ($1, $2, $3, $4, $5)", [
    organizationId, patientId, fileId, sealed, sealContent(checked.bytes, { key, fileId }, randomBytes(CONTENT_NONCE_BYTES)),
  ]);
  return fileId;
}

/**
 * A file with its bytes, in a transaction of the organization (islet_worker): whether the caller may, and the audit entry, are the route's. Throws NotFound alike for
 * a missing file and another patient's, VaultRefused where it was changed or the patient's key is gone.
 */
export async function openFile({ sync }: OpenFilesContext, tx: Tx, { patientId, fileId }: FileRef): Promise<OpenedFile> {
  const rows = isId(fileId)
    ? await tx.query<ClinicalFile & { key_sealed: string; content_sealed: Buffer } & Record<string, unknown>>(
      `select ${COLUMNS}, c.key_sealed, c.content_sealed from clinical_files f join clinical_file_contents c on c.patient_id = f.patient_id and c.file_id = f.id
       where f.patient_id = $1 and f.id = $2`, [patientId, fileId])
    : [];
  if (!rows[0]) throw new NotFound("There is no such file.");
  const { key_sealed: keySealed, content_sealed: content, ...file } = rows[0];
  const key = Buffer.from(sync.vault.open(keySealed, placeOf({ patientId, fileId }), await readDataKeys(tx, patientId)).open(), "base64url");
  return { ...file, bytes: openContent(content, { key, fileId }) };
}

/** What is known of a patient's files, the newest first. Also as a person (islet_app). */
export async function listFiles(tx: Tx, patientId: string, fileIds?: readonly string[]): Promise<ClinicalFile[]> {
  return tx.query<ClinicalFile & Record<string, unknown>>(
    `select ${COLUMNS} from clinical_files f where f.patient_id = $1 and ($2::uuid[] is null or f.id = any($2)) order by f.created_at desc, f.id`, [patientId, fileIds ?? null],
  );
}

/** Removes a file and its key for good. Throws NotFound where there is none. */
export async function dropFile(tx: Tx, { patientId, fileId }: FileRef): Promise<void> {
  if (!isId(fileId)) throw new NotFound("There is no such file.");
  await tx.query("delete from clinical_file_contents where patient_id = $1 and file_id = $2", [patientId, fileId]);
  const gone = await tx.query("delete from clinical_files where patient_id = $1 and id = $2 returning 1 as gone", [patientId, fileId]);
  if (gone.length === 0) throw new NotFound("There is no such file.");
}

/** Headers of a reply that is a file: to be saved, never to be shown by the browser in our name. ASVS 5.4.2, 3.2.1. */
export function attachmentHeaders({ safeName, mediaType, sizeBytes }: Pick<ClinicalFile, "safeName" | "mediaType" | "sizeBytes">): Record<string, string | number> {
  const ascii = safeName.replaceAll(/[^A-Za-z0-9._-]/g, "_");
  return {
    "content-type": mediaType, "content-length": sizeBytes, "x-content-type-options": "nosniff", "cache-control": "no-store",
    "content-disposition": `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(safeName).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`,
  };
}

function placeOf({ patientId, fileId }: FileRef): Place {
  return { table: "clinical_file_contents", rowId: `${patientId}/${fileId}`, field: "key", version: 1 };
}

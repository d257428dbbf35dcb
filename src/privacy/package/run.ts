/**
 * Making a package in the background. Under a lease that is renewed with every portion: a worker that was killed leaves it, another begins anew. The file
 * is whole when its row names it; its key rests under the patient's data key (faults PR-05, PR-06).
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Tx } from "#db/database.ts";
import { tellUser } from "#people/accounts/person.ts";
import { audit } from "#people/audit/audit.ts";
import { readZones } from "#people/zones.ts";
import { readDataKeys, sealingKey } from "#sync/patient-keys.ts";
import { MINUTE_MS } from "#units/time.ts";
import type { Place } from "#vault/seal.ts";
import { Conflict, errorCode, NotFound } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import type { PrivacyContext } from "../context.ts";
import { buildPackage, countAll } from "./build.ts";
import { deleteFiles, endExport, fileOf, KEPT_MS, type DataExport } from "./exports.ts";
import type { PackagePart, PackageSource } from "./parts.ts";
import { FILE_KEY_BYTES, openStream, sealStream } from "./sealed-file.ts";

const LEASE_MS = 2 * MINUTE_MS;
const MOST_TRIES = 3;
/** Progress is written down no oftener than this share of the whole. */
const PROGRESS_STEP = 0.01;

export interface ExportRef {
  readonly organizationId: string;
  readonly patientId: string;
  readonly exportId: string;
}

const placeOf = (exportId: string): Place => ({ table: "data_exports", rowId: exportId, field: "key", version: 1 });

interface Claimed {
  readonly leaseId: string;
  readonly isOwn: boolean;
  readonly askedBy: string;
  readonly locale: "en" | "es";
  readonly userId: string | null;
  readonly displayName: string;
  readonly organization: string;
}

/** Makes the package, unless somebody else does, or it is not wanted any more. What fails is noted, and tried again at most so often. */
export async function makeExport(context: PrivacyContext, ref: ExportRef, options: { readonly signal: AbortSignal; readonly parts?: readonly PackagePart[] }): Promise<void> {
  const claimed = await claim(context, ref);
  if (!claimed) return;
  try {
    await make(context, ref, claimed, options);
  } catch (error) {
    await rm(fileOf(context, ref.exportId, claimed.leaseId), { force: true });
    await giveBack(context, ref, claimed, options.signal.aborted ? null : errorCode(error));
    context.sync.log.warn({ export: ref.exportId, error }, "a package could not be made");
    throw error;
  }
}

async function claim(context: PrivacyContext, ref: ExportRef): Promise<Claimed | null> {
  const { database, clock } = context.sync;
  return database.withOrganization(ref.organizationId, async (tx) => {
    const [row] = await tx.query<{ lease_id: string; is_own: boolean; asked_by: string; locale: "en" | "es"; user_id: string | null; display_name: string; organization: string }>(
      `update data_exports e set state = 'running', tries = e.tries + 1, progress = 0, lease_id = gen_random_uuid(), lease_until = to_timestamp(($3::float8 + ${LEASE_MS}) / 1000)
       from patients p, organizations o
       where e.patient_id = $1 and e.id = $2 and p.id = e.patient_id and o.id = e.organization_id and e.tries < ${MOST_TRIES}
         and (e.state = 'waiting' or (e.state = 'running' and e.lease_until <= to_timestamp($3::float8 / 1000)))
       returning e.lease_id, e.is_own, e.asked_by, e.locale, p.user_id, p.display_name, o.name as organization`,
      [ref.patientId, ref.exportId, clock.now()],
    );
    if (row) return { leaseId: row.lease_id, isOwn: row.is_own, askedBy: row.asked_by, locale: row.locale, userId: row.user_id, displayName: row.display_name, organization: row.organization };
    await tx.query(
      `update data_exports set state = 'failed', error = coalesce(error, 'worker_lost'), lease_id = null, lease_until = null
       where patient_id = $1 and id = $2 and tries >= ${MOST_TRIES} and (state = 'waiting' or (state = 'running' and lease_until <= to_timestamp($3::float8 / 1000)))`,
      [ref.patientId, ref.exportId, clock.now()],
    );
    return null;
  });
}

async function make(context: PrivacyContext, ref: ExportRef, claimed: Claimed, { signal, parts }: { readonly signal: AbortSignal; readonly parts?: readonly PackagePart[] }): Promise<void> {
  const source = await openSource(context, ref, claimed, signal);
  const { randomBytes } = context.sync;
  const key = randomBytes(FILE_KEY_BYTES);
  await mkdir(context.settings.exportsDir, { recursive: true, mode: 0o700 });
  const total = await countAll(source, parts);
  const hold = holder(context, ref, claimed, total);
  const { bytes, built } = buildPackage(source, { organization: claimed.organization, onRows: hold, ...(parts ? { parts } : {}) });
  const plain = createHash("sha256");
  let size = 0;
  async function* seen(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      plain.update(chunk);
      size += chunk.byteLength;
      yield chunk;
    }
  }
  // A name that nobody can guess, in a folder that nobody else may read; and what lies there opens with this row only.
  await pipeline(Readable.from(sealStream(seen(), { key, id: ref.exportId }, randomBytes(7))), createWriteStream(fileOf(context, ref.exportId, claimed.leaseId), { mode: 0o600, flush: true }), { signal });
  const { files, rows } = await built;
  await context.sync.database.withOrganization(ref.organizationId, async (tx) => {
    const sealed = context.sync.vault.seal(new Secret(key.toString("base64url")), placeOf(ref.exportId), await sealingKey(tx, context.sync.vault, ref));
    const nowMs = context.sync.clock.now();
    const done = await tx.query(
      `update data_exports set state = 'ready', progress = 1, key_sealed = $4, file_id = $3, bytes = $5, sha256 = $6, files = $7, row_count = $8, error = null, lease_id = null, lease_until = null,
              ready_at = to_timestamp($9::float8 / 1000), expires_at = to_timestamp(($9::float8 + ${KEPT_MS}) / 1000)
       where patient_id = $1 and id = $2 and lease_id = $3 and state = 'running' returning 1`,
      [ref.patientId, ref.exportId, claimed.leaseId, sealed, size, plain.digest("hex"), files, rows, nowMs],
    );
    if (done.length === 0) throw new Conflict("The package is not wanted any more, or another worker makes it.");
    await audit(tx, ref.organizationId, { action: "data_export.made", patientId: ref.patientId, objectType: "data_export", objectId: ref.exportId });
    await tellUser(tx, claimed.askedBy, { template: "export_ready" });
  });
}

async function openSource(context: PrivacyContext, ref: ExportRef, claimed: Claimed, signal: AbortSignal): Promise<PackageSource> {
  const { database, providers } = context.sync;
  const hidden = claimed.isOwn ? "" : providers.drivers.filter((driver) => driver.brand.isForOwnerOnly).map((driver) => driver.id).join(",");
  const read = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.withOrganization(ref.organizationId, async (tx) => {
    // Some vendors let their data be shown to the person alone.
    if (hidden !== "") await tx.query("select set_config('app.hidden_providers', $1, true)", [hidden]);
    return work(tx);
  });
  const zones = await read((tx) => readZones(tx, ref.patientId));
  return {
    context, read, readAudit: (work) => database.asAuditor(ref.organizationId, work), subject: { patientId: ref.patientId, userId: claimed.userId }, organizationId: ref.organizationId, displayName: claimed.displayName, zones, locale: claimed.locale,
    isOwn: claimed.isOwn, signal,
  };
}

/** Writes the progress down and renews the lease. Throws Conflict when the lease is somebody else's by now. */
function holder(context: PrivacyContext, ref: ExportRef, claimed: Claimed, total: number): (rows: number) => Promise<void> {
  const { database, clock } = context.sync;
  let told = { progress: 0, atMs: clock.now() };
  return async (rows) => {
    // All but the end of it: the package is ready when its row says so.
    const progress = Math.min(0.99, total === 0 ? 0 : rows / total);
    const nowMs = clock.now();
    if (progress - told.progress < PROGRESS_STEP && nowMs - told.atMs < LEASE_MS / 4) return;
    told = { progress, atMs: nowMs };
    const held = await database.withOrganization(ref.organizationId, (tx) => tx.query(
      `update data_exports set progress = $4, lease_until = to_timestamp(($5::float8 + ${LEASE_MS}) / 1000) where patient_id = $1 and id = $2 and lease_id = $3 returning 1`,
      [ref.patientId, ref.exportId, claimed.leaseId, progress, nowMs],
    ));
    if (held.length === 0) throw new Conflict("The package is not wanted any more, or another worker makes it.");
  };
}

/** After a failure: tried again, or given up. Told to stop counts as no try. */
async function giveBack({ sync }: PrivacyContext, ref: ExportRef, claimed: Claimed, failure: string | null): Promise<void> {
  await sync.database.withOrganization(ref.organizationId, (tx) => tx.query(
    `update data_exports set state = case when $4::text is not null and tries >= ${MOST_TRIES} then 'failed' else 'waiting' end, error = $4, progress = 0,
            tries = case when $4::text is null then tries - 1 else tries end, lease_id = null, lease_until = null
     where patient_id = $1 and id = $2 and lease_id = $3`,
    [ref.patientId, ref.exportId, claimed.leaseId, failure],
  ));
}

/** Packages that wait, or whose worker was lost. */
export async function exportsDue({ sync }: PrivacyContext): Promise<ExportRef[]> {
  const rows = await sync.database.asSystem((tx) => tx.query<{ organization_id: string; patient_id: string; id: string }>(
    `select organization_id, patient_id, id from data_exports where state = 'waiting' or (state = 'running' and lease_until <= to_timestamp($1::float8 / 1000)) limit 500`, [sync.clock.now()],
  ));
  return rows.map((row) => ({ organizationId: row.organization_id, patientId: row.patient_id, exportId: row.id }));
}

/** Ends packages whose time is over, file and key. Gives how many. */
export async function endExpired(context: PrivacyContext): Promise<number> {
  const { database, clock } = context.sync;
  const rows = await database.asSystem((tx) => tx.query<{ organization_id: string; patient_id: string; id: string }>(
    "select organization_id, patient_id, id from data_exports where state = 'ready' and expires_at <= to_timestamp($1::float8 / 1000) limit 500", [clock.now()],
  ));
  for (const { organization_id: organizationId, patient_id: patientId, id } of rows) {
    await database.withOrganization(organizationId, (tx) => endExport(tx, patientId, id));
    await deleteFiles(context, id);
  }
  return rows.length;
}

/**
 * The plain bytes of a package, for the user who asked for it; noted in the audit log. Throws NotFound where it is not ready, not there any more, somebody
 * else's, or on another machine; the stream throws VaultRefused where the file was changed.
 */
export async function openExport(
  tx: Tx, context: PrivacyContext, wanted: DataExport & { readonly organizationId: string }, requestId: string,
): Promise<AsyncIterable<Uint8Array>> {
  const nowMs = context.sync.clock.now();
  const [row] = await tx.query<{ key_sealed: string | null; file_id: string | null }>(
    "update data_exports set fetched = fetched + 1 where patient_id = $1 and id = $2 and state = 'ready' and expires_at > to_timestamp($3::float8 / 1000) returning key_sealed, file_id",
    [wanted.patientId, wanted.id, nowMs],
  );
  const path = row?.file_id ? fileOf(context, wanted.id, row.file_id) : null;
  const isThere = path !== null && (await stat(path).then((found) => found.isFile(), () => false));
  if (!row?.key_sealed || !isThere) throw new NotFound("The package is not ready, or not there any more.");
  const key = Buffer.from(context.sync.vault.open(row.key_sealed, placeOf(wanted.id), await readDataKeys(tx, wanted.patientId)).open(), "base64url");
  await audit(tx, wanted.organizationId, { action: "data_export.fetched", actorUserId: wanted.askedBy, patientId: wanted.patientId, objectType: "data_export", objectId: wanted.id, requestId });
  return openStream(createReadStream(path), { key, id: wanted.id });
}

/** `islet import`: a file for one patient, by the same path as everything else. */
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { systemClock } from "../clock.ts";
import { buildApp } from "../app.ts";
import { loadConfig } from "../config.ts";
import { createLog } from "../log.ts";
import { DRIVERS } from "#drivers/index.ts";
import { importExport } from "#sync/import-export.ts";
import { importFile } from "#sync/import-file.ts";
import type { CommandIo } from "./io.ts";
import { findPatient, openPlace } from "./place.ts";

export interface ImportOptions {
  readonly patient: string;
  readonly tz?: string;
  readonly unit?: "mgdl" | "mmol";
  readonly json?: boolean;
}

/** Bad rows listed one by one on the screen; the rest is counted. */
const SHOWN_PROBLEMS = 20;

/** 0 when the file was stored. Throws InvalidInput for an unusable file, NotFound for an unknown patient. */
export async function runImport(file: string, options: ImportOptions, io: CommandIo): Promise<number> {
  if (await isExport(file)) return runExportImport(file, options, io);
  const bytes = io.readFile(file);
  const config = loadConfig(DRIVERS);
  const log = createLog("error");
  const place = await openPlace(config, log);
  try {
    const app = await buildApp({
      config, clock: systemClock, log, database: place.database, drivers: DRIVERS, providers: config.providers,
      vaultKeys: place.vaultKeys, sessionSecret: place.sessionSecret, queue: { send: () => Promise.resolve() },
    });
    const patient = await findPatient(place.database, options.patient);
    const unit = options.unit === undefined ? null : options.unit === "mmol" ? ("mmol/L" as const) : ("mg/dL" as const);
    const outcome = await importFile(app.sync, patient, bytes, { zone: options.tz ?? patient.zone, unit });
    const { file: read } = outcome;
    if (options.json) {
      io.stdout(`${JSON.stringify({
        deliveryId: outcome.deliveryId, format: read.format, unit: read.unit, rows: read.rows, records: outcome.records, stored: outcome.stored,
        duplicates: read.duplicates, problems: read.problems,
      })}\n`);
      return 0;
    }
    io.stdout(`${outcome.stored} new or changed records stored, of ${outcome.records} in ${read.rows} rows (${read.format}, ${read.unit}); delivery ${outcome.deliveryId}.\n`);
    if (read.duplicates > 0) io.stdout(`${read.duplicates} repeated rows were counted once.\n`);
    for (const { line, reason } of read.problems.slice(0, SHOWN_PROBLEMS)) io.stderr(`line ${line}: ${reason}\n`);
    if (read.problemCount > SHOWN_PROBLEMS) io.stderr(`and ${read.problemCount - SHOWN_PROBLEMS} more rows with problems\n`);
    return 0;
  } finally {
    await place.close();
  }
}

/** Whether a file is an archive or XML: an export that is read as a stream. */
async function isExport(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => null);
  if (!handle) return false;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(200), 0, 200, 0);
  await handle.close();
  const head = buffer.subarray(0, bytesRead);
  return (head.length >= 4 && head.readUInt32LE(0) === 0x04034b50) || /^\uFEFF?\s*<(\?xml|!DOCTYPE HealthData|HealthData)/.test(head.toString("utf8"));
}

/** An export of Apple Health; progress goes to standard error. */
async function runExportImport(file: string, options: ImportOptions, io: CommandIo): Promise<number> {
  const config = loadConfig(DRIVERS);
  const log = createLog("error");
  const place = await openPlace(config, log);
  try {
    const app = await buildApp({
      config, clock: systemClock, log, database: place.database, drivers: DRIVERS, providers: config.providers,
      vaultKeys: place.vaultKeys, sessionSecret: place.sessionSecret, queue: { send: () => Promise.resolve() },
    });
    const patient = await findPatient(place.database, options.patient);
    const { size } = await stat(file);
    let shown = 0;
    const outcome = await importExport(app.sync, {
      ...patient, zone: options.tz ?? patient.zone, source: createReadStream(file, { highWaterMark: 1024 * 1024 }), maxBytes: Math.max(size, config.maxExportBytes), signal: new AbortController().signal,
      onProgress: ({ bytesRead, stored }) => {
        const percent = Math.floor((bytesRead / size) * 100);
        if (percent < shown + 5) return;
        shown = percent;
        io.stderr(`${percent} %, ${stored} samples new or changed\n`);
      },
    });
    const { samples, sleeps, workouts, treatments } = outcome.stored;
    if (options.json) io.stdout(`${JSON.stringify(outcome)}\n`);
    else io.stdout(`${samples} samples, ${sleeps} sleeps, ${workouts} workouts and ${treatments} entries new or changed, of ${outcome.elements} elements; delivery ${outcome.deliveryId}.\n`);
    for (const { path, reason } of outcome.problems.slice(0, SHOWN_PROBLEMS)) io.stderr(`${path}: ${reason}\n`);
    if (outcome.problemCount > SHOWN_PROBLEMS) io.stderr(`and ${outcome.problemCount - SHOWN_PROBLEMS} more problems\n`);
    return 0;
  } finally {
    await place.close();
  }
}

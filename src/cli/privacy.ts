/** `islet privacy`: packages, erasures, legal holds, keeping and research at the console, by the same functions as the API. Every act is audited. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { buildApp } from "../app.ts";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config.ts";
import { InvalidInput, NotFound } from "../errors.ts";
import { createLog } from "../log.ts";
import { DRIVERS } from "#drivers/index.ts";
import { startQueue } from "#jobs/queue.ts";
import { audit } from "#people/audit/audit.ts";
import type { PrivacyContext } from "#privacy/context.ts";
import { certificateText } from "#privacy/erasure/certificate.ts";
import { runErasure } from "#privacy/erasure/run.ts";
import { askForErasure, ERASURE_REASONS, findErasure, listErasures, undoErasure, type Erasure } from "#privacy/erasure/wishes.ts";
import { HOLD_REASONS, liftHold, listHolds, placeHold } from "#privacy/holds.ts";
import { PRIVACY_JOBS } from "#privacy/jobs.ts";
import { askForExport, deleteFiles, endExport, readExport } from "#privacy/package/exports.ts";
import { makeExport, openExport } from "#privacy/package/run.ts";
import { exportForResearch, type ResearchConsent } from "#privacy/research/export.ts";
import { setKeeping } from "#privacy/retention.ts";
import { queueDefinitions } from "#sync/schedule.ts";
import { formatInstant } from "#units/time.ts";
import type { CommandIo } from "./io.ts";
import { findPatient, openPlace, type Place } from "./place.ts";

/** What a command works with, and the end of it. */
async function atPrivacy(work: (context: PrivacyContext, place: Place) => Promise<number>): Promise<number> {
  const config = loadConfig(DRIVERS);
  const log = createLog("error");
  const place = await openPlace(config, log);
  try {
    const app = await buildApp({
      config, clock: systemClock, log, database: place.database, drivers: DRIVERS, providers: config.providers, vaultKeys: place.vaultKeys, sessionSecret: place.sessionSecret,
      queue: { send: () => Promise.resolve() },
    });
    return await work(app.privacy, place);
  } finally {
    await place.close();
  }
}

/** Makes a package and writes it, plain, to a file; nothing of it stays with Islet. */
export async function runPrivacyExport(options: { readonly patient: string; readonly out: string; readonly lang?: "en" | "es" }, io: CommandIo): Promise<number> {
  return atPrivacy(async (context, { database }) => {
    const { organizationId, patientId } = await findPatient(database, options.patient);
    const wish = await database.withOrganization(organizationId, async (tx) => {
      const [own] = await tx.query<{ user_id: string | null }>("select user_id from patients where id = $1", [patientId]);
      return askForExport(tx, context, { organizationId, patientId, askedBy: own?.user_id ?? patientId, isOwn: true, locale: options.lang ?? "en" });
    });
    try {
      await makeExport(context, { organizationId, patientId, exportId: wish.id }, { signal: new AbortController().signal });
      const { made, bytes } = await database.withOrganization(organizationId, async (tx) => {
        const found = await readExport(tx, patientId, wish.askedBy, wish.id);
        return { made: found, bytes: await openExport(tx, context, { ...found, organizationId }, "console") };
      });
      await pipeline(bytes, createWriteStream(options.out, { mode: 0o600, flags: "wx" }));
      io.stdout(`${options.out}: ${made.files} files, ${made.rows} rows, SHA-256 ${made.sha256}\n`);
      return 0;
    } finally {
      await database.withOrganization(organizationId, (tx) => endExport(tx, patientId, wish.id));
      await deleteFiles(context, wish.id);
    }
  });
}

export interface EraseOptions {
  readonly patient: string;
  readonly reason: string;
  readonly yes?: boolean;
  readonly now?: boolean;
}

/** Asks for an erasure; with `now` carries it out. Throws InvalidInput without a reason that there is, or without `yes`. */
export async function runPrivacyErase(options: EraseOptions, io: CommandIo): Promise<number> {
  const reason = ERASURE_REASONS.find((each) => each === options.reason);
  if (!reason) throw new InvalidInput(`--reason must be one of ${ERASURE_REASONS.join(", ")}.`);
  if (!options.yes) throw new InvalidInput("Everything about this patient will be deleted and does not come back: add --yes.");
  return atPrivacy(async (context, { database }) => {
    const { organizationId, patientId } = await findPatient(database, options.patient);
    const asked = await database.withOrganization(organizationId, (tx) =>
      askForErasure(tx, context, { organizationId, patientId, askedBy: null, reason, ...(options.now ? { graceHours: 0 } : {}) }));
    io.stdout(`Erasure ${asked.id} begins ${formatInstant(asked.beginsMs)}.\n`);
    if (!options.now) return 0;
    const outcome = await withQueue((queue) => runErasure({ ...context, queue }, asked.id, { signal: new AbortController().signal }));
    const after = await database.asSystem((tx) => findErasure(tx, asked.id));
    show(after, io);
    return outcome === "done" ? 0 : 1;
  });
}

/** The queue of the running Islet, to take what waits of somebody out of it. */
async function withQueue<T>(work: (queue: PrivacyContext["queue"]) => Promise<T>): Promise<T> {
  const config = loadConfig(DRIVERS);
  if (config.redis === null) return work({ send: () => Promise.resolve() });
  const queue = await startQueue({ url: config.databaseUrl ?? "", log: createLog("error"), definitions: [...queueDefinitions(config.jobs), ...PRIVACY_JOBS], redis: config.redis });
  try {
    return await work(queue);
  } finally {
    await queue.stop();
  }
}

/** Takes an erasure back that has not begun. */
export async function runPrivacyUndo(options: { readonly patient: string }, io: CommandIo): Promise<number> {
  return atPrivacy(async (context, { database }) => {
    const { organizationId, patientId } = await findPatient(database, options.patient);
    return database.withOrganization(organizationId, async (tx) => {
      const waiting = (await listErasures(tx, patientId)).find(({ state }) => state === "waiting");
      if (!waiting) throw new NotFound("No erasure of this patient waits.");
      await undoErasure(tx, context, { patientId, id: waiting.id, byUserId: null });
      io.stdout(`Erasure ${waiting.id} is undone.\n`);
      return 0;
    });
  });
}

export async function runPrivacyHold(options: { readonly patient: string; readonly reason: string }, io: CommandIo): Promise<number> {
  const reason = HOLD_REASONS.find((each) => each === options.reason);
  if (!reason) throw new InvalidInput(`--reason must be one of ${HOLD_REASONS.join(", ")}.`);
  return atPrivacy(async (_context, { database }) => {
    const { organizationId, patientId } = await findPatient(database, options.patient);
    const hold = await database.withOrganization(organizationId, (tx) => placeHold(tx, { organizationId, userId: null, nowMs: systemClock.now() }, patientId, reason));
    io.stdout(`Legal hold ${hold.id} stands: nothing of this patient is erased or cut.\n`);
    return 0;
  });
}

export async function runPrivacyUnhold(options: { readonly patient: string }, io: CommandIo): Promise<number> {
  return atPrivacy(async (_context, { database }) => {
    const { organizationId, patientId } = await findPatient(database, options.patient);
    return database.withOrganization(organizationId, async (tx) => {
      const standing = (await listHolds(tx)).find((hold) => hold.patientId === patientId && hold.liftedMs === null);
      if (!standing) throw new NotFound("No legal hold stands for this patient.");
      await liftHold(tx, { organizationId, userId: null, nowMs: systemClock.now() }, standing.id);
      io.stdout(`Legal hold ${standing.id} is lifted.\n`);
      return 0;
    });
  });
}

/** What stands for a patient, or what became of an erasure whose patient is gone. */
export async function runPrivacyStatus(options: { readonly patient?: string; readonly erasure?: string; readonly lang?: "en" | "es" }, io: CommandIo): Promise<number> {
  const { patient, erasure } = options;
  if ((patient === undefined) === (erasure === undefined)) throw new InvalidInput("Name either --patient or --erasure.");
  return atPrivacy(async (_context, { database }) => {
    if (erasure !== undefined) {
      show(await database.asSystem((tx) => findErasure(tx, erasure)), io, options.lang);
      return 0;
    }
    const { organizationId, patientId } = await findPatient(database, patient!);
    await database.withOrganization(organizationId, async (tx) => {
      const holds = (await listHolds(tx)).filter((hold) => hold.patientId === patientId);
      for (const { id, reason, placedMs, liftedMs } of holds) io.stdout(`hold ${id}: ${reason}, since ${formatInstant(placedMs)}${liftedMs === null ? ", stands" : `, lifted ${formatInstant(liftedMs)}`}\n`);
      const erasures = await listErasures(tx, patientId);
      for (const each of erasures) show(each, io, options.lang);
      if (holds.length + erasures.length === 0) io.stdout("No legal hold and no erasure.\n");
    });
    return 0;
  });
}

function show(erasure: Erasure, io: CommandIo, locale: "en" | "es" = "en"): void {
  const { id, state, step, error, begunMs, doneMs, askedMs, counts, isOnHold, beginsMs } = erasure;
  if (begunMs !== null && doneMs !== null) io.stdout(certificateText({ erasureId: id, askedMs, begunMs, doneMs, counts }, locale));
  else io.stdout(`erasure ${id}: ${state}${step === null ? `, begins ${formatInstant(beginsMs)}` : `, at ${step}`}${isOnHold ? ", on hold" : ""}${error === null ? "" : ` (${error})`}\n`);
}

/** After how many years an organization's measurements are deleted; `never` as it is by default. */
export async function runPrivacyKeep(options: { readonly organization: string; readonly years: string }, io: CommandIo): Promise<number> {
  const years = options.years === "never" ? null : Number(options.years);
  if (years !== null && !(Number.isInteger(years) && years >= 1 && years <= 150)) throw new InvalidInput("--years must be a whole number from 1 to 150, or never.");
  return atPrivacy(async (_context, { database }) => {
    await database.withOrganization(options.organization, async (tx) => {
      await setKeeping(tx, options.organization, years);
      await audit(tx, options.organization, { action: "retention.changed", objectType: "organization", objectId: options.organization });
    });
    io.stdout(years === null ? "Measurements are kept for ever.\n" : `Measurements older than ${years} years are deleted from the next night on.\n`);
    return 0;
  });
}

export interface ResearchOptions {
  readonly organization: string;
  readonly project: string;
  readonly purpose: string;
  readonly out: string;
}

/** Writes data of those who consent. Throws InvalidInput where too few do. */
export async function runPrivacyResearch(options: ResearchOptions, io: CommandIo, consents: ResearchConsent): Promise<number> {
  return atPrivacy(async (context) => {
    const { people, rows, files, leftOut } = await exportForResearch(context, {
      organizationId: options.organization, project: options.project, purpose: options.purpose, folder: options.out, consents, signal: new AbortController().signal,
    });
    io.stdout(`${people} people, ${rows} rows in ${files.length} files in ${options.out}.\n`);
    if (leftOut.length > 0) io.stdout(`Left out, because too few people have them: ${leftOut.join(", ")}.\n`);
    return 0;
  });
}


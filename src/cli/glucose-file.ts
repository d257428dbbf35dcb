/** Glucose readings out of any file that Islet knows, for commands that need no server. */
import { appleHealth } from "#drivers/apple-health/index.ts";
import type { VendorRecord } from "#driver/records.ts";
import type { DuplicatePolicy } from "#glucose/series.ts";
import { readAppleExport } from "#imports/apple-export.ts";
import { readGlucoseFile } from "#imports/read-file.ts";
import type { DateOrder } from "#imports/times.ts";
import type { ImportFormatId, ImportProblem, ImportResult, SubjectReadings } from "#imports/types.ts";
import { isZone } from "#units/time.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { IsletError } from "../errors.ts";

/** Options that say what the file leaves open, as a person types them. */
export interface GlucoseFileOptions {
  readonly file: string;
  /** IANA zone of the file's local times; UTC unless given. */
  readonly tz?: string;
  /** Unit of the file, mgdl or mmol, where neither its header nor its values tell. */
  readonly fileUnit?: string;
  /** dmy or mdy, for files whose dates can be read both ways. */
  readonly dateOrder?: string;
}

export interface GlucoseFileIo {
  readFile(path: string): Uint8Array;
  /** The file piece by piece, for exports of gigabytes. */
  readStream(path: string): AsyncIterable<Uint8Array>;
}

export interface GlucoseFile {
  readonly format: ImportFormatId | "apple-health-export";
  readonly rows: number;
  readonly unit: GlucoseUnit;
  readonly unitSource: ImportResult["unitSource"] | "records";
  /** One entry a person; in the file's unit and order, nothing merged. */
  readonly people: readonly SubjectReadings[];
  /** Rows that could not be used; `problemCount` counts those beyond the listed ones, too. */
  readonly problems: readonly ImportProblem[];
  readonly problemCount: number;
}

/** An option or file that cannot be used; the message is the sentence the person reads. */
export class Unusable extends Error {}

export const UNITS: Readonly<Record<string, GlucoseUnit>> = { mgdl: "mg/dL", mmol: "mmol/L" };
export const DUPLICATES: Readonly<Record<string, DuplicatePolicy>> = { mean: "mean", first: "first", last: "last" };

/** What `text` stands for; undefined when it was not given. Throws Unusable, naming the choices. */
export function chosen<T extends string>(name: string, text: string | undefined, choices: Readonly<Record<string, T>>): T | undefined {
  if (text === undefined) return undefined;
  const choice = Object.hasOwn(choices, text) ? choices[text] : undefined;
  if (choice === undefined) throw new Unusable(`${name} must be one of ${Object.keys(choices).join(", ")}.`);
  return choice;
}

/** The sentence for an error that the person can do something about; null for any other. */
export function sentenceOf(error: unknown): string | null {
  if (error instanceof Unusable) return error.message;
  return error instanceof IsletError ? `${error.message}${HINTS[error.code] ?? ""}` : null;
}

/** How to answer here what a file leaves open. */
const HINTS: Readonly<Record<string, string>> = {
  file_unit_unknown: " (--file-unit mgdl or mmol)",
  file_dates_unknown: " (--date-order dmy or mdy)",
};

/**
 * Reads a file of any known format: tables of readings, Clarity and LibreView exports, and Apple Health's export (archive or XML), of which the readings of
 * sensors are taken. Throws Unusable, or InvalidInput with a sentence for people.
 */
export async function readGlucose(options: GlucoseFileOptions, io: GlucoseFileIo): Promise<GlucoseFile> {
  const zone = options.tz ?? "UTC";
  const fileUnit = chosen("--file-unit", options.fileUnit, UNITS);
  const dateOrder = chosen<DateOrder>("--date-order", options.dateOrder, { dmy: "dmy", mdy: "mdy" });
  const file = (await isExport(options.file, io))
    ? await readExport(options.file, zone, io)
    : fromTable(readGlucoseFile(bytesOf(options.file, io), { zone, ...(fileUnit ? { unit: fileUnit } : {}), ...(dateOrder ? { dateOrder } : {}) }));
  if (file.people.length === 0) throw new Unusable("The file holds no sensor readings.");
  return file;
}

function fromTable(file: ImportResult): GlucoseFile {
  return {
    format: file.format, rows: file.rows, unit: file.unit, unitSource: file.unitSource, people: file.readings,
    // Rows that contradict one another are settled by the duplicates policy, so they are no problem of the file's.
    problems: file.problems.filter(({ kind }) => kind === "row"), problemCount: file.problemCount - file.conflicts,
  };
}

function bytesOf(path: string, io: GlucoseFileIo): Uint8Array {
  try {
    return io.readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT") return new Unusable(`There is no file ${path}.`);
  if (code === "EISDIR") return new Unusable(`${path} is a folder, not a file.`);
  return code === "EACCES" || code === "EPERM" ? new Unusable(`${path} may not be read.`) : error;
}

/** Whether the file is an archive, or XML of Apple Health. */
async function isExport(path: string, io: GlucoseFileIo): Promise<boolean> {
  try {
    for await (const chunk of io.readStream(path)) {
      const head = new TextDecoder().decode(chunk.subarray(0, 200));
      return head.startsWith("PK\u0003\u0004") || /^\uFEFF?\s*<(\?xml|!DOCTYPE HealthData|HealthData)/.test(head);
    }
    return false;
  } catch (error) {
    throw unreadable(path, error);
  }
}

const END_OF_TIME_MS = Date.UTC(2200, 0, 1);

async function readExport(path: string, zone: string, io: GlucoseFileIo): Promise<GlucoseFile> {
  if (!isZone(zone)) throw new Unusable(`"${zone.slice(0, 64)}" is no known time zone; use an IANA name such as Europe/Madrid.`);
  // A report of a file does not depend on when it is read: no reading is too new.
  const mapper = appleHealth.fileMapper!({ receivedMs: END_OF_TIME_MS, zone });
  const readings: Growing = { timesMs: [], values: [], outOfRange: [] };
  const problems: ImportProblem[] = [];
  let rows = 0;
  const take = (mapped: ReturnType<typeof mapper.take>): void => {
    addReadings(readings, mapped.records);
    problems.push(...mapped.problems.map(({ reason }) => ({ line: 0, reason, kind: "row" as const })));
  };
  for await (const batch of readAppleExport(io.readStream(path))) {
    for (const element of batch.elements) mapper.element(element);
    rows += batch.elements.length;
    problems.push(...batch.problems);
    take(mapper.take());
  }
  take(mapper.flush());
  const people = readings.values.length === 0 ? [] : [{
    subject: "", timesMs: Float64Array.from(readings.timesMs), values: Float64Array.from(readings.values), outOfRange: Int8Array.from(readings.outOfRange),
  }];
  return { format: "apple-health-export", rows, unit: "mg/dL", unitSource: "records", people, problems, problemCount: mapper.problemCount };
}

interface Growing {
  readonly timesMs: number[];
  readonly values: number[];
  readonly outOfRange: number[];
}

function addReadings(readings: Growing, records: readonly VendorRecord[]): void {
  for (const record of records) {
    if (record.record !== "sample" || record.metric !== "glucose") continue;
    readings.timesMs.push(record.startMs);
    readings.values.push(record.value);
    readings.outOfRange.push(record.flags?.includes("below_range") ? -1 : record.flags?.includes("above_range") ? 1 : 0);
  }
}

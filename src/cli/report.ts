/** `islet report FILE`: the report that people carry to their doctor, as PDF and as tables, without server or database. */
import { basename, join } from "node:path";
import { toCsv } from "#exports/csv.ts";
import { reportData } from "#exports/report-data.ts";
import type { ReportData } from "#exports/report-types.ts";
import { renderReport } from "#exports/report.ts";
import { reportTables, TABLES } from "#exports/tables.ts";
import { cleanSeries } from "#glucose/series.ts";
import type { SubjectReadings } from "#imports/types.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { type GlucoseFileIo, readGlucose, sentenceOf, Unusable } from "./glucose-file.ts";
import { VERSION } from "../version.ts";
import type { CommandIo } from "./io.ts";
import { type ReportCommandOptions, type Understood, understood } from "./report-options.ts";

export interface ReportIo extends CommandIo, GlucoseFileIo {
  /** Makes the folders it needs. */
  writeFile(path: string, content: Uint8Array | string): void;
  /** UTC epoch milliseconds; stands on the report as the time it was made. */
  nowMs(): number;
}

const OK = 0;
const UNUSABLE = 2;

/** Writes the report. Returns the exit code: 0, or 2 with one sentence on stderr when the options or the file cannot be used; nothing is written then. */
export async function runReport(options: ReportCommandOptions, io: ReportIo): Promise<number> {
  try {
    const asked = understood(options);
    const data = await dataOf(options, asked, io);
    if (options.out !== undefined) write(options.out, await renderReport(data, { ...asked, generatedMs: io.nowMs(), version: VERSION }), io);
    if (options.csv !== undefined) writeTables(options.csv, data, asked.unit, io);
    return OK;
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence === null) throw error;
    io.stderr(`islet report: ${sentence}\n`);
    return UNUSABLE;
  }
}

async function dataOf(options: ReportCommandOptions, asked: Understood, io: ReportIo): Promise<ReportData> {
  const { zone, preset, person, days, duplicates } = asked;
  const { format, unit, unitSource, rows, people, problemCount } = await readGlucose(options, io);
  const series = cleanSeries(personOf(people, options.id), { unit, duplicates });
  if (series.values.length === 0) throw new Unusable("The file holds no sensor readings.");
  const source = { names: [basename(options.file)], file: { format, unit, unitSource, rows, unusableRows: problemCount }, duplicates };
  return reportData(series, { zone, preset, days, person, source });
}

function personOf(people: readonly SubjectReadings[], id: string | undefined): SubjectReadings {
  if (id === undefined && people.length > 1) throw new Unusable(`The file holds readings of ${people.length} people; choose one with --id.`);
  const found = id === undefined ? people[0] : people.find(({ subject }) => subject === id);
  if (!found) throw new Unusable("The file holds no readings under the id given with --id.");
  return found;
}

function writeTables(folder: string, data: ReportData, unit: GlucoseUnit, io: ReportIo): void {
  const tables = reportTables(data, unit);
  for (const name of TABLES) write(join(folder, `${name}.csv`), toCsv(tables[name]), io);
}

function write(path: string, content: Uint8Array | string, io: ReportIo): void {
  try {
    io.writeFile(path, content);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EISDIR") throw new Unusable(`${path} is a folder, not a file.`);
    if (code === "EACCES" || code === "EPERM" || code === "EROFS") throw new Unusable(`${path} may not be written.`);
    if (code === "ENOTDIR" || code === "EEXIST") throw new Unusable(`${path} lies in what is no folder.`);
    throw error;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : null);

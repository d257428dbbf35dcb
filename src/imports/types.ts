/** What file formats share: options, results, and the seam a new format fills. */
import type { Device, Meal, SampleFlag, TreatmentKind, VendorRecord } from "#driver/records.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import type { MetricName } from "#units/metrics.ts";
import type { DateClues, DateOrder, TimeText } from "./times.ts";

export interface ImportOptions {
  /** IANA zone of local times in the file. Throws InvalidInput when the runtime does not know it. */
  readonly zone: string;
  /** Unit of glucose where the file does not say; refused when the file says otherwise. */
  readonly unit?: GlucoseUnit;
  /** Order of dates like 03/04/2026, where nothing in the file settles it. */
  readonly dateOrder?: DateOrder;
}

export interface ImportProblem {
  /** Line of the file, 1-based; the line a record ends on when a quoted field holds line breaks. */
  readonly line: number;
  /** A clause for people, without the value. */
  readonly reason: string;
  /** "conflict": the row is sound, but another one has the same instant and a different value. */
  readonly kind: "row" | "conflict";
}

/** Glucose readings of one person in the file's own unit and order, nothing merged: what statistics want. */
export interface SubjectReadings {
  readonly subject: string;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** −1 where the sensor said LOW, 1 where HIGH (in words: one beside its limits; in numbers: as written), else 0. */
  readonly outOfRange: Int8Array;
}

export interface ImportResult {
  readonly format: ImportFormatId;
  /** Unit of the readings in `readings`. Records are always mg/dL. */
  readonly unit: GlucoseUnit;
  readonly unitSource: "header" | "values" | "option";
  readonly delimiter: string;
  readonly encoding: string;
  /** Rows of data: without preamble, header, metadata and empty lines. */
  readonly rows: number;
  /** Ids in order of appearance; one empty id when the file has no id column. */
  readonly subjects: readonly string[];
  readonly readings: readonly SubjectReadings[];
  /** Ordered as in the file, one a key and instant. Use `recordsOf`, which refuses to mix people. */
  readonly recordsBySubject: ReadonlyMap<string, readonly VendorRecord[]>;
  /** Ordered by line, at most MAX_LISTED_PROBLEMS (problems.ts); `problemCount` counts all. */
  readonly problems: readonly ImportProblem[];
  readonly problemCount: number;
  /** How many of the problems are of kind "conflict". */
  readonly conflicts: number;
  /** Rows that repeat another one exactly and were counted once, and readings that gave way to another of their instant. */
  readonly duplicates: number;
}

export type ImportFormatId = "clarity-csv" | "libreview-csv" | "readings-csv" | "glucose-csv";

/** A glucose number as a file writes it. */
export interface GlucoseEntry {
  readonly entry: "glucose";
  readonly metric: "glucose" | "glucose_meter";
  readonly text: string;
  /** The row's own unit, null when the file's applies. */
  readonly unit: GlucoseUnit | null;
  readonly flags: readonly SampleFlag[];
  /** Where the device's numbers end, mg/dL: it writes these limits, or words, for all that lies beyond. Absent: only words tell. */
  readonly limits?: { readonly lowMgDl: number; readonly highMgDl: number };
  /** Of a diary: what stands beside the number. */
  readonly diary?: { readonly meal?: Meal; readonly note?: string; readonly sequence?: string };
  /** Counts only where the same device has no other reading of the instant that does not give way. */
  readonly givesWay?: true;
}

/** A number of another metric, in the metric's unit and within its bounds. */
export interface NumberEntry {
  readonly entry: "number";
  readonly metric: Exclude<MetricName, GlucoseEntry["metric"]>;
  readonly value: number;
  readonly flags: readonly SampleFlag[];
}

export interface TreatmentEntry {
  readonly entry: "treatment";
  readonly kind: TreatmentKind;
  readonly amount?: number;
  readonly text?: string;
}

/** What one row says, or a part of it where it says several things. */
export type Entry = GlucoseEntry | NumberEntry | TreatmentEntry;

/** One entry of a row as a format understood it; times and units are settled when the whole file is known. */
export interface FileRow {
  readonly line: number;
  readonly subject: string;
  readonly time: TimeText;
  readonly content: Entry;
  readonly device?: Device;
  /** A counter of the device that runs on when wall clocks jump, seconds. */
  readonly counter?: { readonly of: string; readonly seconds: number };
}

export interface RowProblem {
  readonly problem: string;
}

/** What one row of fields is: data, a problem, several of these, or nothing of ours (metadata). */
export type RowReading = FileRow | RowProblem | readonly (FileRow | RowProblem)[] | "skip";

/** Reads rows below a header that the format recognised. */
export interface RowReader {
  /** Unit that the header states. */
  readonly headerUnit: GlucoseUnit | null;
  /** What the format knows about dates like 03/04/2026, beside those of the rows. */
  readonly dates?: DateClues;
  read(fields: readonly string[], line: number): RowReading;
}

/** One file format. To add one: a file with such an object, and a line in IMPORT_FORMATS (detect.ts). */
export interface ImportFormat {
  readonly id: ImportFormatId;
  readonly displayName: string;
  /** The driver whose vendor writes it (`islet map VENDOR csv`); absent for what belongs to nobody. */
  readonly provider?: string;
  /** What the header must have, for the message that names what is missing. */
  readonly needs: string;
  /** A reader when this row is the format's header, else null. `above` are the rows before it: a preamble, which may name people. */
  open(header: readonly string[], above: readonly (readonly string[])[]): RowReader | null;
}

export function problem(reason: string): RowProblem {
  return { problem: reason };
}

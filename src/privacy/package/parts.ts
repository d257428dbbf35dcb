/** What a package is made of: a list of parts, each a file of this folder's `parts`. A new part is one line here. */
import type { PatientZone } from "./parts/local-times.ts";
import type { Read, Subject } from "./rows.ts";
import type { PrivacyContext } from "../context.ts";
import { filesPart } from "./parts/files.ts";
import { nationalIdPart } from "./parts/national-id.ts";
import { rawPart } from "./parts/raw.ts";
import { reportPart } from "./parts/report.ts";
import { samplesPart } from "./parts/samples.ts";
import { schemasPart } from "./parts/schemas.ts";
import { tablesPart } from "./parts/tables.ts";

/** What a part reads from. */
export interface PackageSource {
  readonly context: PrivacyContext;
  readonly read: Read;
  /** Of the audit log, which only its own role reads. */
  readonly readAudit: Read;
  readonly subject: Subject;
  readonly organizationId: string;
  readonly displayName: string;
  readonly zones: PatientZone;
  readonly locale: "en" | "es";
  /** Asked for by the person in person, not by who manages their data. */
  readonly isOwn: boolean;
  readonly signal: AbortSignal;
}

/** One file to be: its path, what it is, and its bytes or lines as they are made. */
export interface PackageFile {
  readonly path: string;
  readonly mediaType: string;
  /** Of what kind its rows are: a name of the schemas; null for what has none. */
  readonly schema: string | null;
  /** Text of a line or bytes; `rows` of it count for the manifest. */
  content(count: (rows: number) => void): AsyncIterable<string | Uint8Array>;
}

export interface PackagePart {
  readonly name: string;
  /** How many rows it will tell, for the progress. */
  count(source: PackageSource): Promise<number>;
  files(source: PackageSource): AsyncIterable<PackageFile>;
  /** What it leaves out of this package, and why. */
  leftOut?(source: PackageSource): Promise<readonly { readonly what: string; readonly why: string }[]>;
}

export const PARTS: readonly PackagePart[] = [tablesPart, nationalIdPart, samplesPart, rawPart, filesPart, reportPart, schemasPart];

/** Counts up with every change of what the files look like that a reader must know of. */
export const SCHEMA_VERSION = 1;

/** A package as a stream of bytes: a ZIP with all parts, then the manifest of what is in it. One file is open at a time; nothing is held but a portion of it. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import yazl from "yazl";
import { formatInstant } from "#units/time.ts";
import { VERSION } from "../../version.ts";
import { PARTS, SCHEMA_VERSION, type PackageFile, type PackagePart, type PackageSource } from "./parts.ts";
import { readme } from "./words.ts";

/** One file as the manifest tells it. */
export interface ManifestFile {
  readonly path: string;
  readonly mediaType: string;
  readonly schema: string | null;
  readonly bytes: number;
  /** Of a table or a list; else 1. */
  readonly rows: number;
  readonly sha256: string;
}

export interface BuildOptions {
  readonly organization: string;
  /** Told of how many rows have been written so far, after every portion. */
  readonly onRows: (rows: number) => Promise<void>;
  readonly parts?: readonly PackagePart[];
}

/** What was built, once the stream has ended. */
export interface Built {
  readonly files: number;
  readonly rows: number;
}

/** Rows that all parts together will tell. */
export async function countAll(source: PackageSource, parts: readonly PackagePart[] = PARTS): Promise<number> {
  let total = 0;
  for (const part of parts) total += await part.count(source);
  return total;
}

/** The bytes of the package, and what is known of it when they have all been read. A failure of a part fails the stream. */
export function buildPackage(source: PackageSource, options: BuildOptions): { readonly bytes: AsyncIterable<Uint8Array>; readonly built: Promise<Built> } {
  const zip = new yazl.ZipFile();
  const output = zip.outputStream as Readable;
  const built = fill(zip, source, options).catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error("A part of the package failed."));
    throw error;
  });
  built.catch(() => undefined); // the reader of the bytes hears of it, too
  return { bytes: output, built };
}

async function fill(zip: yazl.ZipFile, source: PackageSource, { organization, onRows, parts = PARTS }: BuildOptions): Promise<Built> {
  const nowMs = source.context.sync.clock.now();
  const mtime = new Date(nowMs);
  const told: ManifestFile[] = [];
  let rows = 0;
  const add = async (file: PackageFile): Promise<void> => {
    source.signal.throwIfAborted();
    const seen = { bytes: 0, rows: 0, hash: createHash("sha256") };
    const content = Readable.from(hashed(file, seen, async (more) => onRows((rows += more))), { objectMode: false });
    zip.addReadStreamLazy(file.path, { mtime, mode: 0o100600 }, (open) => open(null, content));
    await finished(content, { signal: source.signal });
    const { path, mediaType, schema } = file;
    told.push({ path, mediaType, schema: schema && `schema/${schema}.json`, bytes: seen.bytes, rows: seen.rows, sha256: seen.hash.digest("hex") });
  };
  const leftOut: { what: string; why: string }[] = [];
  await add(textFile("README.txt", "text/plain", readme({
    generatedAt: formatInstant(nowMs), patientId: source.subject.patientId, organization, zone: source.zones.home, schemaVersion: SCHEMA_VERSION, version: VERSION,
  })));
  for (const part of parts) {
    for await (const file of part.files(source)) await add(file);
    leftOut.push(...((await part.leftOut?.(source)) ?? []));
  }
  const manifest = {
    formatVersion: SCHEMA_VERSION, generatedAt: formatInstant(nowMs), generator: `Islet ${VERSION}`, subject: source.subject.patientId, organization, zone: source.zones.home,
    files: told, notIncluded: leftOut,
  };
  await add(textFile("manifest.json", "application/json", `${JSON.stringify(manifest, null, 2)}\n`));
  zip.end();
  return { files: told.length, rows: told.reduce((sum, file) => sum + file.rows, 0) };
}

function textFile(path: string, mediaType: string, text: string): PackageFile {
  return {
    path, mediaType, schema: null,
    async *content() {
      yield text;
    },
  };
}

interface Seen {
  bytes: number;
  rows: number;
  readonly hash: ReturnType<typeof createHash>;
}

async function* hashed(file: PackageFile, seen: Seen, onRows: (more: number) => Promise<void>): AsyncGenerator<Uint8Array> {
  let fresh = 0;
  for await (const part of file.content((count) => (fresh += count))) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    seen.hash.update(bytes);
    seen.bytes += bytes.byteLength;
    yield bytes;
    // Rows are counted behind the bytes that tell them.
    seen.rows += fresh;
    const more = fresh;
    fresh = 0;
    if (more > 0) await onRows(more);
  }
  seen.rows += fresh;
  if (fresh > 0) await onRows(fresh);
}

/** Where a text or a number rests: in every column of every table of every schema, packed or not, and in every file of a folder. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { decodeDay } from "#samples/store/codec.ts";
import type { TestDatabase } from "./database.ts";

/** Columns that hold any of the needles, as `table.column`, and files, as `file <name>`. */
export async function scan(db: TestDatabase, needles: { readonly texts: readonly string[]; readonly number: number }, folder?: string): Promise<Set<string>> {
  const found = new Set<string>();
  const tables = await db.asOwner<{ schema: string; name: string }>(
    "select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')",
  );
  if (tables.length < 40) throw new Error("The scan does not see the database.");
  for (const { schema, name } of tables) {
    const shown = schema === "inbox_months" ? "deliveries" : schema === "public" ? name : `${schema}.${name}`;
    for (const row of await db.asOwner(`select * from "${schema}"."${name}"`)) {
      for (const [column, value] of Object.entries(row)) if (holds(value, needles)) found.add(`${shown}.${column}`);
    }
  }
  if (folder !== undefined) for (const name of await filesOf(folder)) if (bytesHold(await readFile(join(folder, name)), needles)) found.add(`file ${name}`);
  return found;
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

type Needles = Parameters<typeof scan>[1];

function holds(value: unknown, needles: Needles): boolean {
  if (value === null || value === undefined) return false;
  if (Buffer.isBuffer(value)) return bytesHold(value, needles);
  if (typeof value === "number") return value === needles.number;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return needles.texts.some((needle) => text.includes(needle)) || text.includes(String(needles.number));
}

function bytesHold(bytes: Buffer, needles: Needles): boolean {
  if (needles.texts.some((needle) => bytes.includes(needle))) return true;
  const unpacked = attempt(() => zstdDecompressSync(bytes));
  if (unpacked && needles.texts.some((needle) => unpacked.includes(needle))) return true;
  return attempt(() => decodeDay(bytes))?.values.includes(needles.number) ?? false;
}

/** Null where the bytes are of another kind. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/**
 * The list of erasures in the data folder: what a backup of the database that is restored must be cleaned of (faults PR-04). One line an erasure, the
 * patient's id sealed and authenticated by the vault's ring. Keep the file outside the database's backups, and never restore an older one over it.
 */
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "#vault/seal.ts";
import { formatInstant } from "#units/time.ts";
import { VaultRefused } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import type { PrivacyContext } from "../context.ts";

type ListContext = Pick<PrivacyContext, "sync" | "dataFolder">;

interface Line {
  readonly erasure: string;
  readonly at: string;
  readonly sealed: string;
}

const placeOf = (erasureId: string): Place => ({ table: "erasure_list", rowId: erasureId, field: "patient", version: 1 });

export function erasureListFile({ dataFolder }: Pick<PrivacyContext, "dataFolder">): string {
  return join(dataFolder, "erasures.jsonl");
}

/** Adds an erasure, on disk when it resolves. Twice the same does no harm. */
export async function addToList(context: ListContext, erasureId: string, patientId: string): Promise<void> {
  await mkdir(context.dataFolder, { recursive: true });
  const at = formatInstant(context.sync.clock.now());
  const line: Line = { erasure: erasureId, at, sealed: context.sync.vault.seal(new Secret(JSON.stringify({ patientId, at })), placeOf(erasureId)) };
  await appendFile(erasureListFile(context), `${JSON.stringify(line)}\n`, { mode: 0o600, flush: true });
}

/**
 * Patients that were erased. A line that does not open is told as an error and left out; lines under an older key of the ring are sealed anew. A line
 * that a crash cut off was never acted upon: its erasure had not begun.
 */
export async function readList(context: ListContext): Promise<{ readonly erasureId: string; readonly patientId: string }[]> {
  const { vault, log } = context.sync;
  const text = await readFile(erasureListFile(context), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const found = new Map<string, string>();
  const kept: string[] = [];
  let isOld = false;
  for (const each of text.split("\n").filter((line) => line !== "")) {
    const line = parsed(each);
    try {
      if (!line) throw new VaultRefused("A line of the list of erasures is no line.");
      const { patientId } = JSON.parse(vault.open(line.sealed, placeOf(line.erasure)).open()) as { patientId: string };
      found.set(line.erasure, patientId);
      const needs = vault.needsRotation(line.sealed);
      isOld ||= needs;
      kept.push(needs ? JSON.stringify({ ...line, sealed: vault.seal(vault.open(line.sealed, placeOf(line.erasure)), placeOf(line.erasure)) }) : each);
    } catch (error) {
      if (!(error instanceof VaultRefused)) throw error;
      kept.push(each);
      log.error({ event: "erasure_list_damaged", erasure: line?.erasure, error }, "a line of the list of erasures does not open: a restored backup may bring somebody back");
    }
  }
  if (isOld) await replace(context, kept);
  return [...found].map(([erasureId, patientId]) => ({ erasureId, patientId }));
}

function parsed(text: string): Line | null {
  try {
    const line = JSON.parse(text) as Partial<Line> | null;
    return typeof line?.erasure === "string" && typeof line.sealed === "string" ? { erasure: line.erasure, at: line.at ?? "", sealed: line.sealed } : null;
  } catch {
    return null;
  }
}

async function replace(context: ListContext, lines: readonly string[]): Promise<void> {
  const file = erasureListFile(context);
  await writeFile(`${file}.new`, `${lines.join("\n")}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}

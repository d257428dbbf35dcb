/** A page of treatments → records: rows read, doubles found, what is gone withdrawn. Pure. Source: vendors/nightscout.md, treatments. */
import { looseNumber, type Mapping } from "#driver/payload.ts";
import type { Device, Replacement, TreatmentRecord } from "#driver/records.ts";
import { HOUR_MS } from "#units/time.ts";
import { basalPartAlone, basalParts, isTempBasal } from "./map-basal.ts";
import { partsOf } from "./map-content.ts";
import { readRow, type TreatmentRow } from "./map-row.ts";
import { PART_NAMES, vendorIdOf, type Part } from "./part.ts";
import { isRow, textOf, type AskedWindow, type Rows } from "./schema.ts";

/** Announced again within this time it is the same sensor: no sensor is over so soon. */
const SAME_SENSOR_MS = 6 * HOUR_MS;
const SENSOR_TYPES: readonly string[] = ["sensor start", "sensor change", "sensor stop"];

/** Adds a treatment for each part of each row, and withdrawals of rows that say that they are gone. Only what starts in the page's window, where it has one. */
export function mapTreatments(rows: Rows, mapping: Mapping, receivedMs: number): void {
  const read = rows.items.flatMap((item, index): TreatmentRow[] => {
    const path = `${rows.path}/${index}`;
    if (!isRow(item)) {
      mapping.problem(path, "missing or of the wrong type");
      return [];
    }
    const row = readRow(item, path, mapping, receivedMs);
    return row ? [row] : [];
  });
  const valid = read.filter(({ isGone }) => !isGone);
  const parts = [...withoutRepeatedSensors(valid).filter((row) => !isTempBasal(row)).flatMap(partsOf), ...basalParts(valid)];
  const kept = onePerDoing(parts).filter(({ atMs }) => isInside(atMs, rows.window));
  for (const part of kept) mapping.add(recordOf(part));
  const left = new Set(kept.map(({ source, part }) => vendorIdOf(source, part)));
  for (const row of read) if (row.isGone && isInside(row.atMs, rows.window)) withdraw(row, left, mapping);
}

/**
 * What is left of the page's window: all else was deleted, or lost a part. Nothing is said where a row could not be read, nor where there is
 * none at all, which is what a site looks like that was set up anew.
 */
export function replacementOf({ items, window }: Rows, hasProblems: boolean, receivedMs: number): Replacement | null {
  if (window === null || hasProblems || items.length === 0) return null;
  const toMs = Math.min(window.to ?? receivedMs, receivedMs);
  return toMs > window.from ? { fromMs: window.from, toMs, of: ["treatment"], metrics: [] } : null;
}

function isInside(ms: number, window: AskedWindow | null): boolean {
  return window === null || (ms >= window.from && ms < (window.to ?? Number.POSITIVE_INFINITY));
}

/** Programs announce one sensor again and again, hundreds of times: of those that follow one another closely the first counts. */
function withoutRepeatedSensors(rows: readonly TreatmentRow[]): TreatmentRow[] {
  const repeated = new Set<TreatmentRow>();
  for (const type of SENSOR_TYPES) {
    const announced = rows.filter((row) => row.type === type).toSorted((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1));
    for (const [index, row] of announced.entries()) {
      const before = announced[index - 1];
      if (before && row.atMs - before.atMs < SAME_SENSOR_MS) repeated.add(row);
    }
  }
  return rows.filter((row) => !repeated.has(row));
}

/**
 * Of parts that tell of the same doing the one whose row is told apart best: the same in the pump's words, or the same amount (or words)
 * at the same millisecond, which two programs write that watch one pump. Two that a pump itself numbers apart are two.
 */
function onePerDoing(parts: readonly Part[]): Part[] {
  const ordered = parts.toSorted((a, b) => compareRows(a.source, b.source));
  const known = new Map<string, Set<string | null>>();
  const doubles = new Set<Part>();
  for (const each of ordered) {
    const { source, part, kind, atMs, endMs, amount, text } = each;
    const { pumpKey } = source;
    const sameInPump = pumpKey === null ? null : `${pumpKey}\n${part}`;
    const sameDoing = `${kind}\n${part}\n${atMs}\n${endMs ?? ""}\n${amount ?? text ?? ""}`;
    const others = [...(known.get(sameDoing) ?? [])];
    if ((sameInPump !== null && known.has(sameInPump)) || others.some((other) => pumpKey === null || other === null)) doubles.add(each);
    for (const name of [sameInPump, sameDoing]) if (name !== null) known.set(name, (known.get(name) ?? new Set()).add(pumpKey));
  }
  return parts.filter((part) => !doubles.has(part));
}

/** Those told apart better first, then those that the site has had for longer, so that one that is written again later does not take their place. */
function compareRows(a: TreatmentRow, b: TreatmentRow): number {
  return a.rank - b.rank || writtenMs(a) - writtenMs(b) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** Only version 3 notes it. */
function writtenMs({ row }: TreatmentRow): number {
  return looseNumber(row["srvCreated"]) ?? 0;
}

function recordOf({ source, part, kind, atMs, endMs, amount, text }: Part): TreatmentRecord {
  const device = part === "insulin" || part === "extended" || part === "basal" ? pumpOf(source) : undefined;
  return {
    record: "treatment", kind, vendorId: vendorIdOf(source, part), atMs, ...(endMs === undefined ? {} : { endMs }), offsetMinutes: source.offsetMinutes,
    ...(amount === undefined ? {} : { amount }), ...(text === undefined ? {} : { text }), ...(device ? { device } : {}),
  };
}

function pumpOf({ row }: TreatmentRow): Device | undefined {
  const [serial, type] = [textOf(row["pumpSerial"]), textOf(row["pumpType"])];
  if (serial === undefined) return undefined;
  return type === undefined ? { id: serial } : { id: serial, name: type };
}

/**
 * A deleted row keeps its content, which tells what was made of it; one that has none left may have been anything. What is `left` under the same
 * name was written anew.
 */
function withdraw(row: TreatmentRow, left: ReadonlySet<string>, mapping: Mapping): void {
  const told = isTempBasal(row) ? [basalPartAlone(row)] : partsOf(row);
  const names = told.length > 0 ? told.map(({ part }) => part) : PART_NAMES;
  for (const part of names) {
    const vendorId = vendorIdOf(row, part);
    if (!left.has(vendorId)) mapping.add({ record: "withdrawal", of: "treatment", vendorId });
  }
}

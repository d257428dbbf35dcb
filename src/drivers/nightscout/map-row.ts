/** What each treatment row needs before its content is looked at: identity, time, amounts. Pure. Source: vendors/nightscout.md, treatments. */
import { looseNumber, type Mapping } from "#driver/payload.ts";
import { HOUR_MS } from "#units/time.ts";
import { FARTHEST_AHEAD_MS, instantOf, isPossible, offsetOf, timeOf } from "./map-place.ts";
import { textOf, type Row } from "./schema.ts";

/** How far from the time of filing the time that was meant may lie. The pages reach so much further than their windows (api.ts). */
const FARTHEST_MEANT_MS = 6 * HOUR_MS;
const LONGEST_ID = 200;

export interface TreatmentRow {
  readonly row: Row;
  readonly path: string;
  readonly mapping: Mapping;
  /** As it was written. */
  readonly eventType: string;
  /** The same in lower case: programs differ in that alone. */
  readonly type: string;
  readonly atMs: number;
  readonly offsetMinutes: number | null;
  readonly key: string;
  /** How well the key tells the row from others, 0 the best. */
  readonly rank: number;
  /** What the pump calls the same doing, also where the row has an identifier; null where no pump is named. */
  readonly pumpKey: string | null;
  readonly isGone: boolean;
}

/** Null, with a problem, for a row without a possible time. */
export function readRow(row: Row, path: string, mapping: Mapping, receivedMs: number): TreatmentRow | null {
  const filedMs = timeOf(row, ["created_at", "date", "mills", "timestamp"], { path, mapping, receivedMs, aheadMs: FARTHEST_AHEAD_MS });
  if (filedMs === null) return null;
  const eventType = textOf(row["eventType"]) ?? "";
  const atMs = meantTime(row, filedMs, receivedMs);
  return {
    row, path, mapping, eventType, type: eventType.toLowerCase(), atMs, offsetMinutes: offsetOf(row, filedMs, "created_at"),
    ...keyOf(row, filedMs, eventType), pumpKey: pumpKeyOf(row), isGone: row["isValid"] === false || row["isValid"] === "false",
  };
}

/**
 * `eventTime` is the time that was meant, where it is beside `created_at`: servers put it in the place of that today, old rows still have both.
 * One that lies too far off is not believed, because windows are asked by `created_at`.
 */
function meantTime(row: Row, filedMs: number, receivedMs: number): number {
  const meantMs = instantOf(row["eventTime"]);
  return meantMs !== null && Math.abs(meantMs - filedMs) <= FARTHEST_MEANT_MS && isPossible(meantMs, receivedMs, FARTHEST_AHEAD_MS) ? meantMs : filedMs;
}

/**
 * Identity of a row, the same through both versions of the API: what its program calls it, else what the pump does, else the database's id (which
 * version 3 shows as `identifier`), else what the server itself tells rows apart by.
 */
function keyOf(row: Row, filedMs: number, eventType: string): { readonly key: string; readonly rank: number } {
  const identifier = idOf(row["identifier"]);
  const isDatabaseId = identifier !== null && /^[0-9a-f]{24}$/i.test(identifier);
  if (identifier !== null && !isDatabaseId) return { key: identifier, rank: 0 };
  const syncIdentifier = idOf(row["syncIdentifier"]);
  if (syncIdentifier !== null) return { key: `sync:${syncIdentifier}`, rank: 1 };
  const pumpKey = pumpKeyOf(row);
  if (pumpKey !== null) return { key: pumpKey, rank: 2 };
  const databaseId = identifier ?? idOf(row["_id"]);
  return databaseId === null ? { key: `${eventType.slice(0, LONGEST_ID)}:${filedMs}`, rank: 4 } : { key: databaseId, rank: 3 };
}

function pumpKeyOf(row: Row): string | null {
  const [type, serial, id] = [idOf(row["pumpType"]), idOf(row["pumpSerial"]), idOf(row["pumpId"])];
  return type === null || serial === null || id === null ? null : `pump:${type}/${serial}/${id}`;
}

/** An id, which pumps give as numbers; 0 and what is too long to be one are none. */
function idOf(value: unknown): string | null {
  const text = typeof value === "number" && Number.isFinite(value) && value !== 0 ? String(value) : textOf(value);
  return text === undefined || text.length > LONGEST_ID ? null : text;
}

export interface Amount {
  readonly field: string;
  readonly most: number;
}

/**
 * A number of a row; null where there is none, which null, an empty text and 0 say alike (the server itself clears zeros away). One that cannot
 * be meant is a problem, and left out.
 */
export function amountOf({ row, path, mapping }: TreatmentRow, { field, most }: Amount): number | null {
  const value = row[field];
  if (value === null || value === undefined || value === "") return null;
  const amount = looseNumber(value);
  if (amount === 0) return null;
  if (amount === null || amount < 0 || amount > most) {
    mapping.problem(`${path}/${field}`, "not an amount that can be: it was left out");
    return null;
  }
  return amount;
}

/** Minutes that a row lasts; null where it says nothing, 0 included. AndroidAPS tells it to the millisecond besides. */
export function minutesOf(row: TreatmentRow, most: number): number | null {
  const exact = looseNumber(row.row["durationInMilliseconds"]);
  if (exact !== null && exact > 0 && exact <= most * 60_000) return exact / 60_000;
  return amountOf(row, { field: "duration", most });
}

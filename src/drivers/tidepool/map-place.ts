/** When and on what a datum was made. Source: vendors/tidepool.md, Common fields; traps.md, Time. */
import type { TreatmentRecord } from "#driver/records.ts";
import { DAY_MS, MINUTE_MS, parseTime } from "#units/time.ts";
import type { Datum } from "./schema.ts";

const EARLIEST_MS = Date.UTC(1980, 0, 1);
const WIDEST_OFFSET_MINUTES = 14 * 60;

/** Null for a time that cannot be. `time` is UTC, also where its Z is missing. */
export function placeOf({ time, deviceTime, timezoneOffset, deviceId }: Datum, receivedMs: number): Pick<TreatmentRecord, "atMs" | "offsetMinutes" | "device"> | null {
  const parsed = parseTime(time);
  if (!parsed) return null;
  const atMs = parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS;
  if (!(atMs >= EARLIEST_MS && atMs <= receivedMs + DAY_MS)) return null;
  return { atMs, offsetMinutes: offsetOf(timezoneOffset, deviceTime, atMs), ...(deviceId ? { device: { id: deviceId } } : {}) };
}

/** The offset as told, else what the device's clock differs by, where that is an offset of some place. */
function offsetOf(told: number | null, deviceTime: string | null | undefined, atMs: number): number | null {
  const isOffset = (minutes: number): boolean => Number.isInteger(minutes) && Math.abs(minutes) <= WIDEST_OFFSET_MINUTES;
  if (told !== null && isOffset(told)) return told;
  const local = deviceTime ? parseTime(deviceTime) : null;
  if (!local) return null;
  const minutes = Math.round((local.wallMs - atMs) / (15 * MINUTE_MS)) * 15;
  return isOffset(minutes) ? minutes : null;
}

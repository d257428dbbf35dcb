/** When and on what a phone's bridge says that something was measured. Source: Health Connect facts, Data endpoints. */
import { DAY_MS, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";
import type { Device } from "../records.ts";
import type { MapContext } from "../types.ts";

const EARLIEST_MS = Date.UTC(1980, 0, 1);

export interface Stretch {
  readonly startMs: number;
  /** Equals the start for an instant. */
  readonly endMs: number;
  readonly offsetMinutes: number | null;
}

interface Timed {
  readonly startDate: string;
  readonly endDate?: string | null | undefined;
  readonly zoneOffset?: string | null | undefined;
  readonly source?: { readonly appId?: string | null | undefined; readonly deviceId?: string | null | undefined; readonly deviceManufacturer?: string | null | undefined; readonly deviceModel?: string | null | undefined } | null | undefined;
}

/** Null for times that cannot be, or an end before the start. */
export function stretchOf({ startDate, endDate, zoneOffset }: Timed, context: MapContext): Stretch | null {
  const startMs = instantOf(startDate, context);
  const endMs = endDate ? instantOf(endDate, { ...context, receivedMs: context.receivedMs + DAY_MS }) : startMs;
  if (startMs === null || endMs === null || endMs < startMs || endMs - startMs > 8 * DAY_MS) return null;
  return { startMs, endMs, offsetMinutes: offsetOf(zoneOffset, startMs, context.zone) };
}

/** A time without an offset is UTC, as phones store it. */
export function instantOf(text: string, { receivedMs }: Pick<MapContext, "receivedMs">): number | null {
  const parsed = parseTime(text);
  if (!parsed) return null;
  const ms = Math.round(parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS);
  return ms >= EARLIEST_MS && ms <= receivedMs + DAY_MS ? ms : null;
}

/** As told; else that of the person's zone at the time. */
function offsetOf(told: string | null | undefined, ms: number, zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(told?.trim() ?? "");
  if (told?.trim() === "Z") return 0;
  const minutes = match ? (Number(match[2]) * 60 + Number(match[3])) * (match[1] === "-" ? -1 : 1) : null;
  return minutes !== null && Math.abs(minutes) <= 14 * 60 ? minutes : offsetMinutesAt(zone, ms);
}

/** The watch or phone where it is told, else the app that wrote: several apps write the same steps, and must stay apart. */
export function deviceOf({ source }: Timed): Device | undefined {
  const model = [source?.deviceManufacturer, source?.deviceModel].filter(Boolean).join(" ");
  const app = source?.appId ?? "";
  const id = [app, source?.deviceId ?? model].filter(Boolean).join("/");
  if (id === "") return undefined;
  const name = model || app;
  return { id: id.slice(0, 200), ...(name ? { name: name.slice(0, 100) } : {}) };
}

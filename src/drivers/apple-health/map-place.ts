/** When and by what something was measured. Pure. Source: Apple Health facts, export.xml structure and push shapes. */
import type { Device } from "#driver/records.ts";
import type { Mapping } from "#driver/payload.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime, wallTime } from "#units/time.ts";
import type { GlucoseSorter } from "./map-glucose.ts";
import type { SleepCollector } from "./map-sleep.ts";

/** What a payload, or a whole export, is mapped with. */
export interface MapJob {
  /** Where records go. */
  mapping: Mapping;
  readonly context: MapContext;
  readonly sleeps: SleepCollector;
  readonly glucose: GlucoseSorter;
  /** Names of zones that were met, with the one each stands for; null for none. */
  readonly zones: Map<string, string | null>;
}

export interface Instant {
  readonly ms: number;
  /** As written; null where the text has none, or says UTC, which is no place. */
  readonly offsetMinutes: number | null;
}

/** People type in measurements of long ago; the first hours of 1970 are a lost time. */
const EARLIEST_MS = DAY_MS;
const CLOCK_FAULT_MS = DAY_MS;
const WIDEST_OFFSET_MINUTES = 14 * 60;

/** Whether an instant can be that of a measurement that arrived when this one did. */
export function isPossible(ms: number, { receivedMs }: MapContext): boolean {
  return ms >= EARLIEST_MS && ms <= receivedMs + CLOCK_FAULT_MS;
}

/**
 * Instant of a time as Apple's export (`2026-03-02 07:30:00 +0100`) or a bridge (ISO 8601, epoch seconds or milliseconds) writes it. A text
 * without offset is the person's own clock. Null for what is no possible time of a measurement.
 */
export function instantOf(time: unknown, context: MapContext): Instant | null {
  const instant = typeof time === "string" ? (quickInstant(time) ?? slowInstant(time, context)) : epochInstant(time);
  return instant && isPossible(instant.ms, context) ? instant : null;
}

function slowInstant(text: string, { zone }: MapContext): Instant | null {
  const parsed = text.length <= 64 ? parseTime(text) : null;
  if (!parsed) return null;
  const { wallMs, offsetMinutes } = parsed;
  if (offsetMinutes === null) {
    const ms = instantOfWall(zone, wallMs);
    return { ms, offsetMinutes: offsetMinutesAt(zone, ms) };
  }
  return { ms: wallMs - offsetMinutes * MINUTE_MS, offsetMinutes: /z\s*$/i.test(text) ? null : usualOffset(offsetMinutes) };
}

function epochInstant(time: unknown): Instant | null {
  if (typeof time !== "number" || !Number.isFinite(time)) return null;
  return { ms: Math.round(Math.abs(time) < 1e11 ? time * 1_000 : time), offsetMinutes: null };
}

// An export has several million times, nearly all of the day of the one before.
let lastDay = Number.NaN;
let lastDayMs: number | null = null;

/** The export's own form alone, without any search: `2026-03-02 07:30:00 +0100`. */
function quickInstant(text: string): Instant | null {
  if (text.length !== 25 || text.charCodeAt(10) !== 32 || text.charCodeAt(19) !== 32) return null;
  const sign = text.charCodeAt(20) === 43 ? 1 : text.charCodeAt(20) === 45 ? -1 : 0;
  const year = pair(text, 0) * 100 + pair(text, 2);
  const [month, day, hour, minute, second] = [pair(text, 5), pair(text, 8), pair(text, 11), pair(text, 14), pair(text, 17)];
  const offset = pair(text, 21) * 60 + pair(text, 23);
  if (sign === 0 || !(hour < 24 && minute < 60 && second < 60 && offset <= WIDEST_OFFSET_MINUTES)) return null;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return null;
  const key = (year * 16 + month) * 32 + day;
  if (key !== lastDay) {
    lastDay = key;
    lastDayMs = Number.isNaN(key) ? null : wallTime({ year, month, day });
  }
  if (lastDayMs === null) return null;
  const wallMs = lastDayMs + ((hour * 60 + minute) * 60 + second) * 1_000;
  return { ms: wallMs - sign * offset * MINUTE_MS, offsetMinutes: sign * offset };
}

/** Two digits at a place; NaN where there are none. */
function pair(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function usualOffset(minutes: number): number | null {
  return Math.abs(minutes) <= WIDEST_OFFSET_MINUTES ? minutes : null;
}

/** `+01:00`, `+0100` or `Z` of a bridge's own field; null for anything else. */
export function offsetOf(text: unknown): number | null {
  if (typeof text !== "string" || text.length > 12) return null;
  const minutes = parseTime(`2000-01-01T00:00:00${text.trim()}`)?.offsetMinutes ?? null;
  return minutes === null ? null : usualOffset(minutes);
}

/** There are six hundred; whoever names more plays. */
const MOST_ZONES = 700;

/** Offset in the zone that `HKTimeZone` names; null where it names none. */
export function offsetInZone(name: string | undefined, ms: number, { zones }: MapJob): number | null {
  if (name === undefined || name.length > 64) return null;
  let zone = zones.get(name);
  if (zone === undefined) {
    if (zones.size >= MOST_ZONES) return null;
    zones.set(detached(name), (zone = zoneOf(name)));
  }
  return zone === null ? null : offsetMinutesAt(zone, ms);
}

/** The usual spelling of a zone, so that what is remembered of zones is bounded, whatever capitals a file writes. */
function zoneOf(name: string): string | null {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The text by itself: cut out of a large one it would keep that alive. */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}

const LONGEST_NAME = 100;

/** A name without what only looks like a space: Apple writes "Watch" after a non-breaking one. Empty for none. */
export function cleanName(text: unknown): string {
  if (typeof text !== "string") return "";
  // oxlint-disable-next-line no-control-regex
  return text.slice(0, 4 * LONGEST_NAME).replace(/[\s\0-\x1F\x7F\u200B-\u200F\u2060\uFEFF]+/g, " ").trim().slice(0, LONGEST_NAME).toWellFormed();
}

/**
 * The source as a device: its name and, where known, the hardware, so that a new watch of an old name is another device. Versions of
 * software are left out, for they change under one device.
 */
export function deviceOf(name: string, hardware: string, id = name): Device | undefined {
  if (id === "" && hardware === "") return undefined;
  return { id: detached([id, hardware].filter((part) => part !== "").join("/")), name: detached(name || hardware) };
}

/** One name, or several with bars between them where the app has merged them: then they are a source of their own. */
export function sourceOf(source: string | null | undefined): Device | undefined {
  return deviceOf(cleanName(source), "");
}

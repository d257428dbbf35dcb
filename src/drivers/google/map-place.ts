/** Where a point lies in time, and what measured it. Pure. Source: vendors/google-health.md, Time wrappers and DataPoint envelope. */
import type { Mapping, SamplePlace } from "#driver/payload.ts";
import type { Device, SampleFlag } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, HOUR_MS, instantOfWall, localDay, MINUTE_MS, offsetMinutesAt, parseInstant, parseTime, wallTime } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** People type in old weights; nothing of them is older than this. */
const EARLIEST_MS = Date.UTC(1990, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;
/** A day of 25 hours, and something to spare: longer is no sample any more. */
export const LONGEST_SAMPLE_MS = 26 * HOUR_MS;
const WIDEST_OFFSET_MINUTES = 14 * 60;
/** What lies in no stretch of its own is given to a minute. */
const SHORTEST_MS = MINUTE_MS;

/** An RFC 3339 time → milliseconds; null, with a problem, for what is none or cannot be a measurement's. */
export function instantOf(value: unknown, path: string, { mapping, context }: MapJob): number | null {
  if (typeof value !== "string") {
    mapping.problem(path, "missing or of the wrong type");
    return null;
  }
  const ms = parseInstant(value)?.ms;
  if (ms !== undefined && ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS) return ms;
  mapping.problem(path, "no possible time of a measurement");
  return null;
}

const OFFSET = /^(-?\d{1,6})(?:\.\d+)?s$/;
// Thousands of points in a row have the same offset.
let lastOffset: { readonly text: unknown; readonly minutes: number | null } = { text: null, minutes: null };

/** `"3600s"` → 60; null for absent and for what is no offset. */
export function offsetMinutesOf(value: unknown): number | null {
  if (value === lastOffset.text) return lastOffset.minutes;
  const seconds = typeof value === "string" ? OFFSET.exec(value)?.[1] : undefined;
  const minutes = seconds === undefined ? null : Math.round(Number(seconds) / 60);
  lastOffset = { text: value, minutes: minutes !== null && Math.abs(minutes) <= WIDEST_OFFSET_MINUTES ? minutes : null };
  return lastOffset.minutes;
}

const DURATION = /^(\d{1,9}(?:\.\d{1,9})?)s$/;

/** `"1502.5s"` → 1502.5; null for absent and for what is no duration. */
export function durationS(value: unknown): number | null {
  const seconds = typeof value === "string" ? DURATION.exec(value)?.[1] : undefined;
  return seconds === undefined ? null : Number(seconds);
}

/** Place of a `sampleTime`. */
export function samplePlace(value: Json, path: string, job: MapJob): SamplePlace | null {
  const time = value["sampleTime"];
  const startMs = instantOf(isObject(time) ? time["physicalTime"] : undefined, `${path}/sampleTime/physicalTime`, job);
  return startMs === null ? null : { startMs, offsetMinutes: offsetMinutesOf((time as Json)["utcOffset"]) };
}

/** Place of an `interval`. A session without a length is given a minute; anything else must have one, and of a day at most. */
export function intervalPlace(value: Json, path: string, job: MapJob, isSession = false): (SamplePlace & { readonly endMs: number }) | null {
  const { interval } = value;
  const [start, end] = isObject(interval) ? [interval["startTime"], interval["endTime"]] : [];
  const startMs = instantOf(start, `${path}/interval/startTime`, job);
  const endMs = startMs === null ? null : instantOf(end, `${path}/interval/endTime`, job);
  if (startMs === null || endMs === null) return null;
  const lengthMs = isSession ? Math.max(endMs - startMs, SHORTEST_MS) : endMs - startMs;
  if (lengthMs <= 0 || lengthMs > LONGEST_SAMPLE_MS) {
    job.mapping.problem(`${path}/interval`, "no possible stretch of time of a sample");
    return null;
  }
  return { startMs, endMs: startMs + lengthMs, offsetMinutes: offsetMinutesOf((interval as Json)["startUtcOffset"]) };
}

/** Place of a `date`, which is the person's own: the day in the patient's zone. */
export function dayPlace(value: Json, path: string, job: MapJob): (SamplePlace & { readonly endMs: number; readonly isOfDay: true }) | null {
  const { mapping, context } = job;
  const wallMs = wallOfDate(value["date"]);
  const day = wallMs === null ? null : localDay(context.zone, new Date(wallMs).toISOString().slice(0, 10));
  if (!day || day.fromMs < EARLIEST_MS || day.fromMs > context.receivedMs + CLOCK_FAULT_MS) {
    mapping.problem(`${path}/date`, value["date"] === undefined ? "missing or of the wrong type" : "no possible date of a measurement");
    return null;
  }
  return { startMs: day.fromMs, endMs: day.toMs, isOfDay: true, offsetMinutes: offsetMinutesAt(context.zone, day.fromMs) };
}

/** Place of a roll-up: of a day between two civil times, or of a stretch between two instants. */
export function rollUpPlace(point: Json, path: string, job: MapJob): (SamplePlace & { readonly endMs: number; readonly isOfDay: boolean }) | null {
  const { mapping, context } = job;
  const isOfDay = point["civilStartTime"] !== undefined;
  const [startMs, endMs] = isOfDay
    ? civilEnds(point, context.zone)
    : [point["startTime"], point["endTime"]].map((time) => (typeof time === "string" ? (parseInstant(time)?.ms ?? null) : null));
  const isPossible =
    typeof startMs === "number" && typeof endMs === "number" && startMs >= EARLIEST_MS && startMs <= context.receivedMs + CLOCK_FAULT_MS &&
    endMs > startMs && endMs - startMs <= LONGEST_SAMPLE_MS;
  if (isPossible) return { startMs, endMs, isOfDay, offsetMinutes: isOfDay ? offsetMinutesAt(context.zone, startMs) : null };
  mapping.problem(`${path}/${isOfDay ? "civilStartTime" : "startTime"}`, "no possible stretch of a day at most");
  return null;
}

/** A roll-up of one day may leave its end away. */
function civilEnds({ civilStartTime: start, civilEndTime: end }: Json, zone: string): readonly (number | null)[] {
  if (end !== undefined && end !== null) return [civilInstant(start, zone), civilInstant(end, zone)];
  const wallMs = isObject(start) ? wallOfDate(start["date"], start["time"]) : null;
  return wallMs === null ? [null, null] : [instantOfWall(zone, wallMs), instantOfWall(zone, wallMs + DAY_MS)];
}

function civilInstant(time: unknown, zone: string): number | null {
  const wallMs = isObject(time) ? wallOfDate(time["date"], time["time"]) : null;
  return wallMs === null ? null : instantOfWall(zone, wallMs);
}

/** A civil date in its parts (or, from those who pass it on, as a text), with its time of day where there is one; null for a date that is not whole or not possible. */
function wallOfDate(date: unknown, time?: unknown): number | null {
  if (typeof date === "string" && /^\d{4}-\d{2}-\d{2}$/.test(date)) return parseTime(date)?.wallMs ?? null;
  if (!isObject(date)) return null;
  const part = (from: unknown, name: string): number => {
    const value = isObject(from) ? (from[name] ?? 0) : 0;
    return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : Number.NaN;
  };
  const [year, month, day] = [part(date, "year"), part(date, "month"), part(date, "day")];
  const [hour, minute, second] = [part(time, "hours"), part(time, "minutes"), part(time, "seconds")];
  return [year, month, day, hour, minute, second].some(Number.isNaN) ? null : wallTime({ year, month, day, hour, minute, second });
}

/** What a point that was listed tells of its source; merged points tell nothing. */
export interface Source {
  readonly device?: Device;
  readonly flags?: readonly SampleFlag[];
}

const MANUAL: readonly SampleFlag[] = ["manual"];

/** The device's name, else the app that wrote the point; and whether a person typed it. */
export function sourceOf({ dataSource: source }: Json): Source {
  if (!isObject(source)) return {};
  const device = deviceOf(source["device"], source["application"]);
  return { ...(device ? { device } : {}), ...(source["recordingMethod"] === "MANUAL" ? { flags: MANUAL } : {}) };
}

let lastDevice: Device | null = null;

function deviceOf(device: unknown, application: unknown): Device | null {
  const name = isObject(device) ? (device["displayName"] ?? device["manufacturer"]) : undefined;
  if (typeof name === "string" && name !== "") {
    if (lastDevice?.id !== name) lastDevice = { id: name, name };
    return lastDevice;
  }
  const app = isObject(application) ? application["packageName"] : undefined;
  return typeof app === "string" && app !== "" ? { id: app } : null;
}

/** The vendor's id of a point: the last part of its resource name; null where it has none. */
export function pointId(point: Json): string | null {
  const name = point["dataPointName"] ?? point["name"];
  const id = typeof name === "string" ? name.slice(name.lastIndexOf("/") + 1) : "";
  return id === "" ? null : id;
}

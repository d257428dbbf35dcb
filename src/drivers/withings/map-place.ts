/** Where and by what a measurement of Withings was taken. Pure. */
import type { Mapping } from "#driver/payload.ts";
import type { Device } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS, isZone, offsetMinutesAt } from "#units/time.ts";

export interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

/** Before the first scale with a network; scrubbed recordings carry tiny epochs. Weights typed in for earlier years are rare, and real. */
const EARLIEST_MS = Date.UTC(1990, 0, 1);
const CLOCK_FAULT_MS = 2 * DAY_MS;

/** Epoch seconds → milliseconds; null, and a problem, for what is no time of a measurement. */
export function instantOf(seconds: number, path: string, { mapping, context }: MapJob): number | null {
  const ms = Math.round(seconds * 1000);
  if (isPossible(ms, context)) return ms;
  mapping.problem(path, "no possible time of a measurement");
  return null;
}

export function isPossible(ms: number, { receivedMs }: MapContext): boolean {
  return ms >= EARLIEST_MS && ms <= receivedMs + CLOCK_FAULT_MS;
}

/** Minutes east of UTC in the first zone that is one; null when none is told. */
export function offsetAt(ms: number, ...zones: readonly (string | null | undefined)[]): number | null {
  const zone = zones.find((each) => typeof each === "string" && isZone(each));
  return zone === undefined || zone === null ? null : offsetMinutesAt(zone, ms);
}

interface DeviceFields {
  readonly deviceid?: string | null | undefined;
  readonly hash_deviceid?: string | null | undefined;
  /** A name, or the number of a kind (16 tracker, 32 sleep monitor) or of a model. */
  readonly model?: string | number | null | undefined;
}

/** Null for what a person typed. Both ids are one hash, but not every answer has both. */
export function deviceOf({ deviceid, hash_deviceid, model }: DeviceFields): Device | null {
  const id = hash_deviceid || deviceid;
  if (!id) return null;
  return typeof model === "string" && model !== "" ? { id, name: model } : { id };
}

/** Nothing that Withings measures of a body is 0: that means missing, as −1 does. */
export function measured(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && value > 0 ? value : null;
}

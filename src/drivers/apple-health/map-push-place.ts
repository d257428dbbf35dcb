/** When and by what an item of Islet's own push shape was measured. Pure. Source: Apple Health facts, SDK push. */
import type { Device } from "#driver/records.ts";
import { cleanName, deviceOf, instantOf, type MapJob, offsetInZone, offsetOf } from "./map-place.ts";
import type { PushedRecord } from "./schema.ts";

export type Stretch = Pick<PushedRecord, "id" | "startDate" | "endDate" | "zoneOffset" | "source" | "metadata">;

export interface PushedPlace {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMinutes: number | null;
  readonly device: Device | undefined;
}

/** Where and by what; null, and a problem, for no possible time. The metadata's zone is the measurement's, `zoneOffset` may be the phone's. */
export function placeOf({ startDate, endDate, zoneOffset, source, metadata }: Stretch, path: string, job: MapJob): PushedPlace | null {
  const start = instantOf(startDate, job.context);
  const end = endDate === null || endDate === undefined ? start : instantOf(endDate, job.context);
  if (!start || !end || end.ms < start.ms) {
    job.mapping.problem(`${path}/${start ? "endDate" : "startDate"}`, start && end ? "ends before its start" : "no possible time of a measurement");
    return null;
  }
  const zone = metadata?.["HKTimeZone"];
  const offsetMinutes = offsetInZone(typeof zone === "string" ? zone : undefined, start.ms, job) ?? offsetOf(zoneOffset) ?? start.offsetMinutes;
  return { startMs: start.ms, endMs: end.ms, offsetMinutes, device: sourceDevice(source) };
}

/** An app's identifier is one for each watch, too; the hardware tells phones of one app apart. */
function sourceDevice(source: Stretch["source"]): Device | undefined {
  const app = cleanName(source?.bundleIdentifier) || cleanName(source?.appId);
  const hardware = cleanName(source?.productType) || cleanName(source?.deviceModel) || cleanName(source?.deviceId);
  const name = cleanName(source?.deviceName);
  return deviceOf(name || (hardware === "" ? app : hardware), hardware, app || name);
}

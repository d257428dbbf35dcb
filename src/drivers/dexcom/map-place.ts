/** What all Dexcom records share: when, at which local offset, by which device, in which unit. Pure. */
import type { Mapping } from "#driver/payload.ts";
import type { Device } from "#driver/records.ts";
import { MG_DL_PER_MMOL_L, parseGlucoseUnit } from "#units/glucose.ts";
import { DAY_MS, MINUTE_MS, parseTime } from "#units/time.ts";

/** Receivers whose clock was never set stand decades back; nothing before this was measured. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const FARTHEST_WEST_MINUTES = -12 * 60;
const FARTHEST_EAST_MINUTES = 14 * 60;

export interface Place {
  readonly startMs: number;
  readonly offsetMinutes: number | null;
}

export interface Timed {
  readonly systemTime?: unknown;
  readonly displayTime?: unknown;
}

/**
 * Instant and local offset of a record, null (with a problem) when its time cannot be.
 * `systemTime` is UTC even where a receiver leaves the offset away (vendors/dexcom.md, Time). Dates far in the future have been
 * seen in production: more than a day after the receipt is refused.
 */
export function placeOf(record: Timed, path: string, mapping: Mapping, receivedMs: number): Place | null {
  const { systemTime } = record;
  if (typeof systemTime !== "string") {
    mapping.problem(`${path}/systemTime`, "missing or of the wrong type");
    return null;
  }
  const system = parseTime(systemTime);
  if (system === null) {
    mapping.problem(`${path}/systemTime`, "not a possible time");
    return null;
  }
  const startMs = system.wallMs - (system.offsetMinutes ?? 0) * MINUTE_MS;
  if (startMs < EARLIEST_MS || startMs > receivedMs + DAY_MS) {
    mapping.problem(`${path}/systemTime`, "too far in the past or the future to be a measurement");
    return null;
  }
  return { startMs, offsetMinutes: offsetOf(record.displayTime, startMs) };
}

/**
 * Minutes east of UTC: as written on `displayTime`; for receivers, which write none, the difference of the two clocks rounded to
 * half an hour. Null when there is no usable display time: the record does not hang on it.
 */
function offsetOf(displayTime: unknown, startMs: number): number | null {
  const display = typeof displayTime === "string" ? parseTime(displayTime) : null;
  if (display === null) return null;
  const minutes = display.offsetMinutes ?? Math.round((display.wallMs - startMs) / (30 * MINUTE_MS)) * 30;
  return minutes >= FARTHEST_WEST_MINUTES && minutes <= FARTHEST_EAST_MINUTES ? minutes : null;
}

/** Names of `transmitterGeneration`; "g6 pro" is undocumented but seen. */
const GENERATIONS: Readonly<Record<string, string>> = {
  g4: "Dexcom G4",
  g5: "Dexcom G5",
  g6: "Dexcom G6",
  "g6+": "Dexcom G6+",
  "g6 pro": "Dexcom G6 Pro",
  dexcompro: "Dexcom G6 Pro",
  g7: "Dexcom G7",
  g715day: "Dexcom G7 15 Day",
};

/** Enough of the 64-digit transmitter hash to tell one person's transmitters apart. */
const DEVICE_ID_LENGTH = 16;

/**
 * The sensor that measured: its transmitter (a G7 is a new one with every sensor), else its generation, else unknown.
 * `transmitterId` can be null, absent or "".
 */
export function deviceOf(transmitterId: unknown, generation: unknown): Device | undefined {
  const generationName = typeof generation === "string" ? generation.toLowerCase() : "unknown";
  const isKnown = Object.hasOwn(GENERATIONS, generationName);
  const id =
    typeof transmitterId === "string" && transmitterId !== ""
      ? transmitterId.slice(0, DEVICE_ID_LENGTH)
      : isKnown
        ? generationName
        : undefined;
  if (id === undefined) return undefined;
  return isKnown ? { id, name: GENERATIONS[generationName]! } : { id };
}

/**
 * Factor that makes mg/dL of a value in `unit`, null for a unit that is neither. Dexcom's unit missing or "unknown" still means
 * mg/dL (vendors/dexcom.md, egvs record; vendors/traps.md, Units). `perMinute`: a rate, spelled with "/min".
 */
export function mgDlFactor(unit: unknown, perMinute = false): number | null {
  if (unit === "mg/dL" || unit === "mg/dL/min" || unit === undefined || unit === null) return 1;
  if (typeof unit !== "string") return null;
  const text = perMinute ? unit.replace(/\s*\/\s*min(ute)?s?$/i, "") : unit;
  if (text.trim() === "" || text.trim().toLowerCase() === "unknown") return 1;
  const known = parseGlucoseUnit(text);
  if (known === null) return null;
  return known === "mg/dL" ? 1 : MG_DL_PER_MMOL_L;
}

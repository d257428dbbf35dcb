/** Readings of Dexcom Share → glucose samples. Pure. Source: vendors/dexcom-share.md, Data and Mapping. */
import { z } from "zod";
import { looseNumber, Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult, SampleFlag } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";

/** The list, or one reading alone. */
const envelope = z.union([z.array(z.unknown()), z.looseObject({ Value: z.unknown(), WT: z.string() }).transform((one) => [one])]);
const anything = z.unknown().optional();
const reading = z.object({ WT: anything, ST: anything, DT: anything, Value: anything });

/** Below it a number is a code of an old receiver; 39 and 401 stand for LOW and HIGH. */
const SMALLEST = 13;
const LOW = 39;
const HIGH = 401;
/** Key of a reading is its time to the second: the server's clock strays by parts of one. */
const KEY_MS = 1_000;
/** Before it there was no such sensor. */
const EARLIEST_MS = Date.UTC(2008, 0, 1);

/** Throws ProviderContractBroken when there is no list. */
export function mapReadings(payload: unknown, { receivedMs }: MapContext): MapResult {
  const mapping = new Mapping();
  parseEnvelope(envelope, payload, "list of readings").forEach((item, index) => {
    const path = `/${index}`;
    const parsed = mapping.item(reading, item, path);
    if (parsed) addReading(mapping, parsed, { path, receivedMs });
  });
  return mapping.result();
}

function addReading(mapping: Mapping, item: z.infer<typeof reading>, { path, receivedMs }: { path: string; receivedMs: number }): void {
  const time = timeOf(item.WT) ?? timeOf(item.ST) ?? timeOf(item.DT);
  if (!time || !(time.ms >= EARLIEST_MS && time.ms <= receivedMs + DAY_MS)) return mapping.problem(`${path}/WT`, "no time, or one that cannot be");
  const value = looseNumber(item.Value);
  if (value === null) return mapping.problem(`${path}/Value`, "missing or no number");
  if (value < SMALLEST) return mapping.problem(`${path}/Value`, "a code of the receiver, no glucose");
  if (value > HIGH) return mapping.problem(`${path}/Value`, "beyond what the sensor can show");
  const flags: SampleFlag[] = value <= LOW ? ["below_range"] : value >= HIGH ? ["above_range"] : [];
  const startMs = Math.round(time.ms / KEY_MS) * KEY_MS;
  mapping.sample("glucose", Math.max(value, LOW), { startMs, offsetMinutes: timeOf(item.DT)?.offsetMinutes ?? null, flags }, `${path}/Value`);
}

/** `Date(ms)`, `/Date(ms)/`, `Date(ms+0100)`; null for anything else. */
function timeOf(text: unknown): { readonly ms: number; readonly offsetMinutes: number | null } | null {
  const match = typeof text === "string" ? /\((-?\d{1,15})([+-]\d{4})?\)/.exec(text) : null;
  if (!match) return null;
  const zone = match[2];
  const minutes = zone === undefined ? null : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))) * (zone.startsWith("-") ? -1 : 1);
  return { ms: Number(match[1]), offsetMinutes: minutes !== null && minutes >= -12 * 60 && minutes <= 14 * 60 ? minutes : null };
}

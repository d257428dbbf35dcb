/** Readings of Dexcom Share → glucose samples. Pure. Source: vendors/dexcom-share.md, Data and Mapping. */
import { z } from "zod";
import { looseNumber, Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult, SampleFlag } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";

/** Some clients wrap the list; the door gives it bare. */
const envelope = z.union([z.array(z.unknown()), z.object({ readings: z.array(z.unknown()) }).transform(({ readings }) => readings)]);
const reading = z.object({ WT: z.string().nullish(), ST: z.string().nullish(), DT: z.string().nullish(), Value: z.union([z.number(), z.string()]).nullish() });

/** Below it a number is a code of an old receiver; 39 and 401 stand for LOW and HIGH. */
const SMALLEST = 13;
const LOW = 39;
const HIGH = 401;
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
  const flags: SampleFlag[] = value <= LOW ? ["below_range"] : value >= HIGH ? ["above_range"] : [];
  if (value > HIGH) return mapping.problem(`${path}/Value`, "beyond what the sensor can show");
  // Key of a reading: its time, rounded to the second.
  const startMs = Math.round(time.ms / 1000) * 1000;
  mapping.sample("glucose", Math.max(value, LOW), { startMs, offsetMinutes: timeOf(item.DT)?.offsetMinutes ?? null, ...(flags.length > 0 ? { flags } : {}) }, `${path}/Value`);
}

/** `Date(ms)`, `/Date(ms)/`, `Date(ms+0100)`; null for anything else. */
function timeOf(text: string | null | undefined): { readonly ms: number; readonly offsetMinutes: number | null } | null {
  const match = /\((-?\d{1,15})([+-]\d{4})?\)/.exec(text ?? "");
  if (!match) return null;
  const zone = match[2];
  const minutes = zone === undefined ? null : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))) * (zone.startsWith("-") ? -1 : 1);
  return { ms: Number(match[1]), offsetMinutes: minutes !== null && Math.abs(minutes) <= 14 * 60 ? minutes : null };
}

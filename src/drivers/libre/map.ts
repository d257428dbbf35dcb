/** LibreLinkUp's glucose items → samples. Pure. Source: vendors/abbott-libre.md, Data endpoints and Mapping; traps.md, Time and Units. */
import { z } from "zod";
import { looseNumber, Mapping, parseEnvelope } from "#driver/payload.ts";
import type { Device, MapResult, SampleFlag } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { MG_DL_PER_MMOL_L } from "#units/glucose.ts";
import { DAY_MS, MINUTE_MS, wallTime } from "#units/time.ts";

const text = z.union([z.string(), z.number()]).nullish();
const item = z.object({
  FactoryTimestamp: z.string().nullish(), Timestamp: z.string().nullish(), ValueInMgPerDl: text, Value: text, GlucoseUnits: text, TrendArrow: text,
  isHigh: z.boolean().nullish(), isLow: z.boolean().nullish(),
});
type Item = z.infer<typeof item>;

const sensor = z.object({ sn: z.string().nullish() }).nullish();
const person = z.object({ glucoseMeasurement: z.unknown().optional(), glucoseItem: z.unknown().optional(), sensor: sensor.catch(null) });
const envelopes = {
  graph: z.object({ data: z.object({ connection: person.nullish(), graphData: z.array(z.unknown()).nullish() }) }),
  logbook: z.object({ data: z.array(z.unknown()) }),
  connections: z.object({ data: z.array(person) }),
};

/** The sensor's ends, stored with a mark. */
const FLOOR = 40;
const CEILING = 500;
/** What the arrows say, mg/dL a minute: approximate, so marked as the vendor's estimate. */
const RATES: Readonly<Record<number, number>> = { 1: -2, 2: -1, 3: 0, 4: 1, 5: 2 };
const EARLIEST_MS = Date.UTC(2014, 0, 1);

interface Place {
  readonly path: string;
  readonly device: Device | undefined;
  readonly receivedMs: number;
  readonly isCurrent: boolean;
}

/** Throws ProviderContractBroken when the envelope is not LibreLinkUp's. */
export function mapLibre(resource: string, payload: unknown, { receivedMs }: MapContext): MapResult {
  const mapping = new Mapping();
  const seen = new Set<number>();
  const add = (value: unknown, place: Omit<Place, "receivedMs">): void => {
    if (value === null || value === undefined) return;
    const parsed = mapping.item(item, value, place.path);
    if (parsed) addItem(mapping, parsed, { ...place, receivedMs }, seen);
  };
  const addPerson = (one: z.infer<typeof person>, path: string): Device | undefined => {
    const device = one.sensor?.sn ? { id: one.sensor.sn, name: "FreeStyle Libre" } : undefined;
    // The current reading stands twice, now and then with another arrow: the first counts.
    add(one.glucoseMeasurement, { path: `${path}/glucoseMeasurement`, device, isCurrent: true });
    add(one.glucoseItem, { path: `${path}/glucoseItem`, device, isCurrent: true });
    return device;
  };
  if (resource === "logbook") {
    parseEnvelope(envelopes.logbook, payload, "LibreLinkUp logbook").data.forEach((each, index) => add(each, { path: `/data/${index}`, device: undefined, isCurrent: false }));
  } else if (resource === "connections") {
    parseEnvelope(envelopes.connections, payload, "LibreLinkUp connections").data.forEach((each, index) => void addPerson(each, `/data/${index}`));
  } else {
    const { data } = parseEnvelope(envelopes.graph, payload, "LibreLinkUp graph");
    const device = data.connection ? addPerson(data.connection, "/data/connection") : undefined;
    (data.graphData ?? []).forEach((each, index) => add(each, { path: `/data/graphData/${index}`, device, isCurrent: false }));
  }
  return mapping.result();
}

function addItem(mapping: Mapping, reading: Item, { path, device, receivedMs, isCurrent }: Place, seen: Set<number>): void {
  const startMs = timeOf(reading.FactoryTimestamp);
  if (startMs === null || !(startMs >= EARLIEST_MS && startMs <= receivedMs + DAY_MS)) return mapping.problem(`${path}/FactoryTimestamp`, "no time, or one that cannot be");
  if (seen.has(startMs)) return;
  const mgDl = mgDlOf(reading);
  if (mgDl === null) return mapping.problem(`${path}/ValueInMgPerDl`, "missing or no number");
  seen.add(startMs);
  const place = { startMs, offsetMinutes: offsetOf(reading, startMs), ...(device ? { device } : {}) };
  const flags: SampleFlag[] = mgDl <= FLOOR ? ["below_range"] : mgDl >= CEILING ? ["above_range"] : [];
  mapping.sample("glucose", mgDl, { ...place, ...(flags.length > 0 ? { flags } : {}) }, `${path}/ValueInMgPerDl`);
  const rate = isCurrent ? RATES[looseNumber(reading.TrendArrow) ?? 0] : undefined;
  mapping.sample("glucose_trend_rate", rate, { ...place, flags: ["estimated"] }, `${path}/TrendArrow`);
}

/** `Value` is in the account's unit, which only `GlucoseUnits` tells; without that word it is not used. */
function mgDlOf({ ValueInMgPerDl, Value, GlucoseUnits }: Item): number | null {
  const direct = looseNumber(ValueInMgPerDl);
  if (direct !== null) return direct;
  const [value, unit] = [looseNumber(Value), looseNumber(GlucoseUnits)];
  if (value === null || (unit !== 0 && unit !== 1)) return null;
  return unit === 0 ? value * MG_DL_PER_MMOL_L : value;
}

/** The phone's clock minus the sensor's, as far as it is an offset that clocks on Earth have. */
function offsetOf({ Timestamp }: Item, startMs: number): number | null {
  const localMs = timeOf(Timestamp);
  if (localMs === null) return null;
  const minutes = Math.round((localMs - startMs) / (15 * MINUTE_MS)) * 15;
  return Math.abs(minutes) <= 14 * 60 ? minutes : null;
}

/** `1/5/2026 4:47:40 PM`, month first; null for what is no such time. */
function timeOf(value: string | null | undefined): number | null {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) ?([AP])M$/i.exec((value ?? "").trim().replace(/[\u202f\u00a0]/g, " "));
  if (!match) return null;
  const [month, day, year, clock, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (clock < 1 || clock > 12) return null;
  const hour = (clock % 12) + (match[7]!.toUpperCase() === "P" ? 12 : 0);
  return wallTime({ year, month, day, hour, minute, second });
}

/** LibreLinkUp's glucose items → samples. Pure. Source: vendors/abbott-libre.md, Data endpoints and Mapping; traps.md, Time and Units. */
import { z } from "zod";
import { looseNumber, Mapping, parseEnvelope } from "#driver/payload.ts";
import type { Device, MapResult, SampleFlag } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { MG_DL_PER_MMOL_L } from "#units/glucose.ts";
import { METRICS } from "#units/metrics.ts";
import { DAY_MS, MINUTE_MS, wallTime } from "#units/time.ts";
import { wholeOf } from "./envelope.ts";

/** Optional fields are read loosely: an odd one must not lose the reading beside it. */
const anything = z.unknown().optional();
const item = z.object({ FactoryTimestamp: anything, Timestamp: anything, ValueInMgPerDl: anything, Value: anything, GlucoseUnits: anything, TrendArrow: anything, alarmType: anything });
type Item = z.infer<typeof item>;

const sensor = z.object({ sn: z.string().nullish(), a: anything }).nullish().catch(null);
const person = z.object({ glucoseMeasurement: anything, glucoseItem: anything, sensor });
const graph = z.object({ data: z.object({ connection: person.nullish(), graphData: z.array(z.unknown()).nullish() }) });
const logbook = z.object({ data: z.array(z.unknown()) });
const connections = z.object({ data: z.array(person) });

/** The sensor's ends: what lies at or beyond them is LO or HI, stored as the end with a mark. */
const FLOOR = 40;
const CEILING = 500;
/** What the arrows say, mg/dL a minute: approximate, so marked as the vendor's estimate. */
const RATES: Readonly<Record<number, number>> = { 1: -2, 2: -1, 3: 0, 4: 1, 5: 2 };
/** The first Libre came out in that year. */
const EARLIEST_MS = Date.UTC(2014, 0, 1);

interface Source {
  readonly mapping: Mapping;
  readonly receivedMs: number;
  /** Times that have been read already. */
  readonly seen: Set<number>;
  readonly worn?: { readonly device: Device; readonly sinceMs: number };
}

/** Throws ProviderContractBroken when the envelope is not LibreLinkUp's. */
export function mapLibre(resource: string, payload: unknown, { receivedMs }: MapContext): MapResult {
  const mapping = new Mapping();
  const source: Source = { mapping, receivedMs, seen: new Set() };
  const { payload: whole, at: dataAt } = wholeOf(resource, payload);
  if (resource === "logbook") {
    parseEnvelope(logbook, whole, "LibreLinkUp logbook").data.forEach((each, index) => addItem(source, each, `${dataAt}/${index}`));
    return mapping.result();
  }
  const { connection, graphData, path } = resource === "connections" ? onlyOne(mapping, whole) : { ...parseEnvelope(graph, whole, "LibreLinkUp graph").data, path: `${dataAt}/connection` };
  const at: Source = { ...source, ...wornBy(connection?.sensor) };
  // The current reading stands twice, now and then with another arrow: the first counts.
  for (const name of ["glucoseMeasurement", "glucoseItem"] as const) {
    const current = connection?.[name];
    if (current !== null && current !== undefined) addItem(at, current, `${path}/${name}`, "current");
  }
  graphData?.forEach((each, index) => addItem(at, each, Array.isArray(payload) || dataAt === "/result" ? `${dataAt}/${index}` : `${dataAt}/graphData/${index}`));
  return mapping.result();
}

/** The list of people who share with an account, each with the current reading: of use where it is one person, for nobody's readings may stand beside another's. */
function onlyOne(mapping: Mapping, payload: unknown): { connection?: z.infer<typeof person>; graphData?: undefined; path: string } {
  const { data } = parseEnvelope(connections, payload, "LibreLinkUp connections");
  if (data.length > 1) mapping.problem("/data", `readings of ${data.length} people: ask for the graph of one`);
  return data.length === 1 ? { connection: data[0]!, path: "/data/0" } : { path: "/data" };
}

/** The sensor that is worn now and since when: half a day of readings may begin with the one before it, whose number is not told. */
function wornBy(one: z.infer<typeof sensor>): Pick<Source, "worn"> {
  if (!one?.sn) return {};
  return { worn: { device: { id: one.sn, name: "FreeStyle Libre" }, sinceMs: (looseNumber(one.a) ?? 0) * 1000 } };
}

function addItem({ mapping, receivedMs, seen, worn }: Source, value: unknown, path: string, kind?: "current"): void {
  const reading = mapping.item(item, value, path);
  if (!reading || isAlarm(reading)) return;
  const startMs = timeOf(reading.FactoryTimestamp);
  if (startMs === null || !(startMs >= EARLIEST_MS && startMs <= receivedMs + DAY_MS)) return mapping.problem(`${path}/FactoryTimestamp`, "no time, or one that cannot be");
  if (seen.has(startMs)) return;
  const mgDl = mgDlOf(reading);
  if (mgDl === null) return mapping.problem(`${path}/ValueInMgPerDl`, "missing or no number");
  if (mgDl < METRICS.glucose.min || mgDl > METRICS.glucose.max) return mapping.problem(`${path}/ValueInMgPerDl`, "outside what glucose can be");
  seen.add(startMs);
  const place = { startMs, offsetMinutes: offsetOf(reading, startMs), ...(worn && startMs >= worn.sinceMs ? { device: worn.device } : {}) };
  const flags: SampleFlag[] = mgDl <= FLOOR ? ["below_range"] : mgDl >= CEILING ? ["above_range"] : [];
  mapping.sample("glucose", Math.min(Math.max(mgDl, FLOOR), CEILING), { ...place, flags }, `${path}/ValueInMgPerDl`);
  const rate = kind === "current" ? RATES[looseNumber(reading.TrendArrow) ?? 0] : undefined;
  mapping.sample("glucose_trend_rate", rate, { ...place, flags: ["estimated"] }, `${path}/TrendArrow`);
}

/** A row of the logbook that tells of an alarm and holds no reading. */
function isAlarm({ alarmType, ValueInMgPerDl, Value }: Item): boolean {
  return looseNumber(alarmType) !== null && (ValueInMgPerDl ?? Value ?? null) === null;
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
  return minutes >= -12 * 60 && minutes <= 14 * 60 ? minutes : null;
}

/** `1/5/2026 4:47:40 PM`, month first; null for what is no such time. */
function timeOf(value: unknown): number | null {
  if (typeof value !== "string") return null;
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})\s+(\d{1,2}):(\d{2}):(\d{2})\s?([AP])M$/i.exec(value.trim());
  if (!match) return null;
  const [month, day, year, clock, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  if (clock < 1 || clock > 12) return null;
  const hour = (clock % 12) + (match[7]!.toUpperCase() === "P" ? 12 : 0);
  return wallTime({ year, month, day, hour, minute, second });
}

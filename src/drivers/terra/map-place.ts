/** When and on what something of Terra's was measured. Source: vendors/terra.md, Time conventions. */
import type { Mapping } from "#driver/payload.ts";
import type { Device } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";
import { at, list, number, word, type Fields, type Item } from "./schema.ts";

const EARLIEST_MS = Date.UTC(1980, 0, 1);

export interface Moment {
  readonly ms: number;
  readonly offsetMinutes: number | null;
}

/** What every part of an object shares. */
export interface Place {
  readonly mapping: Mapping;
  readonly path: string;
  readonly context: MapContext;
  readonly device: Device | undefined;
  /** False where times are said to be in UTC: then their offset says nothing of where the person was. */
  readonly isLocal: boolean;
}

export function placeOf(mapping: Mapping, item: Item, more: { readonly path: string; readonly context: MapContext; readonly provider: string | null }): Place {
  const device = at(item, "device_data");
  const name = word(device["name"]) ?? more.provider;
  const id = word(device["serial_number"]) ?? name;
  return { mapping, path: more.path, context: more.context, device: id ? { id, ...(name ? { name } : {}) } : undefined, isLocal: number(item.metadata["timestamp_localization"]) !== 0 };
}

/** Null for what is no time, or cannot be. A time without an offset is the person's local one, unless the object says that its times are in UTC. */
export function momentOf(value: unknown, { context, isLocal }: Pick<Place, "context" | "isLocal">): Moment | null {
  const parsed = typeof value === "string" ? parseTime(value) : null;
  if (!parsed) return null;
  const isWall = parsed.offsetMinutes === null && isLocal;
  const ms = isWall ? instantOfWall(context.zone, parsed.wallMs) : parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS;
  if (!(ms >= EARLIEST_MS && ms <= context.receivedMs + DAY_MS)) return null;
  const offset = isWall ? offsetMinutesAt(context.zone, ms) : isLocal ? parsed.offsetMinutes : null;
  return { ms: Math.round(ms), offsetMinutes: offset };
}

/** One sample at a moment; a value that is absent is none. */
export function addAt(place: Place, metric: MetricName, value: number | null, { moment, path }: { readonly moment: Moment | null; readonly path: string }): void {
  if (value === null) return;
  if (moment === null) return place.mapping.problem(`${place.path}${path}`, "no time, or one that cannot be");
  place.mapping.sample(metric, value, { startMs: moment.ms, offsetMinutes: moment.offsetMinutes, ...(place.device ? { device: place.device } : {}) }, `${place.path}${path}`);
}

/** A series of samples. `valueOf` gives null for what is no measurement. */
export function addSeries(place: Place, metric: MetricName, series: readonly Fields[], from: { readonly path: string; readonly valueOf: (sample: Fields) => number | null; readonly time?: string }): void {
  series.forEach((sample, index) => {
    const value = from.valueOf(sample);
    if (value !== null) addAt(place, metric, value, { moment: momentOf(sample[from.time ?? "timestamp"], place), path: `${from.path}/${index}` });
  });
}

/** What heart-rate data holds: samples, and the summary's figures at the stretch that they are of. */
export function addHeart(place: Place, data: Fields, of: Stretch | null, path: string): void {
  const detailed = at(data, "detailed");
  const summary = at(data, "summary");
  const [rates, rmssd, sdnn] = [list(detailed["hr_samples"]), list(detailed["hrv_samples_rmssd"]), list(detailed["hrv_samples_sdnn"])];
  addSeries(place, "heart_rate", rates, { path: `${path}/detailed/hr_samples`, valueOf: ({ bpm }) => positive(bpm) });
  addSeries(place, "hrv_rmssd", rmssd, { path: `${path}/detailed/hrv_samples_rmssd`, valueOf: ({ hrv_rmssd: value }) => positive(value) });
  addSeries(place, "hrv_sdnn", sdnn, { path: `${path}/detailed/hrv_samples_sdnn`, valueOf: ({ hrv_sdnn: value }) => positive(value) });
  if (!of) return;
  addOver(place, "resting_heart_rate", positive(summary["resting_hr_bpm"]), { over: of, path: `${path}/summary/resting_hr_bpm` });
  addOver(place, "heart_rate_min", positive(summary["min_hr_bpm"]), { over: of, path: `${path}/summary/min_hr_bpm` });
  addOver(place, "heart_rate_max", positive(summary["max_hr_bpm"]), { over: of, path: `${path}/summary/max_hr_bpm` });
  if (rates.length === 0) addMean(place, "heart_rate", positive(summary["avg_hr_bpm"]), { of, path: `${path}/summary/avg_hr_bpm` });
  if (rmssd.length === 0) addMean(place, "hrv_rmssd", positive(summary["avg_hrv_rmssd"]), { of, path: `${path}/summary/avg_hrv_rmssd` });
  if (sdnn.length === 0) addMean(place, "hrv_sdnn", positive(summary["avg_hrv_sdnn"]), { of, path: `${path}/summary/avg_hrv_sdnn` });
}

/** Zero stands for "not measured" where no living person has it. */
export function positive(value: unknown): number | null {
  const given = number(value);
  return given !== null && given > 0 ? given : null;
}

export interface Stretch {
  readonly start: Moment;
  readonly endMs: number;
  /** The vendor's own total of a day. */
  readonly isDay: boolean;
}

/** Metadata's stretch; a day without an end lasts 24 hours. Null where there is no usable one, after saying so: what has times of its own is still read. */
export function stretchOf(place: Place, item: Item, isDay: boolean): Stretch | null {
  const start = momentOf(item.metadata.start_time, place);
  if (!start) {
    place.mapping.problem(`${place.path}/metadata/start_time`, "no time, or one that cannot be");
    return null;
  }
  const end = momentOf(item.metadata.end_time, { ...place, context: { ...place.context, receivedMs: place.context.receivedMs + DAY_MS } });
  if (end && end.ms > start.ms && end.ms - start.ms <= 8 * DAY_MS) return { start, endMs: end.ms, isDay };
  if (isDay) return { start, endMs: start.ms + DAY_MS, isDay };
  place.mapping.problem(`${place.path}/metadata/end_time`, "not after the start");
  return null;
}

/** The mean of a stretch whose samples were not sent, at its beginning; that of a day is marked as one. */
export function addMean(place: Place, metric: MetricName, value: number | null, { of, path }: { readonly of: Stretch | null; readonly path: string }): void {
  if (value === null || of === null) return;
  const { ms: startMs, offsetMinutes } = of.start;
  place.mapping.sample(metric, value, { startMs, offsetMinutes, ...(place.device ? { device: place.device } : {}), ...(of.isDay ? { flags: ["day_total" as const] } : {}) }, `${place.path}${path}`);
}

/** One figure for a stretch. */
export function addOver(place: Place, metric: MetricName, value: number | null, { over, path }: { readonly over: Stretch | null; readonly path: string }): void {
  if (value === null || over === null) return;
  const { start, endMs, isDay } = over;
  place.mapping.sample(
    metric, value,
    { startMs: start.ms, endMs, offsetMinutes: start.offsetMinutes, ...(place.device ? { device: place.device } : {}), ...(isDay ? { flags: ["day_total" as const] } : {}) },
    `${place.path}${path}`,
  );
}

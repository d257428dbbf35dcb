/** Temperatures, oxygen and ECG tests of the newer watches. Pure. Source: vendors/polar.md, biosensing; all times there are UTC. */
import { dayPlace } from "#driver/day.ts";
import type { SamplePlace } from "#driver/payload.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { deviceOf, isPossible, measured, offsetOf, possible, utcMs, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const TEMPERATURES: ReadonlyMap<string, MetricName> = new Map([
  ["TM_CORE_TEMPERATURE", "body_temperature"],
  ["TM_SKIN_TEMPERATURE", "skin_temperature"],
]);
const UNKNOWN = "TM_UNKNOWN";
const LONGEST_PERIOD_MS = 4 * DAY_MS;
/** No second of our days has so many digits. */
const MILLISECONDS_FROM = 1e11;

/** A period of measuring, each value so many milliseconds after its start. What was measured where nobody says is left out. */
export function mapTemperatures(item: unknown, path: string, job: MapJob): void {
  const period = job.mapping.item(schema.temperaturePeriod, item, path);
  const metric = period && TEMPERATURES.get(period.measurement_type ?? "");
  const startMs = period && possible(utcMs(period.start_time), `${path}/start_time`, job);
  if (!period || startMs === null) return;
  if (!metric) {
    if (period.measurement_type && period.measurement_type !== UNKNOWN) job.mapping.problem(`${path}/measurement_type`, "an unknown kind of temperature");
    return;
  }
  const device = deviceOf(period.source_device_id);
  for (const [index, each] of period.samples.entries()) {
    const samplePath = `${path}/samples/${index}`;
    const sample = job.mapping.item(schema.temperatureSample, each, samplePath);
    const deltaMs = sample?.recording_time_delta_milliseconds ?? Number.NaN;
    if (sample && deltaMs >= 0 && deltaMs <= LONGEST_PERIOD_MS) {
      const place: SamplePlace = { startMs: startMs + Math.round(deltaMs), offsetMinutes: null, ...(device ? { device } : {}) };
      job.mapping.sample(metric, measured(sample.temperature_celsius), place, `${samplePath}/temperature_celsius`);
    } else if (sample) job.mapping.problem(`${samplePath}/recording_time_delta_milliseconds`, "missing or not within the period");
  }
}

/** The skin in a night, and how far it lay from the person's own baseline; it has a date only. */
export function mapSkinTemperature(item: unknown, path: string, { mapping, context }: MapJob): void {
  const night = mapping.item(schema.skinTemperature, item, path);
  const day = night && dayPlace(night.sleep_date, context.zone, null);
  if (!night) return;
  if (!day || !isPossible(day.startMs, context)) {
    mapping.problem(`${path}/sleep_date`, "no possible date of a measurement");
    return;
  }
  const { endMs: _, ...start } = day;
  const celsius = measured(night.sleep_time_skin_temperature_celsius);
  mapping.sample("skin_temperature", celsius, { ...start, flags: ["day_total"] }, `${path}/sleep_time_skin_temperature_celsius`);
  mapping.sample("skin_temperature_deviation", night.deviation_from_baseline_celsius, day, `${path}/deviation_from_baseline_celsius`);
}

/** An oxygen test that passed; of others the heart rate, which does not depend on it. */
export function mapSpo2(item: unknown, path: string, job: MapJob): void {
  const test = job.mapping.item(schema.spo2Test, item, path);
  const place = test && placeOf(test, path, job);
  if (!test || !place) return;
  if (/(?:PASSED|COMPLETED)$/.test(test.test_status ?? "PASSED")) job.mapping.sample("spo2", measured(test.blood_oxygen_percent), place, `${path}/blood_oxygen_percent`);
  job.mapping.sample("heart_rate", measured(test.average_heart_rate_bpm), place, `${path}/average_heart_rate_bpm`);
}

export function mapEcg(item: unknown, path: string, job: MapJob): void {
  const test = job.mapping.item(schema.ecgTest, item, path);
  const place = test && placeOf(test, path, job);
  if (test && place) job.mapping.sample("heart_rate", measured(test.average_heart_rate_bpm), place, `${path}/average_heart_rate_bpm`);
}

interface Test {
  readonly source_device_id?: string | null | undefined;
  readonly test_time: number;
  readonly time_zone_offset?: number | null | undefined;
}

function placeOf(test: Test, path: string, job: MapJob): SamplePlace | null {
  const time = test.test_time;
  const startMs = possible(Math.round(time < MILLISECONDS_FROM ? time * 1000 : time), `${path}/test_time`, job);
  const device = deviceOf(test.source_device_id);
  return startMs === null ? null : { startMs, offsetMinutes: offsetOf(test.time_zone_offset), ...(device ? { device } : {}) };
}

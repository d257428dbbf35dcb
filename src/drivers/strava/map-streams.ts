/** Strava's streams → samples. Pure. Source: vendors/strava.md, Data endpoints and Mapping. */
import { ProviderContractBroken } from "#errors.ts";
import { looseNumber, parseEnvelope } from "#driver/payload.ts";
import type { SampleFlag } from "#driver/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { deviceOf, offsetMinutesOf, startOf, type MapJob } from "./map-activity.ts";
import { cadenceFactor, sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

interface StreamRule {
  readonly key: string;
  readonly metric: MetricName;
  /** 0 means "no pulse found" for a heart, and standing still for the rest. */
  readonly isZeroReal: boolean;
}

const RULES: readonly StreamRule[] = [
  { key: "heartrate", metric: "heart_rate", isZeroReal: false },
  { key: "watts", metric: "power", isZeroReal: true },
  { key: "velocity_smooth", metric: "speed", isZeroReal: true },
  { key: "cadence", metric: "cadence", isZeroReal: true },
  { key: "altitude", metric: "altitude", isZeroReal: true },
];

interface Stream {
  readonly rule: StreamRule;
  readonly path: string;
  readonly times: readonly unknown[];
  readonly data: readonly unknown[];
}

/** Longest time within an activity that is believed, seconds. */
const LONGEST_S = 62 * 86_400;

/**
 * Streams with their activity's start, as the driver stores them. Throws ProviderContractBroken without a start, or
 * without the time stream that all others go by. No streams at all are no records.
 */
export function mapStreams(payload: unknown, job: MapJob): void {
  const { mapping } = job;
  const page = parseEnvelope(schema.streamsPage, payload, "Strava streams page");
  const startMs = startOf(page.start_date, "/start_date", job);
  if (startMs === null || Object.keys(page.streams).length === 0) return;
  const times = page.streams["time"]?.data;
  if (!times) throw new ProviderContractBroken("Strava sent streams without the time stream.", "/streams/time");
  const start = startMs;
  const device = deviceOf(page.device_name);
  const base = { offsetMinutes: offsetMinutesOf(page.utc_offset), ...(device ? { device } : {}) };
  const factor = cadenceFactor(sportOf(page.sport_type));
  const flags: readonly SampleFlag[] = page.device_watts === false ? ["estimated"] : [];
  for (const rule of RULES) {
    const data = page.streams[rule.key]?.data;
    if (!data) continue;
    const path = `/streams/${rule.key}/data`;
    if (data.length !== times.length) mapping.problem(path, "not as long as the time stream");
    addStream({ rule, path, times, data });
  }

  function addStream({ rule, path, times, data }: Stream): void {
    const scale = rule.metric === "cadence" ? factor : 1;
    const place = rule.metric === "power" && flags.length > 0 ? { ...base, flags } : base;
    let lastS = -1;
    let isBad = false;
    for (let index = 0; index < Math.min(times.length, data.length); index += 1) {
      if (data[index] === null) continue;
      const second = looseNumber(times[index]);
      const value = looseNumber(data[index]);
      if (value === 0 && !rule.isZeroReal) continue;
      // Time stands still in some recordings: the first value of an instant counts.
      if (second === null || value === null || !(second >= 0 && second <= LONGEST_S)) isBad = true;
      else if (second > lastS) {
        mapping.sample(rule.metric, value * scale, { ...place, startMs: start + Math.round(second * 1000) }, path);
        lastS = second;
      }
    }
    if (isBad) mapping.problem(path, "some entries are no numbers");
  }
}

/** Nights: a summary, the stretches in it, and what was measured meanwhile. Pure. Source: vendors/withings.md, sleep get and getsummary. */
import type { SamplePlace } from "#driver/payload.ts";
import type { SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { inOrder } from "#driver/stages.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { deviceOf, instantOf, isPossible, measured, offsetAt, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const STAGES: ReadonlyMap<number, SleepStageName> = new Map([
  [0, "awake"],
  [1, "light"],
  [2, "deep"],
  [3, "rem"],
  // Typed nights, and nights of others' trackers: asleep, and nothing more is known.
  [4, "asleep"],
  [5, "asleep"],
  // Out of bed.
  [15, "awake"],
]);

/** Values by epoch second within a stretch. */
const BY_TIME = [
  ["heart_rate", "hr"],
  ["respiration_rate", "rr"],
  ["hrv_rmssd", "rmssd"],
  ["hrv_sdnn", "sdnn_1"],
] as const satisfies readonly (readonly [MetricName, string])[];

const LONGEST_NIGHT_MS = 2 * DAY_MS;
/** Stretches further apart belong to different nights, where no summary says so. */
const NIGHT_GAP_MS = 3 * HOUR_MS;

/** A segment that was read, and where it stands. */
interface Segment {
  readonly value: schema.SleepSegment;
  readonly path: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A night as `pull` stores it: `{summary, detail}`. Throws ProviderContractBroken without a summary. */
export function mapNight(payload: unknown, job: MapJob): void {
  const { body, path } = schema.openAnswer(schema.night, payload, "Withings night");
  const summary = job.mapping.item(schema.sleepSummary, body.summary, `${path}/summary`);
  if (!summary) return;
  const segments = ofSameDevice(segmentsOf(body.detail?.series ?? [], `${path}/detail/series`, job), summary);
  addNight(summary, segments, `${path}/summary`, job);
}

/** Summaries alone: nights without stages. Throws ProviderContractBroken without the list. */
export function mapSummaries(payload: unknown, job: MapJob): void {
  const { body, path } = schema.openAnswer(schema.series, payload, "Withings sleep summaries");
  for (const [index, item] of body.series.entries()) {
    const summaryPath = `${path}/series/${index}`;
    const summary = job.mapping.item(schema.sleepSummary, item, summaryPath);
    if (summary) addNight(summary, [], summaryPath, job);
  }
}

/** Stretches alone: what they hold, and a night of each device wherever three hours part them. Throws ProviderContractBroken without the list. */
export function mapDetails(payload: unknown, job: MapJob): void {
  const { body, path } = schema.openAnswer(schema.sleepSeries, payload, "Withings sleep details");
  const segments = segmentsOf(body.series, `${path}/series`, job).toSorted((a, b) => a.startMs - b.startMs);
  for (const ofDevice of Map.groupBy(segments, ({ value }) => deviceOf(value)?.id ?? "").values()) {
    let night: Segment[] = [];
    let endMs = Number.NEGATIVE_INFINITY;
    for (const segment of ofDevice) {
      if (segment.startMs - endMs > NIGHT_GAP_MS) {
        addBareNight(night, `${path}/series`, job);
        night = [];
      }
      endMs = Math.max(endMs, segment.endMs);
      night.push(segment);
    }
    addBareNight(night, `${path}/series`, job);
  }
}

function addBareNight(segments: readonly Segment[], path: string, job: MapJob): void {
  addSamples(segments, null, job);
  const stages = stagesOf(segments, path, job);
  const [first, last] = [stages[0], stages.at(-1)];
  if (!first || !last) return;
  const device = segments[0] ? deviceOf(segments[0].value) : null;
  job.mapping.add({
    record: "sleep", vendorId: null, startMs: first.startMs, endMs: last.endMs, offsetMinutes: null, isNap: false, stages, totals: {},
    ...(device ? { device } : {}),
  });
}

function addNight(summary: schema.SleepSummary, segments: readonly Segment[], path: string, job: MapJob): void {
  const startMs = instantOf(summary.startdate, `${path}/startdate`, job);
  const endMs = instantOf(summary.enddate, `${path}/enddate`, job);
  if (startMs === null || endMs === null) return;
  if (endMs <= startMs || endMs - startMs > LONGEST_NIGHT_MS) {
    job.mapping.problem(`${path}/enddate`, "no possible night");
    return;
  }
  const data = job.mapping.item(schema.sleepData, summary.data ?? {}, `${path}/data`);
  const offsetMinutes = offsetAt(startMs, summary.timezone);
  // The summary tells the kind of device as a number, its stretches the device's name.
  const device = deviceOf({ ...summary, model: segments.find(({ value }) => typeof value.model === "string")?.value.model ?? summary.model });
  const place: SamplePlace = { startMs, offsetMinutes, ...(device ? { device } : {}) };
  const score = measured(data?.sleep_score);
  const efficiencyPercent = efficiencyOf(data?.sleep_efficiency);
  job.mapping.add({
    record: "sleep",
    vendorId: summary.id ?? null,
    startMs,
    endMs,
    offsetMinutes,
    isNap: false,
    stages: stagesOf(segments, path.replace(/summary$/, "detail/series"), job),
    totals: data ? totalsOf(data, `${path}/data`, job) : {},
    ...(efficiencyPercent === null ? {} : { efficiencyPercent }),
    ...(score === null || score > 100 ? {} : { score }),
    ...(device ? { device } : {}),
  });
  if (data) addSummarySamples(data, { ...place, endMs }, `${path}/data`, job);
  addSamples(segments, offsetMinutes, job);
}

function addSummarySamples(data: schema.SleepData, night: SamplePlace & { readonly endMs: number }, path: string, { mapping }: MapJob): void {
  const { endMs, ...start } = night;
  mapping.sample("sleep_score", measured(data.sleep_score), night, `${path}/sleep_score`);
  mapping.sample("heart_rate_min", measured(data.hr_min), night, `${path}/hr_min`);
  mapping.sample("heart_rate_max", measured(data.hr_max), night, `${path}/hr_max`);
  // Averages of the night, and of its beginning and end: apart from the values by the minute.
  mapping.sample("respiration_rate", measured(data.rr_average), { ...start, flags: ["day_total"] }, `${path}/rr_average`);
  mapping.sample("hrv_rmssd", measured(data.rmssd_start_avg), { ...start, flags: ["day_total"] }, `${path}/rmssd_start_avg`);
  mapping.sample("hrv_rmssd", measured(data.rmssd_end_avg), { ...start, startMs: endMs, flags: ["day_total"] }, `${path}/rmssd_end_avg`);
}

/** A share of one, or percent already: 0.86 here, 86 there. */
function efficiencyOf(value: number | null | undefined): number | null {
  const known = measured(value);
  const percent = known === null ? null : known <= 1 ? known * 100 : known;
  return percent === null || percent > 100 ? null : percent;
}

/** Seconds. Where nothing is known of the stages, all of them are 0: that is not told on as a night without sleep. */
function totalsOf(data: schema.SleepData, path: string, { mapping }: MapJob): SleepRecord["totals"] {
  const read = (field: keyof schema.SleepData): number | null => {
    const seconds = data[field];
    if (typeof seconds !== "number") return null;
    if (seconds >= 0 && seconds <= LONGEST_NIGHT_MS / 1000) return seconds;
    mapping.problem(`${path}/${field}`, "no possible duration");
    return null;
  };
  const [deepS, lightS, remS] = [read("deepsleepduration"), read("lightsleepduration"), read("remsleepduration")];
  const hasStages = [deepS, lightS, remS].some((seconds) => seconds !== null && seconds > 0);
  const inBedS = measured(read("total_timeinbed"));
  // Older nights have no total; it is the sum of the stages, of which a watch may know two only.
  const sumS = deepS === null || lightS === null ? null : deepS + lightS + (remS ?? 0);
  const asleepS = measured(read("total_sleep_time")) ?? measured(read("asleepduration")) ?? measured(sumS);
  const awakeS = read("wakeupduration");
  return {
    ...(inBedS === null ? {} : { inBedS }),
    ...(asleepS === null ? {} : { asleepS }),
    ...(deepS === null || !hasStages ? {} : { deepS }),
    ...(lightS === null || !hasStages ? {} : { lightS }),
    ...(remS === null || !hasStages ? {} : { remS }),
    ...(awakeS === null || (!hasStages && awakeS === 0) ? {} : { awakeS }),
  };
}

function segmentsOf(items: readonly unknown[], path: string, job: MapJob): Segment[] {
  const segments: Segment[] = [];
  for (const [index, item] of items.entries()) {
    const segmentPath = `${path}/${index}`;
    const value = job.mapping.item(schema.sleepSegment, item, segmentPath);
    const startMs = value && instantOf(value.startdate, `${segmentPath}/startdate`, job);
    const endMs = value && instantOf(value.enddate, `${segmentPath}/enddate`, job);
    if (!value || startMs === null || endMs === null) continue;
    if (endMs >= startMs && endMs - startMs <= LONGEST_NIGHT_MS) segments.push({ value, path: segmentPath, startMs, endMs });
    else job.mapping.problem(`${segmentPath}/enddate`, "no possible stretch of a night");
  }
  return segments;
}

/**
 * Details are asked by time, so a night of a watch gives those of the mat under the same person too, and those of a night that was typed: each keeps
 * to its own. Stretches that name no device count where none names the summary's.
 */
function ofSameDevice(segments: readonly Segment[], summary: schema.SleepSummary): readonly Segment[] {
  const own = segments.filter(({ value }) => isSameDevice(value, summary));
  if (own.length > 0) return own;
  const nameless = segments.filter(({ value }) => nameOf(value) === null);
  if (nameless.length > 0 || nameOf(summary) !== null) return nameless;
  return new Set(segments.map(({ value }) => nameOf(value))).size === 1 ? segments : [];
}

type DeviceFields = Pick<schema.SleepSegment, "deviceid" | "hash_deviceid" | "model_id">;

function isSameDevice(segment: DeviceFields, summary: DeviceFields): boolean {
  const [a, b] = [deviceOf(segment)?.id, deviceOf(summary)?.id];
  if (a !== undefined && b !== undefined) return a === b;
  return typeof segment.model_id === "number" && segment.model_id === summary.model_id;
}

const nameOf = (fields: DeviceFields): string | number | null => deviceOf(fields)?.id ?? fields.model_id ?? null;

function stagesOf(segments: readonly Segment[], path: string, { mapping }: MapJob): SleepStage[] {
  const found: SleepStage[] = [];
  for (const { value, path: segmentPath, startMs, endMs } of segments) {
    if (value.state === null || value.state === undefined || endMs === startMs) continue;
    const stage = STAGES.get(value.state);
    if (stage) found.push({ stage, startMs, endMs });
    else mapping.problem(`${segmentPath}/state`, "an unknown stage");
  }
  const { stages, wasCut } = inOrder(found);
  if (wasCut) mapping.problem(path, "stages overlap; the later ones were shortened");
  return stages;
}

/** What was measured in each stretch, by epoch second. Bad entries become one problem for each list. */
function addSamples(segments: readonly Segment[], offsetMinutes: number | null, { mapping, context }: MapJob): void {
  for (const { value, path } of segments) {
    const device = deviceOf(value);
    const base = { offsetMinutes, ...(device ? { device } : {}) };
    for (const [metric, field] of BY_TIME) {
      const values: Readonly<Record<string, unknown>> = value[field] ?? {};
      let isBad = false;
      for (const key in values) {
        const reading = values[key];
        const startMs = Number(key) * 1000;
        if (reading === null) continue;
        if (typeof reading !== "number" || !Number.isInteger(startMs) || !isPossible(startMs, context)) isBad = true;
        else mapping.sample(metric, measured(reading), { ...base, startMs }, `${path}/${field}`);
      }
      if (isBad) mapping.problem(`${path}/${field}`, "some entries are no numbers by time");
    }
  }
}

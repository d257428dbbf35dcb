/** Health Auto Export's sleep: single samples, or one summary a night. Pure. Source: Apple Health facts, Health Auto Export REST JSON. */
import type { SleepRecord } from "#driver/records.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { mapMeasure, type Measure, naturalId } from "./map-measure.ts";
import { instantOf, type MapJob, sourceOf } from "./map-place.ts";
import * as schema from "./schema.ts";

const SHORTEST_NIGHT_MS = 3 * HOUR_MS;
/** Rounded hours, and clocks that change at night. */
const SLACK_MS = 2 * HOUR_MS;

export function addAutoSleep(item: unknown, path: string, job: MapJob): void {
  if (typeof item === "object" && item !== null && Object.hasOwn(item, "startDate")) addSample(item, path, job);
  else addSummary(item, path, job);
}

function addSample(item: unknown, path: string, job: MapJob): void {
  const sample = job.mapping.item(schema.sleepPoint, item, path);
  if (!sample) return;
  const [start, end] = [instantOf(sample.startDate, job.context), instantOf(sample.endDate, job.context)];
  if (!start || !end) return job.mapping.problem(`${path}/${start ? "endDate" : "startDate"}`, "no possible time of a measurement");
  const measure: Measure = {
    type: "SleepAnalysis", value: sample.value, unit: null, startMs: start.ms, endMs: end.ms, offsetMinutes: start.offsetMinutes, device: sourceOf(sample.source),
    isManual: false, path, id: () => naturalId(measure), meta: () => undefined,
  };
  mapMeasure(measure, job);
}

const TOTALS = [["asleepS", "totalSleep"], ["lightS", "core"], ["deepS", "deep"], ["remS", "rem"], ["awakeS", "awake"], ["inBedS", "inBed"]] as const;

/** Hours. A zero says that nothing looked for it. A date alone is no place: without start and end there is no night. */
function addSummary(item: unknown, path: string, job: MapJob): void {
  const { mapping, context } = job;
  const summary = mapping.item(schema.sleepSummary, item, path);
  if (!summary) return;
  const timesOf = (...texts: readonly (string | null | undefined)[]): { ms: number; offsetMinutes: number | null }[] =>
    texts.flatMap((text) => (text ? (instantOf(text, context) ?? []) : []));
  const start = timesOf(summary.inBedStart, summary.sleepStart).toSorted((a, b) => a.ms - b.ms)[0];
  const endMs = Math.max(...timesOf(summary.inBedEnd, summary.sleepEnd).map(({ ms }) => ms));
  if (!start || !(endMs > start.ms && endMs - start.ms <= DAY_MS)) return mapping.problem(path, "no start and end of a night");
  const totals: Record<string, number> = {};
  const hoursOf = { ...summary, totalSleep: summary.totalSleep || summary.asleep };
  for (const [ours, theirs] of TOTALS) {
    const hours = hoursOf[theirs];
    if (hours === null || hours === undefined || hours === 0) continue;
    if (hours > 0 && hours * HOUR_MS <= endMs - start.ms + SLACK_MS) totals[ours] = Math.round(hours * 3_600);
    else mapping.problem(`${path}/${theirs}`, "no possible duration");
  }
  const device = sourceOf(summary.source);
  const night: SleepRecord = {
    record: "sleep", vendorId: null, startMs: start.ms, endMs, offsetMinutes: start.offsetMinutes, isNap: endMs - start.ms < SHORTEST_NIGHT_MS, stages: [], totals,
    ...(device ? { device } : {}),
  };
  mapping.add(night);
}

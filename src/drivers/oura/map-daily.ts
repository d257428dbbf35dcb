/** One document a day: scores, totals, and what the vendor computes of them. Pure. Source: vendors/oura.md, Exact fields and Mapping. */
import type { SamplePlace } from "#driver/payload.ts";
import type { MetricName } from "#units/metrics.ts";
import { MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import { dayOf, type MapJob } from "./map-place.ts";
import { addSeries } from "./map-series.ts";
import * as schema from "./schema.ts";

/** `contributors` of the daily documents are scores, also the one called `resting_heart_rate`: none is taken for a measurement. */
export function mapDailySleep(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.dailyScore, value, path);
  const day = doc && dayOf(doc, path, job);
  if (doc && day) job.mapping.sample("sleep_score", doc.score, day, `${path}/score`);
}

export function mapDailyReadiness(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.dailyReadiness, value, path);
  const day = doc && dayOf(doc, path, job);
  if (!doc || !day) return;
  job.mapping.sample("readiness", doc.score, day, `${path}/score`);
  // Degrees away from the person's own baseline; there is no absolute temperature.
  job.mapping.sample("skin_temperature_deviation", doc.temperature_deviation, day, `${path}/temperature_deviation`);
}

export function mapDailySpo2(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.dailySpo2, value, path);
  const day = doc && dayOf(doc, path, job);
  if (!doc || !day) return;
  const average = doc.spo2_percentage?.average;
  job.mapping.sample("spo2", average === 0 ? null : average, nightly(day), `${path}/spo2_percentage/average`);
}

/** The average of a night stands at the start of the day that the night belongs to, apart from values measured within it. */
export function nightly({ startMs, offsetMinutes }: { readonly startMs: number; readonly offsetMinutes: number }): SamplePlace {
  return { startMs, offsetMinutes, flags: ["day_total"] };
}

/** Oura gives no stress score: only how long stress and recovery were high. */
export function mapDailyStress(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.dailyStress, value, path);
  const day = doc && dayOf(doc, path, job);
  if (!doc || !day) return;
  const total: SamplePlace = { ...day, flags: ["day_total"] };
  job.mapping.sample("stress_high_duration", doc.stress_high, total, `${path}/stress_high`);
  job.mapping.sample("stress_recovery_duration", doc.recovery_high, total, `${path}/recovery_high`);
}

const RESILIENCE_LEVELS = ["limited", "adequate", "solid", "strong", "exceptional"];

export function mapDailyResilience(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.dailyResilience, value, path);
  const day = doc && dayOf(doc, path, job);
  if (!doc || !day || doc.level === null || doc.level === undefined) return;
  const level = RESILIENCE_LEVELS.indexOf(doc.level.toLowerCase()) + 1;
  if (level === 0) job.mapping.problem(`${path}/level`, "an unknown level");
  else job.mapping.sample("resilience", level, day, `${path}/level`);
}

export function mapDailyCardiovascularAge(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.dailyCardiovascularAge, value, path);
  const day = doc && dayOf(doc, path, job);
  if (!doc || !day) return;
  const at: SamplePlace = { startMs: day.startMs, offsetMinutes: day.offsetMinutes };
  job.mapping.sample("vascular_age", doc.vascular_age, at, `${path}/vascular_age`);
  job.mapping.sample("pulse_wave_velocity", doc.pulse_wave_velocity, at, `${path}/pulse_wave_velocity`);
}

export function mapVo2Max(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.vo2Max, value, path);
  const day = doc && dayOf(doc, path, job);
  if (doc && day) job.mapping.sample("vo2max", doc.vo2_max, { startMs: day.startMs, offsetMinutes: day.offsetMinutes }, `${path}/vo2_max`);
}

/** Oura's days of activity begin at four in the morning. */
const ACTIVITY_START_HOUR = 4;
const CLASS_MS = 5 * MINUTE_MS;
const NOT_WORN = "0";

const TOTALS = [
  ["steps", "steps"],
  ["calories_active", "active_calories"],
  ["calories_total", "total_calories"],
  ["intensity_moderate", "medium_activity_time"],
  ["intensity_vigorous", "high_activity_time"],
] as const satisfies readonly (readonly [MetricName, keyof schema.DailyActivity])[];

/** A day so far, sent again many times while it lasts: totals over the whole day, and effort by the minute. */
export function mapDailyActivity(value: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const doc = mapping.item(schema.dailyActivity, value, path);
  const day = doc && dayOf(doc, path, job, ACTIVITY_START_HOUR);
  if (!doc || !day || wasNeverWorn(doc)) return;
  const total: SamplePlace = { ...day, flags: ["day_total"] };
  for (const [metric, field] of TOTALS) mapping.sample(metric, doc[field], total, `${path}/${field}`);
  // What walking would have covered: computed from the effort, not measured.
  mapping.sample("distance", doc.equivalent_walking_distance, { ...total, flags: ["day_total", "estimated"] }, `${path}/equivalent_walking_distance`);
  const classes = doc.class_5_min ?? "";
  // In minutes without the ring there is a number all the same.
  const isLeftOut = (startMs: number): boolean => classes[Math.floor((startMs - day.startMs) / CLASS_MS)] === NOT_WORN;
  addSeries(doc.met, `${path}/met`, { metric: "met", isInterval: true, isZeroReal: true, isLeftOut }, job);
}

/** The zeros of a day without the ring are not measurements. */
function wasNeverWorn(doc: schema.DailyActivity): boolean {
  const worn = [doc.steps, doc.high_activity_time, doc.medium_activity_time, doc.low_activity_time, doc.sedentary_time, doc.resting_time];
  return (doc.non_wear_time ?? 0) > 0 && worn.every((amount) => !amount);
}

/** Weight and height of the profile have no date: they count from when they were read, marked as typed. */
export function mapProfile(value: unknown, path: string, { mapping, context }: MapJob): void {
  const doc = mapping.item(schema.profile, value, path);
  if (!doc) return;
  const startMs = Math.trunc(context.receivedMs);
  const at: SamplePlace = { startMs, offsetMinutes: offsetMinutesAt(context.zone, startMs), flags: ["manual"] };
  mapping.sample("weight", doc.weight === 0 ? null : doc.weight, at, `${path}/weight`);
  mapping.sample("height", doc.height === 0 ? null : doc.height, at, `${path}/height`);
}

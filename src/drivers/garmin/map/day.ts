/** Days and parts of days: dailies, epochs, userMetrics. Pure. Source: vendors/garmin.md. */
import type { SamplePlace } from "#driver/payload.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS, localDay, offsetMinutesAt } from "#units/time.ts";
import * as schema from "../schema.ts";
import type { z } from "zod";
import {
  addOffsetSamples, isNotNegative, isPositive, isStress, measured, spanOf, startOf, type MapJob, type Summary,
} from "./place.ts";

/**
 * A day so far, sent again many times a day: totals over [start, start + duration), marked as the day's, and heart rate by offset.
 * `averageHeartRateInBeatsPerMinute` is an average of seven days and is not taken.
 */
export function mapDaily({ value, path }: Summary, job: MapJob): void {
  const { mapping } = job;
  const day = mapping.item(schema.daily, value, path);
  const start = day && startOf(day, path, job);
  if (!day || !start) return;
  addOffsetSamples(
    job,
    { metric: "heart_rate", isValue: isPositive, path: `${path}/timeOffsetHeartRateSamples` },
    day.timeOffsetHeartRateSamples, start,
  );
  const span = spanOf(start, day.durationInSeconds ?? DAY_MS / 1000, path, job);
  if (!span) return;
  const ofDay: SamplePlace = { startMs: span.fromMs, endMs: span.toMs, offsetMinutes: span.offsetMinutes };
  const total: SamplePlace = { ...ofDay, flags: ["day_total"] };
  const add = (metric: MetricName, field: string, amount: number | null | undefined, place = total): void =>
    mapping.sample(metric, amount, place, `${path}/${field}`);

  add("steps", "steps", day.steps);
  add("wheelchair_pushes", "pushes", day.pushes);
  add("distance", "distanceInMeters", day.distanceInMeters);
  add("floors", "floorsClimbed", day.floorsClimbed);
  add("active_duration", "activeTimeInSeconds", day.activeTimeInSeconds);
  add("intensity_moderate", "moderateIntensityDurationInSeconds", day.moderateIntensityDurationInSeconds);
  add("intensity_vigorous", "vigorousIntensityDurationInSeconds", day.vigorousIntensityDurationInSeconds);
  // In a day, active energy is without the basal part (in an activity it is with it).
  add("calories_active", "activeKilocalories", day.activeKilocalories);
  add("calories_basal", "bmrKilocalories", day.bmrKilocalories);
  if (day.activeKilocalories != null && day.bmrKilocalories != null) {
    add("calories_total", "bmrKilocalories", day.activeKilocalories + day.bmrKilocalories);
  }
  // Levels above 75. Resting, low and medium stress have no metric.
  add("stress_high_duration", "highStressDurationInSeconds", day.highStressDurationInSeconds);
  // Stress is measured at instants: the day's average stands at the day's start, marked as the day's.
  mapping.sample("stress", measured(day.averageStressLevel ?? day.averageStresslevel, isStress), { ...start, flags: ["day_total"] }, `${path}/averageStressLevel`);
  add("resting_heart_rate", "restingHeartRateInBeatsPerMinute", measured(day.restingHeartRateInBeatsPerMinute), ofDay);
  add("heart_rate_min", "minHeartRateInBeatsPerMinute", measured(day.minHeartRateInBeatsPerMinute), ofDay);
  add("heart_rate_max", "maxHeartRateInBeatsPerMinute", measured(day.maxHeartRateInBeatsPerMinute), ofDay);
}

const EPOCH_S = 900;
const SUMMED = [
  ["steps", "steps"],
  ["distance", "distanceInMeters"],
  ["calories_active", "activeKilocalories"],
  ["wheelchair_pushes", "pushes"],
] as const;

type Epoch = z.infer<typeof schema.epoch>;

interface Bucket {
  readonly path: string;
  readonly offsetMinutes: number | null;
  /** The record that counts of each activity type. */
  readonly byActivity: Map<string, { readonly epoch: Epoch; readonly durationS: number }>;
}

/**
 * Quarter hours. A quarter comes as one record for each kind of activity in it, all with the same start: they are summed, so
 * that one sample stands for the quarter. Of two records of the same kind the longer, at equal length the later one counts.
 */
export function mapEpochs(summaries: readonly Summary[], job: MapJob): void {
  const buckets = new Map<number, Bucket>();
  for (const { value, path } of summaries) {
    const epoch = job.mapping.item(schema.epoch, value, path);
    const start = epoch && startOf(epoch, path, job);
    if (!epoch || !start) continue;
    const durationS = epoch.durationInSeconds ?? EPOCH_S;
    if (!spanOf(start, durationS, path, job)) continue;
    let bucket = buckets.get(start.startMs);
    if (!bucket) buckets.set(start.startMs, (bucket = { path, offsetMinutes: start.offsetMinutes, byActivity: new Map() }));
    const kind = epoch.activityType ?? "";
    const before = bucket.byActivity.get(kind);
    if (!before || durationS >= before.durationS) bucket.byActivity.set(kind, { epoch, durationS });
  }
  for (const [startMs, bucket] of buckets) addBucket(startMs, bucket, job);
}

function addBucket(startMs: number, { path, offsetMinutes, byActivity }: Bucket, { mapping }: MapJob): void {
  const parts = [...byActivity.values()];
  const endMs = startMs + Math.max(...parts.map((part) => part.durationS)) * 1000;
  const place: SamplePlace = { startMs, endMs, offsetMinutes };
  for (const [metric, field] of SUMMED) {
    const amounts = parts.map((part) => part.epoch[field]).filter((amount) => amount != null);
    if (amounts.length > 0) mapping.sample(metric, amounts.reduce((sum, amount) => sum + amount, 0), place, `${path}/${field}`);
  }
  for (const metric of ["active_duration", "sedentary_duration"] as const) {
    const times = parts.filter(({ epoch }) => timeOf(epoch) === metric).map(({ epoch }) => epoch.activeTimeInSeconds).filter((time) => time != null);
    if (times.length > 0) mapping.sample(metric, times.reduce((sum, time) => sum + time, 0), place, `${path}/activeTimeInSeconds`);
  }
  mapping.sample("met", meanMet(parts.map((part) => part.epoch)), place, `${path}/met`);
}

/** "Active time" is the time spent in the kind of activity that the record is of: sitting still and sleeping are such kinds, too. */
function timeOf({ activityType, intensity }: Epoch): "active_duration" | "sedentary_duration" | null {
  const kind = activityType?.toUpperCase();
  if (kind === "SLEEP") return null;
  return kind === "SEDENTARY" || intensity?.toUpperCase() === "SEDENTARY" ? "sedentary_duration" : "active_duration";
}

/** Mean of the metabolic equivalents, weighted by the time spent in each kind of activity where it is told. */
function meanMet(epochs: readonly Epoch[]): number | null {
  const known = epochs.filter((epoch) => measured(epoch.met, isNotNegative) !== null);
  if (known.length === 0) return null;
  const activeS = known.reduce((sum, epoch) => sum + (epoch.activeTimeInSeconds ?? 0), 0);
  const weight = (epoch: Epoch): number => (activeS > 0 ? (epoch.activeTimeInSeconds ?? 0) / activeS : 1 / known.length);
  return known.reduce((sum, epoch) => sum + epoch.met! * weight(epoch), 0);
}

/**
 * VO2max and fitness age have a date and no time of day: they are placed at the start of that date in the person's zone, which
 * is never later than the delivery.
 */
export function mapUserMetrics({ value, path }: Summary, { mapping, context }: MapJob): void {
  const metrics = mapping.item(schema.userMetric, value, path);
  if (!metrics) return;
  const day = localDay(context.zone, metrics.calendarDate);
  if (!day || day.fromMs > context.receivedMs + 2 * DAY_MS) {
    mapping.problem(`${path}/calendarDate`, "no possible date of a measurement");
    return;
  }
  const place: SamplePlace = { startMs: day.fromMs, offsetMinutes: offsetMinutesAt(context.zone, day.fromMs) };
  mapping.sample("vo2max_running", measured(metrics.vo2Max), place, `${path}/vo2Max`);
  mapping.sample("vo2max_cycling", measured(metrics.vo2MaxCycling), place, `${path}/vo2MaxCycling`);
  mapping.sample("fitness_age", measured(metrics.fitnessAge), place, `${path}/fitnessAge`);
}

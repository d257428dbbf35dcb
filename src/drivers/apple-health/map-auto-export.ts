/** Health Auto Export's metrics and workouts. Pure. Source: Apple Health facts, Health Auto Export REST JSON. */
import type { Device } from "#driver/records.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import { addSample, mapMeasure, type Measure, naturalId } from "./map-measure.ts";
import { type Instant, instantOf, type MapJob, sourceOf } from "./map-place.ts";
import { addAutoSleep } from "./map-auto-sleep.ts";
import { addWorkout } from "./map-workout.ts";
import { AUTO_EXPORT_NAMES } from "./quantities.ts";
import * as schema from "./schema.ts";
import { inOurUnit } from "./units.ts";

/** Metrics without a place here are passed over. */
export function mapAutoMetric(item: unknown, path: string, job: MapJob): void {
  const metric = job.mapping.item(schema.metric, item, path);
  if (!metric) return;
  const name = metric.name.trim().toLowerCase();
  if (name === "sleep_analysis") return metric.data.forEach((point, index) => addAutoSleep(point, `${path}/data/${index}`, job));
  const type = Object.hasOwn(AUTO_EXPORT_NAMES, name) ? AUTO_EXPORT_NAMES[name]! : null;
  if (type === null && name !== "blood_pressure") return;
  const placed = metric.data.flatMap((point, index) => pointOf(point, `${path}/data/${index}`, job));
  const grain = grainOf(placed.map(({ at }) => at));
  for (const point of placed) {
    if (type === null) addPressure(point, metric.units, job);
    else addPoint(type, point, { unit: metric.units, grain, job });
  }
}

interface Placed {
  readonly point: schema.Point;
  readonly at: Instant;
  readonly path: string;
}

function pointOf(item: unknown, path: string, { mapping, context }: MapJob): Placed[] {
  const point = mapping.item(schema.point, item, path);
  const at = point && instantOf(point.date, context);
  if (point && !at) mapping.problem(`${path}/date`, "no possible time of a measurement");
  return point && at ? [{ point, at, path }] : [];
}

interface Grain {
  readonly lengthMs: number;
  readonly isDay: boolean;
}

/**
 * Points have a start and no end: they are single measurements, or sums by minute, hour or day as the person chose. The coarsest step that
 * all of them stand on is taken; one lone point at midnight is not taken for a day.
 */
function grainOf(places: readonly Instant[]): Grain {
  const walls = places.map(({ ms, offsetMinutes }) => ms + (offsetMinutes ?? 0) * MINUTE_MS);
  const isOn = (stepMs: number): boolean => walls.every((ms) => ms % stepMs === 0);
  if (walls.length > 0 && isOn(DAY_MS) && new Set(walls).size > 1) return { lengthMs: DAY_MS, isDay: true };
  const lengthMs = isOn(HOUR_MS) ? HOUR_MS : isOn(MINUTE_MS) ? MINUTE_MS : SECOND_MS;
  return { lengthMs, isDay: false };
}

interface Whole {
  readonly unit: string | null | undefined;
  readonly grain: Grain;
  readonly job: MapJob;
}

/** Types whose points are single events of the person, however the rest is summed. */
const EVENTS: ReadonlySet<string> = new Set(["InsulinDelivery", "DietaryCarbohydrates", "BloodGlucose"]);

function addPoint(type: string, { point, at, path }: Placed, { unit, grain, job }: Whole): void {
  const texts: Readonly<Record<string, string | null | undefined>> = { HKInsulinDeliveryReason: point.reason, HKBloodGlucoseMealTime: point.mealTime };
  const isEvent = EVENTS.has(type);
  const measure: Measure = {
    type, value: point.qty, unit, startMs: at.ms, endMs: at.ms + (isEvent ? 0 : grain.lengthMs), offsetMinutes: at.offsetMinutes, device: sourceOf(point.source),
    isManual: false, isDayTotal: grain.isDay && !isEvent, path: `${path}/qty`, id: () => naturalId(measure), meta: (key) => texts[key] ?? undefined,
  };
  if (type !== "HeartRate" || point.qty !== null && point.qty !== undefined) mapMeasure(measure, job);
  else addHeartRate(point, { ...measure, path }, job);
}

/** Capitals, as the app writes them. */
function addHeartRate({ Min, Avg, Max }: schema.Point, measure: Measure, job: MapJob): void {
  if (Avg === null || Avg === undefined) return job.mapping.problem(measure.path, "neither qty nor Avg");
  const perMinute = (value: number | null | undefined): number | null => (value === null || value === undefined ? null : inOurUnit(value, measure.unit, "rate"));
  const average = perMinute(Avg);
  if (average === null) return job.mapping.problem(measure.path, "a missing or unknown unit");
  addSample("heart_rate", average, { ...measure, path: `${measure.path}/Avg` }, job);
  const [least, most] = [perMinute(Min), perMinute(Max)];
  if (least !== null) addSample("heart_rate_min", least, { ...measure, path: `${measure.path}/Min` }, job);
  if (most !== null) addSample("heart_rate_max", most, { ...measure, path: `${measure.path}/Max` }, job);
}

function addPressure({ point, at, path }: Placed, unit: string | null | undefined, job: MapJob): void {
  const device = sourceOf(point.source);
  const inMmHg = (value: number | null | undefined): number | null => (value === null || value === undefined ? null : inOurUnit(value, unit, "pressure"));
  const [systolic, diastolic] = [inMmHg(point.systolic), inMmHg(point.diastolic)];
  if (systolic === null || diastolic === null) return job.mapping.problem(path, "blood pressure needs two values and their unit");
  if (diastolic >= systolic) return job.mapping.problem(path, "the diastolic pressure is not below the systolic one");
  const place = { startMs: at.ms, offsetMinutes: at.offsetMinutes, ...(device ? { device } : {}) };
  job.mapping.sample("blood_pressure_systolic", systolic, place, `${path}/systolic`);
  job.mapping.sample("blood_pressure_diastolic", diastolic, place, `${path}/diastolic`);
}

const MOST_POINTS = 100_000;

/** A workout with the heart rate measured in it. Its steps and energy by the minute are the metrics', which come by themselves. */
export function addAutoWorkout(item: unknown, path: string, job: MapJob): void {
  const { mapping, context } = job;
  const workout = mapping.item(schema.autoWorkout, item, path);
  if (!workout) return;
  const [start, end] = [instantOf(workout.start, context), instantOf(workout.end, context)];
  if (!start || !end) return mapping.problem(`${path}/${start ? "end" : "start"}`, "no possible time of a measurement");
  const during = heartRates(workout.heartRateData, `${path}/heartRateData`, job);
  heartRates(workout.heartRateRecovery, `${path}/heartRateRecovery`, job);
  const { distance, activeEnergyBurned: energy } = workout;
  addWorkout({
    type: workout.name, startMs: start.ms, endMs: end.ms, offsetMinutes: start.offsetMinutes, id: workout.id ?? null, isManual: false, device: during.device, path,
    numbers: {
      activeS: workout.duration, averageHeartRate: during.average, maxHeartRate: during.most, steps: stepsOf(workout.stepCount),
      distanceM: typeof distance?.qty === "number" ? inOurUnit(distance.qty, distance.units, "length") : null,
      energyKcal: typeof energy?.qty === "number" ? inOurUnit(energy.qty, energy.units, "energy") : null,
    },
  }, job);
}

interface HeartRates {
  readonly average: number | null;
  readonly most: number | null;
  readonly device: Device | undefined;
}

/** Adds the points as samples and sums them up: they stand at even steps. */
function heartRates(points: readonly unknown[] | null | undefined, path: string, job: MapJob): HeartRates {
  const averages: number[] = [];
  let most: number | null = null;
  let device: Device | undefined;
  for (const [index, item] of (points ?? []).slice(0, MOST_POINTS).entries()) {
    const [placed] = pointOf(item, `${path}/${index}`, job);
    if (!placed) continue;
    const { point, at } = placed;
    const perMinute = (number: number | null | undefined): number | null => (number === null || number === undefined ? null : inOurUnit(number, point.units ?? "bpm", "rate"));
    const value = perMinute(point.Avg ?? point.qty);
    if (value === null) continue;
    device ??= sourceOf(point.source);
    job.mapping.sample("heart_rate", value, { startMs: at.ms, offsetMinutes: at.offsetMinutes, ...(device ? { device } : {}) }, `${path}/${index}`);
    if (value > 0) averages.push(value);
    const max = perMinute(point.Max) ?? value;
    most = most === null ? max : Math.max(most, max);
  }
  return { average: averages.length > 0 ? averages.reduce((sum, value) => sum + value, 0) / averages.length : null, most, device };
}

function stepsOf(points: readonly unknown[] | null | undefined): number | null {
  const counts = (points ?? []).flatMap((item) => {
    const point = schema.point.safeParse(item);
    return point.success && typeof point.data.qty === "number" && point.data.qty >= 0 ? [point.data.qty] : [];
  });
  return counts.length > 0 ? Math.round(counts.reduce((sum, count) => sum + count, 0)) : null;
}

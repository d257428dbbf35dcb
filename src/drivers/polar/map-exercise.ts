/** Exercises with their samples. Pure. Source: vendors/polar.md, exercise. */
import type { SamplePlace } from "#driver/payload.ts";
import type { Device, WorkoutRecord } from "#driver/records.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { instantOfWall, offsetMinutesAt, parseTime } from "#units/time.ts";
import { deviceOf, durationS, localMs, measured, offsetOf, possible, type MapJob } from "./map-place.ts";
import { sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

const LONGEST_S = 4 * 86_400;
/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;

interface Start {
  readonly startMs: number;
  readonly offsetMinutes: number;
}

interface SampleRule {
  readonly metric: MetricName;
  readonly factor: number;
  /** 0 is "nothing found" for a heart, and standing still for the rest. */
  readonly isZeroReal: boolean;
}

const ONE_FOOT = 2;
/** Nobody runs at this many contacts of one foot a minute on average. */
const FASTEST_FOOT = 125;

/**
 * Sample types by number. Others are known and have no metric: pedalling index (5), balance (6), air pressure (7), air temperature (9), distance so far (10),
 * beat-to-beat intervals (11).
 */
const SAMPLE_RULES: ReadonlyMap<string, SampleRule> = new Map([
  ["0", { metric: "heart_rate", factor: 1, isZeroReal: false }],
  // km/h.
  ["1", { metric: "speed", factor: 1 / 3.6, isZeroReal: true }],
  ["2", { metric: "cadence", factor: 1, isZeroReal: true }],
  ["3", { metric: "altitude", factor: 1, isZeroReal: true }],
  ["4", { metric: "power", factor: 1, isZeroReal: true }],
  // Polar's manuals count the ground contacts of one foot ("speed = 2 × stride length × cadence"); steps are those of both.
  ["8", { metric: "cadence", factor: ONE_FOOT, isZeroReal: true }],
]);

/** An exercise, its load, and its samples where the answer holds them. */
export function mapExercise(item: unknown, path: string, job: MapJob): void {
  const exercise = job.mapping.item(schema.exercise, item, path);
  if (!exercise) return;
  const start = startOf(exercise, path, job);
  const seconds = durationS(exercise.duration);
  if (seconds === null || seconds <= 0 || seconds > LONGEST_S) {
    job.mapping.problem(`${path}/duration`, "no possible duration");
    return;
  }
  if (!start) return;
  const endMs = start.startMs + Math.round(seconds * 1000);
  const vendorSport = exercise.detailed_sport_info || exercise.sport;
  const device = deviceOf(exercise.device_id, exercise.device);
  job.mapping.add({
    record: "workout",
    vendorId: exercise.id ?? null,
    ...start,
    endMs,
    sport: sportOf(vendorSport),
    ...(vendorSport ? { vendorSport } : {}),
    ...measuresOf(exercise, seconds, path, job),
    ...(device ? { device } : {}),
  });
  const load = exercise.training_load_pro?.cardio_load;
  const place = { ...start, ...(device ? { device } : {}) };
  // −1 stands for "not available".
  if (typeof load === "number" && load >= 0) job.mapping.sample("training_load", load, { ...place, endMs }, `${path}/training_load_pro/cardio-load`);
  for (const [index, samples] of (exercise.samples ?? []).entries()) addSamples(samples, place, `${path}/samples/${index}`, job);
}

/** Local start minus offset; without an offset the person's zone counts. */
function startOf(exercise: schema.Exercise, path: string, job: MapJob): Start | null {
  const told = offsetOf(exercise.start_time_utc_offset);
  if (told !== null) {
    const startMs = possible(localMs(exercise.start_time, told), `${path}/start_time`, job);
    return startMs === null ? null : { startMs, offsetMinutes: told };
  }
  const { zone } = job.context;
  const wall = parseTime(exercise.start_time);
  const startMs = possible(wall && instantOfWall(zone, wall.wallMs), `${path}/start_time`, job);
  return startMs === null ? null : { startMs, offsetMinutes: offsetMinutesAt(zone, startMs) };
}

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured. 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(exercise: schema.Exercise, seconds: number, path: string, job: MapJob): Measures {
  const measures: Measures = {};
  const known = (metric: MetricName, field: string, value: number | null | undefined): number | null => {
    const given = measured(value);
    if (given === null || (given >= METRICS[metric].min && given <= METRICS[metric].max)) return given;
    job.mapping.problem(`${path}/${field}`, "outside what it can be");
    return null;
  };
  const distanceM = known("distance", "distance", exercise.distance);
  const energyKcal = known("calories_total", "calories", exercise.calories);
  const average = known("heart_rate", "heart_rate/average", exercise.heart_rate?.average);
  const maximum = known("heart_rate", "heart_rate/maximum", exercise.heart_rate?.maximum);
  if (distanceM !== null) measures.distanceM = distanceM;
  if (energyKcal !== null) measures.energyKcal = energyKcal;
  if (average !== null) measures.averageHeartRate = average;
  if (maximum !== null) measures.maxHeartRate = maximum;
  const speedMS = distanceM === null ? 0 : distanceM / seconds;
  if (speedMS >= SLOWEST_MS && speedMS <= METRICS.speed.max) {
    measures.averageSpeedMS = speedMS;
    measures.averagePaceSKm = 1000 / speedMS;
  }
  const zones = zonesOf(exercise.heart_rate_zones ?? [], `${path}/heart_rate_zones`, job);
  if (zones.length > 0) measures.heartRateZonesS = zones;
  return measures;
}

function zonesOf(items: readonly unknown[], path: string, { mapping }: MapJob): number[] {
  const zones: { readonly index: number; readonly seconds: number }[] = [];
  for (const [position, item] of items.entries()) {
    const zone = mapping.item(schema.zone, item, `${path}/${position}`);
    const seconds = zone && durationS(zone.in_zone);
    if (zone && seconds !== null) zones.push({ index: zone.index, seconds });
    else if (zone) mapping.problem(`${path}/${position}/in-zone`, "no duration");
  }
  // A zone too few would move the rest to another place.
  return zones.length === items.length ? zones.toSorted((a, b) => a.index - b.index).map(({ seconds }) => seconds) : [];
}

/** One kind of samples as comma-separated text, `null` where the sensor was away. The hot path of this driver. */
function addSamples(item: unknown, base: Start & { readonly device?: Device }, path: string, { mapping }: MapJob): void {
  const samples = mapping.item(schema.exerciseSamples, item, path);
  const rule = samples && SAMPLE_RULES.get(String(samples.sample_type));
  if (!samples || !rule) return;
  const rateS = samples.recording_rate;
  if (typeof rateS !== "number" || !(rateS > 0)) {
    mapping.problem(`${path}/recording-rate`, "missing or of the wrong type");
    return;
  }
  const values = samples.data.split(",");
  if (values.length * rateS > LONGEST_S) {
    mapping.problem(`${path}/data`, "longer than an exercise can be");
    return;
  }
  const factor = rule.factor === ONE_FOOT && isOfBothFeet(values) ? 1 : rule.factor;
  let isBad = false;
  for (let index = 0; index < values.length; index += 1) {
    const text = values[index]!.trim();
    if (text === "" || text === "null") continue;
    const value = Number(text);
    if (Number.isNaN(value)) {
      isBad = true;
    } else if (value !== 0 || rule.isZeroReal) {
      const place: SamplePlace = { ...base, startMs: base.startMs + Math.round(index * rateS * 1000) };
      mapping.sample(rule.metric, value * factor, place, `${path}/data`);
    }
  }
  if (isBad) mapping.problem(`${path}/data`, "some entries are no numbers");
}

/** Whether a running cadence counts the steps of both feet already, which its average gives away. */
function isOfBothFeet(values: readonly string[]): boolean {
  const told = values.map(Number).filter((value) => value > 0);
  return told.reduce((sum, value) => sum + value, 0) > FASTEST_FOOT * told.length;
}

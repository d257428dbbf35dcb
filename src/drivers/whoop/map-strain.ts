/** WHOOP's days and workouts. Pure. Source: vendors/whoop.md, Cycle and Workout. */
import type { WorkoutRecord } from "#driver/records.ts";
import type { SamplePlace } from "#driver/payload.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { instantOf, offsetOf, stretchOf, timeOf, type MapJob, type Stretch } from "./map-place.ts";
import { isScored, positive } from "./map-sleep.ts";
import { sportNameOf, sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

const KJ_PER_KCAL = 4.184;
/** A strap that was away for long leaves long cycles. */
const LONGEST_CYCLE_MS = 31 * DAY_MS;
const LONGEST_WORKOUT_MS = 7 * DAY_MS;

const kilocalories = (kilojoule: number | null | undefined): number | null =>
  kilojoule === null || kilojoule === undefined ? null : kilojoule / KJ_PER_KCAL;

/** A physiological day, from one night to the next: never a day of the calendar, neither in UTC nor on the clock. */
export function mapCycle(value: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const cycle = mapping.item(schema.cycle, value, path);
  const stretch = cycle && cycleStretch(cycle, path, job);
  if (!cycle || !stretch || !cycle.score || !isScored(cycle)) return;
  const { score } = cycle;
  const total: SamplePlace = { ...stretch, flags: ["day_total"] };
  mapping.sample("strain", score.strain, total, `${path}/score/strain`);
  mapping.sample("calories_total", kilocalories(score.kilojoule), total, `${path}/score/kilojoule`);
  mapping.sample("heart_rate_max", positive(score.max_heart_rate), total, `${path}/score/max_heart_rate`);
  const { startMs, offsetMinutes } = stretch;
  const average: SamplePlace = { startMs, offsetMinutes, flags: ["day_total"] };
  mapping.sample("heart_rate", positive(score.average_heart_rate), average, `${path}/score/average_heart_rate`);
}

/** The cycle that runs has no end yet: what it says holds until it was last reckoned. */
function cycleStretch(cycle: schema.Cycle, path: string, job: MapJob): Stretch | null {
  if (cycle.end) return stretchOf({ ...cycle, end: cycle.end }, LONGEST_CYCLE_MS, path, job);
  const startMs = instantOf(cycle.start, `${path}/start`, job);
  if (startMs === null) return null;
  const soFarMs = timeOf(cycle.updated_at, job) ?? Math.trunc(job.context.receivedMs);
  const endMs = Math.min(Math.max(soFarMs, startMs + MINUTE_MS), startMs + LONGEST_CYCLE_MS);
  return { startMs, endMs, offsetMinutes: offsetOf(cycle.timezone_offset) };
}

export function mapWorkout(value: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const workout = mapping.item(schema.workout, value, path);
  const stretch = workout && stretchOf(workout, LONGEST_WORKOUT_MS, path, job);
  if (!workout || !stretch) return;
  const score = isScored(workout) ? workout.score : null;
  const zones = zonesOf(score, path, job);
  const name = workout.sport_name || sportNameOf(workout.sport_id);
  mapping.add({
    record: "workout",
    vendorId: workout.id ?? null,
    ...stretch,
    sport: sportOf(name),
    ...(name ? { vendorSport: name } : {}),
    ...measuresOf(score, stretch, path, job),
    ...(zones ? { heartRateZonesS: zones } : {}),
  });
  // Beside the day's strain, which holds it, never added to it.
  mapping.sample("strain", score?.strain, stretch, `${path}/score/strain`);
}

const FIELDS = [
  ["averageHeartRate", "average_heart_rate", "heart_rate"],
  ["maxHeartRate", "max_heart_rate", "heart_rate"],
  ["distanceM", "distance_meter", "distance"],
  ["elevationGainM", "altitude_gain_meter", "distance"],
] as const;

/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** 0 stands for "not measured" and is left out; what no person can do becomes a problem. */
function measuresOf(score: schema.Workout["score"], { startMs, endMs }: Stretch, path: string, { mapping }: MapJob): Measures {
  const measures: Measures = {};
  const known = (metric: MetricName, field: string, given: number | null | undefined): number | null => {
    if (given === null || given === undefined || given === 0) return null;
    if (given >= METRICS[metric].min && given <= METRICS[metric].max) return given;
    mapping.problem(`${path}/score/${field}`, "outside what it can be");
    return null;
  };
  for (const [ours, theirs, metric] of FIELDS) {
    const value = known(metric, theirs, score?.[theirs]);
    if (value !== null) measures[ours] = value;
  }
  const energyKcal = known("calories_active", "kilojoule", kilocalories(score?.kilojoule));
  if (energyKcal !== null) measures.energyKcal = energyKcal;
  const speedMS = (measures.distanceM ?? 0) / ((endMs - startMs) / 1000);
  if (speedMS >= SLOWEST_MS && speedMS <= METRICS.speed.max) Object.assign(measures, { averageSpeedMS: speedMS, averagePaceSKm: 1000 / speedMS });
  return measures;
}

const ZONES = ["zone_zero_milli", "zone_one_milli", "zone_two_milli", "zone_three_milli", "zone_four_milli", "zone_five_milli"] as const;

function zonesOf(score: schema.Workout["score"], path: string, { mapping }: MapJob): number[] | null {
  const field = score?.zone_durations ? "zone_durations" : "zone_duration";
  const durations = score?.[field];
  if (!durations) return null;
  const zones: number[] = [];
  for (const zone of ZONES) {
    const milli = durations[zone];
    if (milli === null || milli === undefined) return null;
    if (!(milli >= 0 && milli <= LONGEST_WORKOUT_MS)) {
      mapping.problem(`${path}/score/${field}/${zone}`, "no possible duration");
      return null;
    }
    zones.push(milli / 1000);
  }
  return zones;
}

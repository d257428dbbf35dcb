/** Heart-rate and power zones, and an athlete's totals. vendors/strava.md, Data endpoints; shapes after Strava's reference. */

import { DAY_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import type { Workout } from "../people/workouts.ts";
import { isRide, maxHrOf, tellWorkout } from "../people/workouts.ts";

interface Zone {
  readonly min: number;
  /** -1: no upper end. */
  readonly max: number;
}

/** Five zones by shares of the greatest heart rate. */
function heartZones(person: Person): Zone[] {
  const edges = [0, ...[0.6, 0.7, 0.8, 0.9].map((share) => Math.round(maxHrOf(person.who) * share))];
  return edges.map((min, index) => ({ min, max: edges[index + 1] ?? -1 }));
}

const isIn = ({ min, max }: Zone, value: number): boolean => value >= min && (max < 0 || value < max);

export function athleteZones(person: Person): object {
  return { heart_rate: { custom_zones: false, zones: heartZones(person) } };
}

/** Seconds in each zone, the lowest first. */
export function activityZones(person: Person, workout: Workout): object[] {
  const moments = tellWorkout(person.who, workout, 1);
  const timed = (zones: readonly Zone[], values: readonly number[]): object[] =>
    zones.map((zone) => ({ ...zone, time: values.filter((value) => isIn(zone, value)).length }));
  const heart = {
    type: "heartrate", resource_state: 3, sensor_based: true, points: 0, custom_zones: false,
    distribution_buckets: timed(heartZones(person), moments.map(({ heartRate }) => heartRate)),
  };
  if (!isRide(workout.sport)) return [heart];
  const edges = [0, 100, 200, 300].map((min, index, all) => ({ min, max: all[index + 1] ?? -1 }));
  return [heart, { type: "power", resource_state: 3, sensor_based: workout.isIndoor, distribution_buckets: timed(edges, moments.map(({ watts }) => watts ?? 0)) }];
}

/** Totals of the last four weeks. */
export function athleteStats(person: Person, workouts: readonly Workout[], nowMs: number): object {
  const recent = workouts.filter(({ startMs }) => startMs > nowMs - 28 * DAY_MS);
  const total = (belongs: (workout: Workout) => boolean): object => {
    const own = recent.filter(belongs);
    const sum = (of: (workout: Workout) => number): number => own.reduce((all, workout) => all + of(workout), 0);
    return {
      count: own.length, distance: sum(({ distanceMeters }) => distanceMeters), moving_time: sum(({ movingSeconds }) => movingSeconds),
      elapsed_time: sum(({ elapsedSeconds }) => elapsedSeconds), elevation_gain: sum(({ climbMeters }) => climbMeters), achievement_count: 0,
    };
  };
  return {
    recent_run_totals: total(({ sport }) => sport === "run" || sport === "trail_run"),
    recent_ride_totals: total(({ sport }) => isRide(sport)),
    recent_swim_totals: total(({ sport }) => sport === "swim"),
  };
}

/** Wahoo's payloads → workouts. Pure. Source: vendors/wahoo.md, Mapping. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult, WorkoutRecord } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS, isZone, offsetMinutesAt } from "#units/time.ts";
import { isOnFoot, sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

interface MapJob {
  readonly mapping: Mapping;
  readonly context: MapContext;
}

const CLOCK_FAULT_MS = 2 * DAY_MS;
const EARLIEST_MS = Date.UTC(1990, 0, 1);
/** Expeditions are recorded as one workout; more is a stuck clock. */
const LONGEST_S = 62 * 86_400;
/** Above it stand other makers' apps, whose workouts come from their makers. */
const LAST_OWN_APP = 1_000;

/**
 * Maps a list of workouts, one of them, a summary with its workout inside (as notifications have it), or the driver's note that one is gone.
 * Throws InvalidInput for an unknown resource, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapping = new Mapping();
  const job: MapJob = { mapping, context };
  switch (resource) {
    case "workouts":
    case "workout":
    case "workout_summary":
      mapWorkouts(payload, job);
      break;
    case "workout_gone":
      mapping.add({ record: "withdrawal", of: "workout", vendorId: parseEnvelope(schema.goneWorkout, payload, "note of a gone workout").id });
      break;
    case "user":
      // The weight in it has no date: nothing says when it was true.
      parseEnvelope(schema.user, payload, "Wahoo user");
      break;
    case "power_zones":
      if (typeof payload !== "object" || payload === null) throw new ProviderContractBroken("A payload of Wahoo power zones is no object.", "");
      break;
    default:
      throw new InvalidInput("Wahoo has no such resource.");
  }
  return mapping.result();
}

function mapWorkouts(payload: unknown, job: MapJob): void {
  if (!isObject(payload) && !Array.isArray(payload)) {
    throw new ProviderContractBroken("A payload of Wahoo workouts is neither an object nor a list.", "");
  }
  const list = Array.isArray(payload) ? payload : payload["workouts"];
  const path = Array.isArray(payload) ? "" : "/workouts";
  if (Array.isArray(list)) for (const [index, item] of list.entries()) mapItem(item, `${path}/${index}`, job);
  else if (list !== undefined) throw new ProviderContractBroken("The workouts of Wahoo are no list.", "/workouts");
  else mapItem(payload, "", job);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** A workout has its summary inside; a notification's summary has its workout inside, and stands in the notification. */
function mapItem(item: unknown, path: string, job: MapJob): void {
  const outer = isObject(item) && isObject(item["workout_summary"]) && isObject(item["workout_summary"]["workout"]) ? item["workout_summary"] : item;
  const at = outer === item ? path : `${path}/workout_summary`;
  if (isObject(outer) && outer["workout"] !== undefined && outer["starts"] === undefined) {
    const workout = job.mapping.item(schema.workout, outer["workout"], `${at}/workout`);
    if (workout) mapSummary(workout, outer, { path: at, workoutPath: `${at}/workout` }, job);
    return;
  }
  if (isObject(item) && item["starts"] === undefined && typeof item["started_at"] === "string") {
    // A summary that was asked for by itself: its own id is not the workout's.
    mapSummary({ id: null, starts: item["started_at"] }, item, { path, workoutPath: path }, job);
    return;
  }
  const workout = job.mapping.item(schema.workout, item, path);
  // Without a summary, or with nothing in it, it is a plan, which nobody has done yet.
  if (!workout || workout.workout_summary === null || workout.workout_summary === undefined || isEmpty(workout.workout_summary)) return;
  mapSummary(workout, workout.workout_summary, { path: `${path}/workout_summary`, workoutPath: path }, job);
}

const isEmpty = (item: unknown): boolean => isObject(item) && Object.keys(item).length === 0;

type Known = Pick<schema.Workout, "starts" | "minutes" | "name" | "workout_type_id"> & { readonly id: string | null };

function mapSummary(workout: Known, item: unknown, at: { readonly path: string; readonly workoutPath: string }, job: MapJob): void {
  const { mapping, context } = job;
  const summary = mapping.item(schema.summary, item, at.path);
  if (!summary) return;
  if ((summary.fitness_app_id ?? 0) > LAST_OWN_APP) {
    mapping.problem(`${at.path}/fitness_app_id`, "recorded by another maker's app, from which it comes");
    return;
  }
  // A workout that was planned keeps the time it was planned for; the summary tells when it was done.
  const startMs = [summary.started_at, workout.starts].map(schema.startOf)
    .find((ms) => ms !== null && ms >= EARLIEST_MS && ms <= context.receivedMs + CLOCK_FAULT_MS) ?? null;
  if (startMs === null) {
    mapping.problem(`${at.workoutPath}/starts`, "no possible time of a workout");
    return;
  }
  const durationS = durationOf(summary, workout);
  if (durationS === null) {
    mapping.problem(`${at.path}/duration_total_accum`, "no possible duration");
    return;
  }
  const title = summary.name || workout.name;
  const sport = sportOf(workout.workout_type_id);
  mapping.add({
    record: "workout",
    vendorId: workout.id ?? summary.workout_id ?? null,
    startMs,
    endMs: startMs + Math.round(durationS * 1000),
    // The clock on the person's wall is told as a zone; the start itself is UTC.
    offsetMinutes: summary.time_zone && isZone(summary.time_zone) ? offsetMinutesAt(summary.time_zone, startMs) : null,
    sport,
    ...(typeof workout.workout_type_id === "number" ? { vendorSport: String(workout.workout_type_id) } : {}),
    ...(title ? { title } : {}),
    ...measuresOf(isOnFoot(sport) ? withSteps(summary) : summary, at.path, mapping),
    ...(typeof summary.manual === "boolean" ? { isManual: summary.manual } : {}),
  });
}

function durationOf({ duration_total_accum: total, duration_active_accum: active }: schema.Summary, { minutes }: Known): number | null {
  return [total, active, minutes === null || minutes === undefined ? null : minutes * 60].find((s): s is number => typeof s === "number" && s > 0 && s <= LONGEST_S) ?? null;
}

/** Our fields that are one of theirs, and the metric whose bounds hold for it. */
const FIELDS = [
  ["activeS", "duration_active_accum", "active_duration"],
  ["distanceM", "distance_accum", "distance"],
  ["energyKcal", "calories_accum", "calories_active"],
  ["averageHeartRate", "heart_rate_avg", "heart_rate"],
  ["averageSpeedMS", "speed_avg", "speed"],
  ["averagePowerW", "power_avg", "power"],
  ["averageCadence", "cadence_avg", "cadence"],
  ["elevationGainM", "ascent_accum", "distance"],
] as const satisfies readonly (readonly [keyof WorkoutRecord, keyof schema.Summary, MetricName])[];

/** Steps of both feet are more than these a minute, turns of one leg fewer. */
const MOST_OF_ONE_LEG = 120;

/** Cadence is in turns a minute, on foot those of one leg: made steps of both feet. */
function withSteps(summary: schema.Summary): schema.Summary {
  const { cadence_avg: turns } = summary;
  return typeof turns === "number" && turns > 0 && turns <= MOST_OF_ONE_LEG ? { ...summary, cadence_avg: turns * 2 } : summary;
}

/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;

type Measures = { -readonly [K in keyof WorkoutRecord]?: WorkoutRecord[K] };

/** What was measured. "0.0" stands for a sensor that was not there and is left out; what no person can do becomes a problem. */
function measuresOf(summary: schema.Summary, path: string, mapping: Mapping): Measures {
  const measures: Measures = {};
  for (const [ours, theirs, metric] of FIELDS) {
    const value = summary[theirs];
    if (value === null || value === undefined || value === 0) continue;
    if (value >= METRICS[metric].min && value <= METRICS[metric].max) measures[ours] = value;
    else mapping.problem(`${path}/${theirs}`, "outside what it can be");
  }
  if (measures.averageSpeedMS !== undefined && measures.averageSpeedMS >= SLOWEST_MS) measures.averagePaceSKm = 1000 / measures.averageSpeedMS;
  return measures;
}

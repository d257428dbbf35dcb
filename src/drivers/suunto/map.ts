/** Suunto's payloads → records. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import type { MapJob } from "./map-place.ts";
import { mapActivity, mapRecovery } from "./map-samples.ts";
import { mapSleep } from "./map-sleep.ts";
import { mapStatistics } from "./map-statistics.ts";
import { mapWorkout } from "./map-workout.ts";
import * as schema from "./schema.ts";

/**
 * Maps an answer or the part of a notification that is one. Throws InvalidInput for an unknown resource, ProviderContractBroken when the
 * payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapping = new Mapping();
  const job: MapJob = { mapping, context };
  switch (resource) {
    case "workouts":
    case "workout":
      mapWorkouts(payload, job);
      break;
    case "workout_gone":
      mapping.add({ record: "withdrawal", of: "workout", vendorId: parseEnvelope(schema.goneWorkout, payload, "note of a gone workout").workoutKey });
      break;
    case "sleep":
      mapSleep(payload, job);
      break;
    case "recovery":
      mapRecovery(payload, job);
      break;
    case "activity":
      mapActivity(payload, job);
      break;
    case "daily-activity-statistics":
      mapStatistics(parseEnvelope(schema.list, payload, "payload of Suunto daily statistics"), job);
      break;
    default:
      throw new InvalidInput("Suunto has no such resource.");
  }
  return mapping.result();
}

/** A bare list or workout, an answer with either in `payload`, or a notification with `workout` and `gear`. */
function mapWorkouts(payload: unknown, job: MapJob): void {
  if (typeof payload !== "object" || payload === null) {
    throw new ProviderContractBroken("A payload of Suunto workouts is neither an object nor a list.", "");
  }
  const { error, payload: inner, workout, gear } = payload as { error?: unknown; payload?: unknown; workout?: unknown; gear?: unknown };
  if (Array.isArray(payload)) mapList(payload, "", job);
  else if (Array.isArray(inner)) mapList(inner, "/payload", job);
  else if (typeof inner === "object" && inner !== null) mapOne(inner, "/payload", job);
  else if (workout !== undefined) mapWorkout(workout, "/workout", gear, job);
  else if (error !== undefined || inner !== undefined) throw new ProviderContractBroken("An answer of Suunto holds no workouts.", "/payload");
  else mapWorkout(payload, "", null, job);
}

function mapList(items: readonly unknown[], path: string, job: MapJob): void {
  for (const [index, item] of items.entries()) mapOne(item, `${path}/${index}`, job);
}

function mapOne(item: unknown, path: string, job: MapJob): void {
  const { workout, gear } = (typeof item === "object" && item !== null ? item : {}) as { workout?: unknown; gear?: unknown };
  if (workout === undefined) mapWorkout(item, path, null, job);
  else mapWorkout(workout, `${path}/workout`, gear, job);
}

/** Withings' answers → records. Pure. */
import { InvalidInput } from "#errors.ts";
import { Mapping } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapActivities, mapIntraday } from "./map-activity.ts";
import { mapHeartList, mapMeasures } from "./map-measures.ts";
import type { MapJob } from "./map-place.ts";
import { mapDetails, mapNight, mapSummaries } from "./map-sleep.ts";
import { mapWorkouts } from "./map-workout.ts";
import * as schema from "./schema.ts";

const MAPPERS: Readonly<Record<string, (payload: unknown, job: MapJob) => void>> = {
  getmeas: mapMeasures,
  getactivity: mapActivities,
  getintradayactivity: mapIntraday,
  getworkouts: mapWorkouts,
  sleep: mapNight,
  sleep_getsummary: mapSummaries,
  sleep_get: mapDetails,
  heart_list: mapHeartList,
  // What a person owns is no measurement; the zone in it is read when the account is linked.
  getdevice: (payload) => void schema.openAnswer(schema.devices, payload, "Withings devices"),
};

/**
 * Maps an answer of Withings, wrapped in `{status, body}` or bare. Throws InvalidInput for an unknown resource, ProviderContractBroken when
 * the answer as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapOne = Object.hasOwn(MAPPERS, resource) ? MAPPERS[resource] : undefined;
  if (!mapOne) throw new InvalidInput("Withings has no such resource.");
  const mapping = new Mapping();
  mapOne(payload, { mapping, context });
  return mapping.result();
}

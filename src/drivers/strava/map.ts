/** Strava's payloads → records. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapActivity, type MapJob } from "./map-activity.ts";
import { mapStreams } from "./map-streams.ts";
import { mapZones } from "./map-zones.ts";
import * as schema from "./schema.ts";

/**
 * Maps a list of activities, one activity, the streams or zones of one (with the fields of it that the driver adds), or the driver's
 * note that one is gone. Throws InvalidInput for an unknown resource, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapping = new Mapping();
  const job: MapJob = { mapping, context, isList: Array.isArray(payload) };
  switch (resource) {
    case "activities":
    case "activity":
      mapActivities(payload, job);
      break;
    case "streams":
      mapStreams(payload, job);
      break;
    case "zones":
      mapZones(payload, job);
      break;
    case "activity_gone":
      mapping.add({
        record: "withdrawal", of: "workout", vendorId: parseEnvelope(schema.goneActivity, payload, "note of a gone activity").id,
      });
      break;
    case "athlete":
      // The profile's weight has no date: it may be years old, and nothing says when it was true.
      parseEnvelope(schema.athlete, payload, "Strava athlete");
      break;
    default:
      throw new InvalidInput("Strava has no such resource.");
  }
  return mapping.result();
}

function mapActivities(payload: unknown, job: MapJob): void {
  if (typeof payload !== "object" || payload === null) {
    throw new ProviderContractBroken("A payload of Strava activities is neither an object nor a list.", "");
  }
  if (!Array.isArray(payload)) mapActivity(payload, "", job);
  else for (const [index, item] of payload.entries()) mapActivity(item, `/${index}`, job);
}

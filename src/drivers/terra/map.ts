/** Terra's payloads → records: which object is read by whom. Pure. Source: vendors/terra.md, Mapping and Field reference. */
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapActivity } from "./map-activity.ts";
import { mapBody } from "./map-body.ts";
import { mapDaily } from "./map-daily.ts";
import { mapMenstruation, mapNutrition } from "./map-food.ts";
import { mapObservation } from "./map-observation.ts";
import { placeOf, type Place } from "./map-place.ts";
import { mapSleep } from "./map-sleep.ts";
import { athlete, envelopes, item, type Item } from "./schema.ts";

const MAPPERS: Readonly<Record<string, (place: Place, item: Item) => void>> = {
  daily: mapDaily, body: mapBody, sleep: mapSleep, activity: mapActivity, nutrition: mapNutrition, menstruation: mapMenstruation,
  health_observation: mapObservation,
};

/** Throws ProviderContractBroken when there is no list (for `athlete`: no object). */
export function mapTerra(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapping = new Mapping();
  const map = Object.hasOwn(MAPPERS, resource) ? MAPPERS[resource] : undefined;
  if (!map) {
    parseEnvelope(athlete, payload, "Terra athlete");
    return mapping.result();
  }
  for (const { data, user, path: at } of parseEnvelope(envelopes, payload, `Terra ${resource}`)) {
    data.forEach((value, index) => {
      const path = `${at}/data/${index}`;
      const parsed = mapping.item(item, value, path);
      if (parsed) map(placeOf(mapping, parsed, { path, context, provider: user?.provider ?? null }), parsed);
    });
  }
  return mapping.result();
}

/** Polar's answers → records. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapEcg, mapSkinTemperature, mapSpo2, mapTemperatures } from "./map-biosensing.ts";
import { mapActivity, mapCardioLoad, mapContinuousHeartRate, mapPhysicalInfo } from "./map-day.ts";
import { mapExercise } from "./map-exercise.ts";
import type { MapJob } from "./map-place.ts";
import { mapNight, mapRecharge } from "./map-sleep.ts";
import * as schema from "./schema.ts";

type MapItem = (item: unknown, path: string, job: MapJob) => void;
type MapPayload = (payload: unknown, job: MapJob) => void;

/** A list of items, one item, or (with `key`) an object that holds the list under it. */
const each = (mapItem: MapItem, what: string, key?: string): MapPayload => (payload, job) => {
  const wrapped = key !== undefined && typeof payload === "object" && payload !== null && Object.hasOwn(payload, key);
  if (wrapped) {
    const list = (payload as Readonly<Record<string, unknown>>)[key];
    if (!Array.isArray(list)) throw new ProviderContractBroken(`The ${what} does not have the agreed shape at /${key}.`, `/${key}`);
    for (const [index, item] of list.entries()) mapItem(item, `/${key}/${index}`, job);
  } else if (Array.isArray(payload)) {
    for (const [index, item] of payload.entries()) mapItem(item, `/${index}`, job);
  } else {
    parseEnvelope(schema.listOrOne, payload, what);
    mapItem(payload, "", job);
  }
};

const MAPPERS: Readonly<Record<string, MapPayload>> = {
  exercises: each(mapExercise, "Polar exercises", "exercises"),
  exercise: each(mapExercise, "Polar exercise"),
  activities: each(mapActivity, "Polar activities"),
  sleep: each(mapNight, "Polar nights", "nights"),
  "nightly-recharge": each(mapRecharge, "Polar recharges", "recharges"),
  // The answer to a range is documented as one object: a list or one wrapped in it is borne.
  "continuous-heart-rate": each(mapContinuousHeartRate, "Polar continuous heart rate", "heart_rates"),
  "cardio-load": each(mapCardioLoad, "Polar cardio load"),
  "physical-info": each(mapPhysicalInfo, "Polar physical information"),
  bodytemperature: each(mapTemperatures, "Polar body temperatures"),
  skintemperature: each(mapSkinTemperature, "Polar skin temperatures"),
  spo2: each(mapSpo2, "Polar oxygen tests"),
  ecg: each(mapEcg, "Polar ECG tests"),
};

const DEEPEST = 8;

/** The same with underscores for dashes in names: Polar spells one field either way. */
function plainKeys(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > DEEPEST) return value;
  if (Array.isArray(value)) return value.map((item) => plainKeys(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.replaceAll("-", "_"), plainKeys(inner, depth + 1)]));
}

/**
 * Maps an answer of Polar: lists and single objects alike. Throws InvalidInput for an unknown resource, ProviderContractBroken when the payload as a whole is
 * unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapOne = Object.hasOwn(MAPPERS, resource) ? MAPPERS[resource] : undefined;
  if (!mapOne) throw new InvalidInput("Polar has no such resource.");
  const mapping = new Mapping();
  mapOne(plainKeys(payload), { mapping, context });
  return mapping.result();
}

/** Oura's payloads → records. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { collectionOf } from "./collections.ts";
import { mapEnhancedTag, mapRestMode, mapSession, mapTag, mapWorkout } from "./map-activity.ts";
import * as daily from "./map-daily.ts";
import type { MapJob } from "./map-place.ts";
import { mapHeartRate } from "./map-series.ts";
import { mapSleep } from "./map-sleep.ts";

const MAPPERS: Readonly<Record<string, (value: unknown, path: string, job: MapJob) => void>> = {
  sleep: mapSleep,
  daily_activity: daily.mapDailyActivity,
  daily_sleep: daily.mapDailySleep,
  daily_readiness: daily.mapDailyReadiness,
  daily_spo2: daily.mapDailySpo2,
  daily_stress: daily.mapDailyStress,
  daily_resilience: daily.mapDailyResilience,
  daily_cardiovascular_age: daily.mapDailyCardiovascularAge,
  vO2_max: daily.mapVo2Max,
  workout: mapWorkout,
  session: mapSession,
  enhanced_tag: mapEnhancedTag,
  tag: mapTag,
  rest_mode_period: mapRestMode,
  personal_info: daily.mapProfile,
};

/**
 * Maps one document, a list of them, or an answer `{data: [...]}` of the collection. Collections without a place here give nothing. Throws
 * InvalidInput for an unknown one, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const collection = collectionOf(resource);
  if (!collection) throw new InvalidInput("Oura has no such collection.");
  const job: MapJob = { mapping: new Mapping(), context };
  const { documents, path } = documentsOf(collection.name, payload);
  const mapOne = MAPPERS[collection.name];
  if (collection.name === "heartrate") mapHeartRate(documents, path ?? "", job);
  else if (mapOne) for (const [index, document] of documents.entries()) mapOne(document, path === null ? "" : `${path}/${index}`, job);
  return job.mapping.result();
}

/** `path` is null for a single document. */
function documentsOf(name: string, payload: unknown): { readonly documents: readonly unknown[]; readonly path: string | null } {
  if (Array.isArray(payload)) return { documents: payload as unknown[], path: "" };
  if (typeof payload !== "object" || payload === null) {
    throw new ProviderContractBroken(`A payload of Oura ${name} is neither an object nor a list.`, "");
  }
  if (!Object.hasOwn(payload, "data")) return { documents: [payload], path: null };
  const { data } = payload as { readonly data: unknown };
  if (!Array.isArray(data)) throw new ProviderContractBroken(`A payload of Oura ${name} has no list of documents.`, "/data");
  return { documents: data as unknown[], path: "/data" };
}

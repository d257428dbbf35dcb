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
import { listOfV1, modernActivity, modernSleep } from "./map-v1.ts";

const MAPPERS: Readonly<Record<string, (value: unknown, path: string, job: MapJob) => void>> = {
  sleep: (value, path, job) => mapSleep(modernSleep(value), path, job),
  daily_activity: (value, path, job) => daily.mapDailyActivity(modernActivity(value), path, job),
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
 * Maps one document, a list of them, or an answer `{data: [...]}` of the collection, which may hold one document alone. Collections without a place here give nothing. Throws
 * InvalidInput for an unknown one, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const collection = collectionOf(resource);
  if (!collection) throw new InvalidInput("Oura has no such collection.");
  const job: MapJob = { mapping: new Mapping(), context };
  const { documents, path, isSingle } = documentsOf(collection.name, payload);
  const mapOne = MAPPERS[collection.name];
  if (collection.name === "heartrate") mapHeartRate(documents, path, job);
  else if (mapOne) for (const [index, document] of documents.entries()) mapOne(document, isSingle ? path : `${path}/${index}`, job);
  return job.mapping.result();
}

interface Documents {
  readonly documents: readonly unknown[];
  /** Of the list, or of the one document. */
  readonly path: string;
  readonly isSingle?: true;
}

function documentsOf(name: string, payload: unknown): Documents {
  if (Array.isArray(payload)) return { documents: payload as unknown[], path: "" };
  if (typeof payload !== "object" || payload === null) {
    throw new ProviderContractBroken(`A payload of Oura ${name} is neither an object nor a list.`, "");
  }
  const old = listOfV1(name, payload);
  if (old) return { documents: old.list, path: `/${old.key}` };
  if (!Object.hasOwn(payload, "data")) return { documents: [payload], path: "", isSingle: true };
  const { data } = payload as { readonly data: unknown };
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return { documents: [data], path: "/data", isSingle: true };
  if (!Array.isArray(data)) throw new ProviderContractBroken(`A payload of Oura ${name} has no list of documents.`, "/data");
  return { documents: data as unknown[], path: "/data" };
}

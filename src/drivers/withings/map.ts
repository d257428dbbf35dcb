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
  sleep: mapAnyNight,
  sleep_getsummary: mapSummaries,
  sleep_get: mapDetails,
  heart_list: mapHeartList,
  // What a person owns is no measurement; the zone in it is read when the account is linked.
  getdevice: (payload) => void schema.openAnswer(schema.devices, payload, "Withings devices"),
};

/**
 * Maps an answer of Withings, wrapped in `{status, body}` or bare, or its list or one item of it alone. Throws InvalidInput for an unknown resource, ProviderContractBroken when
 * the answer as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapOne = Object.hasOwn(MAPPERS, resource) ? MAPPERS[resource] : undefined;
  if (!mapOne) throw new InvalidInput("Withings has no such resource.");
  const mapping = new Mapping();
  mapOne(listed(resource, payload), { mapping, context });
  return mapping.result();
}

/** Where the list of each answer is, and a field that tells one of its items. */
const LISTS: Readonly<Record<string, { readonly key: string; readonly mark: string }>> = {
  getmeas: { key: "measuregrps", mark: "measures" },
  getactivity: { key: "activities", mark: "steps" },
  getworkouts: { key: "series", mark: "category" },
  sleep_getsummary: { key: "series", mark: "startdate" },
  sleep_get: { key: "series", mark: "startdate" },
  heart_list: { key: "series", mark: "timestamp" },
};

/** A list or an item by itself, as others keep them, put where an answer has it. */
function listed(resource: string, payload: unknown): unknown {
  const list = Object.hasOwn(LISTS, resource) ? LISTS[resource] : undefined;
  if (!list || typeof payload !== "object" || payload === null) return payload;
  if (Array.isArray(payload)) return { [list.key]: payload };
  return Object.hasOwn(payload, list.mark) && !Object.hasOwn(payload, list.key) ? { [list.key]: [payload] } : payload;
}

/** A night as `pull` stores it; and either of its halves, which is told by what its items hold. */
function mapAnyNight(payload: unknown, job: MapJob): void {
  const items = itemsOf(payload);
  if (!items) mapNight(payload, job);
  else if (items.some((item) => typeof item === "object" && item !== null && "state" in item)) mapDetails(listed("sleep_get", payload), job);
  else mapSummaries(listed("sleep_getsummary", payload), job);
}

function itemsOf(payload: unknown): readonly unknown[] | null {
  if (Array.isArray(payload)) return payload as unknown[];
  if (typeof payload !== "object" || payload === null) return null;
  const { body, series, startdate } = payload as { readonly body?: unknown; readonly series?: unknown; readonly startdate?: unknown };
  if (Array.isArray(series)) return series as unknown[];
  if (startdate !== undefined) return [payload];
  return body === undefined || Array.isArray(body) ? null : itemsOf(body);
}

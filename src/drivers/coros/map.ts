/** COROS's payloads → records. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { looseText, Mapping } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapDay } from "./map-day.ts";
import type { MapJob } from "./map-place.ts";
import { mapWorkout } from "./map-workout.ts";

/**
 * Maps a list of workouts (`sport`: an answer, the `sportDataList` of a notification, or a bare list) or of days (`daily`). Throws InvalidInput
 * for an unknown resource, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapping = new Mapping();
  const job: MapJob = { mapping, context };
  const mapOne = resource === "sport" ? mapWorkout : resource === "daily" ? mapDay : null;
  if (!mapOne) throw new InvalidInput("COROS has no such resource.");
  const { items, path } = itemsIn(payload, resource === "sport" ? "labelId" : "happenDay");
  for (const [index, item] of items.entries()) mapOne(item, path === null ? "" : `${path}/${index}`, job);
  return mapping.result();
}

/** Workouts and days lie in `data` itself or a step deeper, or at the top of a push. */
const LISTS: readonly (readonly string[])[] = [
  ["sportDataList"], ["dailyList"], ["data"], ["data", "sportDataList"], ["data", "dailyList"], ["data", "dataList"], ["data", "list"],
];

/** The days of one person of a push of days. */
const daysOf = (item: unknown): readonly unknown[] => (isObject(item) && Array.isArray(item["dailyList"]) ? (item["dailyList"] as unknown[]) : [item]);

/** Where lists lie. An answer without any is an empty one if it says that all went well. `key` is what an item by itself is known by. */
function itemsIn(payload: unknown, key: string): { readonly items: readonly unknown[]; readonly path: string | null } {
  if (Array.isArray(payload)) return { items: payload, path: "" };
  if (isObject(payload)) {
    for (const names of LISTS) {
      const list = names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), payload);
      if (Array.isArray(list)) return { items: list, path: `/${names.join("/")}` };
    }
    if (key in payload) return { items: [payload], path: null };
    const { result, data, batchDailyList } = payload;
    if (isObject(data) && key in data) return { items: [data], path: null };
    if (Array.isArray(batchDailyList)) return { items: batchDailyList.flatMap(daysOf), path: "/batchDailyList" };
    if ((data === undefined || data === null) && /^0+$/.test(looseText(result))) return { items: [], path: "" };
  }
  throw new ProviderContractBroken("A payload of COROS holds no list.", "/data");
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

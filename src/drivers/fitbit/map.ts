/** Fitbit's answers → records, by resource. Pure. */
import { looseObject } from "zod";
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapActivity } from "./map-activity.ts";
import * as body from "./map-body.ts";
import { mapDay, mapHeartDay, mapIntraday, mapSeriesDay } from "./map-day.ts";
import { isObject, type Item, type Json, type MapJob } from "./map-place.ts";
import { mapSleep } from "./map-sleep.ts";
import { ACTIVITY_LIST, SILENT } from "./resources.ts";
import * as schema from "./schema.ts";

type ItemMapper = (item: Item, job: MapJob) => void;

/** Answers that are a list under one of these keys, or the bare list, or a single one of its objects: all are seen. */
const LISTS: Readonly<Record<string, { readonly keys: readonly string[]; readonly mapOne: ItemMapper }>> = {
  "sleep/list": { keys: ["sleep"], mapOne: mapSleep },
  [ACTIVITY_LIST]: { keys: ["activities"], mapOne: mapActivity },
  "activities/heart": { keys: ["activities-heart"], mapOne: mapHeartDay },
  hrv: { keys: ["hrv"], mapOne: body.mapHrvDay },
  "hrv/all": { keys: ["hrv"], mapOne: (item, job) => body.mapMinutes("hrv_rmssd", item, job) },
  br: { keys: ["br"], mapOne: body.mapBreathingDay },
  "br/all": { keys: ["br"], mapOne: body.mapBreathingDay },
  spo2: { keys: ["spo2"], mapOne: body.mapSpo2Day },
  "spo2/all": { keys: ["spo2"], mapOne: (item, job) => body.mapMinutes("spo2", item, job) },
  "temp/skin": { keys: ["tempSkin"], mapOne: body.mapSkinTemperature },
  "temp/core": { keys: ["tempCore"], mapOne: body.mapCoreTemperature },
  // The live service and the copy of its description differ in one letter.
  cardioscore: { keys: ["cardioScore", "cardioscore"], mapOne: body.mapCardioScore },
  "body/log/weight": { keys: ["weight"], mapOne: body.mapBodyLog },
  "body/log/fat": { keys: ["fat"], mapOne: body.mapBodyLog },
};

/** A single object of a list is known by one of these. */
const OWN_FIELDS = ["dateTime", "logId", "minutes"];

const INTRADAY = { "activities/heart/intraday": ["activities-heart", "heart_rate"], "activities/steps/intraday": ["activities-steps", "steps"] } as const;

/**
 * Maps one answer. Bad items become problems, the others stay. Throws InvalidInput for an unknown resource, ProviderContractBroken when the answer as a
 * whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const job: MapJob = { mapping: new Mapping(), context };
  const list = Object.hasOwn(LISTS, resource) ? LISTS[resource] : undefined;
  if (list) {
    for (const item of itemsOf(resource, list.keys, payload)) list.mapOne(item, job);
  } else if (resource === "sleep") {
    const answer = Array.isArray(payload) ? payload : parseEnvelope(schema.sleeps, payload, "Fitbit sleep answer").sleep;
    for (const [index, value] of answer.entries()) mapSleep({ value, path: `${Array.isArray(payload) ? "" : "/sleep"}/${index}` }, job);
  } else if (resource === "activities/date") {
    mapDay(parseEnvelope(looseObject({}), payload, "Fitbit answer for a day"), job);
  } else if (resource in INTRADAY) {
    mapWithin(resource as keyof typeof INTRADAY, payload, job);
  } else if (SILENT.includes(resource)) {
    if (!Array.isArray(payload)) parseEnvelope(looseObject({}), payload, `Fitbit ${resource} answer`);
  } else if (resource.startsWith("activities/")) {
    mapSeries(resource.slice("activities/".length), payload, job);
  } else {
    throw new InvalidInput("Fitbit has no such resource.");
  }
  return job.mapping.result();
}

function* itemsOf(resource: string, keys: readonly string[], payload: unknown): Generator<Item> {
  const key = isObject(payload) ? keys.find((each) => payload[each] !== undefined) : undefined;
  const found: unknown = isObject(payload) && key !== undefined ? payload[key] : payload;
  if (Array.isArray(found)) {
    for (const [index, value] of (found as unknown[]).entries()) yield { value, path: `${key === undefined ? "" : `/${key}`}/${index}` };
  } else if (isObject(found) && OWN_FIELDS.some((field) => found[field] !== undefined)) {
    yield { value: found, path: key === undefined ? "" : `/${key}` };
  } else {
    throw new ProviderContractBroken(`The Fitbit ${resource} answer has no list.`, `/${keys[0] ?? ""}`);
  }
}

const SERIES_KEY = /^(steps|distance|floors|elevation|calories|activityCalories|caloriesBMR|minutesFairlyActive|minutesVeryActive|minutesSedentary)$/;

function mapSeries(name: string, payload: unknown, job: MapJob): void {
  if (!SERIES_KEY.test(name)) throw new InvalidInput("Fitbit has no such resource.");
  for (const item of itemsOf(`activities/${name}`, [`activities-${name}`], payload)) mapSeriesDay(name, item, job);
}

/** A date with what lies within it: the date stands in the list of days beside. */
function mapWithin(resource: keyof typeof INTRADAY, payload: unknown, job: MapJob): void {
  const [key, metric] = INTRADAY[resource];
  const answer: Json = parseEnvelope(looseObject({}), payload, `Fitbit ${resource} answer`);
  const data = answer[`${key}-intraday`];
  if (data === undefined) throw new ProviderContractBroken(`The Fitbit ${resource} answer has nothing within the day.`, `/${key}-intraday`);
  const [day] = [...itemsOf(resource, [key], answer)];
  if (day && metric === "heart_rate") mapHeartDay(day, job);
  mapIntraday(metric, isObject(day?.value) ? day.value["dateTime"] : null, { value: data, path: `/${key}-intraday` }, job);
}

/** Google's answers → records, by resource. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult, Replacement } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { looseObject } from "zod";
import { dataType, SILENT_TYPES, valueKey, type DataType } from "./data-types.ts";
import { mapExercise } from "./map-exercise.ts";
import { mapIrregularRhythm, mapNutrition } from "./map-log.ts";
import { isObject, type MapJob } from "./map-place.ts";
import { isFlagged, mapPoint } from "./map-points.ts";
import { mapSleep } from "./map-sleep.ts";
import * as schema from "./schema.ts";

const MAPPERS: Readonly<Record<string, (item: unknown, path: string, job: MapJob) => void>> = {
  sleep: mapSleep,
  exercise: mapExercise,
  "nutrition-log": mapNutrition,
  "irregular-rhythm-notification": mapIrregularRhythm,
};

/**
 * Maps a page of points or roll-ups, a list of them, or a single one. Bad points become problems, the others stay. Throws InvalidInput for an unknown
 * data type, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const type = meantType(resource, payload);
  if (!type) {
    if (!SILENT_TYPES.includes(resource)) throw new InvalidInput("Google Health has no such data type.");
    parseEnvelope(looseObject({}), payload, `Google ${resource} answer`);
    return new Mapping().result();
  }
  const job: MapJob = { mapping: new Mapping(), context };
  const mapOne = MAPPERS[type.name];
  for (const { item, path } of pointsOf(type, payload)) {
    if (mapOne) mapOne(item, path, job);
    else mapPoint(type, item, path, job);
  }
  return withReplacement(type, payload, job.mapping.result());
}

/** The type of the resource; where its points are totals of days, or the other way round, the type of those. An error is no empty answer. */
function meantType(resource: string, payload: unknown): DataType | null {
  if (isObject(payload) && isObject(payload["error"])) throw new ProviderContractBroken(`The answer of Google's ${resource} is an error.`, "/error");
  const named = dataType(resource);
  if (!named || !isObject(payload)) return named;
  const [plain = resource] = resource.split(":");
  const isRollUp = named.operation === "dailyRollUp";
  if (Array.isArray(payload["rollupDataPoints"]) && !isRollUp) return dataType(`${plain}:dailyRollUp`) ?? unreadable(resource, "/rollupDataPoints");
  if (Array.isArray(payload["dataPoints"]) && isRollUp) return dataType(plain) ?? unreadable(resource, "/dataPoints");
  return named;
}

function unreadable(resource: string, path: string): never {
  throw new ProviderContractBroken(`The answer of Google's ${resource} is of another operation.`, path);
}

function* pointsOf(type: DataType, payload: unknown): Generator<{ readonly item: unknown; readonly path: string }> {
  if (isObject(payload) && isObject(payload[valueKey(type.name)])) {
    yield { item: payload, path: "" };
    return;
  }
  const { items, at } = listOf(type, payload);
  for (const [index, item] of items.entries()) yield { item, path: `${at}/${index}` };
}

function listOf(type: DataType, payload: unknown): { readonly items: readonly unknown[]; readonly at: string } {
  if (Array.isArray(payload)) return { items: payload as unknown[], at: "" };
  const what = `answer of Google's ${type.name}`;
  if (type.operation === "dailyRollUp") return { items: parseEnvelope(schema.rollUps, payload, what).rollupDataPoints ?? [], at: "/rollupDataPoints" };
  return { items: parseEnvelope(schema.points, payload, what).dataPoints ?? [], at: "/dataPoints" };
}

/**
 * What was read again after a deletion carries the window in which nothing else is left (api.ts). A bad point, or a sleep that Google has not worked out
 * yet, could be one that is left: then nothing is said.
 */
function withReplacement(type: DataType, payload: unknown, result: MapResult): MapResult {
  const window = isObject(payload) ? schema.replaced.safeParse(payload["replaces"]) : null;
  if (!window?.success || result.problems.length > 0) return result;
  if (type.name === "sleep" && result.records.length < listOf(type, payload).items.length) return result;
  const { fromMs, toMs } = window.data;
  const of = type.records.filter((kind) => kind !== "sample");
  return { ...result, replaces: { fromMs, toMs, of, metrics: type.metrics, ...dayTotalsOf(type) } };
}

/** Numbers of a day and those within it have types of their own: what is left of one says nothing of the other, though the metric is the same. */
function dayTotalsOf({ shape, metrics }: DataType): Pick<Replacement, "dayTotals"> {
  if (metrics.length === 0) return {};
  if (shape !== "daily") return { dayTotals: "never" };
  return metrics.every((metric) => isFlagged(metric)) ? { dayTotals: "only" } : {};
}

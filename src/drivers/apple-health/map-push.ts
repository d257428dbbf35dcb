/**
 * A body of a phone bridge → records. Two families of shapes, known by what they hold: Islet's own, which is that of the Open Wearables SDK with
 * deletions added, and Health Auto Export's. Pure. Source: Apple Health facts, push shapes; docs/drivers/apple-health.md describes ours.
 */
import { ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { addAutoWorkout, mapAutoMetric } from "./map-auto-export.ts";
import { withdraw, replacementOf } from "./map-deleted.ts";
import { GlucoseSorter } from "./map-glucose.ts";
import { mapMeasure, type Measure, naturalId } from "./map-measure.ts";
import { cleanName, type MapJob } from "./map-place.ts";
import { placeOf, type Stretch } from "./map-push-place.ts";
import { addPushedWorkout } from "./map-push-workout.ts";
import { SleepCollector } from "./map-sleep.ts";
import * as schema from "./schema.ts";

/** The lists that are mapped, in this order. */
const LISTS = ["records", "sleep", "workouts", "metrics"] as const;
/** What a body may hold besides, or alone: Health Auto Export leaves out what is empty. */
const OTHERS = ["deleted", "complete", "stateOfMind", "medications", "symptoms", "cycleTracking", "ecg", "heartRateNotifications"];

/** Maps one body. Throws ProviderContractBroken when it is none, or comes from another phone's bridge. */
export function mapPush(payload: unknown, context: MapContext): MapResult {
  const { provider, data } = parseEnvelope(schema.body, payload, "body of Apple Health");
  if (provider && !/^apple/i.test(provider)) throw new ProviderContractBroken("The body is of another vendor than Apple.", "/provider");
  const isWrapped = data !== undefined && data !== null;
  const at = isWrapped ? "/data" : "";
  const parts = parseEnvelope(schema.parts, isWrapped ? data : payload, "body of Apple Health");
  if (![...LISTS, ...OTHERS].some((name) => Object.hasOwn(parts, name))) {
    throw new ProviderContractBroken("The body holds neither records nor metrics of Apple Health.", at);
  }
  const job: MapJob = { mapping: new Mapping(), context, sleeps: new SleepCollector(), glucose: new GlucoseSorter(), zones: new Map() };
  for (const name of LISTS) each(parts, name, { at, job }, MAPPERS[name]);
  job.glucose.flush(job);
  job.sleeps.flush(job);
  const { complete } = parts;
  each(parts, "deleted", { at, job }, (item, path) => withdraw(item, path, { job, complete }));
  const result = job.mapping.result();
  if (complete === undefined || complete === null) return result;
  const replaces = replacementOf(complete, `${at}/complete`, { job, hasProblems: result.problems.length > 0 });
  return replaces ? { ...result, replaces } : result;
}

const MAPPERS: Readonly<Record<(typeof LISTS)[number], (item: unknown, path: string, job: MapJob) => void>> = {
  records: mapRecord,
  sleep: mapSleepSample,
  workouts: (item, path, job) => (isObject(item) && Object.hasOwn(item, "startDate") ? addPushedWorkout : addAutoWorkout)(item, path, job),
  metrics: mapAutoMetric,
};

function each(
  parts: Readonly<Record<string, unknown>>, name: string, { at, job }: { readonly at: string; readonly job: MapJob },
  act: (item: unknown, path: string, job: MapJob) => void,
): void {
  const list = parts[name];
  if (Array.isArray(list)) list.forEach((item: unknown, index) => act(item, `${at}/${name}/${index}`, job));
  else if (list !== undefined && list !== null) job.mapping.problem(`${at}/${name}`, "missing or of the wrong type");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

const PREFIX = /^HK(?:Quantity|Category)TypeIdentifier/;

/** Types without a place here are passed over. */
function mapRecord(item: unknown, path: string, job: MapJob): void {
  const record = job.mapping.item(schema.record, item, path);
  const measure = record && measureOf(record, { type: record.type.replace(PREFIX, ""), value: record.value, unit: record.unit, path }, job);
  if (measure) mapMeasure(measure, job);
}

function mapSleepSample(item: unknown, path: string, job: MapJob): void {
  const sleep = job.mapping.item(schema.sleep, item, path);
  const measure = sleep && measureOf(sleep, { type: "SleepAnalysis", value: sleep.stage, unit: null, path }, job);
  if (measure) mapMeasure(measure, job);
}

function measureOf(item: Stretch, what: Pick<Measure, "type" | "value" | "unit" | "path">, job: MapJob): Measure | null {
  const place = placeOf(item, what.path, job);
  if (!place) return null;
  const meta = (key: string): string | undefined => {
    const value = item.metadata && Object.hasOwn(item.metadata, key) ? item.metadata[key] : undefined;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
  };
  const { source } = item;
  const measure: Measure = {
    ...what, ...place, meta, id: () => item.id ?? naturalId(measure), maker: cleanName(source?.deviceManufacturer) || undefined,
    isManual: /^(?:1|true)$/.test(meta("HKWasUserEntered") ?? "") || /manual/i.test(source?.recordingMethod ?? ""),
  };
  return measure;
}

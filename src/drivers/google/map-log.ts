/** What people log, and what the watch warns of → treatments. Pure. Source: vendors/google-health.md; the discovery document for their fields. */
import { instantOf, isObject, offsetMinutesOf, pointId, sourceOf, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

/** More carbohydrates are no meal. */
const MOST_GRAMS = 2_000;

/** Food gives its carbohydrates; food without any is no treatment. */
export function mapNutrition(item: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const point = isObject(item) ? item : {};
  const at = `${path}/nutritionLog`;
  const log = mapping.item(schema.nutrition, point["nutritionLog"], at);
  const grams = log?.totalCarbohydrate?.grams ?? 0;
  if (!log || grams === 0) return;
  const atMs = instantOf(log.interval.startTime, `${at}/interval/startTime`, job);
  if (atMs === null) return;
  if (grams < 0 || grams > MOST_GRAMS) {
    mapping.problem(`${at}/totalCarbohydrate/grams`, "outside what a meal can have");
    return;
  }
  const { device } = sourceOf(point);
  mapping.add({
    record: "treatment",
    kind: "carbohydrates",
    vendorId: pointId(point),
    atMs,
    offsetMinutes: offsetMinutesOf(log.interval.startUtcOffset),
    amount: grams,
    ...(log.foodDisplayName ? { text: log.foodDisplayName } : {}),
    ...(device ? { device } : {}),
  });
}

/** A sign of atrial fibrillation that the watch told its wearer of. It stands at the end of what was looked at. */
export function mapIrregularRhythm(item: unknown, path: string, job: MapJob): void {
  const point = isObject(item) ? item : {};
  const value = point["irregularRhythmNotification"];
  const interval = isObject(value) ? value["interval"] : undefined;
  const [startTime, endTime, offset] = isObject(interval) ? [interval["startTime"], interval["endTime"], interval["endUtcOffset"]] : [];
  const atMs = instantOf(endTime ?? startTime, `${path}/irregularRhythmNotification/interval/endTime`, job);
  if (atMs === null) return;
  const { device } = sourceOf(point);
  job.mapping.add({
    record: "treatment",
    kind: "alert",
    vendorId: pointId(point),
    atMs,
    offsetMinutes: offsetMinutesOf(offset),
    text: "irregular heart rhythm",
    ...(device ? { device } : {}),
  });
}

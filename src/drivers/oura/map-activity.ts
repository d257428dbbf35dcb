/** Workouts, sessions, tags and rest. Pure. Source: vendors/oura.md, Exact fields. */
import type { Sport, TreatmentKind, WorkoutRecord } from "#driver/records.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { dayOf, instantOf, type MapJob, type Start } from "./map-place.ts";
import { addSeries } from "./map-series.ts";
import { sportOf } from "./map-sport.ts";
import * as schema from "./schema.ts";

const LONGEST_MS = 7 * DAY_MS;
const LONGEST_TEXT = 1_000;
/** Slower is standing still, which has no pace. */
const SLOWEST_MS = 0.1;

interface Stretch extends Start {
  readonly endMs: number;
}

function stretchOf(doc: { readonly start_datetime: string; readonly end_datetime: string }, path: string, job: MapJob): Stretch | null {
  const start = instantOf(doc.start_datetime, `${path}/start_datetime`, job);
  const end = start && instantOf(doc.end_datetime, `${path}/end_datetime`, job);
  if (!start || !end) return null;
  if (end.startMs > start.startMs && end.startMs - start.startMs <= LONGEST_MS) return { ...start, endMs: end.startMs };
  job.mapping.problem(`${path}/end_datetime`, "no possible end");
  return null;
}

/** Heart rate is not in it: it stands in `heartrate` at the same time. */
export function mapWorkout(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.workout, value, path);
  const stretch = doc && stretchOf(doc, path, job);
  if (!doc || !stretch) return;
  job.mapping.add({
    record: "workout",
    vendorId: doc.id ?? null,
    ...stretch,
    sport: sportOf(doc.activity),
    ...(doc.activity ? { vendorSport: doc.activity } : {}),
    ...(doc.label ? { title: doc.label.slice(0, LONGEST_TEXT) } : {}),
    ...measuresOf(doc, stretch, path, job),
    ...(doc.source ? { isManual: doc.source === "manual" } : {}),
  });
}

type Measures = { -readonly [K in "distanceM" | "energyKcal" | "averageSpeedMS" | "averagePaceSKm"]?: NonNullable<WorkoutRecord[K]> };

/** 0 stands for "not measured". */
function measuresOf(doc: schema.Workout, { startMs, endMs }: Stretch, path: string, job: MapJob): Measures {
  const known = (metric: MetricName, field: "distance" | "calories"): number | null => {
    const value = doc[field];
    if (value === null || value === undefined || value === 0) return null;
    if (value > 0 && value <= METRICS[metric].max) return value;
    job.mapping.problem(`${path}/${field}`, "outside what it can be");
    return null;
  };
  const distanceM = known("distance", "distance");
  const energyKcal = known("calories_active", "calories");
  const speedMS = distanceM === null ? 0 : distanceM / ((endMs - startMs) / 1000);
  const isMoving = speedMS >= SLOWEST_MS && speedMS <= METRICS.speed.max;
  return {
    ...(distanceM === null ? {} : { distanceM }),
    ...(energyKcal === null ? {} : { energyKcal }),
    ...(isMoving ? { averageSpeedMS: speedMS, averagePaceSKm: 1000 / speedMS } : {}),
  };
}

const MEDITATIONS: ReadonlySet<string> = new Set(["breathing", "meditation", "relaxation"]);

/** Moments of rest with what was measured in them. A nap is none of ours here: the ring reports it as a sleep, too. */
export function mapSession(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.session, value, path);
  const stretch = doc && stretchOf(doc, path, job);
  if (!doc || !stretch) return;
  if (doc.type !== "nap") {
    const sport: Sport = MEDITATIONS.has(doc.type ?? "") ? "meditation" : "other";
    job.mapping.add({ record: "workout", vendorId: doc.id ?? null, ...stretch, sport, ...(doc.type ? { vendorSport: doc.type } : {}) });
  }
  addSeries(doc.heart_rate, `${path}/heart_rate`, { metric: "heart_rate", startsAt: doc.start_datetime }, job);
  addSeries(doc.heart_rate_variability, `${path}/heart_rate_variability`, { metric: "hrv_rmssd", startsAt: doc.start_datetime }, job);
}

export function mapEnhancedTag(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.enhancedTag, value, path);
  const at = doc && momentOf(doc.start_time, doc.start_day, { path, field: "start_time" }, job);
  if (!doc || !at) return;
  const name = doc.custom_name ?? doc.tag_type_code?.replace(/^tag_(generic_)?/, "").replaceAll("_", " ");
  addTreatment({ kind: "note", id: doc.id, words: [name, doc.comment] }, at, job);
}

export function mapTag(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.tag, value, path);
  const at = doc && momentOf(doc.timestamp, doc.day, { path, field: "timestamp" }, job);
  if (!doc || !at) return;
  const tags = (doc.tags ?? []).map((tag) => tag.replace(/^tag_(generic_)?/, "").replaceAll("_", " ")).join(", ");
  addTreatment({ kind: "note", id: doc.id, words: [tags, doc.text] }, at, job);
}

/** A stretch in which the person told the ring to expect illness or recovery: noted where it begins. */
export function mapRestMode(value: unknown, path: string, job: MapJob): void {
  const doc = job.mapping.item(schema.restModePeriod, value, path);
  const at = doc && momentOf(doc.start_time, doc.start_day, { path, field: "start_time" }, job);
  if (!doc || !at) return;
  const tags = [...new Set((doc.episodes ?? []).flatMap((episode) => episode.tags ?? []))];
  addTreatment({ kind: "health", id: doc.id, words: ["rest mode", tags.join(", ")] }, at, job);
}

/** The instant where there is one, else the start of the day. */
function momentOf(
  time: string | null | undefined, day: string | null | undefined, at: { readonly path: string; readonly field: string }, job: MapJob,
): Start | null {
  return time || !day ? instantOf(time, `${at.path}/${at.field}`, job) : dayOf({ day }, at.path, job);
}

interface Note {
  readonly kind: TreatmentKind;
  readonly id: string | null | undefined;
  readonly words: readonly (string | null | undefined)[];
}

function addTreatment({ kind, id, words }: Note, { startMs, offsetMinutes }: Start, { mapping }: MapJob): void {
  const text = words.filter((word) => word).join(": ").slice(0, LONGEST_TEXT);
  mapping.add({ record: "treatment", kind, vendorId: id ?? null, atMs: startMs, offsetMinutes, ...(text ? { text } : {}) });
}

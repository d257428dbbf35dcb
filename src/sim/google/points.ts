/** Data points of a person and type, newest first, with the envelopes of list and reconcile. vendors/google-health.md, Data endpoints. */

import { addDays, localDate, localDay } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { hashOf } from "../people/rng.ts";
import type { PointFilter } from "./filter.ts";
import { civilDate, intervalOf, sampleTimeOf } from "./times.ts";
import { keyOf } from "./types.ts";
import { wearable } from "./wearable.ts";
import type { GoogleWorld, HealthType, Point, Source } from "./world.ts";

/** What each source family holds; `self-sources` is what the asking application wrote, which writes nothing. */
const FAMILIES: Readonly<Record<string, readonly Source[]>> = {
  "all-sources": ["watch", "scale", "typed", "connect"],
  "google-wearables": ["watch", "scale"],
  "google-sources": ["watch", "scale", "typed", "connect"],
  "self-sources": [],
};
const EVERY_SOURCE: readonly Source[] = ["watch", "phone", "scale", "typed", "connect"];

/** Sources of `users/me/dataSourceFamilies/…`, the phone's double counting left out; null for no family. */
export function familyOf(name: string): readonly Source[] | null {
  if (name === "") return FAMILIES["all-sources"] ?? null;
  const [, family = ""] = /^users\/me\/dataSourceFamilies\/([a-z-]+)$/.exec(name) ?? [];
  return FAMILIES[family] ?? null;
}

/** From when the person has data. */
export function joinedMs(person: Person): number {
  return localDay(person.who.zone, person.who.cgm.since)?.fromMs ?? 0;
}

/** The date's points that are in the cloud, oldest first. */
export function pointsOf(world: GoogleWorld, person: Person, type: HealthType, date: string): Point[] {
  const nowMs = world.context.now();
  const { gone } = world.kept;
  const isGone = (point: Point): boolean => gone.length > 0 && gone.includes(pointId(world, person, type, point));
  return type.make(world, person, date).filter((point) => point.readyMs <= nowMs && !isGone(point));
}

/** In the half-open stretch of starts, oldest first, merged from all sources. */
export function pointsBetween(world: GoogleWorld, person: Person, type: HealthType, { fromMs, toMs }: { fromMs: number; toMs: number }): Point[] {
  const { zone } = person.who;
  const found: Point[] = [];
  const last = addDays(localDate(zone, Math.min(toMs, world.context.now())), 1);
  for (let date = localDate(zone, fromMs); date <= last; date = addDays(date, 1)) found.push(...pointsOf(world, person, type, date));
  return found.filter((point) => point.startMs >= fromMs && point.startMs < toMs && point.source !== "phone");
}

/** Where a page begins: so many points of the date have been given. */
export interface Place {
  readonly date: string;
  readonly given: number;
}

export interface PageWish {
  readonly filter: PointFilter;
  readonly sources: readonly Source[] | null;
  readonly from: Place | null;
  readonly size: number;
}

/** A page of points, newest first, and where the next one begins; null after the last. */
export function pageOf(world: GoogleWorld, person: Person, type: HealthType, { filter, sources, from, size }: PageWish): { points: Point[]; next: Place | null } {
  const [first, last] = filter.dates;
  const wanted = sources ?? EVERY_SOURCE;
  const points: Point[] = [];
  for (let date = from?.date ?? last; date >= first; date = addDays(date, -1)) {
    const ofDate = pointsOf(world, person, type, date).filter((point) => wanted.includes(point.source) && filter.lets(point)).toReversed();
    const skipped = date === from?.date ? from.given : 0;
    const taken = ofDate.slice(skipped, skipped + size - points.length);
    points.push(...taken);
    const given = skipped + taken.length;
    if (points.length === size) {
      if (given < ofDate.length) return { points, next: { date, given } };
      return { points, next: date > first ? { date: addDays(date, -1), given: 0 } : null };
    }
  }
  return { points, next: null };
}

/** Nineteen digits that begin with the date the point belongs to, so that it can be found again. */
export function pointId({ context }: GoogleWorld, person: Person, type: HealthType, point: Point): string {
  const date = localDate(person.who.zone, point.endMs).replaceAll("-", "");
  return `${date}${String(hashOf(context.seed, person.who.id, type.name, point.startMs)).padStart(11, "0")}`;
}

export function pointById(world: GoogleWorld, person: Person, type: HealthType, id: string): Point | null {
  if (!type.hasNames || !/^20\d{17}$/.test(id)) return null;
  const date = `${id.slice(0, 4)}-${id.slice(4, 6)}-${id.slice(6, 8)}`;
  if (!localDay(person.who.zone, date)) return null;
  return [date, addDays(date, -1)].flatMap((one) => pointsOf(world, person, type, one)).find((point) => pointId(world, person, type, point) === id) ?? null;
}

export function nameOf(world: GoogleWorld, person: Person, type: HealthType, point: Point): string {
  return `users/me/dataTypes/${type.name}/dataPoints/${pointId(world, person, type, point)}`;
}

/** The value with its time, under its key. */
function valueOf({ who: { zone } }: Person, type: HealthType, point: Point): Record<string, unknown> {
  const { startMs, endMs, fields } = point;
  const times = type.shape === "daily" ? { date: civilDate(localDate(zone, startMs)) }
    : type.shape === "sample" ? { sampleTime: sampleTimeOf(zone, startMs) } : { interval: intervalOf(zone, startMs, endMs) };
  return { [keyOf(type)]: { ...times, ...fields } };
}

/** As list and get have it. */
export function dataPoint(world: GoogleWorld, person: Person, type: HealthType, point: Point): object {
  return {
    ...(type.hasNames ? { name: nameOf(world, person, type, point) } : {}),
    dataSource: dataSource(person, type, point),
    ...valueOf(person, type, point),
  };
}

/** As reconcile has it. */
export function reconciledPoint(world: GoogleWorld, person: Person, type: HealthType, point: Point): object {
  return { ...(type.hasNames ? { dataPointName: nameOf(world, person, type, point) } : {}), ...valueOf(person, type, point) };
}

const DERIVED = ["sleep", "respiratory-rate-sleep-summary", "exercise"];

function dataSource(person: Person, type: HealthType, { source }: Point): object {
  if (source === "watch") {
    const recordingMethod = type.shape === "daily" || DERIVED.includes(type.name) ? "DERIVED" : "PASSIVELY_MEASURED";
    return { platform: "FITBIT", recordingMethod, device: wearable(person) };
  }
  if (source === "scale") return { platform: "FITBIT", recordingMethod: "ACTIVELY_MEASURED", device: { displayName: "Aria Air", manufacturer: "Fitbit", formFactor: "SCALE" } };
  if (source === "phone") return { platform: "FIT", recordingMethod: "PASSIVELY_MEASURED", device: { manufacturer: "Google", formFactor: "PHONE" } };
  if (source === "typed") return { platform: "FITBIT", recordingMethod: "MANUAL" };
  return { platform: "HEALTH_CONNECT", recordingMethod: "UNKNOWN", application: { packageName: "com.example.sensor" } };
}

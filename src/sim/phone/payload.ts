/** What a phone's platform holds of a stretch of time, in the words of its bridge. Facts of Apple Health, Health Connect and Samsung Health. */

import { addDays, localDate, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";

type Kind = "steps" | "heart" | "resting" | "spo2" | "weight" | "fat" | "systolic" | "diastolic" | "glucose" | "active";

/** How one platform writes: type names and units, workouts, glucose, durations, and where a measurement came from. */
export interface Platform {
  readonly provider: string;
  readonly types: Partial<Readonly<Record<Kind, readonly [type: string, unit: string]>>>;
  readonly glucose: (mgDl: number) => number;
  /** Fractions of one on Apple's side. */
  readonly percent: (value: number) => number;
  readonly workout: (sport: string) => string;
  readonly duration: (seconds: number) => { readonly value: number; readonly unit: string };
  readonly source: Readonly<Record<string, string>>;
  /** Of a sensor's reading. */
  readonly glucoseMetadata: object;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export function payloadOf(context: CloudContext, person: Person, platform: Platform, stretch: Stretch): object {
  const dates: string[] = [];
  for (let date = localDate(person.who.zone, stretch.fromMs); date <= localDate(person.who.zone, stretch.toMs); date = addDays(date, 1)) dates.push(date);
  return {
    provider: platform.provider, sdkVersion: "1.0.0", syncTimestamp: new Date(context.now()).toISOString(),
    data: { records: records(context, person, platform, { ...stretch, dates }), sleep: dates.flatMap((date) => sleep(context, person, platform, { ...stretch, date })), workouts: workouts(context, person, platform, stretch) },
  };
}

function entry(context: CloudContext, person: Person, platform: Platform, at: { readonly what: string; readonly startMs: number; readonly endMs: number }): object {
  const offset = offsetMinutesAt(person.who.zone, at.startMs);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return {
    id: uuidOf(context.seed, context.id, person.who.id, at.what, at.startMs).toUpperCase(), startDate: new Date(at.startMs).toISOString(), endDate: new Date(at.endMs).toISOString(),
    zoneOffset: `${offset < 0 ? "-" : "+"}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`, source: platform.source,
  };
}

function records(context: CloudContext, person: Person, platform: Platform, { fromMs, toMs, dates }: Stretch & { readonly dates: readonly string[] }): object[] {
  const found: object[] = [];
  const add = (kind: Kind, value: number | null, startMs: number, endMs = startMs): void => {
    const named = platform.types[kind];
    if (!named || value === null || startMs < fromMs || endMs > toMs) return;
    found.push({ ...entry(context, person, platform, { what: kind, startMs, endMs }), type: named[0], value, unit: named[1], ...(kind === "glucose" ? platform.glucoseMetadata : {}) });
  };
  const firstMs = Math.ceil(fromMs / (15 * MINUTE_MS)) * 15 * MINUTE_MS;
  const minutes = person.minutes(firstMs, Math.floor(toMs / MINUTE_MS) * MINUTE_MS);
  for (let index = 0; index + 15 <= minutes.length; index += 15) {
    const quarter = minutes.slice(index, index + 15);
    const steps = quarter.reduce((sum, minute) => sum + minute.steps, 0);
    const startMs = quarter[0]!.atMs;
    if (steps > 0) {
      add("steps", steps, startMs, startMs + 15 * MINUTE_MS);
      add("active", Math.round(steps * person.who.weightKg * 0.00055 * 100) / 100, startMs, startMs + 15 * MINUTE_MS);
    }
    for (const at of [0, 5, 10]) add("heart", quarter[at]!.heartRate, quarter[at]!.atMs);
  }
  for (const { atMs, mgDl } of context.sensed(person, fromMs, toMs - 1)) add("glucose", platform.glucose(Math.max(40, Math.min(400, mgDl))), atMs);
  for (const date of dates) {
    const [weigh, cuff, night, body] = [person.weighIn(date), person.cuffReading(date), person.night(date), person.body(date)];
    if (weigh) {
      add("weight", weigh.weightKg, weigh.atMs);
      add("fat", platform.percent(weigh.bodyFatPercent), weigh.atMs);
    }
    if (cuff) {
      add("systolic", cuff.systolic, cuff.atMs);
      add("diastolic", cuff.diastolic, cuff.atMs);
    }
    add("resting", body.restingHr, night.endMs);
    add("spo2", platform.percent(body.spo2), night.startMs + 60 * MINUTE_MS);
  }
  return found;
}

/** A night that begins in the stretch and is over. */
function sleep(context: CloudContext, person: Person, platform: Platform, { fromMs, toMs, date }: Stretch & { readonly date: string }): object[] {
  const night = person.night(date);
  if (night.startMs < fromMs || night.startMs >= toMs || night.endMs > context.now()) return [];
  const parentId = uuidOf(context.seed, context.id, person.who.id, "night", date).toUpperCase();
  return night.stretches.map(({ stage, fromMs: startMs, toMs: endMs }) => ({ ...entry(context, person, platform, { what: `sleep-${stage}`, startMs, endMs }), parentId, stage }));
}

function workouts(context: CloudContext, person: Person, platform: Platform, { fromMs, toMs }: Stretch): object[] {
  return person.workoutsBetween(fromMs, toMs).filter(({ startMs, elapsedSeconds }) => startMs + elapsedSeconds * 1000 <= context.now()).map((one) => ({
    ...entry(context, person, platform, { what: "workout", startMs: one.startMs, endMs: one.startMs + one.elapsedSeconds * 1000 }), type: platform.workout(one.sport), title: one.name,
    values: [{ type: "duration", ...platform.duration(one.movingSeconds) }, ...(one.distanceMeters > 0 ? [{ type: "distance", value: one.distanceMeters, unit: "m" }] : [])],
  }));
}

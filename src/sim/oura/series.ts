/** Measurements without ids: heart rate, beats, the ring's battery. vendors/oura.md, heartrate, interbeat_interval, ring_battery_level. */

import { addDays, formatInstant, localDate, MINUTE_MS } from "#units/time.ts";
import type { Minute, Person } from "../people/person.ts";
import { hashOf, normalAt, uniformAt } from "../people/rng.ts";
import { sessionOn } from "./outings.ts";
import { lyings } from "./sleep.ts";
import type { OuraWorld } from "./world.ts";

export interface TimedSample {
  readonly atMs: number;
  readonly fields: Record<string, unknown>;
}

/** The samples of `[fromMs, toMs)`, oldest first. */
export type SeriesTeller = (world: OuraWorld, person: Person, fromMs: number, toMs: number) => TimedSample[];

function timed(atMs: number, fields: Record<string, unknown>): TimedSample {
  return { atMs, fields: { timestamp: formatInstant(atMs), timestamp_unix: atMs, ...fields } };
}

interface Stay {
  readonly source: "sleep" | "rest" | "session";
  readonly startMs: number;
  readonly endMs: number;
}

/** Times of lying and sitting still that touch the window. */
function staysBetween(world: OuraWorld, person: Person, fromMs: number, toMs: number): Stay[] {
  const { zone } = person.who;
  const stays: Stay[] = [];
  const last = addDays(localDate(zone, toMs), 1);
  for (let date = localDate(zone, fromMs); date <= last; date = addDays(date, 1)) {
    for (const { type, startMs, endMs } of lyings(world, person, date)) {
      if (type !== "deleted") stays.push({ source: type === "rest" ? "rest" : "sleep", startMs, endMs });
    }
    const session = sessionOn(world, person, date);
    if (session) stays.push({ source: "session", ...session });
  }
  return stays.filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs);
}

/** Every five minutes; each minute in workouts, sessions, and the few when somebody looks at the live pulse. */
export const heartRates: SeriesTeller = (world, person, fromMs, toMs) => {
  const stays = staysBetween(world, person, fromMs, toMs);
  const key = hashOf(world.context.seed, "oura", person.who.id, "pulse");
  const found: TimedSample[] = [];
  for (const minute of person.minutes(fromMs, toMs)) {
    const number = Math.floor(minute.atMs / MINUTE_MS);
    const source = sourceOf(minute, stays.find(({ startMs, endMs }) => minute.atMs >= startMs && minute.atMs < endMs)?.source, uniformAt(key, Math.floor(number / 3)));
    const isOften = source === "workout" || source === "session" || source === "live";
    if (minute.heartRate === null || (!isOften && (number % 5 !== 0 || uniformAt(key + 1, number) < 0.06))) continue;
    found.push(timed(minute.atMs, { bpm: minute.heartRate, source }));
  }
  return found;
};

function sourceOf(minute: Minute, stay: Stay["source"] | undefined, chance: number): string {
  if (minute.workout) return "workout";
  return stay ?? (chance < 0.004 ? "live" : "awake");
}

/** Only of the night; it is much even so. The instants of beats are whole milliseconds and each is the sum of those before it in its minute. */
export const interbeatIntervals: SeriesTeller = (world, person, fromMs, toMs) => {
  const nights = staysBetween(world, person, fromMs, toMs).filter(({ source }) => source === "sleep");
  const key = hashOf(world.context.seed, "oura", person.who.id, "beats");
  const found: TimedSample[] = [];
  for (const { atMs: minuteMs, heartRate } of person.minutes(fromMs - MINUTE_MS, toMs)) {
    if (heartRate === null || !nights.some(({ startMs, endMs }) => minuteMs >= startMs && minuteMs < endMs)) continue;
    const number = Math.floor(minuteMs / MINUTE_MS);
    let atMs = minuteMs;
    for (let beat = 0; atMs < minuteMs + MINUTE_MS; beat++) {
      const index = number * 250 + beat;
      const ibi = Math.min(2000, Math.round((60_000 / heartRate) * (1 + 0.035 * normalAt(key, index))));
      if (atMs >= fromMs && atMs < toMs) found.push(timed(atMs, { ibi, validity: validityOf(uniformAt(key + 1, index)) }));
      atMs += ibi;
    }
  }
  return found;
};

/** 1 good, 2 bad, 3 corrected, 0 raw, −1 and −2 gaps. */
function validityOf(chance: number): number {
  if (chance < 0.94) return 1;
  return chance < 0.96 ? 2 : chance < 0.98 ? 3 : chance < 0.99 ? 0 : chance < 0.995 ? -1 : -2;
}

const CHARGE_EVERY_MINUTES = 4 * 1440;
const CHARGE_MINUTES = 70;

/** Every hour, every ten minutes in the charger. It says nothing of the charger while it is on the finger. */
export const batteryLevels: SeriesTeller = (world, person, fromMs, toMs) => {
  const phase = hashOf(world.context.seed, "oura", person.who.id, "battery") % CHARGE_EVERY_MINUTES;
  const found: TimedSample[] = [];
  for (let number = Math.ceil(fromMs / MINUTE_MS); number * MINUTE_MS < toMs; number++) {
    const into = (number + phase) % CHARGE_EVERY_MINUTES;
    const isCharging = into < CHARGE_MINUTES;
    if (number % (isCharging ? 10 : 60) !== 0) continue;
    const level = isCharging ? 15 + (85 * into) / CHARGE_MINUTES : 100 - (85 * (into - CHARGE_MINUTES)) / (CHARGE_EVERY_MINUTES - CHARGE_MINUTES);
    found.push(timed(number * MINUTE_MS, { level: Math.round(level), charging: isCharging ? true : null, in_charger: isCharging ? true : null }));
  }
  return found;
};

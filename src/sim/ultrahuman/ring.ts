/** What the ring has brought in of a day, and its series in steps of five minutes. vendors/ultrahuman.md, types of metrics. */

import { HOUR_MS, localDay, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { clamp } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import type { Chance } from "../people/rng.ts";
import { chanceOf } from "../people/rng.ts";

export const STEP_MS = 5 * MINUTE_MS;
/** A phone near by takes the ring's data over about so often. */
const SYNC_MS = 10 * MINUTE_MS;
/** Now and then the phone is elsewhere from the evening on, and the rest of the day comes later. */
const LATE_FROM_MS = 18 * HOUR_MS;
const LATE_UNTIL_MS = 30 * HOUR_MS;

/** One local day of one person, as far as it is known now. */
export interface RingDay {
  readonly context: CloudContext;
  readonly person: Person;
  readonly date: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The ring's data reaches to here. */
  readonly syncedMs: number;
}

/** Null for a day that has not begun, or was before the ring. */
export function ringDay(context: CloudContext, person: Person, date: string): RingDay | null {
  const { id, zone, cgm } = person.who;
  const day = localDay(zone, date);
  const nowMs = context.now();
  if (!day || date < cgm.since || day.fromMs >= nowMs - SYNC_MS) return null;
  const isLate = chanceOf(context.seed, "ultrahuman-late", id, date).happens(0.08) && nowMs < day.toMs + LATE_UNTIL_MS;
  const syncedMs = Math.min(nowMs - SYNC_MS, day.toMs, isLate ? day.fromMs + LATE_FROM_MS : Infinity);
  return { context, person, date, startMs: day.fromMs, endMs: day.toMs, syncedMs };
}

export interface Value {
  readonly timestamp: number;
  readonly value: number;
}

const secondsOf = (ms: number): number => Math.floor(ms / 1000);
const dice = ({ context, person, date }: RingDay, topic: string): Chance => chanceOf(context.seed, "ultrahuman", topic, person.who.id, date);

/** A value for each whole five minutes of the day so far; those that `of` gives null for are left out. */
function stepped({ startMs, syncedMs }: RingDay, of: (atMs: number, step: number) => number | null): Value[] {
  const values: Value[] = [];
  for (let step = 0; startMs + (step + 1) * STEP_MS <= syncedMs; step++) {
    const atMs = startMs + step * STEP_MS;
    const value = of(atMs, step);
    if (value !== null) values.push({ timestamp: secondsOf(atMs), value });
  }
  return values;
}

/** Beats a minute; 0 while the ring is off. */
export function heartRates(day: RingDay): Value[] {
  const { heartRate } = day.person.day(day.date);
  return stepped(day, (_, step) => {
    const rates = [...heartRate.subarray(step * 5, step * 5 + 5)].filter((rate) => !Number.isNaN(rate));
    return rates.length === 0 ? 0 : Math.round(rates.reduce((sum, rate) => sum + rate, 0) / rates.length);
  });
}

/** Skin, °C; 0 while the ring is off. */
export function temperatures(day: RingDay): Value[] {
  const { person, date } = day;
  const { heartRate } = person.day(date);
  const { skinAt } = person.vitals(date);
  const { startMs } = person.night(date);
  return stepped(day, (atMs, step) => (Number.isNaN(heartRate[step * 5] ?? Number.NaN) ? 0 : skinAt(Math.floor((atMs - startMs) / STEP_MS))));
}

/** What the ring sees in sleep alone, ten minutes in; the part of the night that lies within the date. */
function asleep(day: RingDay, of: (step: number) => number): Value[] {
  const { person, date } = day;
  const night = person.night(date);
  const chance = dice(day, "contact");
  return stepped(day, (atMs) => {
    if (atMs < night.startMs + 2 * STEP_MS || atMs >= night.endMs) return null;
    return chance.happens(0.02) ? 0 : of(Math.floor((atMs - night.startMs) / STEP_MS));
  });
}

export const variabilities = (day: RingDay): Value[] => asleep(day, day.person.vitals(day.date).rmssdAt);
export const oxygens = (day: RingDay): Value[] => asleep(day, (step) => day.person.vitals(day.date).spo2At(step * 5));

/** The lowest mean pulse of each hour asleep. */
export function nightPulses(day: RingDay): Value[] {
  const { person, date } = day;
  const night = person.night(date);
  return heartRates(day).filter(({ timestamp, value }) => timestamp * 1000 >= night.startMs && timestamp * 1000 < night.endMs && value > 0 && timestamp % 3600 < STEP_MS / 1000);
}

/** Some readings are lost on the way, so that they do not add up to the day's total. */
export function stepCounts(day: RingDay): Value[] {
  const { steps } = day.person.day(day.date);
  const chance = dice(day, "steps");
  return stepped(day, (_, step) => (chance.happens(0.04) ? null : steps.subarray(step * 5, step * 5 + 5).reduce((sum, count) => sum + count, 0)));
}

/** mg/dL, of a sensor that its own phone reads; it tells nothing beyond its range. */
export function glucoses({ context, person, startMs, endMs }: RingDay): Value[] {
  const toMs = Math.min(endMs - 1, context.now() - SYNC_MS);
  return toMs < startMs ? [] : context.sensed(person, startMs, toMs).map(({ atMs, mgDl }) => ({ timestamp: secondsOf(atMs), value: clamp(mgDl, 40, 500) }));
}

/** What a night and a morning give: variability, breath, oxygen, temperature, fitness. vendors/fitbit.md, HRV to VO2 max. */

import { MINUTE_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import type { Night } from "../people/sleep.ts";
import { localTime, rounded } from "./times.ts";

/** Computed some time after waking. */
const MORNING_MS = 30 * MINUTE_MS;
const STEP_MINUTES = 5;

/** The values of one date; null without any. */
export type NightMaker = (person: Person, date: string, nowMs: number) => object | null;

function ifOver(person: Person, date: string, nowMs: number, tell: (night: Night) => object): object | null {
  const night = person.night(date);
  return night.endMs + MORNING_MS <= nowMs ? { dateTime: date, ...tell(night) } : null;
}

/** When the night's values come. */
export function morningMs(person: Person, date: string): number {
  return person.night(date).endMs + MORNING_MS;
}

/** One entry each five minutes of the night. */
function curve<T>(person: Person, night: Night, value: (step: number) => T): { minute: string; value: T }[] {
  const count = Math.floor((night.endMs - night.startMs) / MINUTE_MS / STEP_MINUTES);
  return Array.from({ length: count }, (_, step) => ({ minute: localTime(person.who.zone, night.startMs + step * STEP_MINUTES * MINUTE_MS), value: value(step) }));
}

export const hrv: NightMaker = (person, date, nowMs) => {
  if (!person.who.watch.hasHrv) return null;
  const { hrvMs } = person.body(date);
  return ifOver(person, date, nowMs, () => ({ value: { dailyRmssd: hrvMs, deepRmssd: rounded(hrvMs * 0.94, 3) } }));
};

export const hrvMinutes: NightMaker = (person, date, nowMs) => {
  if (!person.who.watch.hasHrv) return null;
  const { rmssdAt } = person.vitals(date);
  return ifOver(person, date, nowMs, (night) => ({
    minutes: curve(person, night, (step) => ({ rmssd: rmssdAt(step), coverage: 0.98, hf: rounded(rmssdAt(step) * 9.1, 3), lf: rounded(rmssdAt(step) * 12.4, 3) })),
  }));
};

export const breathing: NightMaker = (person, date, nowMs) => ifOver(person, date, nowMs, () => ({ value: { breathingRate: person.body(date).respirationRate } }));

export const breathingStages: NightMaker = (person, date, nowMs) => {
  const rate = person.body(date).respirationRate;
  const summary = (difference: number): object => ({ breathingRate: rounded(rate + difference, 1) });
  return ifOver(person, date, nowMs, () => ({
    value: { lightSleepSummary: summary(0.1), deepSleepSummary: summary(-0.4), remSleepSummary: summary(0.5), fullSleepSummary: summary(0) },
  }));
};

export const oxygen: NightMaker = (person, date, nowMs) => {
  if (!person.who.watch.hasPulseOx) return null;
  const { spo2 } = person.body(date);
  return ifOver(person, date, nowMs, () => ({ value: { avg: spo2, min: rounded(spo2 - 2.1, 1), max: Math.min(100, rounded(spo2 + 1.6, 1)) } }));
};

export const oxygenMinutes: NightMaker = (person, date, nowMs) => {
  if (!person.who.watch.hasPulseOx) return null;
  const { spo2At } = person.vitals(date);
  return ifOver(person, date, nowMs, (night) => ({ minutes: curve(person, night, (step) => spo2At(step * STEP_MINUTES)) }));
};

export const skinTemperature: NightMaker = (person, date, nowMs) =>
  person.who.watch.hasSkinTemperature
    ? ifOver(person, date, nowMs, () => ({ value: { nightlyRelative: person.body(date).skinDeviation }, logType: "dedicated_temp_sensor" }))
    : null;

/** Typed in, with a time of day. */
export const coreTemperature: NightMaker = (person, date, nowMs) => {
  const found = person.temperatureReading(date);
  return found && found.atMs <= nowMs ? { dateTime: localTime(person.who.zone, found.atMs).slice(0, 19), value: found.celsius } : null;
};

/** A number for those who run with a route, a range for everybody else; both as text. */
export const cardioScore: NightMaker = (person, date, nowMs) => {
  const { vo2Running } = person.body(date);
  const runs = person.who.workouts.some(({ sport }) => sport === "run");
  const low = Math.floor(vo2Running - 2);
  return ifOver(person, date, nowMs, () => ({ value: { vo2Max: runs ? String(vo2Running) : `${low}-${low + 4}` } }));
};

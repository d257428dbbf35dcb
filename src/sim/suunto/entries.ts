/** 24/7 data by its time: nights and naps, ten minutes of activity, half hours of recovery. vendors/suunto.md, 24/7 samples. */

import { addDays, DAY_MS, localDate, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { basalKilocalories, tallyDay } from "../people/energy.ts";
import type { DayTrace } from "../people/day.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Night } from "../people/sleep.ts";
import { joulesOf, meanOf, oxygenOf, pulseOf, stampOf, uploadedMs } from "./watch.ts";

export type EntryKind = "sleep" | "activity" | "recovery";

export interface Entry {
  /** Of `timestamp`, by which windows are asked. */
  readonly atMs: number;
  /** When it is in the cloud. */
  readonly readyMs: number;
  tell(): { readonly timestamp: string; readonly entryData: object };
}

type Maker = (context: CloudContext, person: Person, date: string) => Entry[];

const ACTIVITY_MINUTES = 10;
const RECOVERY_MINUTES = 30;
const NAP_LATENCY_S = 240;
/** A watch that is seldom synced keeps its data for a day. */
const LATE_MS = 26 * 60 * MINUTE_MS;

/** Entries of the kind whose time lies in `[fromMs, toMs]` and which are in the cloud, oldest first. */
export function entriesBetween(context: CloudContext, person: Person, kind: EntryKind, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Entry[] {
  const { zone, cgm } = person.who;
  const nowMs = context.now();
  const last = localDate(zone, Math.min(toMs, nowMs));
  const found: Entry[] = [];
  for (let date = [localDate(zone, fromMs), cgm.since].toSorted().at(-1) ?? cgm.since; date <= last; date = addDays(date, 1)) found.push(...MAKERS[kind](context, person, date));
  return found.filter(({ atMs, readyMs }) => atMs >= fromMs && atMs <= toMs && readyMs <= nowMs).toSorted((one, other) => one.atMs - other.atMs);
}

const MAKERS: Readonly<Record<EntryKind, Maker>> = { sleep: sleepsOf, activity: activitiesOf, recovery: recoveriesOf };

/** Of one date in a while the watch is synced on the next day only. */
function readyMsOf(context: CloudContext, person: Person, date: string, endMs: number): number {
  return uploadedMs(endMs) + (chanceOf(context.seed, "suunto-late", person.who.id, date).happens(0.03) ? LATE_MS : 0);
}

/** Stamped with their end. */
function sleepsOf(context: CloudContext, person: Person, date: string): Entry[] {
  const night = person.night(date);
  // Now and then the watch lies on its charger overnight.
  const isWorn = !chanceOf(context.seed, "suunto-night", person.who.id, date).happens(0.05);
  const napEndMs = night.napStartMs + night.napMinutes * MINUTE_MS;
  const entryOf = (endMs: number, data: () => object): Entry => ({
    atMs: endMs, readyMs: readyMsOf(context, person, date, endMs), tell: () => ({ timestamp: stampOf(person, endMs), entryData: data() }),
  });
  return [
    ...(isWorn ? [entryOf(night.endMs, () => nightData(context, person, night))] : []),
    ...(night.napMinutes > 0 ? [entryOf(napEndMs, () => napData(context, person, night, napEndMs))] : []),
  ];
}

function nightData(context: CloudContext, person: Person, night: Night): object {
  const { watch } = person.who;
  const { bedMs, startMs, endMs, seconds, date } = night;
  const chance = chanceOf(context.seed, "suunto-sleep", person.who.id, date);
  const asleep = seconds.deep + seconds.light + seconds.rem;
  const pulse = person.minutes(startMs, endMs).flatMap(({ heartRate }) => (heartRate === null ? [] : [heartRate]));
  const { rmssdAt, spo2At } = person.vitals(date);
  const fives = Math.floor((endMs - startMs) / (5 * MINUTE_MS));
  const oxygen = Array.from({ length: fives }, (_, step) => spo2At(step * 5)).reduce((most, value) => Math.max(most, value), 0);
  const isScored = chance.happens(0.95);
  return {
    SleepId: Math.floor(bedMs / SECOND_MS),
    DateTime: stampOf(person, endMs),
    BedtimeStart: stampOf(person, bedMs),
    BedtimeEnd: stampOf(person, endMs),
    // Of the time asleep in some payloads, of the time in bed in others.
    Duration: context.position("sleepDuration") === "asleep" ? asleep : Math.round((endMs - bedMs) / SECOND_MS),
    DeepSleepDuration: seconds.deep,
    LightSleepDuration: seconds.light,
    REMSleepDuration: seconds.rem,
    SleepOnsetLatencyDuration: Math.round((startMs - bedMs) / SECOND_MS),
    WakeAfterSleepOnsetDuration: seconds.awake,
    ...(chance.happens(0.5) ? { WakeBeforeOffBedDuration: 0 } : {}),
    HRAvg: pulseOf(context, meanOf(pulse)),
    HRMin: pulseOf(context, pulse.length > 0 ? Math.min(...pulse) : null),
    ...(watch.hasHrv ? { AvgHRV: Math.round(meanOf(Array.from({ length: fives }, (_, step) => rmssdAt(step))) ?? 0), AvgHRVSampleCount: fives } : {}),
    ...(watch.hasPulseOx ? { MaxSpo2: oxygenOf(context, oxygen) } : {}),
    SleepQualityScore: isScored ? night.score : null,
    IsNap: false,
    ...(chance.happens(0.3) ? { Altitude: Math.round(chance.between(0, 700)), Feeling: Math.ceil(chance.between(0, 5)), BodyResourcesInsightId: Math.ceil(chance.between(0, 9)) } : {}),
  };
}

/** Stages of naps are not found: all of them are 0. */
function napData(context: CloudContext, person: Person, { napStartMs }: Night, endMs: number): object {
  const pulse = person.minutes(napStartMs, endMs).flatMap(({ heartRate }) => (heartRate === null ? [] : [heartRate]));
  return {
    SleepId: Math.floor(napStartMs / SECOND_MS),
    DateTime: stampOf(person, endMs),
    BedtimeStart: stampOf(person, napStartMs),
    BedtimeEnd: stampOf(person, endMs),
    Duration: Math.max(60, Math.round((endMs - napStartMs) / SECOND_MS) - (context.position("sleepDuration") === "asleep" ? NAP_LATENCY_S : 0)),
    DeepSleepDuration: 0, LightSleepDuration: 0, REMSleepDuration: 0, SleepOnsetLatencyDuration: 0, WakeAfterSleepOnsetDuration: 0,
    HRAvg: pulseOf(context, meanOf(pulse)),
    IsNap: true,
  };
}

function* slotsOf(trace: DayTrace, minutes: number): Generator<{ readonly first: number; readonly atMs: number }> {
  for (let first = 0; first + minutes <= trace.steps.length; first += minutes) yield { first, atMs: trace.startMs + first * MINUTE_MS };
}

function activitiesOf(context: CloudContext, person: Person, date: string): Entry[] {
  const trace = person.day(date);
  return [...slotsOf(trace, ACTIVITY_MINUTES)].map(({ first, atMs }) => ({
    atMs,
    readyMs: readyMsOf(context, person, date, atMs + ACTIVITY_MINUTES * MINUTE_MS),
    tell: () => ({ timestamp: stampOf(person, atMs), entryData: activityData(context, person, trace, first) }),
  }));
}

function activityData(context: CloudContext, person: Person, trace: DayTrace, first: number): object {
  const { who } = person;
  const atMs = trace.startMs + first * MINUTE_MS;
  const pulse = [...trace.heartRate.subarray(first, first + ACTIVITY_MINUTES)].filter((rate) => !Number.isNaN(rate));
  const chance = chanceOf(context.seed, "suunto-activity", who.id, atMs);
  const kilocalories = energyOf(person, trace, first, first + ACTIVITY_MINUTES);
  const isOff = pulse.length === 0;
  const { steps } = tallyDay(who, trace, first, first + ACTIVITY_MINUTES);
  return {
    // Off the wrist the heart is 0 and steps are unknown.
    HR: pulseOf(context, meanOf(pulse)),
    ...(isOff || chance.happens(0.7) ? {} : { HRExt: { Min: pulseOf(context, Math.min(...pulse)), Max: pulseOf(context, Math.max(...pulse)) } }),
    StepCount: isOff && steps === 0 ? null : chance.happens(0.02) ? String(steps) : steps,
    EnergyConsumption: joulesOf(kilocalories),
    ...(trace.isAsleep(atMs) ? atNight(context, person, atMs, chance.happens(0.1)) : {}),
  };
}

/** Oxygen and variability are measured asleep. */
function atNight(context: CloudContext, person: Person, atMs: number, isMissed: boolean): object {
  const { who } = person;
  const today = localDate(who.zone, atMs);
  const date = atMs < person.night(today).endMs ? today : addDays(today, 1);
  const minute = Math.floor((atMs - person.night(date).startMs) / MINUTE_MS);
  const { spo2At, rmssdAt } = person.vitals(date);
  return {
    ...(who.watch.hasPulseOx ? { SpO2: isMissed ? 0 : oxygenOf(context, spo2At(minute)) } : {}),
    ...(who.watch.hasHrv ? { HRV: isMissed ? 0 : rmssdAt(Math.floor(minute / 5)) } : {}),
  };
}

/** All energy, at rest and in motion, of a stretch of the day. */
export function energyOf({ who }: Person, trace: DayTrace, from: number, to: number): number {
  return tallyDay(who, trace, from, to).kilocalories + (basalKilocalories(who) * (to - from)) / (DAY_MS / MINUTE_MS);
}

function recoveriesOf(context: CloudContext, person: Person, date: string): Entry[] {
  const trace = person.day(date);
  return [...slotsOf(trace, RECOVERY_MINUTES)].map(({ first, atMs }) => ({
    atMs,
    readyMs: readyMsOf(context, person, date, atMs + RECOVERY_MINUTES * MINUTE_MS),
    tell: () => ({
      timestamp: stampOf(person, atMs),
      entryData: { Balance: Math.round(trace.battery[first / 3] ?? 0) / 100, StressState: stateOf(trace.stress[first / 3] ?? -1) },
    }),
  }));
}

/** 0 invalid, 1 relaxing, 2 active, 3 passive, 4 stressful. */
function stateOf(level: number): number {
  if (level === -2) return 2;
  if (level === -4) return 1;
  if (level < 0) return 0;
  return level < 26 ? 1 : level < 60 ? 3 : 4;
}

/** What a night gives: sleep, heart-rate variability, oxygen, breathing, skin temperature. vendors/garmin.md, same names. */

import { HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf, uniformAt } from "../people/rng.ts";
import type { Night, Stage } from "../people/sleep.ts";
import { seconds, startFields } from "./days.ts";
import type { Summary, SummaryWorld } from "./types.ts";

/** The watch syncs this long after waking. */
const SYNC_MS = 6 * MINUTE_MS;

const qualifier = (score: number): string => (score >= 90 ? "EXCELLENT" : score >= 80 ? "GOOD" : score >= 60 ? "FAIR" : "POOR");

/** Offset in seconds → value, one each `stepSeconds` over the night. */
function overNight(night: Night, stepSeconds: number, value: (index: number) => number): Record<string, number> {
  const map: Record<string, number> = {};
  const count = Math.floor((night.endMs - night.startMs) / 1000 / stepSeconds);
  for (let index = 0; index <= count; index++) map[String(index * stepSeconds)] = value(index);
  return map;
}

function levels(night: Night): Record<Stage, { startTimeInSeconds: number; endTimeInSeconds: number }[]> {
  const map: Record<Stage, { startTimeInSeconds: number; endTimeInSeconds: number }[]> = { deep: [], light: [], rem: [], awake: [] };
  for (const { stage, fromMs, toMs } of night.stretches) map[stage].push({ startTimeInSeconds: seconds(fromMs), endTimeInSeconds: seconds(toMs) });
  return map;
}

export function sleeps(world: SummaryWorld, person: Person, date: string): Summary[] {
  const night = person.night(date);
  const { deep, light, rem, awake } = night.seconds;
  const chance = chanceOf(world.seed, person.who.id, "sleep-quirk", date);
  // Recorded payloads show totals that contradict their own map now and then (vendors/traps.md).
  const quirk = chance.happens(0.03) ? 60 : 0;
  const hasSpo2 = person.who.watch.hasPulseOx;
  const vitals = person.vitals(date);
  const lost = hashOf(world.seed, person.who.id, "sleep-lost", date);
  const isSettled = world.nowMs > night.endMs + HOUR_MS;
  const spelling = person.who.index % 2 === 0 ? "unmeasurableSleepInSeconds" : "unmeasurableSleepDurationInSeconds";
  const rate = (share: number, good: number): { qualifierKey: string } => ({ qualifierKey: qualifier(Math.min(99, 100 - Math.abs(share - good) * 250)) });
  const asleep = Math.max(1, deep + light + rem);
  return [{
    startMs: night.startMs,
    readyMs: night.endMs + SYNC_MS,
    fields: {
      ...startFields(person, night.startMs, "6"),
      calendarDate: date,
      durationInSeconds: deep + light + rem,
      totalNapDurationInSeconds: night.napMinutes > 0 && night.napStartMs + night.napMinutes * MINUTE_MS < world.nowMs ? night.napMinutes * 60 : 0,
      [spelling]: 0,
      deepSleepDurationInSeconds: deep,
      lightSleepDurationInSeconds: light + quirk,
      remSleepInSeconds: rem,
      awakeDurationInSeconds: awake,
      sleepLevelsMap: levels(night),
      validation: isSettled ? "ENHANCED_FINAL" : "ENHANCED_TENTATIVE",
      timeOffsetSleepRespiration: overNight(night, 60, (index) => (uniformAt(lost, index) < 0.003 ? 0 : vitals.breathsAt(index))),
      ...(hasSpo2 ? { timeOffsetSleepSpo2: overNight(night, 60, (index) => (uniformAt(lost, index) < 0.003 ? 0 : vitals.spo2At(index))) } : {}),
      overallSleepScore: { value: night.score, qualifierKey: qualifier(night.score) },
      sleepScores: {
        totalDuration: { qualifierKey: qualifier(Math.min(99, (asleep / 28_800) * 95)) },
        stress: { qualifierKey: qualifier(night.score) },
        awakeCount: { qualifierKey: qualifier(98 - awake / 60) },
        remPercentage: rate(rem / asleep, 0.22),
        restlessness: { qualifierKey: qualifier(night.score - 3) },
        lightPercentage: rate(light / asleep, 0.56),
        deepPercentage: rate(deep / asleep, 0.19),
      },
      ...napFields(world, person, night),
    },
  }];
}

function napFields(world: SummaryWorld, person: Person, night: Night): Record<string, unknown> {
  if (night.napMinutes === 0 || night.napStartMs + night.napMinutes * MINUTE_MS >= world.nowMs) return {};
  return {
    naps: [{
      napDurationInSeconds: night.napMinutes * 60,
      napStartTimeInSeconds: seconds(night.napStartMs),
      napOffsetInSeconds: offsetMinutesAt(person.who.zone, night.napStartMs) * 60,
      napValidation: "DEVICE",
    }],
  };
}

export function hrv(_world: SummaryWorld, person: Person, date: string): Summary[] {
  if (!person.who.watch.hasHrv) return [];
  const night = person.night(date);
  const values = overNight(night, 300, person.vitals(date).rmssdAt);
  const all = Object.values(values);
  return [{
    startMs: night.startMs,
    readyMs: night.endMs + SYNC_MS,
    fields: {
      ...startFields(person, night.startMs, "hrv"),
      calendarDate: date,
      durationInSeconds: seconds(night.endMs - night.startMs),
      lastNightAvg: Math.round(all.reduce((sum, value) => sum + value, 0) / all.length),
      lastNight5MinHigh: Math.max(...all),
      hrvValues: values,
    },
  }];
}

export function pulseox(world: SummaryWorld, person: Person, date: string): Summary[] {
  if (!person.who.watch.hasPulseOx) return [];
  const night = person.night(date);
  const key = hashOf(world.seed, person.who.id, "spo2-lost", date);
  const { spo2At } = person.vitals(date);
  return [{
    startMs: night.startMs,
    readyMs: night.endMs + SYNC_MS,
    fields: {
      ...startFields(person, night.startMs, "ox"),
      calendarDate: date,
      durationInSeconds: seconds(night.endMs - night.startMs),
      // A lost contact is written as 0, sometimes 101 (vendors/traps.md).
      timeOffsetSpo2Values: overNight(night, 60, (index) => {
        const lost = uniformAt(key, index);
        return lost < 0.006 ? 0 : lost < 0.007 ? 101 : spo2At(index);
      }),
      onDemand: false,
    },
  }];
}

/** All day, a quarter hour each: slower asleep, faster with the heart. */
export function allDayRespiration(world: SummaryWorld, person: Person, date: string): Summary[] {
  const trace = person.day(date);
  const { breathsAt } = person.vitals(date);
  const lost = hashOf(world.seed, person.who.id, "breath-lost", date);
  const seen = Math.min(trace.heartRate.length, Math.floor((world.nowMs - trace.startMs) / MINUTE_MS));
  const found: Summary[] = [];
  for (let from = 0; from < seen; from += 15) {
    const to = Math.min(seen, from + 15);
    const breaths: Record<string, number> = {};
    for (let minute = from; minute < to; minute += 2) {
      const rate = trace.heartRate[minute]!;
      const quick = Number.isNaN(rate) ? 0 : Math.max(0, rate - person.who.restingHr) * 0.13;
      // Off the wrist it is -1, and 0 where it could not be counted (vendors/traps.md).
      const isLost = uniformAt(lost, minute) < 0.004;
      breaths[String((minute - from) * 60)] = Number.isNaN(rate) ? -1 : isLost ? 0 : Math.round((breathsAt(minute) + quick) * 10) / 10;
    }
    const startMs = trace.startMs + from * MINUTE_MS;
    found.push({
      startMs,
      readyMs: startMs + (to - from) * MINUTE_MS,
      fields: { ...startFields(person, startMs, "re"), durationInSeconds: (to - from) * 60, timeOffsetEpochToBreaths: breaths },
    });
  }
  return found;
}

export function skinTemp(_world: SummaryWorld, person: Person, date: string): Summary[] {
  if (!person.who.watch.hasSkinTemperature) return [];
  const night = person.night(date);
  return [{
    startMs: night.startMs,
    readyMs: night.endMs + SYNC_MS,
    fields: {
      ...startFields(person, night.startMs, "sk"),
      calendarDate: date,
      durationInSeconds: seconds(night.endMs - night.startMs),
      avgDeviationCelsius: person.body(date).skinDeviation,
    },
  }];
}

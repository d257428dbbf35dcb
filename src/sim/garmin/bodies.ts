/** Scale, cuff, fitness and two-minute snapshots. vendors/garmin.md, bodyComps, bloodPressures, userMetrics, healthSnapshot. */

import { DAY_MS, localDay, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { seconds, startFields, summaryId } from "./days.ts";
import type { Summary, SummaryWorld } from "./types.ts";

function measuredFields(world: SummaryWorld, person: Person, atMs: number, code: string): Record<string, unknown> {
  // A start time from another year may stand beside the measurement's own (vendors/traps.md).
  const isStray = chanceOf(world.seed, person.who.id, "stray", seconds(atMs), code).happens(0.08);
  return {
    summaryId: summaryId(person, atMs, code),
    ...(isStray ? { startTimeInSeconds: seconds(atMs - 400 * DAY_MS), startTimeOffsetInSeconds: 0 } : {}),
    measurementTimeInSeconds: seconds(atMs),
    measurementTimeOffsetInSeconds: offsetMinutesAt(person.who.zone, atMs) * 60,
  };
}

export function bodyComps(world: SummaryWorld, person: Person, date: string): Summary[] {
  const found = person.weighIn(date);
  if (!found) return [];
  const { atMs, weightKg, bodyFatPercent, leanKg } = found;
  return [{
    startMs: atMs,
    readyMs: atMs,
    fields: {
      ...measuredFields(world, person, atMs, "bc"),
      weightInGrams: Math.round(weightKg * 1000),
      muscleMassInGrams: Math.round(leanKg * 0.54 * 1000),
      boneMassInGrams: Math.round(leanKg * 0.052 * 1000),
      bodyWaterInPercent: Math.round((leanKg / weightKg) * 73.2 * 10) / 10,
      bodyFatInPercent: bodyFatPercent,
      bodyMassIndex: Math.round((weightKg / person.who.heightM ** 2) * 10) / 10,
    },
  }];
}

export function bloodPressures(world: SummaryWorld, person: Person, date: string): Summary[] {
  const found = person.cuffReading(date);
  if (!found) return [];
  const { atMs, systolic, diastolic, pulse, isTyped } = found;
  return [{
    startMs: atMs,
    readyMs: atMs,
    fields: { ...measuredFields(world, person, atMs, "bp"), systolic, diastolic, pulse, sourceType: isTyped ? "MANUAL" : "DEVICE" },
  }];
}

/** VO₂max and fitness age have a date and no time of day; the watch brings them after waking. */
export function userMetrics(_world: SummaryWorld, person: Person, date: string): Summary[] {
  const body = person.body(date);
  const startMs = localDay(person.who.zone, date)?.fromMs ?? 0;
  return [{
    startMs,
    readyMs: person.night(date).endMs + 6 * MINUTE_MS,
    fields: {
      summaryId: summaryId(person, startMs, "um"),
      calendarDate: date,
      vo2Max: body.vo2Running,
      ...(body.vo2Cycling === null ? {} : { vo2MaxCycling: body.vo2Cycling }),
      enhanced: person.who.watch.hasHrv,
      fitnessAge: body.fitnessAge,
    },
  }];
}

export function healthSnapshot(world: SummaryWorld, person: Person, date: string): Summary[] {
  const chance = chanceOf(world.seed, person.who.id, "snapshot", date);
  if (!person.who.watch.hasHrv || !chance.happens(0.15)) return [];
  const body = person.body(date);
  const startMs = person.night(date).endMs + Math.round(chance.between(30, 500)) * MINUTE_MS;
  const { startTimeOffsetInSeconds, ...start } = startFields(person, startMs, "hs");
  const samples = (mean: number, spread: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: 24 }, (_, index) => [String(index * 5), Math.round((mean + chance.normal(0, spread)) * 10) / 10]));
  const told = (summaryType: string, mean: number, spread: number): object => {
    const values = samples(mean, spread);
    const all = Object.values(values);
    return { summaryType, minValue: Math.min(...all), maxValue: Math.max(...all), avgValue: Math.round(mean * 10) / 10, epochSummaries: values };
  };
  // One printed example spells the offset the other way round; a watch of ours does too.
  const offset = person.who.index % 2 === 0 ? { startTimeOffsetInSeconds } : { offsetStartTimeInSeconds: startTimeOffsetInSeconds };
  return [{
    startMs,
    readyMs: startMs + 3 * MINUTE_MS,
    fields: {
      ...start, ...offset,
      calendarDate: date,
      durationInSeconds: 120,
      summaries: [
        told("heart_rate", body.restingHr + 6, 2), told("respiration", body.respirationRate, 0.6), told("stress", person.who.stressBase, 5),
        told("spo2", body.spo2, 0.5), { summaryType: "rmssd_hrv", avgValue: body.hrvMs }, { summaryType: "sdrr_hrv", avgValue: Math.round(body.hrvMs * 1.2) },
      ],
    },
  }];
}

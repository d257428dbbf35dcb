/** Days and their minutes. vendors/withings.md, getactivity, getintradayactivity. */

import { addDays, HOUR_MS, localDate, localDay, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import { basalKilocalories, tallyDay } from "../people/energy.ts";
import type { Minute, Person } from "../people/person.ts";
import { chanceOf, hashOf, uniformAt } from "../people/rng.ts";
import type { Night } from "../people/sleep.ts";
import { maxHrOf } from "../people/workouts.ts";
import type { Visit } from "./asked.ts";
import { datesOf, firstDayOf, namesOf, numberOf, pageOf, picked, secondsOf } from "./asked.ts";
import { deviceOf } from "./devices.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";

/** The watch brings its minutes this often. */
export const SYNC_MS = 15 * MINUTE_MS;

/** What a day tells when no fields are asked for. */
const USUAL_OF_DAYS = ["steps", "distance", "elevation", "soft", "moderate", "intense", "active", "calories", "totalcalories"];
const USUAL_OF_MINUTES = ["steps", "elevation", "calories", "distance", "stroke", "pool_lap", "duration"];

interface DayRow {
  readonly date: string;
  /** Until when the day is known. */
  readonly untilMs: number;
  readonly modifiedMs: number;
}

/** The days that the cloud has rows of, oldest first. */
function dayRows(context: CloudContext, person: Person, first: string, last: string): DayRow[] {
  const { zone, cgm } = person.who;
  const syncedMs = Math.floor(context.now() / SYNC_MS) * SYNC_MS;
  const rows: DayRow[] = [];
  for (let date = first < cgm.since ? cgm.since : first; date <= last && date <= localDate(zone, syncedMs); date = addDays(date, 1)) {
    const day = localDay(zone, date);
    if (!day || day.fromMs >= syncedMs) break;
    rows.push({ date, untilMs: Math.min(day.toMs, syncedMs), modifiedMs: Math.min(day.toMs + 20 * MINUTE_MS, syncedMs) });
  }
  return rows;
}

export function getActivity({ context, person, fields }: Visit): Answer {
  const dates = datesOf(fields);
  const since = numberOf(fields, "lastupdate");
  if (!dates && typeof since !== "number") return withingsRefusal(STATUS.invalidParameters);
  const { zone } = person.who;
  const rows = dates
    ? dayRows(context, person, dates.first, dates.last)
    : dayRows(context, person, localDate(zone, (since ?? 0) * 1000 - HOUR_MS), localDate(zone, context.now())).filter((row) => row.modifiedMs >= (since ?? 0) * 1000);
  const page = pageOf(context, fields, rows);
  if (!page) return withingsRefusal(STATUS.invalidParameters);
  const asked = namesOf(fields, "data_fields");
  return withingsAnswer({ activities: page.rows.map((row) => dayOf(context, person, row, asked)), more: page.more, offset: page.offset });
}

function dayOf(context: CloudContext, person: Person, { date, untilMs, modifiedMs }: DayRow, asked: readonly string[]): object {
  const { who } = person;
  const trace = person.day(date);
  const minutes = Math.floor((untilMs - trace.startMs) / MINUTE_MS);
  const tally = tallyDay(who, trace, 0, minutes);
  // Now and then the telephone counted and the watch stayed at home: no device, no heart.
  const isPhone = chanceOf(context.seed, "withings-phone", who.id, date).happens(0.05);
  const device = isPhone ? null : deviceOf(person, "watch");
  const rates = isPhone ? [] : [...trace.heartRate.subarray(0, minutes)].filter((rate) => !Number.isNaN(rate));
  const all = {
    steps: tally.steps,
    distance: Math.round(tally.meters * 10) / 10,
    elevation: trace.floors,
    soft: Math.max(0, tally.activeSeconds - tally.moderateSeconds - tally.vigorousSeconds),
    moderate: tally.moderateSeconds,
    intense: tally.vigorousSeconds,
    active: tally.moderateSeconds + tally.vigorousSeconds,
    calories: Math.round(tally.kilocalories * 10) / 10,
    totalcalories: Math.round(tally.kilocalories + (basalKilocalories(who) * minutes) / trace.steps.length),
    hr_average: rates.length > 0 ? Math.round(rates.reduce((sum, rate) => sum + rate, 0) / rates.length) : 0,
    hr_min: rates.length > 0 ? Math.min(...rates) : 0,
    hr_max: rates.length > 0 ? Math.max(...rates) : 0,
    ...zonesOf(maxHrOf(who), rates.map((rate) => [rate, 60])),
  };
  return {
    date, timezone: who.zone, deviceid: device?.id ?? null, hash_deviceid: device?.id ?? null, brand: isPhone ? 18 : 1, is_tracker: !isPhone,
    model: device?.model ?? null, modelid: device?.modelId ?? null, modified: secondsOf(modifiedMs), ...picked(all, asked, USUAL_OF_DAYS),
  };
}

/** Seconds in light, moderate, intense and peak. */
export function zonesOf(maxHr: number, rates: readonly (readonly [rate: number, seconds: number])[]): Record<string, number> {
  const zones = [0, 0, 0, 0];
  for (const [rate, seconds] of rates) {
    const zone = [0.5, 0.7, 0.9].filter((share) => rate / maxHr >= share).length;
    zones[zone] = (zones[zone] ?? 0) + seconds;
  }
  return Object.fromEntries(zones.map((seconds, zone) => [`hr_zone_${zone}`, seconds]));
}

export function getIntradayActivity({ context, person, fields }: Visit): Answer {
  const times = firstDayOf(fields);
  if (!times) return withingsRefusal(STATUS.invalidParameters);
  const asked = namesOf(fields, "data_fields");
  const device = deviceOf(person, "watch");
  const syncedMs = Math.floor(context.now() / SYNC_MS) * SYNC_MS;
  const sinceMs = Date.parse(`${person.who.cgm.since}T00:00:00Z`);
  const toMs = Math.min(times.toMs + 1, syncedMs);
  const teller = minuteTeller(context, person);
  const series: Record<string, object> = {};
  for (const minute of toMs > times.fromMs ? person.minutes(Math.max(times.fromMs, sinceMs), toMs) : []) {
    const told = picked(teller(minute), asked, USUAL_OF_MINUTES);
    const isEmpty = Object.keys(told).every((name) => name === "duration");
    if (!isEmpty) series[String(secondsOf(minute.atMs))] = { deviceid: device?.id ?? null, model: device?.model ?? null, model_id: device?.modelId ?? null, ...told };
  }
  // Nothing is an empty list for some and an empty object for others.
  return withingsAnswer({ series: Object.keys(series).length === 0 && person.who.index % 2 === 0 ? [] : series });
}

function minuteTeller(context: CloudContext, person: Person): (minute: Minute) => Record<string, unknown> {
  const { who } = person;
  const key = hashOf(context.seed, "withings-minutes", who.id);
  const nights = new Map<string, Night>();
  const nightAt = (atMs: number): Night | null => {
    const date = localDate(who.zone, atMs);
    for (const one of [date, addDays(date, 1)]) {
      const night = nights.get(one) ?? person.night(one);
      nights.set(one, night);
      if (atMs >= night.startMs && atMs < night.endMs) return night;
    }
    return null;
  };
  return ({ atMs, steps, heartRate, workout }) => {
    const number = Math.round(atMs / MINUTE_MS);
    const isLooked = number % 10 === 0 || workout !== null;
    const night = number % 5 === 0 && who.watch.hasPulseOx ? nightAt(atMs) : null;
    return {
      ...(steps > 0 ? {
        steps, duration: 60, distance: Math.round(steps * who.heightM * 41.5) / 100, calories: Math.round(steps * who.weightKg * 0.055) / 100, elevation: 0,
      } : {}),
      ...(workout?.sport === "swim" ? { stroke: 26, pool_lap: 2, duration: 60 } : {}),
      // A wrist without a watch is a heart of 0 here and there (vendors/traps.md).
      ...(isLooked && (heartRate !== null || uniformAt(key, number) < 0.3) ? { heart_rate: heartRate ?? 0, duration: 60 } : {}),
      ...(night ? nightFields(person, night, atMs) : {}),
    };
  };
}

function nightFields(person: Person, night: Night, atMs: number): Record<string, unknown> {
  const vitals = person.vitals(night.date);
  const minute = Math.floor((atMs - night.startMs) / MINUTE_MS);
  const rmssd = vitals.rmssdAt(Math.floor(minute / 5));
  return {
    ...(atMs % (30 * MINUTE_MS) === 0 ? { spo2_auto: vitals.spo2At(minute) } : {}),
    ...(person.who.watch.hasHrv ? { rmssd, sdnn1: Math.round(rmssd * 1.15), hrv_quality: 80 } : {}),
    ...(person.who.watch.hasSkinTemperature && atMs % HOUR_MS === 0 ? { core_body_temperature: Math.round((36.4 + person.body(night.date).skinDeviation) * 100) / 100 } : {}),
    rr: Math.round(vitals.breathsAt(minute)), chest_movement_rate: Math.round(vitals.breathsAt(minute)),
  };
}

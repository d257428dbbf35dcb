/** Days with their night. vendors/coros.md, Daily. */

import { addDays, DAY_MS, localDate, localDay, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { basalKilocalories, tallyDay } from "../people/energy.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";

/** The watch brings the day in about so often, and the night soon after waking. */
const SYNC_MS = 15 * MINUTE_MS;
const LISTED_DAYS = 90;
const HRV_EVERY_MS = 30 * MINUTE_MS;
const HRV_STEP_MS = 5 * MINUTE_MS;

/** The days of `[first, last]` that have begun where the person is, oldest first. */
export function daysOf(context: CloudContext, person: Person, first: string, last: string): object[] {
  const { zone, cgm } = person.who;
  const syncedMs = context.now() - SYNC_MS;
  const earliest = [localDate(zone, context.now() - LISTED_DAYS * DAY_MS), cgm.since, first].toSorted().at(-1) ?? first;
  const today = localDate(zone, syncedMs);
  const days: object[] = [];
  for (let date = earliest; date <= last && date <= today; date = addDays(date, 1)) days.push(dayOf(context, person, date));
  return days;
}

function dayOf(context: CloudContext, person: Person, date: string): object {
  const { who } = person;
  const trace = person.day(date);
  const minutes = Math.min(trace.steps.length, Math.max(0, Math.floor((context.now() - SYNC_MS - trace.startMs) / MINUTE_MS)));
  const tally = tallyDay(who, trace, 0, minutes);
  const kilocalories = Math.round(tally.kilocalories + (basalKilocalories(who) * minutes) / trace.steps.length);
  const night = nightOf(context, person, date);
  const noonMs = (localDay(who.zone, date)?.fromMs ?? 0) + DAY_MS / 2;
  const rested = person.night(date).endMs + SYNC_MS <= context.now() ? person.body(date).restingHr : null;
  return {
    happenDay: Number(date.replaceAll("-", "")),
    step: tally.steps,
    // In which unit is not told.
    calorie: context.position("dailyCalorie") === "kcal" ? kilocalories : kilocalories * 1000,
    // What is not known yet is 0 on some watches and missing on others.
    ...(rested !== null ? { rhr: rested } : who.watch.hasHrv ? { rhr: 0 } : {}),
    ...(night ?? { sleepStartTime: 0, sleepEndTime: 0, startTimezone: quartersAt(who.zone, noonMs), endTimezone: quartersAt(who.zone, noonMs), hrvList: [] }),
  };
}

const quartersAt = (zone: string, ms: number): number => offsetMinutesAt(zone, ms) / 15;
const mean = (values: readonly number[]): number => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);

/** The night that is filed under the date; null while it goes on, and where the watch lay on a table. */
function nightOf(context: CloudContext, person: Person, date: string): object | null {
  const { who } = person;
  // The one example shows a night that begins on the evening of its day; other vendors file it under the morning.
  const nightDate = context.position("nightOf") === "evening" ? addDays(date, 1) : date;
  const { startMs, endMs } = person.night(nightDate);
  const chance = chanceOf(context.seed, "coros-night", who.id, nightDate);
  if (endMs + SYNC_MS > context.now() || chance.happens(0.05)) return null;
  const pulse = person.minutes(startMs, endMs).flatMap(({ heartRate }) => (heartRate === null ? [] : [heartRate]));
  const { rmssdAt } = person.vitals(nightDate);
  const hrvList: { timestamp: number; hrv: number }[] = [];
  for (let atMs = startMs + HRV_EVERY_MS; who.watch.hasHrv && atMs < endMs; atMs += HRV_EVERY_MS) {
    // Contact is lost now and then.
    hrvList.push({ timestamp: Math.floor(atMs / 1000), hrv: chance.happens(0.03) ? 0 : rmssdAt(Math.floor((atMs - startMs) / HRV_STEP_MS)) });
  }
  const measured = hrvList.map(({ hrv }) => hrv).filter((hrv) => hrv > 0);
  return {
    ...(measured.length > 0 ? { ppgHrv: mean(measured) } : {}),
    ...(pulse.length > 0 ? { sleepAvgHr: mean(pulse) } : {}),
    sleepStartTime: Math.floor(startMs / 1000),
    sleepEndTime: Math.floor(endMs / 1000),
    startTimezone: quartersAt(who.zone, startMs),
    endTimezone: quartersAt(who.zone, endMs),
    hrvList,
  };
}

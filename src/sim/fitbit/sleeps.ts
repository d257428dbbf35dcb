/** Sleep logs. vendors/fitbit.md, Sleep. */

import { MINUTE_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf } from "../people/rng.ts";
import type { Stretch } from "../people/sleep.ts";
import type { CloudContext } from "../cloud.ts";
import { localTime } from "./times.ts";

/** The tracker syncs, and the stages are computed some time later. */
const SYNC_MS = 6 * MINUTE_MS;
const COMPUTED_MS = 30 * MINUTE_MS;
const SHORT_MS = 3 * MINUTE_MS;

export interface SleepLog {
  readonly startMs: number;
  readonly endMs: number;
  readonly isMain: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly stages: Readonly<Record<string, number>> | null;
  readonly minutesAsleep: number;
  readonly timeInBed: number;
}

interface Segment {
  readonly level: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether a sleep of the date is over and not computed yet. */
export function isPending(person: Person, date: string, nowMs: number): boolean {
  return sleepSpans(person, date).some(({ endMs }) => endMs + SYNC_MS <= nowMs && endMs + COMPUTED_MS > nowMs);
}

function sleepSpans(person: Person, date: string): { startMs: number; endMs: number; isNight: boolean }[] {
  const night = person.night(date);
  const naps = night.napMinutes > 0 ? [{ startMs: night.napStartMs, endMs: night.napStartMs + night.napMinutes * MINUTE_MS, isNight: false }] : [];
  return [{ startMs: night.startMs, endMs: night.endMs, isNight: true }, ...naps];
}

/** When the computed logs of the date come, oldest first. */
export function computedMs(person: Person, date: string): number[] {
  return sleepSpans(person, date).map(({ endMs }) => endMs + COMPUTED_MS);
}

/** The computed sleeps that end on the date, oldest first. */
export function sleepLogs(context: CloudContext, person: Person, date: string): SleepLog[] {
  const chance = chanceOf(context.seed, person.who.id, "fitbit-night", date);
  const isClassicNight = chance.happens(0.06);
  // A sleep by day is flagged as the main one now and then (vendors/traps.md); the night then is not.
  const isNapMain = chance.happens(0.1) && person.night(date).napMinutes > 0;
  return sleepSpans(person, date).filter(({ endMs }) => endMs + COMPUTED_MS <= context.now()).map((span) => {
    const isClassic = !span.isNight || isClassicNight;
    const stretches: Stretch[] = span.isNight ? [...person.night(date).stretches] : [{ stage: "light", fromMs: span.startMs, toMs: span.endMs }];
    const isMain = span.isNight ? !isNapMain : isNapMain;
    return logOf(context, person, date, { ...span, isMain, isClassic, stretches });
  });
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly isMain: boolean;
  readonly isClassic: boolean;
  readonly stretches: readonly Stretch[];
}

const STAGES: Readonly<Record<Stretch["stage"], string>> = { deep: "deep", light: "light", rem: "rem", awake: "wake" };
const ASLEEP = ["deep", "light", "rem", "asleep"];

function logOf(context: CloudContext, person: Person, date: string, { startMs, endMs, isMain, isClassic, stretches }: Span): SleepLog {
  const { zone } = person.who;
  const isShort = ({ stage, fromMs, toMs }: Stretch): boolean => stage === "awake" && toMs - fromMs <= SHORT_MS;
  const level = (stretch: Stretch, before: string | undefined): string => {
    if (isClassic) return stretch.stage !== "awake" ? "asleep" : isShort(stretch) ? "restless" : "awake";
    return isShort(stretch) ? (before ?? "light") : STAGES[stretch.stage];
  };
  const data: Segment[] = [];
  for (const stretch of stretches) {
    const last = data.at(-1);
    const told = level(stretch, last?.level);
    if (last?.level === told) data[data.length - 1] = { ...last, toMs: stretch.toMs };
    else data.push({ level: told, fromMs: stretch.fromMs, toMs: stretch.toMs });
  }
  // Short wakings lie over the stage they interrupt.
  const short = isClassic ? [] : stretches.filter(isShort).map(({ fromMs, toMs }): Segment => ({ level: "wake", fromMs, toMs }));
  const minutes = minutesByLevel(data, short);
  const asleep = [...minutes].filter(([name]) => ASLEEP.includes(name)).reduce((sum, [, one]) => sum + one.minutes, 0);
  const timeInBed = Math.round((endMs - startMs) / MINUTE_MS);
  const shown = ({ level: name, fromMs, toMs }: Segment): object => ({ dateTime: localTime(zone, fromMs), level: name, seconds: (toMs - fromMs) / 1000 });
  const summary = Object.fromEntries([...minutes].map(([name, one]) => [name, isClassic ? one : { ...one, thirtyDayAvgMinutes: Math.round(one.minutes * 0.97) }]));
  return {
    startMs, endMs, isMain, minutesAsleep: asleep, timeInBed,
    stages: isClassic ? null : Object.fromEntries([...minutes].map(([name, one]) => [name, one.minutes])),
    fields: {
      dateOfSleep: date,
      duration: endMs - startMs,
      efficiency: Math.round((asleep / Math.max(1, timeInBed)) * 100),
      startTime: localTime(zone, startMs),
      endTime: localTime(zone, endMs),
      infoCode: isClassic ? 2 : 0,
      isMainSleep: isMain,
      levels: { data: data.map(shown), ...(isClassic ? {} : { shortData: short.map(shown) }), summary },
      logId: 40_000_000_000 + (hashOf(context.seed, person.who.id, "sleep-log", startMs) % 1_000_000_000),
      logType: "auto_detected",
      minutesAfterWakeup: 0,
      minutesAsleep: asleep,
      minutesAwake: timeInBed - asleep,
      minutesToFallAsleep: 0,
      timeInBed,
      type: isClassic ? "classic" : "stages",
    },
  };
}

/** Segments and minutes of each level; the short wakings count as wake and not as what they lie over. */
function minutesByLevel(data: readonly Segment[], short: readonly Segment[]): Map<string, { count: number; minutes: number }> {
  const sums = new Map<string, { count: number; minutes: number }>();
  const add = (level: string, count: number, minutes: number): void => {
    const known = sums.get(level) ?? { count: 0, minutes: 0 };
    sums.set(level, { count: known.count + count, minutes: known.minutes + minutes });
  };
  for (const { level, fromMs, toMs } of data) add(level, 1, (toMs - fromMs) / MINUTE_MS);
  for (const { fromMs, toMs } of short) {
    const under = data.find((segment) => fromMs >= segment.fromMs && fromMs < segment.toMs);
    if (under) add(under.level, 0, -(toMs - fromMs) / MINUTE_MS);
    add("wake", 1, (toMs - fromMs) / MINUTE_MS);
  }
  return sums;
}

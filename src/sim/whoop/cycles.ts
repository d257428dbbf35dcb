/** Cycles, from one falling asleep to the next, and the recovery each begins with. vendors/whoop.md, Cycle and Recovery. */

import { addDays, DAY_MS, localDay, MINUTE_MS } from "#units/time.ts";
import { basalKilocalories, tallyBetween } from "../people/energy.ts";
import type { Person } from "../people/person.ts";
import { loadOf } from "../people/recovery.ts";
import { cycleIdOf } from "./ids.ts";
import type { WhoopRecord } from "./records.ts";
import { iso, isWithout, round, scoredMsOf, scoreFields, strainOf, timezoneOffset, userIdOf } from "./records.ts";
import { nightReadyMs, sleepsOf } from "./sleeps.ts";
import type { WhoopWorld } from "./world.ts";

const KILOJOULES_PER_KILOCALORIE = 4.184;
/** The band was given to the person on this many days before it knew what is usual for them. */
const CALIBRATING_DAYS = 4;
/** A running cycle is scored anew so often. */
const RUNNING_MS = 10 * MINUTE_MS;
/** This person still wears a 3.0, which measures neither oxygen nor skin temperature. */
const FORMER_BAND_INDEX = 3;

export interface WhoopCycle extends WhoopRecord {
  readonly number: number;
}

/** The cycle that begins with the night that ends on the date. */
export function cycleOf(world: WhoopWorld, person: Person, date: string): WhoopCycle {
  const number = cycleIdOf(person, date);
  const { bedMs: startMs } = person.night(date);
  const next = addDays(date, 1);
  const readyMs = nightReadyMs(world, person, date);
  const scoredMs = scoredMsOf(world, "cycle", person, readyMs);
  return {
    id: String(number), number, startMs, readyMs, scoredMs,
    tell: () => {
      // It runs until the next sleep is known to have begun another.
      const isOver = nightReadyMs(world, person, next) <= world.context.now();
      const endMs = isOver ? person.night(next).bedMs : Math.max(readyMs, Math.floor(world.context.now() / RUNNING_MS) * RUNNING_MS);
      const fields = scoreFields(world, { readyMs, scoredMs }, () => tellScore(person, date, startMs, endMs));
      return {
        id: number,
        user_id: userIdOf(world, person),
        start: iso(startMs),
        ...(isOver ? { end: iso(endMs) } : {}),
        timezone_offset: timezoneOffset(person, startMs),
        ...fields,
        ...(fields["score_state"] === "SCORED" ? { updated_at: iso(isOver ? nightReadyMs(world, person, next) : Math.max(endMs, scoredMs ?? 0)) } : {}),
      };
    },
  };
}

function tellScore(person: Person, date: string, startMs: number, endMs: number): Record<string, unknown> {
  const minutes = person.minutes(startMs, endMs);
  const rates = minutes.map(({ heartRate }) => heartRate).filter((rate) => rate !== null);
  const kilocalories = tallyBetween(person, startMs, endMs).kilocalories + (basalKilocalories(person.who) * (endMs - startMs)) / DAY_MS;
  const midnightMs = localDay(person.who.zone, date)?.fromMs ?? startMs;
  const load = loadOf(person.who, person.day(date), Math.max(0, Math.floor((endMs - midnightMs) / MINUTE_MS)));
  return {
    strain: strainOf(load),
    kilojoule: round(kilocalories * KILOJOULES_PER_KILOCALORIE, 3),
    average_heart_rate: Math.round(rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length)),
    max_heart_rate: Math.max(...rates),
  };
}

/** The recovery that the night brought: null for a morning without, and when the night is deleted. Its id is that of the sleep. */
export function recoveryOf(world: WhoopWorld, person: Person, date: string): WhoopRecord | null {
  const sleep = sleepsOf(world, person, date).find(({ isNap }) => !isNap);
  if (!sleep || isWithout(world, "recovery", person, date) || world.deletions.has(recoveryKey(sleep.id))) return null;
  const { id, startMs, readyMs, scoredMs } = sleep;
  return {
    id, startMs, readyMs, scoredMs,
    tell: () => ({
      cycle_id: cycleIdOf(person, date),
      sleep_id: id,
      user_id: userIdOf(world, person),
      ...scoreFields(world, { readyMs, scoredMs }, () => tellRecovery(world, person, date)),
    }),
  };
}

/** What a deleted recovery is remembered by. */
export const recoveryKey = (sleepId: string): string => `recovery ${sleepId}`;

function tellRecovery(world: WhoopWorld, person: Person, date: string): Record<string, unknown> {
  const { restingHr, hrvMs, spo2 } = person.body(date);
  const isModern = person.who.index !== FORMER_BAND_INDEX && !isWithout(world, "skin", person, date);
  return {
    user_calibrating: date < addDays(person.who.cgm.since, CALIBRATING_DAYS),
    recovery_score: person.recovery(date).score,
    resting_heart_rate: restingHr,
    // In milliseconds, whatever the name says.
    hrv_rmssd_milli: round(hrvMs + 0.3141, 4),
    ...(isModern ? { spo2_percentage: spo2, skin_temp_celsius: person.vitals(date).skinC } : {}),
  };
}

/** Nights and naps, in totals without a timeline. vendors/whoop.md, Sleep. */

import { addDays, MINUTE_MS } from "#units/time.ts";
import { datedUuid } from "../people/dated.ts";
import { dayNumber } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { cycleIdOf } from "./ids.ts";
import type { WhoopRecord } from "./records.ts";
import { FORMER_UNTIL_MS, iso, isWithout, round, scoredMsOf, scoreFields, timezoneOffset, userIdOf } from "./records.ts";
import type { WhoopWorld } from "./world.ts";

export interface WhoopSleep extends WhoopRecord {
  readonly isNap: boolean;
}

interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly isNap: boolean;
}

/** The number that version 1 of the API had. */
export function formerSleepId(person: Person, date: string, isNap: boolean): number {
  return 1_000_000_000 + dayNumber(date) * 100 + person.who.index * 10 + (isNap ? 1 : 0);
}

/** When the strap has seen that the person is up. */
export function nightReadyMs({ context }: Pick<WhoopWorld, "context">, person: Person, date: string): number {
  return person.night(date).endMs + Math.round(chanceOf("whoop", context.seed, "up", person.who.id, date).between(8, 30)) * MINUTE_MS;
}

/** The night that ends on the date, then the date's nap. Deleted ones are not there. */
export function sleepsOf(world: WhoopWorld, person: Person, date: string): WhoopSleep[] {
  const night = person.night(date);
  const stretches: Stretch[] = [{ startMs: night.bedMs, endMs: night.endMs, isNap: false }];
  if (night.napMinutes > 0) stretches.push({ startMs: night.napStartMs, endMs: night.napStartMs + night.napMinutes * MINUTE_MS, isNap: true });
  return stretches.map((stretch) => {
    const { startMs, endMs, isNap } = stretch;
    const readyMs = isNap ? endMs + 15 * MINUTE_MS : nightReadyMs(world, person, date);
    const id = datedUuid(date, "whoop", world.context.seed, isNap ? "nap" : "night", person.who.id);
    const scoredMs = scoredMsOf(world, "sleep", person, readyMs);
    return {
      id, startMs, readyMs, scoredMs, isNap,
      tell: () => ({
        id,
        cycle_id: cycleIdOf(person, date),
        ...(readyMs < FORMER_UNTIL_MS ? { v1_id: formerSleepId(person, date, isNap) } : {}),
        user_id: userIdOf(world, person),
        start: iso(startMs),
        end: iso(endMs),
        timezone_offset: timezoneOffset(person, startMs),
        nap: isNap,
        ...scoreFields(world, { readyMs, scoredMs }, () => tellScore(world, person, date, stretch)),
      }),
    };
  }).filter(({ id }) => !world.deletions.has(id));
}

function tellScore(world: WhoopWorld, person: Person, date: string, { startMs, endMs, isNap }: Stretch): Record<string, unknown> {
  const night = person.night(date);
  const inBed = endMs - startMs;
  // Of a nap only that it was light sleep is known here; WHOOP writes zeros for the rest.
  const [light, deep, rem] = isNap ? [inBed, 0, 0] : [night.seconds.light * 1000, night.seconds.deep * 1000, night.seconds.rem * 1000];
  const asleep = light + deep + rem;
  const noData = !isNap && isWithout(world, "signal", person, date) ? Math.min(4 * MINUTE_MS, inBed - asleep) : 0;
  const baseline = Math.round(person.who.sleepHours * 60) * MINUTE_MS;
  const debt = Math.max(0, Math.round((baseline - sleptMs(person, addDays(date, -1))) / 4));
  const strain = Math.round(person.load(addDays(date, -1)) * 6_000);
  const nap = -person.night(addDays(date, -1)).napMinutes * MINUTE_MS;
  const needed = baseline + debt + strain + nap;
  const stretches = night.stretches.filter(({ stage }) => stage === "awake" || stage === "rem");
  return {
    stage_summary: {
      total_in_bed_time_milli: inBed,
      total_awake_time_milli: inBed - asleep - noData,
      total_no_data_time_milli: noData,
      total_light_sleep_time_milli: light,
      total_slow_wave_sleep_time_milli: deep,
      total_rem_sleep_time_milli: rem,
      sleep_cycle_count: isNap ? 0 : stretches.filter(({ stage }) => stage === "rem").length,
      disturbance_count: isNap ? 0 : stretches.filter(({ stage }) => stage === "awake").length,
    },
    sleep_needed: {
      baseline_milli: baseline, need_from_sleep_debt_milli: debt, need_from_recent_strain_milli: strain, need_from_recent_nap_milli: nap,
    },
    ...(isNap ? {} : { respiratory_rate: round(person.body(date).respirationRate + 0.0498, 4), sleep_performance_percentage: Math.min(100, Math.round((asleep / needed) * 100)) }),
    // Consistency wants some nights before.
    ...(isNap || isWithout(world, "consistency", person, date) ? {} : { sleep_consistency_percentage: Math.round(55 + night.score * 0.35) }),
    sleep_efficiency_percentage: round((asleep / inBed) * 100, 5),
  };
}

function sleptMs(person: Person, date: string): number {
  const { deep, light, rem } = person.night(date).seconds;
  return (deep + light + rem) * 1000;
}

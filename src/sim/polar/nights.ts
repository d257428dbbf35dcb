/** Nights and what they restored. vendors/polar.md, sleep, nightly-recharge. */

import { formatWithOffset, HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Answer } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Stretch } from "../people/sleep.ts";
import type { Visit } from "./asked.ts";
import { dateOf, deviceOf, found, gather, lastDates, listed } from "./asked.ts";
import { polarUserId } from "./oauth.ts";
import { clockKey } from "./times.ts";

const UPLOAD_MS = 6 * MINUTE_MS;
const MAP_MINUTES = 5;
/** The averages start so long after falling asleep, and go on for so long. */
const RECHARGE_AFTER_MS = 30 * MINUTE_MS;
const RECHARGE_MS = 4 * HOUR_MS;

/** When the night that ends on the date has been uploaded. */
export function nightReadyMs(person: Person, date: string): number {
  return person.night(date).endMs + UPLOAD_MS;
}

export function isNightShown({ context, person, shownFromMs }: Omit<Visit, "call">, date: string): boolean {
  const readyMs = nightReadyMs(person, date);
  return readyMs <= context.now() && readyMs >= shownFromMs;
}

const listOf = (name: string, tell: (visit: Visit, date: string) => object | null) => (visit: Visit): Answer =>
  listed(gather(lastDates(visit), (date) => (isNightShown(visit, date) ? tell(visit, date) : null)), name);

const oneOf = (tell: (visit: Visit, date: string) => object | null) => (visit: Visit): Answer => {
  const date = dateOf(visit);
  if (typeof date !== "string") return date;
  return found(isNightShown(visit, date) ? tell(visit, date) : null);
};

export const listNights = listOf("nights", sleepOf);
export const oneNight = oneOf(sleepOf);
export const listRecharges = listOf("recharges", rechargeOf);
export const oneRecharge = oneOf(rechargeOf);
export const availableNights = listOf("available", ({ person }, date) => {
  const { startMs, endMs } = person.night(date);
  return { date, start_time: stamp(person, startMs), end_time: stamp(person, endMs) };
});

const stamp = ({ who }: Person, ms: number): string => formatWithOffset(ms, offsetMinutesAt(who.zone, ms));

/** 0 awake, 1 REM, 2 lighter and 3 light sleep, 4 deep, 5 unknown. */
function stagesOf({ context, person }: Visit, stretches: readonly Stretch[], date: string): (Stretch & { readonly code: number })[] {
  // Now and then a stretch was not recognised.
  const chance = chanceOf(context.seed, "polar-unknown", person.who.id, date);
  const lost = chance.happens(0.15) ? Math.floor(chance.between(2, stretches.length - 1)) : -1;
  return stretches.map((stretch, index) => {
    const code = index === lost ? 5 : { awake: 0, rem: 1, light: index % 3 === 0 ? 2 : 3, deep: 4 }[stretch.stage];
    return { ...stretch, code };
  });
}

function sleepOf(visit: Visit, date: string): object {
  const { context, person } = visit;
  const { who } = person;
  const night = person.night(date);
  const stages = stagesOf(visit, night.stretches, date);
  const seconds = (...codes: number[]): number => stages.filter(({ code }) => codes.includes(code)).reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 1000, 0);
  const breaks = stages.filter(({ code }) => code === 0).map(({ fromMs, toMs }) => (toMs - fromMs) / 1000);
  const long = breaks.filter((length) => length >= 90).reduce((sum, length) => sum + length, 0);
  const short = breaks.reduce((sum, length) => sum + length, 0) - long;
  const continuity = Math.max(1, Math.min(5, Math.round((5 - breaks.length * 0.35) * 10) / 10));
  const total = {
    polar_user: `https://www.polaraccesslink/v3/users/${polarUserId(context, person)}`,
    date, sleep_start_time: stamp(person, night.startMs), sleep_end_time: stamp(person, night.endMs), device_id: deviceOf(person).device_id,
    continuity, continuity_class: Math.round(continuity), total_interruption_duration: short + long, short_interruption_duration: short, long_interruption_duration: long,
    sleep_goal: 28_800, sleep_rating: chanceOf(context.seed, "polar-rating", who.id, date).happens(0.3) ? Math.ceil(night.score / 20) : 0,
  };
  // A watch without a good eye on the heart knows when, not how deep.
  if (!who.watch.hasPulseOx) return total;
  return {
    ...total,
    light_sleep: seconds(2, 3), deep_sleep: seconds(4), rem_sleep: seconds(1), unrecognized_sleep_stage: seconds(5), sleep_score: night.score,
    sleep_charge: Math.max(1, Math.min(5, Math.round(night.score / 20))), sleep_cycles: Math.round((night.endMs - night.startMs) / (92 * MINUTE_MS)),
    group_duration_score: Math.min(100, night.score + 6), group_solidity_score: Math.max(1, night.score - 5), group_regeneration_score: Math.max(1, night.score - 9),
    hypnogram: Object.fromEntries(stages.map(({ fromMs, code }) => [clockKey(who.zone, fromMs), code])),
    heart_rate_samples: Object.fromEntries(
      person.minutes(night.startMs, night.endMs)
        .filter(({ atMs, heartRate }) => heartRate !== null && Math.floor(atMs / MINUTE_MS) % MAP_MINUTES === 0)
        .map(({ atMs, heartRate }) => [clockKey(who.zone, atMs), heartRate]),
    ),
  };
}

function rechargeOf({ context, person }: Visit, date: string): object | null {
  if (!person.who.watch.hasHrv) return null;
  const { who } = person;
  const night = person.night(date);
  const vitals = person.vitals(date);
  const { score, parts } = person.recovery(date);
  const fromMs = night.startMs + RECHARGE_AFTER_MS;
  const times = Array.from({ length: RECHARGE_MS / (MAP_MINUTES * MINUTE_MS) }, (_, index) => fromMs + index * MAP_MINUTES * MINUTE_MS).filter((ms) => ms < night.endMs);
  const minuteOf = (ms: number): number => Math.floor((ms - night.startMs) / MINUTE_MS);
  const hrv = times.map((ms): [string, number] => [clockKey(who.zone, ms), vitals.rmssdAt(Math.floor(minuteOf(ms) / 5))]);
  const breaths = times.map((ms): [string, number] => [clockKey(who.zone, ms), vitals.breathsAt(minuteOf(ms))]);
  const rates = person.minutes(fromMs, fromMs + RECHARGE_MS).flatMap(({ heartRate }) => (heartRate === null ? [] : [heartRate]));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const charge = Math.round(((parts.hrv - 50) / 5) * 10) / 10;
  return {
    polar_user: `https://www.polaraccesslink/v3/users/${polarUserId(context, person)}`, date,
    heart_rate_avg: Math.round(mean(rates)), beat_to_beat_avg: Math.round(60_000 / Math.max(30, mean(rates))), heart_rate_variability_avg: Math.round(mean(hrv.map(([, value]) => value))),
    breathing_rate_avg: Math.round(mean(breaths.map(([, value]) => value)) * 10) / 10,
    nightly_recharge_status: Math.max(1, Math.min(6, Math.ceil(score / 17))), ans_charge: Math.max(-10, Math.min(10, charge)), ans_charge_status: Math.max(1, Math.min(5, Math.ceil(parts.hrv / 20))),
    hrv_samples: Object.fromEntries(hrv), breathing_samples: Object.fromEntries(breaths),
  };
}

/** Training load, and what sleep makes of the day after it. vendors/polar.md, cardio-load, alertness, circadian-bedtime. */

import { addDays, HOUR_MS, localDay, offsetMinutesAt } from "#units/time.ts";
import type { Answer } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { atHour } from "../people/days.ts";
import type { Visit } from "./asked.ts";
import { dateOf, datesOf, found, gather, isAnswer, lastDates, listed } from "./asked.ts";
import { isNightShown } from "./nights.ts";
import { polarRefusal } from "./refusal.ts";
import { utcStamp } from "./times.ts";

const STRAIN_DAYS = 7;
const TOLERANCE_DAYS = 28;
const HOURS_AWAKE = 16;

type Teller = (visit: Visit, date: string) => object | null;

const overLast = (tell: Teller) => (visit: Visit): Answer => listed(gather(lastDates(visit), (date) => tell(visit, date)));
const inRange = (tell: Teller) => (visit: Visit): Answer => {
  const dates = datesOf(visit, { isRequired: true });
  return isAnswer(dates) ? dates : listed(gather(dates, (date) => tell(visit, date)));
};

export const listLoads = overLast(loadOf);
export const loadsInRange = inRange(loadOf);
export const listAlertness = overLast(alertnessOf);
export const alertnessInRange = inRange(alertnessOf);
export const listBedtimes = overLast(bedtimeOf);
export const bedtimesInRange = inRange(bedtimeOf);

export function oneLoad(visit: Visit): Answer {
  const date = dateOf(visit);
  return typeof date === "string" ? found(loadOf(visit, date)) : date;
}

/** `period/days/{n}` and `period/months/{n}`: so far back from today; nothing older than 28 days shows. */
export function loadsOfPeriod(visit: Visit): Answer {
  const { days, months } = visit.call.params;
  const count = Number(days ?? months);
  if (!Number.isInteger(count) || count < 1) return polarRefusal(400, "The period has to be a whole number");
  return listed(gather(lastDates(visit, Math.min(TOLERANCE_DAYS, months === undefined ? count : count * 30)), (date) => loadOf(visit, date)));
}

/** Of days that are over; in the first days there is no tolerance yet, which is −1. */
function loadOf({ context, person, shownFromMs }: Visit, date: string): object | null {
  const day = localDay(person.who.zone, date);
  if (!day || day.toMs > context.now() || day.toMs <= shownFromMs) return null;
  const mean = (days: number): number => Array.from({ length: days }, (_, back) => person.load(addDays(date, -back))).reduce((sum, load) => sum + load, 0) / days;
  const isSettled = day.fromMs >= shownFromMs + 3 * 24 * HOUR_MS;
  const [strain, tolerance] = [mean(STRAIN_DAYS), mean(TOLERANCE_DAYS)];
  const ratio = strain / tolerance;
  const level = (share: number): number => Math.round(tolerance * share * 10) / 10;
  return {
    date,
    cardio_load_status: !isSettled ? "LOAD_STATUS_NOT_AVAILABLE" : ratio < 0.8 ? "DETRAINING" : ratio < 1 ? "MAINTAINING" : ratio < 1.3 ? "PRODUCTIVE" : "OVERREACHING",
    cardio_load: person.load(date),
    strain: hundredths(strain),
    tolerance: isSettled ? hundredths(tolerance) : -1,
    cardio_load_ratio: isSettled ? hundredths(ratio) : -1,
    cardio_load_level: { very_low: level(0.4), low: level(0.8), medium: level(1.3), high: level(2), "very-high": level(3) },
  };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

function alertnessOf(visit: Visit, date: string): object | null {
  const { person } = visit;
  if (!person.who.watch.hasHrv || !isNightShown(visit, date)) return null;
  const night = person.night(date);
  const grade = Math.round(person.recovery(date).score) / 10;
  const hour = (index: number): string => utcStamp(night.endMs + index * HOUR_MS);
  return {
    grade, grade_validity_seconds: HOURS_AWAKE * 3600, grade_type: "GRADE_TYPE_PRIMARY",
    grade_classification: grade < 4 ? "GRADE_CLASSIFICATION_WEAK" : grade < 7 ? "GRADE_CLASSIFICATION_FAIR" : "GRADE_CLASSIFICATION_STRONG",
    validity: "VALIDITY_VALID", sleep_inertia: "SLEEP_INERTIA_NO_INERTIA", sleep_type: "SLEEP_TYPE_PRIMARY", result_type: "ALERTNESS_TYPE_HISTORY",
    period_start_time: hour(0), period_end_time: hour(HOURS_AWAKE), ...sleepPeriod(person, night.startMs, night.endMs),
    hourly_data: Array.from({ length: HOURS_AWAKE }, (_, index) => ({
      validity: "VALIDITY_VALID", alertness_level: `ALERTNESS_LEVEL_${index === 0 || index > 13 ? "LOW" : index < 8 ? "HIGH" : "VERY_HIGH"}`, start_time: hour(index), end_time: hour(index + 1),
    })),
  };
}

function sleepPeriod({ who }: Person, startMs: number, endMs: number): object {
  return { sleep_period_start_time: utcStamp(startMs), sleep_period_end_time: utcStamp(endMs), sleep_timezone_offset_minutes: offsetMinutesAt(who.zone, endMs) };
}

function bedtimeOf(visit: Visit, date: string): object | null {
  const { person } = visit;
  if (!person.who.watch.hasHrv || !isNightShown(visit, date)) return null;
  const { zone, bedHour, sleepHours } = person.who;
  const bedMs = atHour(zone, date, bedHour);
  return {
    validity: "VALIDITY_VALID", quality: "CIRCADIAN_BEDTIME_QUALITY_CLEARLY_RECOGNIZABLE", result_type: "CIRCADIAN_BEDTIME_TYPE_HISTORY",
    period_start_time: utcStamp(person.night(date).endMs), period_end_time: utcStamp(bedMs + sleepHours * HOUR_MS),
    preferred_sleep_period_start_time: utcStamp(bedMs), preferred_sleep_period_end_time: utcStamp(bedMs + sleepHours * HOUR_MS),
    sleep_gate_start_time: utcStamp(bedMs - HOUR_MS), sleep_gate_end_time: utcStamp(bedMs + HOUR_MS), sleep_timezone_offset_minutes: offsetMinutesAt(zone, bedMs),
  };
}

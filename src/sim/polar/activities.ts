/** Days, and the heart through them. vendors/polar.md, activity, continuous-heart-rate. */

import { localDay, MINUTE_MS } from "#units/time.ts";
import type { Answer } from "../exchange.ts";
import { basalKilocalories, tallyDay } from "../people/energy.ts";
import type { DayTrace } from "../people/day.ts";
import type { Person } from "../people/person.ts";
import type { Visit } from "./asked.ts";
import { dateOf, datesOf, found, gather, isAnswer, isFlagged, listed } from "./asked.ts";
import { polarUserId } from "./oauth.ts";
import { isoDuration, localStamp, utcStamp } from "./times.ts";

/** The watch uploads its minutes this often. */
export const SYNC_MS = 15 * MINUTE_MS;
const OLDEST_DAYS = 365;
const HEART_MINUTES = 5;

interface SeenDay {
  readonly trace: DayTrace;
  /** Minutes that have been uploaded. */
  readonly minutes: number;
}

type Teller = (visit: Visit, date: string, seen: SeenDay) => object | null;

/** The day as far as it has been uploaded; null where nothing has, or nothing shows. */
function seenDay({ context, person, shownFromMs }: Visit, date: string): SeenDay | null {
  const day = localDay(person.who.zone, date);
  const syncedMs = Math.floor(context.now() / SYNC_MS) * SYNC_MS;
  if (!day || day.toMs <= shownFromMs || day.fromMs >= syncedMs) return null;
  const trace = person.day(date);
  return { trace, minutes: Math.min(trace.steps.length, Math.floor((syncedMs - day.fromMs) / MINUTE_MS)) };
}

const tellDay = (visit: Visit, tell: Teller) => (date: string): object | null => {
  const seen = seenDay(visit, date);
  return seen && tell(visit, date, seen);
};

const inRange = (tell: Teller) => (visit: Visit): Answer => {
  const dates = datesOf(visit, { oldestDays: OLDEST_DAYS });
  return isAnswer(dates) ? dates : listed(gather(dates, tellDay(visit, tell)));
};

const onDate = (tell: Teller, oldestDays?: number) => (visit: Visit): Answer => {
  const date = dateOf(visit, oldestDays);
  return typeof date === "string" ? found(tellDay(visit, tell)(date)) : date;
};

export const listActivities = inRange(activityOf);
export const oneActivity = onDate(activityOf, OLDEST_DAYS);
export const listSamples = inRange((visit, date, seen) => samplesOf(date, seen, { steps: true, zones: true, stamps: true }, visit.person));
export const oneSamples = onDate((visit, date, seen) => samplesOf(date, seen, { steps: true, zones: true, stamps: true }, visit.person), OLDEST_DAYS);
export const oneHeart = onDate(heartOf);

/** The documents promise one object for many days; a list is what makes sense. The switch tries both. */
export function listHearts(visit: Visit): Answer {
  const dates = datesOf(visit, { isRequired: true });
  if (isAnswer(dates)) return dates;
  const hearts = gather(dates, tellDay(visit, heartOf));
  return visit.context.position("heartRateRange") === "object" ? found(hearts[0] ?? null) : listed(hearts);
}

function activityOf(visit: Visit, date: string, seen: SeenDay): object {
  const { who } = visit.person;
  const { trace, minutes } = seen;
  const tally = tallyDay(who, trace, 0, minutes);
  const goal = basalKilocalories(who) * 0.35;
  const wanted = { steps: isFlagged(visit, "steps"), zones: isFlagged(visit, "activity_zones"), stamps: isFlagged(visit, "inactivity_stamps") };
  return {
    start_time: utcStamp(trace.startMs),
    end_time: utcStamp(trace.startMs + minutes * MINUTE_MS),
    active_duration: isoDuration(tally.activeSeconds),
    inactive_duration: isoDuration(zonesIn(visit.person, seen).filter((zone) => zone === "SEDENTARY").length * 60),
    daily_activity: Math.round((tally.kilocalories / goal) * 1000) / 10,
    calories: Math.round(tally.kilocalories + (basalKilocalories(who) * minutes) / trace.steps.length),
    active_calories: Math.round(tally.kilocalories),
    steps: tally.steps,
    inactivity_alert_count: stampsIn(visit.person, seen).length,
    distance_from_steps: Math.round(tally.meters * 10) / 10,
    ...(wanted.steps || wanted.zones || wanted.stamps ? { samples: samplesOf(date, seen, wanted, visit.person) } : {}),
  };
}

type Zone = "SEDENTARY" | "LIGHT" | "SLEEP" | "MODERATE" | "VIGOROUS";

function zonesIn({ who }: Person, { trace, minutes }: SeenDay): Zone[] {
  return Array.from({ length: minutes }, (_, minute): Zone => {
    const effort = ((trace.heartRate[minute] ?? 0) - who.restingHr) / (200 - who.restingHr);
    const isMoving = (trace.steps[minute] ?? 0) > 60 || (trace.workoutOf[minute] ?? -1) >= 0;
    if (effort > 0.6) return "VIGOROUS";
    if (effort > 0.3 && isMoving) return "MODERATE";
    if ((trace.steps[minute] ?? 0) > 0 || isMoving) return "LIGHT";
    return trace.isAsleep(trace.startMs + minute * MINUTE_MS) ? "SLEEP" : "SEDENTARY";
  });
}

/** Each full hour of sitting. */
function stampsIn(person: Person, seen: SeenDay): string[] {
  const stamps: string[] = [];
  let sat = 0;
  zonesIn(person, seen).forEach((zone, minute) => {
    sat = zone === "SEDENTARY" ? sat + 1 : 0;
    if (sat > 0 && sat % 60 === 0) stamps.push(utcStamp(seen.trace.startMs + minute * MINUTE_MS));
  });
  return stamps;
}

function samplesOf(date: string, seen: SeenDay, wanted: { readonly steps: boolean; readonly zones: boolean; readonly stamps: boolean }, person: Person): object {
  const { trace, minutes } = seen;
  const at = (minute: number): string => utcStamp(trace.startMs + minute * MINUTE_MS);
  // Only changes are told: where minutes are left out, the value before them went on.
  const changes = (values: readonly unknown[]): number[] => values.flatMap((value, minute) => (minute === 0 || values[minute - 1] !== value ? [minute] : []));
  const steps = [...trace.steps.subarray(0, minutes)];
  const zones = zonesIn(person, seen);
  return {
    date,
    ...(wanted.steps ? {
      steps: { interval_ms: MINUTE_MS, total_steps: steps.reduce((sum, count) => sum + count, 0), samples: changes(steps).map((minute) => ({ steps: steps[minute], timestamp: at(minute) })) },
    } : {}),
    ...(wanted.zones ? { activity_zones: { samples: changes(zones).map((minute) => ({ zone: zones[minute], timestamp: at(minute) })) } } : {}),
    ...(wanted.stamps ? { inactivity_stamps: stampsIn(person, seen).map((stamp) => ({ stamp })) } : {}),
  };
}

function heartOf({ context, person }: Visit, date: string, { trace, minutes }: SeenDay): object | null {
  const samples: object[] = [];
  for (let minute = 0; minute < minutes; minute += HEART_MINUTES) {
    const rate = trace.heartRate[minute] ?? Number.NaN;
    if (!Number.isNaN(rate)) samples.push({ heart_rate: rate, sample_time: localStamp(person.who.zone, trace.startMs + minute * MINUTE_MS).slice(11) });
  }
  return samples.length > 0 ? { polar_user: `https://www.polaraccesslink/v3/users/${polarUserId(context, person)}`, date, heart_rate_samples: samples } : null;
}

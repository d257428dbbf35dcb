/** Every summary of a person and type in a stretch of time. */

import { DAY_MS, localDate } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hexOf } from "../people/rng.ts";
import { activities, activityDetails, activityFiles, datesAround, manuallyUpdatedActivities, moveIQActivities } from "./activities.ts";
import { bloodPressures, bodyComps, healthSnapshot, userMetrics } from "./bodies.ts";
import { mct } from "./cycles.ts";
import { dailies, epochs, stressDetails } from "./days.ts";
import { allDayRespiration, hrv, pulseox, skinTemp, sleeps } from "./nights.ts";
import type { GarminType, Summary, SummaryWorld } from "./types.ts";

type Maker = (world: SummaryWorld, person: Person, date: string) => Summary[];

const MAKERS: Readonly<Record<string, Maker>> = {
  dailies, epochs, sleeps, bodyComps, stressDetails, userMetrics, pulseox, allDayRespiration, healthSnapshot, hrv, bloodPressures, skinTemp, mct,
  activities, manuallyUpdatedActivities, activityDetails, activityFiles, moveIQActivities,
};

/** The same for the person at each call, 32 hexadecimal digits. */
export function garminUserId(context: Pick<CloudContext, "seed">, person: Person): string {
  return hexOf(32, context.seed, "garmin-user", person.who.id);
}

/** Addressed summaries of the type that start in `[fromMs, toMs]` and have been synced by now, oldest first. */
export function summariesBetween(context: CloudContext, person: Person, type: GarminType, window: { fromMs: number; toMs: number }): object[] {
  return made(context, person, type, window).map((summary) => addressed(context, person, summary));
}

/** Addressed summaries that were synced after `afterMs` and by now. */
export function summariesSyncedSince(context: CloudContext, person: Person, type: GarminType, afterMs: number): object[] {
  // A night is synced when it ends, so what is synced now may have begun most of a day ago.
  const window = { fromMs: afterMs - DAY_MS, toMs: context.now() };
  return made(context, person, type, window).filter((summary) => summary.readyMs > afterMs).map((summary) => addressed(context, person, summary));
}

function made(context: CloudContext, person: Person, type: GarminType, window: { fromMs: number; toMs: number }): Summary[] {
  const make = MAKERS[type.key];
  if (!make) return [];
  const nowMs = context.now();
  const world = { seed: context.seed, nowMs };
  const { zone } = person.who;
  return datesAround(localDate(zone, window.fromMs), localDate(zone, Math.min(window.toMs, nowMs)))
    .flatMap((date) => make(world, person, date))
    .filter((summary) => summary.readyMs <= nowMs && summary.startMs >= window.fromMs && summary.startMs <= window.toMs);
}

function addressed(context: CloudContext, person: Person, summary: Summary): object {
  return { userId: garminUserId(context, person), ...summary.fields };
}

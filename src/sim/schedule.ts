/** What the clouds tell of their own accord as time goes by. Looked after by `tick`, which a timer or a test calls. */

import { DAY_MS, localDate, localDay, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { SimContext } from "./context.ts";
import type { Notifier } from "./garmin/notify.ts";
import { summariesBetween, summariesSyncedSince } from "./garmin/summaries.ts";
import type { GarminType } from "./garmin/types.ts";
import { GARMIN_TYPES } from "./garmin/types.ts";
import type { Grant } from "./grants.ts";
import type { Person } from "./people/person.ts";
import type { StravaEvents } from "./strava/events.ts";
import { uploadedMs } from "./strava/activities.ts";

/** After the code was traded: time for the application to learn whom it is connected with. */
const GARMIN_WELCOME_MS = 4 * SECOND_MS;
const STRAVA_WELCOME_MS = 20 * SECOND_MS;
const GARMIN_EVERY_MS = 3 * MINUTE_MS;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;

/** Sent again and again as the day grows. */
const GROWING = ["dailies", "stressDetails"];
/** Too bulky to send unasked: back-fill and the control page have them. */
const UNASKED_NEVER = ["epochs", "moveIQActivities"];

export interface Schedule {
  /** Puts into the outbox whatever has happened up to now. */
  tick(): void;
}

export function createSchedule(context: SimContext, notifier: Notifier, events: StravaEvents): Schedule {
  return {
    tick() {
      for (const person of context.people) {
        const of = (vendor: "garmin" | "strava"): Grant[] => context.grants.live(vendor).filter((grant) => grant.personId === person.who.id);
        tickGarmin(context, notifier, person, of("garmin"));
        tickStrava(context, events, person, of("strava"));
      }
    },
  };
}

function tickGarmin(context: SimContext, notifier: Notifier, person: Person, grants: Grant[]): void {
  const nowMs = context.options.now();
  const types = GARMIN_TYPES.filter((type) => !UNASKED_NEVER.includes(type.key) && grants.some((grant) => grant.scopes.includes(type.permission)));
  const isNew = grants.some((grant) => !grant.isWelcomed && nowMs >= grant.sinceMs + GARMIN_WELCOME_MS);
  if (isNew) {
    const firstMs = localDay(person.who.zone, localDate(person.who.zone, nowMs - 7 * DAY_MS))?.fromMs ?? nowMs - 7 * DAY_MS;
    for (const type of types) notifier.tell(person, type, summariesBetween(context, person, type, { fromMs: firstMs, toMs: nowMs }), nowMs);
  } else {
    const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.filter((grant) => grant.isWelcomed).map((grant) => grant.tickMs)));
    if (!Number.isFinite(lastMs) || nowMs - lastMs < GARMIN_EVERY_MS) return;
    for (const type of types) notifier.tell(person, type, freshSummaries(context, person, type, lastMs), nowMs);
  }
  for (const grant of grants) {
    if (isNew) grant.isWelcomed = true;
    grant.tickMs = nowMs;
  }
}

function freshSummaries(context: SimContext, person: Person, type: GarminType, lastMs: number): object[] {
  if (!GROWING.includes(type.key)) return summariesSyncedSince(context, person, type, lastMs);
  // From the start of the day of the last look: a day that ended since then is told once more, whole.
  const fromMs = localDay(person.who.zone, localDate(person.who.zone, lastMs))?.fromMs ?? lastMs;
  return summariesBetween(context, person, type, { fromMs, toMs: context.options.now() });
}

function tickStrava(context: SimContext, events: StravaEvents, person: Person, grants: Grant[]): void {
  const nowMs = context.options.now();
  if (grants.length === 0 || !context.state.subscription) return;
  const isNew = grants.some((grant) => !grant.isWelcomed && nowMs >= grant.sinceMs + STRAVA_WELCOME_MS);
  if (isNew) {
    const minutes = 25;
    const workout = context.state.addWorkout(person, { startMs: nowMs - (minutes * 60 + 5) * SECOND_MS, minutes, sport: "walk" });
    if (events.mayHear(person, workout)) events.tell(person, { object: "activity", objectId: workout.number, aspect: "create", updates: {} }, nowMs);
  }
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map((grant) => grant.tickMs)));
  for (const workout of person.workoutsBetween(lastMs - DAY_MS / 2, nowMs)) {
    const atMs = uploadedMs(workout);
    if (workout.isExtra || atMs <= lastMs || atMs > nowMs || !events.mayHear(person, workout)) continue;
    events.tell(person, { object: "activity", objectId: workout.number, aspect: "create", updates: {} }, nowMs);
  }
  for (const grant of grants) {
    if (isNew) grant.isWelcomed = true;
    grant.tickMs = nowMs;
  }
}

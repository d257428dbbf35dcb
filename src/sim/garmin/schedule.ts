/** What Garmin tells of its own accord as time goes by. */

import { DAY_MS, localDate, localDay, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";
import { modeOf } from "./modes.ts";
import type { Notifier } from "./notify.ts";
import { summariesBetween, summariesSyncedSince } from "./summaries.ts";
import type { GarminType } from "./types.ts";
import { GARMIN_TYPES } from "./types.ts";

/** After the code was traded: time for the application to learn whom it is connected with. */
const WELCOME_MS = 4 * SECOND_MS;
const EVERY_MS = 3 * MINUTE_MS;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;

/** Sent again and again as the day grows. */
const GROWING = ["dailies", "stressDetails"];
/** Too bulky to send unasked: back-fill and the front page have them. */
const UNASKED_NEVER = ["epochs", "moveIQActivities"];

export function tickGarmin(context: CloudContext, notifier: Notifier): void {
  for (const person of context.people) tickPerson(context, notifier, person, context.grants.live(person.who.id));
}

function tickPerson(context: CloudContext, notifier: Notifier, person: Person, grants: Grant[]): void {
  const nowMs = context.now();
  const types = GARMIN_TYPES.filter((type) =>
    !UNASKED_NEVER.includes(type.key) && modeOf(context, type) !== "off" && grants.some((grant) => grant.scopes.includes(type.permission)));
  const isNew = grants.some((grant) => !grant.isWelcomed && nowMs >= grant.sinceMs + WELCOME_MS);
  if (isNew) {
    const firstMs = localDay(person.who.zone, localDate(person.who.zone, nowMs - 7 * DAY_MS))?.fromMs ?? nowMs - 7 * DAY_MS;
    for (const type of types) notifier.tell(person, type, summariesBetween(context, person, type, { fromMs: firstMs, toMs: nowMs }), nowMs);
  } else {
    const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.filter((grant) => grant.isWelcomed).map((grant) => grant.tickMs)));
    if (!Number.isFinite(lastMs) || nowMs - lastMs < EVERY_MS) return;
    for (const type of types) notifier.tell(person, type, freshSummaries(context, person, type, lastMs), nowMs);
  }
  for (const grant of grants) {
    if (isNew) grant.isWelcomed = true;
    grant.tickMs = nowMs;
  }
}

function freshSummaries(context: CloudContext, person: Person, type: GarminType, lastMs: number): object[] {
  if (!GROWING.includes(type.key)) return summariesSyncedSince(context, person, type, lastMs);
  // From the start of the day of the last look: a day that ended since then is told once more, whole.
  const fromMs = localDay(person.who.zone, localDate(person.who.zone, lastMs))?.fromMs ?? lastMs;
  return summariesBetween(context, person, type, { fromMs, toMs: context.now() });
}

/** What a visitor can make Garmin push. */

import { DAY_MS } from "#units/time.ts";
import type { CloudContext, PushDetail } from "../cloud.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import type { Notifier, Tidings } from "./notify.ts";
import { summariesBetween } from "./summaries.ts";
import type { GarminType } from "./types.ts";
import { GARMIN_TYPES } from "./types.ts";

export const GARMIN_PUSHES: readonly string[] = [...GARMIN_TYPES.map((type) => type.key), "deregistrations", "userPermissionsChange"];

/** Types that not every day has. */
const USUAL_DAYS: Readonly<Record<string, number>> = { bodyComps: 21, bloodPressures: 14, healthSnapshot: 30, moveIQActivities: 3, manuallyUpdatedActivities: 30, activityFiles: 7 };

export interface GarminWish {
  readonly person: Person;
  /** One of `GARMIN_PUSHES`. */
  readonly what: string;
  readonly detail: PushDetail;
}

/** Throws RangeError when the person withholds the type's permission. */
export async function pushGarmin(context: CloudContext, notifier: Notifier, { person, what, detail }: GarminWish): Promise<PushResult[]> {
  const grants = context.grants.live(person.who.id);
  if (what === "deregistrations") {
    context.grants.revoke(person.who.id);
    context.outbox.drop(person.who.id);
    return notifier.deregisteredNow(person);
  }
  if (what === "userPermissionsChange") {
    const scopes = grants[0]?.scopes ?? [];
    const toggled = scopes.includes("ACTIVITY_EXPORT") ? scopes.filter((scope) => scope !== "ACTIVITY_EXPORT") : [...scopes, "ACTIVITY_EXPORT"];
    for (const grant of grants) grant.scopes = [...(detail.permissions ?? toggled)];
    return notifier.permissionsChangedNow(person, grants[0]?.scopes ?? []);
  }
  const type = GARMIN_TYPES.find((one) => one.key === what);
  if (!type) throw new RangeError(`Garmin has no summary type "${what}".`);
  if (!grants.some((grant) => grant.scopes.includes(type.permission))) throw new RangeError(`${person.who.id} withholds ${type.permission}.`);
  const isWorkout = type.key === "activities" || type.key === "activityDetails";
  const nowMs = context.now();
  // A visitor who asks for a workout wants a new one.
  const fromMs = isWorkout && detail.days === undefined ? context.endedWalk(person).startMs : nowMs - (detail.days ?? USUAL_DAYS[type.key] ?? 1.5) * DAY_MS;
  const window = { fromMs, toMs: nowMs };
  if (context.position("bodies") === "of everybody") return notifier.tellTogether(type, everybodys(context, type, window));
  return notifier.tellNow(person, type, summariesBetween(context, person, type, window));
}

/**
 * Everybody's who is connected and allows the type. Ids of activities are a person's own: here the first of each has the same one as the
 * others' first, and so on, which has been seen (vendors/traps.md).
 */
function everybodys(context: CloudContext, type: GarminType, window: { fromMs: number; toMs: number }): Tidings[] {
  const allowing = context.people.filter((person) => context.grants.live(person.who.id).some((grant) => grant.scopes.includes(type.permission)));
  return allowing.map((person) => ({
    person,
    records: summariesBetween(context, person, type, window).map((record, index) => ("activityId" in record ? { ...record, activityId: 8_000_000_000 + index } : record)),
  }));
}

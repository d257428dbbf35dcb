/** Lists that are paged by an address, and files of the activity log. vendors/fitbit.md, Paging. */

import { localDate } from "#units/time.ts";
import type { Answer } from "../exchange.ts";
import { askedList, listPage, missingScope } from "./calls.ts";
import { activityLog, ecgReading, findActivity, loggedMs, tcxOf } from "./logs.ts";
import { badRequest, notFound } from "./refusal.ts";
import { sleepLogs } from "./sleeps.ts";
import { datesBetween, instantOf } from "./times.ts";
import type { Visit } from "./world.ts";

const LIST_MOST = 100;
const ECG_MOST = 10;

export function activityList(visit: Visit): Answer {
  const { context, call, person, units } = visit;
  const wish = askedList(call, LIST_MOST);
  if ("status" in wish) return wish;
  const boundMs = instantOf(person.who.zone, wish.bound);
  if (boundMs === null) return badRequest("Invalid date.");
  const joinedMs = instantOf(person.who.zone, person.who.cgm.since) ?? 0;
  const [fromMs, toMs] = wish.isAscending ? [Math.max(boundMs, joinedMs), context.now()] : [joinedMs, Math.min(boundMs - 1, context.now())];
  const workouts = person.workoutsBetween(fromMs, toMs).filter((workout) => loggedMs(workout) <= context.now());
  if (!wish.isAscending) workouts.reverse();
  // Told lazily: a page is all that is looked at.
  const shown = workouts.map((workout, index) => (index >= wish.skip && index < wish.skip + wish.limit ? activityLog(context.baseUrl, person, workout, units) : {}));
  return listPage("activities", `${context.baseUrl}/1/user/-/activities/list.json`, shown, wish);
}

export function tcx({ context, call, person, grant }: Visit): Answer {
  const [, logId] = /^(\d{1,15})\.tcx$/.exec(call.params["log"] ?? "") ?? [];
  const workout = logId === undefined ? null : findActivity(context, person, Number(logId));
  if (!workout) return notFound();
  if (!grant.scopes.includes("location")) return missingScope("location");
  return { status: 200, type: "application/vnd.garmin.tcx+xml", body: tcxOf(person, workout) };
}

export function sleepList({ context, call, person }: Visit): Answer {
  const wish = askedList(call, LIST_MOST);
  if ("status" in wish) return wish;
  const { zone, cgm } = person.who;
  const boundMs = instantOf(zone, wish.bound);
  if (boundMs === null) return badRequest("Invalid date.");
  const today = localDate(zone, context.now());
  const bound = localDate(zone, boundMs);
  const dates = wish.isAscending ? datesBetween(bound > cgm.since ? bound : cgm.since, today) : datesBetween(cgm.since, bound < today ? bound : today);
  const logs = dates.flatMap((date) => sleepLogs(context, person, date)).filter(({ startMs }) => (wish.isAscending ? startMs >= boundMs : startMs < boundMs));
  return listPage("sleep", `${context.baseUrl}/1.2/user/-/sleep/list.json`, (wish.isAscending ? logs : logs.toReversed()).map(({ fields }) => fields), wish);
}

export function ecgList({ context, call, person }: Visit): Answer {
  const wish = askedList(call, ECG_MOST);
  if ("status" in wish) return wish;
  const { zone, cgm } = person.who;
  const boundMs = instantOf(zone, wish.bound);
  if (boundMs === null) return badRequest("Invalid date.");
  const readings = datesBetween(cgm.since, localDate(zone, context.now())).flatMap((date) => ecgReading(context, person, date) ?? [])
    .filter(({ startMs }) => startMs <= context.now() && (wish.isAscending ? startMs >= boundMs : startMs < boundMs))
    .map(({ fields }) => fields);
  return listPage("ecgReadings", `${context.baseUrl}/1/user/-/ecg/list.json`, wish.isAscending ? readings : readings.toReversed(), wish);
}

/** Nobody had one. */
export function irnList({ context, call }: Visit): Answer {
  const wish = askedList(call, ECG_MOST);
  return "status" in wish ? wish : listPage("alerts", `${context.baseUrl}/1/user/-/irn/alerts/list.json`, [], wish);
}

/** What Withings tells of its own accord, and what a visitor can make it tell. vendors/withings.md, Webhooks (Notify). */

import { addDays, DAY_MS, localDate, MINUTE_MS, SECOND_MS } from "#units/time.ts";
import type { PushDetail } from "../cloud.ts";
import type { PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { SYNC_MS } from "./activity.ts";
import { secondsOf } from "./asked.ts";
import { deviceOf } from "./devices.ts";
import type { News } from "./events.ts";
import { recordingOf } from "./heart.ts";
import { groupsOf } from "./measures.ts";
import type { MeasureGroup } from "./measures.ts";
import { nightsBetween } from "./sleep.ts";
import { endMsOf, readyMsOf } from "./workouts.ts";
import type { WithingsWorld } from "./world.ts";

/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;
/** How far back a visitor's wish finds something to tell. */
const USUAL_DAYS = 30;

/** What a visitor can ask for, and the kind of event that tells it. */
const TELLABLE: Readonly<Record<string, number>> = {
  weight: 1, temperature: 2, blood_pressure: 4, activity: 16, workout: 16, sleep: 44, ecg: 54, bed_in: 50, bed_out: 51, sensor_inflated: 52, ecg_failed: 55, update: 46,
};

export const WITHINGS_PUSHES: readonly string[] = [...Object.keys(TELLABLE), "unlink", "delete"];

interface TimedNews extends News {
  readonly atMs: number;
}

export function tickWithings(world: WithingsWorld): void {
  for (const person of world.context.people) tickPerson(world, person);
}

function tickPerson({ context, events }: WithingsWorld, person: Person): void {
  const nowMs = context.now();
  const grants = context.grants.live(person.who.id);
  if (grants.length === 0) return;
  const afterMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map((grant) => grant.tickMs)));
  if (nowMs - afterMs < 10 * SECOND_MS) return;
  for (const grant of grants) grant.tickMs = nowMs;
  if (context.subscriptions.all().every(({ personId }) => personId !== person.who.id)) return;
  for (const news of newsBetween(context, person, afterMs, nowMs)) if (events.mayHear(person, news.appli)) events.tell(person, news);
}

/** All that has become known in `(afterMs, untilMs]`, in that order. */
function newsBetween(context: WithingsWorld["context"], person: Person, afterMs: number, untilMs: number): TimedNews[] {
  const { zone } = person.who;
  const found: TimedNews[] = [];
  const last = localDate(zone, untilMs);
  for (let date = localDate(zone, afterMs - DAY_MS); date <= last; date = addDays(date, 1)) {
    found.push(...measureNews(context, person, date));
  }
  for (const night of nightsBetween(context, person, localDate(zone, afterMs - DAY_MS), addDays(last, 1))) {
    found.push({ atMs: night.readyMs, appli: 44, fields: { startdate: secondsOf(night.startMs), enddate: secondsOf(night.endMs) } });
    if (night.model === 32) found.push(bedNews(person, 50, night.startMs), bedNews(person, 51, night.endMs));
  }
  for (const workout of person.workoutsBetween(afterMs - DAY_MS, untilMs)) {
    found.push({ atMs: readyMsOf(workout), appli: 16, fields: { startdate: secondsOf(workout.startMs), enddate: secondsOf(endMsOf(workout)) } });
  }
  const syncedMs = Math.floor(untilMs / SYNC_MS) * SYNC_MS;
  // A day that ended since the last look is told once more, whole.
  if (syncedMs > afterMs) for (const date of new Set([localDate(zone, afterMs), localDate(zone, syncedMs)])) found.push({ atMs: syncedMs, appli: 16, fields: { date } });
  return found.filter(({ atMs }) => atMs > afterMs && atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs);
}

function bedNews(person: Person, appli: number, atMs: number): TimedNews {
  return { atMs, appli, fields: { startdate: secondsOf(atMs), enddate: secondsOf(atMs), deviceid: deviceOf(person, "mat")?.id ?? "" } };
}

function measureNews(context: WithingsWorld["context"], person: Person, date: string): TimedNews[] {
  const groups = groupsOf(context, person, date).flatMap((group): TimedNews[] => {
    const appli = appliOf(group);
    if (appli === null) return [];
    // The notification and the data disagree by some seconds now and then.
    const chance = chanceOf(context.seed, "withings-off", group.id);
    const shift = chance.happens(0.1) ? Math.round(chance.between(5, 45)) : 0;
    const at = secondsOf(group.atMs) + shift;
    return [{ atMs: group.readyMs, appli, fields: { startdate: at - 1, enddate: at + 1 } }];
  });
  const recording = recordingOf(context, person, date);
  const at = secondsOf(recording?.atMs ?? 0);
  return recording?.ecg ? [...groups, { atMs: recording.readyMs, appli: 54, fields: { startdate: at, enddate: at + 30, deviceid: recording.device.id } }] : groups;
}

/** The kind of event that tells of the group; null for those nobody is told of. */
function appliOf({ measures, attrib, category }: MeasureGroup): number | null {
  const has = (...types: number[]): boolean => measures.some(({ type }) => types.includes(type));
  if (category === 2 || attrib === 4 || attrib === 8) return null;
  if (has(1)) return 1;
  if (has(12, 71, 73)) return 2;
  return has(9, 10, 54) ? 4 : null;
}

/** Tells the newest there is of the kind. Throws RangeError when the person withholds it. */
export async function pushWithings(world: WithingsWorld, person: Person, what: string, detail: PushDetail): Promise<PushResult[]> {
  const { context, events } = world;
  if (what === "unlink" || what === "delete") return events.leaveNow(person, what);
  const appli = TELLABLE[what] ?? 0;
  if (!events.mayHear(person, appli)) throw new RangeError(`${person.who.id} withholds what "${what}" tells.`);
  const nowMs = context.now();
  if (what === "update") return events.tellNow(person, { appli, fields: { action: "update" } });
  if (appli === 50 || appli === 51 || appli === 52) return deviceOf(person, "mat") ? events.tellNow(person, bedNews(person, appli, nowMs)) : [];
  if (appli === 55) return events.tellNow(person, { appli, fields: { startdate: secondsOf(nowMs - MINUTE_MS), enddate: secondsOf(nowMs) } });
  if (what === "activity") return events.tellNow(person, { appli, fields: { date: localDate(person.who.zone, nowMs - (detail.days ?? 0) * DAY_MS) } });
  if (what === "workout") {
    const workout = context.endedWalk(person);
    return events.tellNow(person, { appli, fields: { startdate: secondsOf(workout.startMs), enddate: secondsOf(endMsOf(workout)) } });
  }
  const newest = newsBetween(context, person, nowMs - (detail.days ?? USUAL_DAYS) * DAY_MS, nowMs).findLast((news) => news.appli === appli);
  return newest ? events.tellNow(person, newest) : [];
}

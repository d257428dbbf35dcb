/** What Polar tells the webhook, of its own accord and at a visitor's wish. vendors/polar.md, Webhooks. */

import { addDays, DAY_MS, localDate, localDay, SECOND_MS } from "#units/time.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import { hmacOf } from "../signing.ts";
import { SYNC_MS } from "./activities.ts";
import type { Visit } from "./asked.ts";
import { exerciseId, uploadedMs } from "./exercises.ts";
import { isNightShown, nightReadyMs } from "./nights.ts";
import { polarUserId } from "./oauth.ts";
import type { PolarEvent } from "./state.ts";
import { POLAR_EVENTS } from "./state.ts";
import { lastWeighing } from "./users.ts";
import type { PolarWorld } from "./world.ts";

/** The minutes of a growing day are told about once in so long. */
const DAY_EVERY_MS = 4 * SYNC_MS;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;

export const POLAR_PUSHES: readonly string[] = POLAR_EVENTS;

interface News {
  readonly event: PolarEvent;
  readonly atMs: number;
  /** Below the root of the API. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

const ofExercise = (workout: Workout): News => ({ event: "EXERCISE", atMs: uploadedMs(workout), path: `/exercises/${exerciseId(workout)}`, fields: { entity_id: exerciseId(workout) } });

function ofDate(event: "SLEEP" | "ACTIVITY_SUMMARY" | "CONTINUOUS_HEART_RATE", date: string, atMs: number): News {
  const folder = { SLEEP: "sleep", ACTIVITY_SUMMARY: "activities", CONTINUOUS_HEART_RATE: "continuous-heart-rate" }[event];
  return { event, atMs, path: `/users/${folder}/${date}`, fields: { date } };
}

function ofSleepWise(event: "SLEEP_WISE_ALERTNESS" | "SLEEP_WISE_CIRCADIAN_BEDTIME", date: string, atMs: number): News {
  const folder = event === "SLEEP_WISE_ALERTNESS" ? "alertness" : "circadian-bedtime";
  return { event, atMs, path: `/users/sleepwise/${folder}/date?from=${date}&to=${date}`, fields: { from: date, to: date } };
}

const ofBody = (atMs: number): News => ({ event: "PHYSICAL_INFORMATION", atMs, path: "/users/physical-info", fields: {} });

function pushesOf({ context, hooks }: PolarWorld, person: Person, { event, atMs, path, fields }: News): Push[] {
  const hook = hooks.wanting(event);
  if (!hook) return [];
  const timestamp = new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
  const body = JSON.stringify({ event, user_id: polarUserId(context, person), ...fields, timestamp, url: `${context.baseUrl}/v3${path}` });
  return [{
    person: person.who.id, what: event, url: hook.url, headers: { "content-type": "application/json", "polar-webhook-event": event }, body: () => body, dueMs: context.now(),
    sign: (sent) => ({ "polar-webhook-signature": hmacOf(sent, hook.secret ?? "") }), subscriptionId: hook.id,
  }];
}

export function tickPolar(world: PolarWorld): void {
  for (const person of world.context.people) tickPerson(world, person);
}

function tickPerson(world: PolarWorld, person: Person): void {
  const { context, users } = world;
  const nowMs = context.now();
  const grants = context.grants.live(person.who.id);
  const shownFromMs = users.shownFromMs(person);
  if (grants.length === 0 || shownFromMs === null) return;
  const afterMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map((grant) => grant.tickMs)));
  if (nowMs - afterMs < 10 * SECOND_MS) return;
  for (const grant of grants) grant.tickMs = nowMs;
  for (const news of newsBetween({ context, person, shownFromMs }, afterMs, nowMs)) {
    const pushes = pushesOf(world, person, news);
    // Some are told twice, as they were reported.
    const isTwice = chanceOf(context.seed, "polar-twice", person.who.id, news.path, news.atMs).happens(0.08);
    context.outbox.add(...pushes, ...(isTwice ? pushes : []));
  }
}

/** All that was uploaded in `(afterMs, untilMs]`, in that order. */
function newsBetween(visit: Omit<Visit, "call">, afterMs: number, untilMs: number): News[] {
  const { person } = visit;
  const { zone } = person.who;
  const found = person.workoutsBetween(afterMs - DAY_MS, untilMs).map(ofExercise);
  const [first, last] = [localDate(zone, afterMs - DAY_MS), localDate(zone, untilMs)];
  for (let date = first; date <= last; date = addDays(date, 1)) {
    const readyMs = nightReadyMs(person, date);
    if (isNightShown(visit, date)) {
      found.push(ofDate("SLEEP", date, readyMs));
      if (person.who.watch.hasHrv) found.push(ofSleepWise("SLEEP_WISE_ALERTNESS", date, readyMs + 1_000), ofSleepWise("SLEEP_WISE_CIRCADIAN_BEDTIME", date, readyMs + 1_000));
    }
    // A day that is over is told once more, whole.
    const endMs = (localDay(zone, date)?.toMs ?? 0) + SYNC_MS;
    found.push(ofDate("ACTIVITY_SUMMARY", date, endMs), ofDate("CONTINUOUS_HEART_RATE", date, endMs));
    const weighing = person.weighIn(date);
    if (weighing) found.push(ofBody(weighing.atMs));
  }
  const syncedMs = Math.floor(untilMs / DAY_EVERY_MS) * DAY_EVERY_MS;
  found.push(ofDate("ACTIVITY_SUMMARY", localDate(zone, syncedMs), syncedMs), ofDate("CONTINUOUS_HEART_RATE", localDate(zone, syncedMs), syncedMs));
  return found.filter(({ atMs }) => atMs > afterMs && atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs);
}

/** Tells the newest there is of the event; an exercise is a walk that has just ended. Throws RangeError for somebody who is not registered. */
export async function pushPolar(world: PolarWorld, person: Person, what: string): Promise<PushResult[]> {
  const { context, users } = world;
  const shownFromMs = users.shownFromMs(person);
  if (shownFromMs === null) throw new RangeError(`${person.who.id} has not been registered.`);
  const nowMs = context.now();
  const today = localDate(person.who.zone, nowMs);
  const visit = { context, person, shownFromMs };
  const night = [today, addDays(today, -1)].find((date) => isNightShown(visit, date));
  const send = (news: News | null): Promise<PushResult[]> => context.outbox.sendNow(news ? pushesOf(world, person, news) : []);
  switch (what) {
    case "EXERCISE": return send(ofExercise(context.endedWalk(person)));
    case "SLEEP": return send(night === undefined ? null : ofDate(what, night, nowMs));
    case "SLEEP_WISE_ALERTNESS":
    case "SLEEP_WISE_CIRCADIAN_BEDTIME": return send(night === undefined || !person.who.watch.hasHrv ? null : ofSleepWise(what, night, nowMs));
    case "ACTIVITY_SUMMARY":
    case "CONTINUOUS_HEART_RATE": return send(ofDate(what, today, nowMs));
    default: return send(lastWeighing(person, nowMs) ? ofBody(nowMs) : null);
  }
}

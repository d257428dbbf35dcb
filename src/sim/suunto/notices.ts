/** Suunto's notifications: signed, with the data in them. vendors/suunto.md, Webhooks. */

import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext, PushDetail } from "../cloud.ts";
import type { Push, PushAnswer, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { hmacOf } from "../signing.ts";
import type { Entry, EntryKind } from "./entries.ts";
import { entriesBetween } from "./entries.ts";
import { userNameOf } from "./oauth.ts";
import { gearOf, tellWorkout, uploadOf } from "./workouts.ts";
import type { Workout } from "../people/workouts.ts";

const TYPES: Readonly<Record<EntryKind, string>> = {
  sleep: "SUUNTO_247_SLEEP_CREATED", activity: "SUUNTO_247_ACTIVITY_CREATED", recovery: "SUUNTO_247_RECOVERY_CREATED",
};
const KINDS = ["sleep", "activity", "recovery"] as const satisfies readonly EntryKind[];
const WORKOUT = "WORKOUT_CREATED";
const ROUTE = "ROUTE_CREATED";

export const SUUNTO_PUSHES: readonly string[] = [WORKOUT, ROUTE, ...Object.values(TYPES)];

const EVERY_MS = MINUTE_MS / 2;
/** A house that was off for longer is not told of everything it missed. */
const LONGEST_MISSED_MS = 7 * DAY_MS;
/** Entries come in up to so long after their time. */
const LATEST_MS = 2 * DAY_MS;

/** 429 and 5xx are tried again, and so is silence; what else is refused is lost. */
export const isLost = ({ status }: PushAnswer): boolean => status !== 0 && status !== 429 && status < 500;

function pushOf(context: CloudContext, person: Person, type: string, content: object): Push[] {
  const url = context.webhookUrl;
  if (url === null) return [];
  const body = JSON.stringify({ type, username: userNameOf(person.who.id), ...content });
  return [{
    person: person.who.id, what: type, url, headers: { "content-type": "application/json" }, body: () => body, dueMs: context.now(),
    sign: (sent) => ({ "x-hmac-sha256-signature": hmacOf(sent, context.extra("notification_secret")) }),
  }];
}

const ofWorkout = (context: CloudContext, person: Person, workout: Workout): Push[] =>
  pushOf(context, person, WORKOUT, { workout: tellWorkout(context, person, workout), gear: gearOf(person) });

const ofEntries = (context: CloudContext, person: Person, kind: EntryKind, entries: readonly Entry[]): Push[] =>
  entries.length === 0 ? [] : pushOf(context, person, TYPES[kind], { samples: entries.map((entry) => entry.tell()) });

export function tickSuunto(context: CloudContext): void {
  for (const person of context.people) tickPerson(context, person);
}

function tickPerson(context: CloudContext, person: Person): void {
  const nowMs = context.now();
  const grants = context.grants.live(person.who.id);
  if (grants.length === 0) {
    context.outbox.drop(person.who.id);
    return;
  }
  const lastMs = Math.max(nowMs - LONGEST_MISSED_MS, Math.min(...grants.map(({ tickMs }) => tickMs)));
  if (nowMs - lastMs < EVERY_MS) return;
  for (const grant of grants) grant.tickMs = nowMs;
  const isNew = (readyMs: number): boolean => readyMs > lastMs && readyMs <= nowMs;
  for (const kind of KINDS) {
    const entries = entriesBetween(context, person, kind, { fromMs: lastMs - LATEST_MS, toMs: nowMs }).filter(({ readyMs }) => isNew(readyMs));
    const pushes = ofEntries(context, person, kind, entries);
    // At least once: some come twice.
    const isTwice = chanceOf(context.seed, "suunto-twice", person.who.id, kind, nowMs).happens(0.05);
    context.outbox.add(...pushes, ...(isTwice ? pushes : []));
  }
  for (const workout of person.workoutsBetween(lastMs - DAY_MS, nowMs)) if (isNew(uploadOf(workout))) context.outbox.add(...ofWorkout(context, person, workout));
}

/** A walk that has just ended, the newest night, the last hours of the rest; with `days`, all of so many days. */
export async function pushSuunto(context: CloudContext, person: Person, what: string, { days }: PushDetail): Promise<PushResult[]> {
  const nowMs = context.now();
  const sinceMs = nowMs - (days ?? 0) * DAY_MS;
  if (what === ROUTE) return context.outbox.sendNow(pushOf(context, person, ROUTE, { route: { id: "65f1c0ffee0route", name: "Round the park" } }));
  if (what === WORKOUT) {
    const workouts = days === undefined ? [context.endedWalk(person)] : person.workoutsBetween(sinceMs, nowMs).filter((workout) => uploadOf(workout) <= nowMs);
    return context.outbox.sendNow(workouts.flatMap((workout) => ofWorkout(context, person, workout)));
  }
  const kind = KINDS.find((one) => TYPES[one] === what);
  if (!kind) throw new RangeError(`Suunto has no notification "${what}".`);
  const fromMs = days === undefined ? nowMs - (kind === "sleep" ? 7 * DAY_MS : 3 * HOUR_MS) : sinceMs;
  const entries = entriesBetween(context, person, kind, { fromMs, toMs: nowMs });
  return context.outbox.sendNow(ofEntries(context, person, kind, kind === "sleep" && days === undefined ? entries.slice(-1) : entries));
}

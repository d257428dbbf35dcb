/** Google's notifications: what has changed, never the data. vendors/google-health.md, Webhooks. */

import { addDays, localDate } from "#units/time.ts";
import type { Push, PushResult } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { signatureOf } from "./keys.ts";
import { readScope } from "./oauth.ts";
import { healthUserId } from "./person.ts";
import { pointsOf } from "./points.ts";
import { civilIso, civilOf, instant } from "./times.ts";
import type { GoogleWorld, HealthType, Subscriber } from "./world.ts";

const USER_AGENT = "Google-Health-API-Webhooks/1.0";

export interface Notice {
  readonly type: HealthType;
  readonly operation: "UPSERT" | "DELETE";
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether one of the person's grants lets the type out. */
export function mayTell({ context }: GoogleWorld, person: Person, type: HealthType): boolean {
  return context.grants.live(person.who.id).some(({ scopes }) => scopes.includes(readScope(type.scope)));
}

/** What came or changed after `sinceMs` and by now; null for nothing. */
export function newsOf(world: GoogleWorld, person: Person, type: HealthType, sinceMs: number): Notice | null {
  const nowMs = world.context.now();
  const isNew = (ms: number | undefined): boolean => ms !== undefined && ms > sinceMs && ms <= nowMs;
  const { zone } = person.who;
  let fromMs = Infinity;
  let toMs = -Infinity;
  // What is ready now may have begun the evening before.
  for (let date = addDays(localDate(zone, sinceMs), -1); date <= localDate(zone, nowMs); date = addDays(date, 1)) {
    for (const point of pointsOf(world, person, type, date)) {
      if (!isNew(point.readyMs) && !isNew(point.settledMs)) continue;
      fromMs = Math.min(fromMs, point.startMs);
      toMs = Math.max(toMs, point.endMs, point.startMs + 1000);
    }
  }
  return fromMs < toMs ? { type, operation: "UPSERT", fromMs, toMs } : null;
}

/** One push for each subscriber that is to be told of any of the notices, all of them in one body. */
export function pushesOf(world: GoogleWorld, person: Person, notices: readonly Notice[], dueMs: number): Push[] {
  const { context } = world;
  return world.kept.subscribers.flatMap((subscriber): Push[] => {
    if (subscriber.state !== "ACTIVE") return [];
    const told = notices.flatMap((notice) => subscriptionNames(world, subscriber, person, notice.type).map((name) => ({ data: dataOf(world, person, notice, name) })));
    const [first, ...others] = told;
    if (!first) return [];
    // One alone comes bare, several in a list.
    const body = JSON.stringify(others.length > 0 ? told : first);
    return [{
      person: person.who.id, what: others.length > 0 ? "notifications" : (notices[0]?.type.name ?? "notifications"), url: subscriber.url,
      headers: { "content-type": "application/json", "user-agent": USER_AGENT, authorization: subscriber.secret },
      body: () => body,
      sign: (sent) => ({ [context.position("signatureHeader")]: signatureOf(context, sent) }),
      dueMs, subscriptionId: subscriber.id,
    }];
  });
}

/** AUTOMATIC policies tell of everybody, without a name; MANUAL ones under the name of the person's subscription. */
function subscriptionNames(world: GoogleWorld, subscriber: Subscriber, person: Person, type: HealthType): string[] {
  const isAutomatic = subscriber.configs.some(({ subscriptionCreatePolicy, dataTypes }) => subscriptionCreatePolicy === "AUTOMATIC" && dataTypes.includes(type.name));
  const id = healthUserId(world.context, person);
  const manual = subscriber.subscriptions.filter((one) => one.healthUserId === id && one.dataTypes.includes(`users/${id}/dataTypes/${type.name}`));
  return [...(isAutomatic ? [""] : []), ...manual.map((one) => one.id)];
}

function dataOf({ context }: GoogleWorld, person: Person, { type, operation, fromMs, toMs }: Notice, clientProvidedSubscriptionName: string): object {
  const { zone } = person.who;
  return {
    version: "1", clientProvidedSubscriptionName, healthUserId: healthUserId(context, person), operation, dataType: type.name,
    intervals: [{
      physicalTimeInterval: { startTime: instant(fromMs), endTime: instant(toMs) },
      civilDateTimeInterval: { startDateTime: civilOf(zone, fromMs), endDateTime: civilOf(zone, toMs) },
      civilIso8601TimeInterval: { startTime: civilIso(zone, fromMs), endTime: civilIso(zone, toMs) },
    }],
  };
}

export function tell(world: GoogleWorld, person: Person, notices: readonly Notice[]): void {
  world.context.outbox.add(...pushesOf(world, person, notices, world.context.now()));
}

export function tellNow(world: GoogleWorld, person: Person, notices: readonly Notice[]): Promise<PushResult[]> {
  return world.context.outbox.sendNow(pushesOf(world, person, notices, world.context.now()));
}

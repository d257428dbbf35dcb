/**
 * Deliveries parsed and stored a second by one worker process: small Garmin pushes of many people wait in the inbox, and are claimed, mapped,
 * stored and announced. Every one must have become its samples afterwards.
 */
import { digestOf } from "#inbox/inbox.ts";
import { drainInbox } from "#sync/process.ts";
import { atLeast, median, told, type Figure } from "./figure.ts";
import { layGround, type Ground } from "./ground.ts";
import { addPeople, garminPush } from "./people.ts";

const PEOPLE = 200;
const DELIVERIES = 10_000;
const ROUNDS = 3;

export async function benchProcess(): Promise<Figure[]> {
  const ground = await layGround();
  try {
    await addPeople(ground, PEOPLE);
    await round(ground, 0, 1_000); // warm-up
    const speeds: number[] = [];
    const emptied: number[] = [];
    for (let number = 1; number <= ROUNDS; number += 1) {
      const { perSecond, seconds } = await round(ground, number, DELIVERIES);
      speeds.push(perSecond);
      emptied.push(seconds);
    }
    const [left] = await ground.database.asSystem((tx) => tx.query<{ count: number }>("select count(*)::int as count from deliveries where state <> 'done' or problems <> '[]'"));
    return [
      { ...atLeast("process: deliveries parsed and stored, one worker", median(speeds), 3_000), unit: "/s" },
      told("process: a backlog of 10,000 emptied in", median(emptied), "s"),
      told("process: deliveries that were not done, or had problems", left!.count, ""),
    ];
  } finally {
    await ground.close();
  }
}

async function round(ground: Ground, number: number, count: number): Promise<{ perSecond: number; seconds: number }> {
  const { sync } = ground.app;
  for (let at = 0; at < count; at += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - at) }, (_, index) => {
      const body = Buffer.from(garminPush(PEOPLE, number, at + index));
      return sync.inbox.accept({ provider: "garmin", via: "webhook", resource: null, body, headers: {}, owner: null, causedBy: null, dedupeKey: digestOf("body", body) });
    }));
  }
  const begun = performance.now();
  const stored = await drainInbox(sync, new AbortController().signal);
  const seconds = (performance.now() - begun) / 1000;
  if (stored.samples < count) throw new Error(`Only ${stored.samples} samples came of ${count} deliveries.`);
  return { perSecond: count / seconds, seconds };
}

/**
 * A burst: 10,000 webhooks as fast as 128 connections send them, to Islet as it is started (server and worker apart): answers, their times, and how
 * long after the first one all were parsed, stored and announced. A burst before it warms up.
 */
import { fileURLToPath } from "node:url";
import { atMost, median, told, type Figure } from "./figure.ts";
import { openHouse, type House } from "./house.ts";
import { runLoad } from "./load.ts";

const PEOPLE = 200;
const BURST = 10_000;
const ROUNDS = 3;
const CONNECTIONS = 128;
const GIVE_UP_AFTER_MS = 120_000;
const LOAD = fileURLToPath(new URL("burst-load.ts", import.meta.url));

interface Burst {
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly errors: number;
}

export async function benchBurst(): Promise<Figure[]> {
  const house = await openHouse(["api", "worker"], PEOPLE);
  try {
    await burst(house, 0, 2_000);
    const bursts: (Burst & { processedAfter: number })[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) bursts.push(await burst(house, round, BURST));
    const of = (field: keyof Burst | "processedAfter"): number => median(bursts.map((each) => each[field]));
    const [left] = await house.ground.database.asSystem((tx) => tx.query<{ count: number }>("select count(*)::int as count from deliveries where state <> 'done' or problems <> '[]'"));
    return [
      atMost("burst: answers that were no 200", bursts.reduce((sum, { errors }) => sum + errors, 0), "", 0),
      told("burst: 10,000 answered in", of("seconds"), "s"),
      told("burst: median answer", of("p50Ms"), "ms"),
      atMost("burst: p99 at 128 connections", of("p99Ms"), "ms", 100),
      atMost("burst: slowest answer of all", Math.max(...bursts.map(({ maxMs }) => maxMs)), "ms", 1_000),
      atMost("burst: all stored and announced after", of("processedAfter"), "s", 10),
      told("burst: deliveries not done, or with problems", left!.count, ""),
    ];
  } finally {
    await house.close();
  }
}

async function burst(house: House, round: number, count: number): Promise<Burst & { processedAfter: number }> {
  const begun = performance.now();
  const answers = await runLoad<Burst>(LOAD, [house.origin, PEOPLE, round, count, CONNECTIONS]);
  while ((await waiting(house)) > 0) {
    if (performance.now() - begun > GIVE_UP_AFTER_MS) throw new Error("The burst was not processed in two minutes.");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // The load's process takes a while to start, which is no part of the burst.
  const processedAfter = (performance.now() - begun) / 1000 - answers.startedAfter;
  return { ...answers, processedAfter };
}

async function waiting({ ground }: House): Promise<number> {
  const [row] = await ground.database.asSystem((tx) => tx.query<{ count: number }>("select count(*)::int as count from deliveries where state in ('pending', 'processing')"));
  return row!.count;
}

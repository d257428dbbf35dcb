/**
 * 200 webhooks a second for ten minutes, open loop: each is due at its time whatever became of those before, and its time counts from when it was due.
 * `--seconds N` shortens it. Memory is that of the process that answers, after the first tenth and at the end.
 */
import { fileURLToPath } from "node:url";
import { atMost, told, type Figure } from "./figure.ts";
import { openHouse } from "./house.ts";
import { runLoad } from "./load.ts";

const PEOPLE = 200;
const PER_SECOND = 200;
const SECONDS = 600;
const LOAD = fileURLToPath(new URL("steady-load.ts", import.meta.url));
const MEGABYTE = 1_048_576;

interface Steady {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly errors: number;
  readonly sent: number;
}

export async function benchSteady(options: readonly string[]): Promise<Figure[]> {
  const at = options.indexOf("--seconds");
  const seconds = at === -1 ? SECONDS : Number(options[at + 1]);
  const house = await openHouse(["api", "worker"], PEOPLE);
  try {
    const measured = new Promise<number>((resolve, reject) => setTimeout(() => void house.memory().then(resolve, reject), seconds * 100 + 5_000));
    const load = await runLoad<Steady>(LOAD, [house.origin, PEOPLE, PER_SECOND, seconds]);
    const [before, after] = [await measured, await house.memory()];
    const [left] = await house.ground.database.asSystem((tx) => tx.query<{ count: number }>("select count(*)::int as count from deliveries where state <> 'done'"));
    return [
      told(`steady: sent at ${PER_SECOND}/s in ${seconds} s`, load.sent, ""),
      atMost("steady: answers that were no 200", load.errors, "", 0),
      told("steady: median answer", load.p50Ms, "ms"),
      atMost("steady: p99", load.p99Ms, "ms", 25),
      atMost("steady: slowest answer", load.maxMs, "ms", 1_000),
      told("steady: memory after a tenth of the time", before / MEGABYTE, "MB"),
      told("steady: memory at the end", after / MEGABYTE, "MB"),
      told("steady: deliveries not yet done at the end", left!.count, ""),
    ];
  } finally {
    await house.close();
  }
}

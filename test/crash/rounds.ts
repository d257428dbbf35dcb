/** The rounds: healthy and busy, then a kill by the dice of the seed, then healthy again. */
import type { Load } from "./load.ts";
import { pause } from "./postgres.ts";
import { KILL_POINTS, type KillPoint } from "./points.ts";
import type { Takeovers } from "./takeover.ts";
import type { World } from "./world.ts";

export type Target = "server" | "worker" | "database" | "backend" | "server and database" | "recovery" | "point" | "pause";

/** Every so many rounds a process dies at a named point, each point in its turn: chance alone would leave some out. */
const POINT_EVERY = 5;
/** How often each of the others falls, in hundredths. */
const DICE: readonly (readonly [Target, number])[] = [
  ["server", 27], ["worker", 24], ["database", 20], ["backend", 12], ["server and database", 8], ["recovery", 6], ["pause", 3],
];
const POINT_LIMIT_MS = 4_000;
const HEALTHY_LIMIT_MS = 60_000;

export interface Rounds {
  readonly rounds: number;
  /** Processes (a database counts as one) that got a SIGKILL. */
  readonly kills: number;
  readonly byTarget: Readonly<Record<string, number>>;
  readonly byPoint: Readonly<Record<string, number>>;
  /** Rounds with requests under way at the kill. */
  readonly busy: number;
  readonly leastAcks: number;
  /** Seconds from "accepts connections" to the first 2xx, where the database alone was killed. */
  readonly recoverySeconds: readonly number[];
  /** Rounds of the database alone after which the server was another process: must be 0. */
  readonly restarts: number;
}

export interface RoundOptions {
  readonly random: () => number;
  /** Acknowledgements that a round waits for before its kill. */
  readonly acksARound: number;
  readonly pauseMs: readonly [number, number];
  readonly onRound?: (round: number, target: string) => void;
}

type Counts = { -readonly [Name in keyof Rounds]: Rounds[Name] extends readonly number[] ? number[] : Rounds[Name] extends Readonly<Record<string, number>> ? Record<string, number> : Rounds[Name] };

interface Stage {
  readonly world: World;
  readonly load: Load;
  readonly takeovers: Takeovers;
  readonly options: RoundOptions;
  readonly counts: Counts;
}

/** Plays until `isEnough`. Throws when the system does not come back to health by itself. */
export async function playRounds(parts: Omit<Stage, "counts">, isEnough: (soFar: Rounds) => boolean): Promise<Rounds> {
  const counts: Counts = { rounds: 0, kills: 0, byTarget: {}, byPoint: {}, busy: 0, leastAcks: Number.POSITIVE_INFINITY, recoverySeconds: [], restarts: 0 };
  const stage: Stage = { ...parts, counts };
  const { load, options } = parts;
  while (!isEnough(counts)) {
    const before = load.acked.size;
    await waitUntil(() => load.acked.size - before >= options.acksARound, "the server did not go on acknowledging");
    await pause(200 + options.random() * 900);
    counts.rounds += 1;
    const target = counts.rounds % POINT_EVERY === 0 ? "point" : chosen(options.random());
    counts.byTarget[target] = (counts.byTarget[target] ?? 0) + 1;
    if (load.inFlight > 0) counts.busy += 1;
    counts.leastAcks = Math.min(counts.leastAcks, load.acked.size - before);
    await ACTIONS[target](stage);
    options.onRound?.(counts.rounds, target);
  }
  return counts;
}

const ACTIONS: Readonly<Record<Target, (stage: Stage) => Promise<void>>> = {
  server: async (stage) => {
    await stage.world.api.kill();
    stage.counts.kills += 1;
    await heard(stage);
  },
  worker: async ({ world, takeovers, counts }) => {
    await world.worker!.kill();
    counts.kills += 1;
    await takeovers.note();
  },
  database: (stage) => killDatabase(stage, false),
  recovery: (stage) => killDatabase(stage, true),
  backend: async (stage) => {
    if (await stage.world.cluster.killBackend(stage.options.random)) stage.counts.kills += 1;
    await heard(stage);
  },
  "server and database": async (stage) => {
    const { world, counts } = stage;
    await Promise.all([world.api.kill(), world.cluster.kill()]);
    counts.kills += 2;
    await pause(stage.options.random() * 300);
    await world.cluster.start();
    await heard(stage);
  },
  point: async (stage) => {
    const { world, counts, takeovers } = stage;
    const points: readonly KillPoint[] = [...KILL_POINTS.api, ...KILL_POINTS.worker];
    const hit = Object.values(counts.byPoint).reduce((sum, count) => sum + count, 0);
    const point = points[hit % points.length]!;
    const isServer = (KILL_POINTS.api as readonly string[]).includes(point);
    if (!(await (isServer ? world.api : world.worker!).dieAt(point, POINT_LIMIT_MS))) return;
    counts.kills += 1;
    counts.byPoint[point] = (counts.byPoint[point] ?? 0) + 1;
    if (isServer) await heard(stage);
    else await takeovers.note();
  },
  pause: async ({ world, options }) => {
    const stopped = options.random() < 0.5 ? world.api : world.worker!;
    const [least, most] = options.pauseMs;
    stopped.signal("SIGSTOP");
    await pause(least + options.random() * (most - least));
    stopped.signal("SIGCONT");
  },
};

async function killDatabase(stage: Stage, dieOnce: boolean): Promise<void> {
  const { world, load, counts, options } = stage;
  await world.api.ready();
  const pid = world.api.pid;
  await world.cluster.kill();
  counts.kills += dieOnce ? 2 : 1;
  await pause(options.random() * 500);
  await world.cluster.start({ dieOnce });
  const backMs = performance.now();
  await heard(stage);
  counts.recoverySeconds.push((load.lastAckMs - backMs) / 1_000);
  if (world.api.pid !== pid) counts.restarts += 1;
}

/** Resolves at the first 2xx from here on. */
async function heard({ load }: Stage): Promise<void> {
  const fromMs = performance.now();
  await waitUntil(() => load.lastAckMs > fromMs, "the server did not answer 2xx again");
}

async function waitUntil(isSo: () => boolean, complaint: string): Promise<void> {
  for (const deadline = performance.now() + HEALTHY_LIMIT_MS; !isSo(); await pause(5)) {
    if (performance.now() > deadline) throw new Error(`Within ${HEALTHY_LIMIT_MS / 1_000} s ${complaint}.`);
  }
}

function chosen(dice: number): Target {
  let left = dice * 100;
  for (const [target, share] of DICE) if ((left -= share) < 0) return target;
  return "server";
}

/** A whole run of the crash harness: the real one, then the two wrong programs in which loss must be found. */
import { cpus } from "node:os";
import { seeded } from "../kit/random.ts";
import { reckonDeliveries, reckonEffects, type Effects, type Reckoning } from "./check.ts";
import { startLoad, type Load } from "./load.ts";
import { pause } from "./postgres.ts";
import type { Control } from "./points.ts";
import { playRounds, type Rounds } from "./rounds.ts";
import { watchTakeovers } from "./takeover.ts";
import { makeWorld, type World } from "./world.ts";

export interface RunOptions {
  /** Decides all that is left to chance; printed. */
  readonly seed: number;
  /** Kills and acknowledged deliveries at least. */
  readonly kills: number;
  readonly acknowledged: number;
  /** No round begins after so long: the run ends with what it has. */
  readonly mostSeconds: number;
  readonly perSecond: number;
  readonly clients: number;
  readonly acksARound: number;
  readonly pauseMs: readonly [number, number];
  readonly tell: (line: string) => void;
  /** Tells of every round. */
  readonly isTalkative?: boolean;
}

export interface RunResult {
  readonly options: RunOptions;
  readonly rounds: Rounds;
  readonly deliveries: Reckoning;
  readonly effects: Effects;
  readonly sent: number;
  readonly mostCopies: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly takeoverSeconds: readonly number[];
  readonly crashes: readonly string[];
  readonly exitCodes: readonly (number | null)[];
  readonly cloud: { readonly calls: number; readonly faults: number };
  readonly controls: readonly ControlResult[];
  readonly seconds: number;
}

export interface ControlResult {
  readonly control: Control;
  readonly rounds: number;
  readonly acknowledged: number;
  readonly lost: number;
}

export const SHORT: Omit<RunOptions, "seed" | "tell"> = { kills: 60, acknowledged: 20_000, mostSeconds: 900, perSecond: 400, clients: 48, acksARound: 300, pauseMs: [1_000, 3_000] };

/** Plays the real run to its end and reckons; the controls come while the last deliveries drain. Throws when the system does not come back to health by itself. */
export async function runCrash(options: RunOptions): Promise<RunResult> {
  const { seed, tell } = options;
  const random = seeded(seed);
  const seconds = stopwatch();
  tell(`seed ${seed}, ${cpus().length} processors, Node ${process.version}`);
  const world = await makeWorld(random);
  const load = startLoad({ port: world.port, clients: options.clients, random: seeded(seed + 1), first: 0, perSecond: options.perSecond });
  const due = keepConnectionsDue(world);
  const takeovers = watchTakeovers(world);
  const onRound = (round: number, target: string): void => {
    if (options.isTalkative || round % 10 === 0) tell(`${seconds().toFixed(1)} s, round ${round} (${target}): ${load.acked.size} acknowledged`);
  };
  try {
    const isEnough = ({ kills }: Rounds): boolean => (kills >= options.kills && load.acked.size >= options.acknowledged) || seconds() > options.mostSeconds;
    const rounds = await playRounds({ world, load, takeovers, options: { ...options, random, onRound } }, isEnough);
    await load.finish();
    due.stop();
    tell(`${seconds().toFixed(1)} s, load over: ${load.acked.size} acknowledged`);
    const deliveries = await reckonDeliveries(world, load);
    const [effects, controls] = await Promise.all([reckonEffects(world), runControls(options)]);
    await takeovers.settle();
    return {
      options, rounds, deliveries, effects, controls, sent: load.sent, mostCopies: load.mostCopies,
      answers: Object.fromEntries([...load.answers].map(([status, count]) => [String(status), count])), takeoverSeconds: takeovers.seconds,
      crashes: [...world.api.crashes, ...world.worker!.crashes], cloud: { calls: world.cloud.calls, faults: world.cloud.faults }, exitCodes: await world.close(), seconds: seconds(),
    };
  } catch (error) {
    due.stop();
    await load.stop();
    await world.close();
    throw error;
  }
}

/** Seconds since it was made. */
function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => (performance.now() - startedMs) / 1_000;
}

async function runControls(options: RunOptions): Promise<ControlResult[]> {
  return [await runControl("no_flush", options), await runControl("ack_first", options)];
}

/** The worker has the vendor's ill cloud to deal with all the while. */
function keepConnectionsDue(world: World): { stop(): void } {
  const timer = setInterval(() => {
    // Between two kills the database may be away: the next time will do.
    world.ask("update connections set next_sync_at = now() where random() < 0.3").catch(() => undefined);
  }, 5_000);
  return { stop: () => clearInterval(timer) };
}

const MOST_CONTROL_ROUNDS = 8;
/** Longer than the wrong program puts its commits off: what is missing then is lost, not late. */
const SETTLE_MS = 500;

/** Kills under one of the wrong programs until loss is found; 0 lost after all rounds means that this harness proves nothing. */
async function runControl(control: Control, { seed, clients, tell }: RunOptions): Promise<ControlResult> {
  const random = seeded(seed + 2);
  const world = await makeWorld(random, control);
  try {
    const result = { control, rounds: 0, acknowledged: 0, lost: 0 };
    const sent = { tried: new Set<number>(), acked: new Set<number>() };
    while (result.lost === 0 && result.rounds < MOST_CONTROL_ROUNDS) {
      result.rounds += 1;
      const load = startLoad({ port: world.port, clients, random, first: sent.tried.size, perSecond: Number.POSITIVE_INFINITY });
      try {
        await acknowledges(load, 500);
        await pause(random() * 300);
        await world.cluster.kill();
        await world.cluster.start();
      } finally {
        await load.stop();
      }
      for (const n of load.tried) sent.tried.add(n);
      for (const n of load.acked) sent.acked.add(n);
      await pause(SETTLE_MS);
      const { acknowledged, lost } = await reckonDeliveries(world, sent);
      Object.assign(result, { acknowledged, lost });
    }
    tell(`control ${control}: ${result.lost} of ${result.acknowledged} lost in ${result.rounds} rounds`);
    return result;
  } finally {
    await world.close();
  }
}

async function acknowledges(load: Load, count: number): Promise<void> {
  for (const deadline = performance.now() + 60_000; load.acked.size < count; await pause(5)) {
    if (performance.now() > deadline) throw new Error("The server of the control did not acknowledge.");
  }
}

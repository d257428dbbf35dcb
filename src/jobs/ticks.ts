/**
 * Schedules of both queues. Each process watches the clock; a tick is named after its time, and the queue keeps one job of a name. So three
 * processes send one job, a restart sends what was missed and not what was done, and a queue that lost everything has its schedule back
 * with the next tick. The libraries' own schedulers either forget what they missed or keep the schedule in what may be lost.
 */
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { lastTickMs } from "./cron.ts";

const LOOK_EVERY_MS = 1_000;

export interface Tick {
  readonly queue: string;
  /** UTC epoch milliseconds, whole minutes. */
  readonly atMs: number;
  /** How long the queue must know the tick's name, so that no restart sends it twice. */
  readonly keepSeconds: number;
}

export interface Ticks {
  /** Sends the tick that was last due, unless it was sent, and from now on each. Throws InternalError for a bad expression. */
  add(queue: string, cron: string): Promise<void>;
  /** Sends what is due. A tick that could not be sent is tried again at the next look. */
  look(): Promise<void>;
  stop(): void;
}

/** @param send must do nothing when a job of this tick is or was there. */
export function startTicks(options: { clock: Pick<Clock, "now">; log: Log; send: (tick: Tick) => Promise<void> }): Ticks {
  const { clock, log, send } = options;
  const schedules: { readonly queue: string; readonly cron: string; sentMs: number }[] = [];
  let looking: Promise<void> | null = null;
  const sendDue = async (): Promise<void> => {
    for (const schedule of schedules) {
      const atMs = lastTickMs(schedule.cron, clock.now());
      if (atMs === schedule.sentMs) continue;
      const periodMs = atMs - lastTickMs(schedule.cron, atMs - 1);
      try {
        await send({ queue: schedule.queue, atMs, keepSeconds: 3_600 + (2 * periodMs) / 1_000 });
        schedule.sentMs = atMs;
      } catch (error) {
        log.warn({ queue: schedule.queue, error }, "a scheduled job could not be sent; it is tried again");
      }
    }
  };
  const look = (): Promise<void> => (looking ??= sendDue().finally(() => (looking = null)));
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  return {
    add: async (queue, cron) => {
      lastTickMs(cron, clock.now());
      schedules.push({ queue, cron, sentMs: Number.NaN });
      await look();
    },
    look,
    stop: () => clearInterval(timer),
  };
}

import { afterEach, describe, expect, it, vi } from "vitest";
import { silentLog } from "../log.ts";
import { startTicks, type Tick, type Ticks } from "./ticks.ts";

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 9, 15, 12);

const started: Ticks[] = [];
afterEach(() => {
  for (const ticks of started.splice(0)) ticks.stop();
  vi.useRealTimers();
});

/** Processes that share a clock and a queue that keeps one job of a name. */
function world(): { moveTo(ms: number): void; process(): Ticks; sent: string[]; jobs: string[]; isAway: boolean } {
  let nowMs = NOON_MS;
  const kept = new Set<string>();
  const all = {
    sent: [] as string[], jobs: [] as string[], isAway: false,
    moveTo: (ms: number) => {
      nowMs = ms;
    },
    process: () => {
      const send = ({ queue, atMs }: Tick): Promise<void> => {
        if (all.isAway) return Promise.reject(new Error("away"));
        const name = `${queue} ${new Date(atMs).toISOString().slice(11, 16)}`;
        all.sent.push(name);
        if (!kept.has(name)) all.jobs.push(name);
        kept.add(name);
        return Promise.resolve();
      };
      const ticks = startTicks({ clock: { now: () => nowMs }, log: silentLog, send });
      started.push(ticks);
      return ticks;
    },
  };
  return all;
}

describe("ticks", () => {
  it("[QU-09] make one job a tick of three processes, and one for all ticks missed together", async () => {
    const all = world();
    const processes = [all.process(), all.process(), all.process()];
    for (const each of processes) await each.add("sweep", "* * * * *");
    expect(all.jobs).toEqual(["sweep 12:00"]);
    expect(all.sent).toHaveLength(3);
    all.moveTo(NOON_MS + MINUTE_MS);
    for (const each of [...processes, ...processes]) await each.look();
    expect(all.jobs).toEqual(["sweep 12:00", "sweep 12:01"]);
    expect(all.sent).toHaveLength(6);
    all.moveTo(NOON_MS + 90 * MINUTE_MS);
    for (const each of processes) await each.look();
    expect(all.jobs).toEqual(["sweep 12:00", "sweep 12:01", "sweep 13:30"]);
  });

  it("[QU-09] are sent again when they could not be, and not twice when a clock is set back", async () => {
    const all = world();
    const ticks = all.process();
    all.isAway = true;
    await ticks.add("tokens", "0 * * * *");
    expect(all.jobs).toEqual([]);
    all.isAway = false;
    await ticks.look();
    all.moveTo(NOON_MS - MINUTE_MS);
    await ticks.look();
    all.moveTo(NOON_MS);
    await ticks.look();
    expect(all.jobs).toEqual(["tokens 12:00", "tokens 11:00"]);
  });

  it("are looked for without being asked, and are remembered for longer than two of their periods", async () => {
    vi.useFakeTimers();
    let nowMs = NOON_MS;
    const sent: Tick[] = [];
    const ticks = startTicks({ clock: { now: () => nowMs }, log: silentLog, send: (tick) => Promise.resolve(void sent.push(tick)) });
    started.push(ticks);
    await ticks.add("tokens", "0 * * * *");
    nowMs += 60 * MINUTE_MS;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent.map(({ atMs }) => atMs)).toEqual([NOON_MS, NOON_MS + 60 * MINUTE_MS]);
    expect(sent[0]!.keepSeconds).toBe(3 * 3_600);
    ticks.stop();
    nowMs += 60 * MINUTE_MS;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toHaveLength(2);
  });

  it("refuse an expression that names no time when it is given, not later", async () => {
    await expect(world().process().add("sweep", "every minute")).rejects.toThrow(/five fields/);
  });
});

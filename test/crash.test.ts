/**
 * The short run of the crash harness: the real server, worker and PostgreSQL as child processes, at least sixty kills while signed webhooks
 * arrive as fast as they are taken. The long run: `npm run test:crash -- --kills 2000 --acked 1000000` (docs/reliability.md).
 */
import { beforeAll, describe, expect, it } from "vitest";
import { judge } from "./crash/judge.ts";
import { runCrash, SHORT, type RunResult } from "./crash/run.ts";

const LIMIT_MS = 20 * 60_000;
const tell = (line: string): void => void process.stdout.write(`crash: ${line}\n`);

let result: RunResult;
beforeAll(async () => {
  result = await runCrash({ ...SHORT, seed: Math.floor(Math.random() * 1e9) + 1, tell });
  for (const line of judge(result).lines) tell(line);
}, LIMIT_MS);

describe("sixty kills", () => {
  it("[G1, ST-01, ST-02, ST-03, WH-10] of server, worker and database lose nothing of what was acknowledged", () => {
    expect(result.rounds.kills).toBeGreaterThanOrEqual(60);
    expect(result.deliveries.acknowledged).toBeGreaterThanOrEqual(20_000);
    expect(result.deliveries).toMatchObject({ lost: 0, unexpected: 0 });
    expect(result.effects).toMatchObject({ unfinished: 0, missing: 0, wrong: 0, unexpected: 0 });
  });

  it("[G2, WH-07, WH-08] and a hundred copies of one delivery store it once, and its reading once", () => {
    expect(result.mostCopies).toBeGreaterThanOrEqual(100);
    expect(result.rounds.byPoint["after_commit_before_ack"]).toBeGreaterThan(0);
    expect([result.deliveries.duplicates, result.effects.duplicates]).toEqual([0, 0]);
  });

  it("[G3] are found out by this harness where a program is wrong: flushing late, acknowledging early", () => {
    expect(result.controls.map(({ control }) => control)).toEqual(["no_flush", "ack_first"]);
    for (const { control, lost } of result.controls) expect(lost, control).toBeGreaterThan(0);
  });

  it("[G6, QU-01] leave a dead worker's deliveries in other hands within a minute, every time", () => {
    expect(result.takeoverSeconds.length).toBeGreaterThan(0);
    expect(Math.max(...result.takeoverSeconds)).toBeLessThanOrEqual(60);
  });

  it("[G7, WH-24] of the database are over for vendors ten seconds after it is back, in the same process", () => {
    expect(result.rounds.recoverySeconds.length).toBeGreaterThan(0);
    expect(Math.max(...result.rounds.recoverySeconds)).toBeLessThanOrEqual(10);
    expect([result.rounds.restarts, result.crashes]).toEqual([0, []]);
  });

  it("hit a system that was busy, at every named point, and all that is judged of a run is well", () => {
    expect(judge(result).faults).toEqual([]);
  });
});

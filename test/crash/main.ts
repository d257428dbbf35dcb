/**
 * `npm run test:crash`: the crash harness from the command line.
 *
 *   --kills N      rounds with a kill at least (60)
 *   --acked N      acknowledged deliveries at least (333 a round)
 *   --minutes M    no round begins later
 *   --seed S       decides all chance; a new one each time when absent
 *   --rate R       deliveries begun a second at most (400)
 */
import { parseArgs } from "node:util";
import { judge } from "./judge.ts";
import { runControl, runCrash, SHORT } from "./run.ts";

const { values } = parseArgs({ options: { kills: { type: "string" }, acked: { type: "string" }, minutes: { type: "string" }, seed: { type: "string" }, rate: { type: "string" } } });
const given = (name: keyof typeof values, fallback: number): number => {
  const value = values[name] === undefined ? fallback : Number(values[name]);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} must be a number above 0`);
  return value;
};
const rounds = given("kills", SHORT.rounds);
const tell = (line: string): void => console.log(line);
const seed = given("seed", Math.floor(Math.random() * 1e9) + 1);
const options = {
  ...SHORT, seed, rounds, acknowledged: given("acked", Math.ceil(rounds * 334)), mostSeconds: given("minutes", 24 * 60) * 60, perSecond: given("rate", SHORT.perSecond),
  pauseMs: rounds > 100 ? ([5_000, 20_000] as const) : SHORT.pauseMs, tell,
};
const result = await runCrash(options);
const controls = [await runControl("no_flush", options), await runControl("ack_first", options)];
const { faults, lines } = judge(result, controls);
for (const line of lines) tell(line);
for (const fault of faults) console.error(`✗ ${fault}`);
tell(faults.length === 0 ? "✓ nothing acknowledged was lost" : `✗ ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

/**
 * `npm run test:crash`: the crash harness from the command line.
 *
 *   --kills N      kills at least (60)
 *   --acked N      acknowledged deliveries at least (334 a kill)
 *   --minutes M    no round begins later; the run is judged by what it has then
 *   --seed S       decides all that is left to chance; a new one each time when absent
 *   --rate R       deliveries begun a second at most (400)
 *   --talk         tells of every round
 */
import { parseArgs } from "node:util";
import { judge } from "./judge.ts";
import { runCrash, SHORT } from "./run.ts";

const { values } = parseArgs({
  options: { kills: { type: "string" }, acked: { type: "string" }, minutes: { type: "string" }, seed: { type: "string" }, rate: { type: "string" }, talk: { type: "boolean" } },
});
const given = (name: Exclude<keyof typeof values, "talk">, fallback: number): number => {
  const value = values[name] === undefined ? fallback : Number(values[name]);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} must be a number above 0`);
  return value;
};
const kills = given("kills", SHORT.kills);
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const result = await runCrash({
  ...SHORT, seed: given("seed", Math.floor(Math.random() * 1e9) + 1), kills, acknowledged: given("acked", kills * 334), mostSeconds: given("minutes", 24 * 60) * 60,
  perSecond: given("rate", SHORT.perSecond), pauseMs: kills > 100 ? [5_000, 20_000] : SHORT.pauseMs, tell, isTalkative: values.talk ?? false,
});
const { faults, lines } = judge(result);
for (const line of lines) tell(line);
for (const fault of faults) tell(`✗ ${fault}`);
tell(faults.length === 0 ? "✓ nothing acknowledged was lost" : `✗ ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

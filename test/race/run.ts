/** `npm run test:race -- [ROUNDS] [SEED]`: the refresh race on a PostgreSQL of its own that flushes to disk, and its control; ends with 1 when the vendor was asked once too often. */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "#db/embedded.ts";
import { migrate } from "#db/migrate.ts";
import { silentLog } from "../../src/log.ts";
import { quantile, raceRefresh, type RaceResult } from "./refresh.ts";

const CONTROL_ROUNDS = 20;
const [rounds = "1000", seed = "1"] = process.argv.slice(2);

function tell(title: string, asked: number, { vendorCalls, refusals, wrongRounds, wrongTokens, hurtRounds, errors, lossWindowsMs, seconds }: RaceResult): void {
  const windows = lossWindowsMs.length === 0 ? "" : `; loss window p50 ${quantile(lossWindowsMs, 0.5)} ms, p99 ${quantile(lossWindowsMs, 0.99)} ms, longest ${quantile(lossWindowsMs, 1)} ms`;
  process.stdout.write(
    `${title}: ${asked} rounds of 6 processes × 8 callers, ${vendorCalls} vendor calls, ${refusals} refused, ${wrongRounds} rounds with more or fewer than one, ` +
      `${wrongTokens} callers without the new token, ${errors["ReauthorizationRequired"] ?? 0} false demands for the person, ${hurtRounds} rows hurt${windows}; ` +
      `${seconds.toFixed(0)} s, load ${loadavg()[0]!.toFixed(1)}\n`,
  );
}

const folder = await mkdtemp(join(tmpdir(), "islet-race-"));
const server = await startEmbedded({ folder: join(folder, "postgres"), ownerPassword: "race-owner", appPassword: "race-app", log: silentLog });
try {
  await migrate(server.ownerUrl, server.appRole);
  const at = { appUrl: server.appUrl, ownerUrl: server.ownerUrl, seed: Number(seed) };
  const control = await raceRefresh({ ...at, rounds: CONTROL_ROUNDS, isNaive: true });
  tell("control", CONTROL_ROUNDS, control);
  const race = await raceRefresh({ ...at, rounds: Number(rounds) });
  tell("race", Number(rounds), race);
  const isGood = race.vendorCalls === Number(rounds) && race.wrongRounds + race.wrongTokens + race.hurtRounds === 0 && Object.keys(race.errors).length === 0;
  // A control that loses nothing has raced for nothing.
  process.exitCode = isGood && control.refusals > 0 ? 0 : 1;
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

/**
 * `npm run bench -- NAME [--json]`: measures one thing against a baseline in the same run. Figures are ratios where a machine's speed would
 * otherwise decide; absolute ones are told beside them. Nothing here gates anything.
 */
import { benchAck } from "./ack.ts";
import { benchApple } from "./apple.ts";
import { benchBurst } from "./burst.ts";
import { benchGlucose } from "./glucose.ts";
import { benchIngest } from "./ingest.ts";
import { benchMap } from "./map.ts";
import { benchOffice } from "./office.ts";
import { benchProcess } from "./process.ts";
import { benchQuery } from "./query.ts";
import { benchRead } from "./read.ts";
import { benchSignInTime } from "./sign-in-time.ts";
import { benchSteady } from "./steady.ts";
import { benchStore } from "./store.ts";
import type { Figure } from "./figure.ts";

const BENCHES: Readonly<Record<string, (options: readonly string[]) => Promise<Figure[]> | Figure[]>> = { glucose: benchGlucose, ingest: benchIngest, query: benchQuery, read: benchRead, ack: benchAck, map: benchMap, process: benchProcess, burst: benchBurst, steady: benchSteady, store: benchStore, apple: benchApple, "sign-in-time": benchSignInTime, office: benchOffice };

const [name, ...flags] = process.argv.slice(2);
const bench = name === undefined ? undefined : BENCHES[name];
if (!bench) {
  process.stderr.write(`Name a bench: ${Object.keys(BENCHES).join(", ")} (npm run bench -- ${Object.keys(BENCHES)[0]} --json)\n`);
  process.exit(2);
}
for (const figure of await bench(flags)) {
  if (flags.includes("--json")) console.log(JSON.stringify(figure));
  else console.log(`${figure.figure.padEnd(48)} ${figure.value.toFixed(figure.value < 10 ? 2 : 0).padStart(12)} ${figure.unit}${figure.goal === null ? "" : `   goal ${figure.goal}: ${figure.met ? "met" : "not met"}`}`);
}

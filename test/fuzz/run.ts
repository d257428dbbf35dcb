/**
 * `npm run test:fuzz -- [BODIES] [SEED] [VENDOR…]`: so many mutated bodies for every webhook, and a tenth of it in answers for every mapping; ends with 1
 * when anything crashed, hung, was stored wrongly or was believed.
 */
import type { Driver } from "#driver/types.ts";
import { DRIVERS } from "#drivers/index.ts";
import { fuzzMapping } from "./payloads.ts";
import { fuzzWebhook, type FuzzResult } from "./webhooks.ts";

const [bodies = "1000000", seed = "1", ...only] = process.argv.slice(2);
const HUNG_MS = 1_000;

/** Prints a line; whether all was well. */
function told(what: string, run: () => FuzzResult): boolean {
  const rssBefore = process.memoryUsage().rss;
  const begun = performance.now();
  const { provider, bodies: sent, crashes, wrong, believed, slowestMs, read } = run();
  const grownMb = (process.memoryUsage().rss - rssBefore) / 1_048_576;
  const seconds = (performance.now() - begun) / 1_000;
  process.stdout.write(`${provider.padEnd(14)} ${what.padEnd(7)} ${sent} bodies in ${seconds.toFixed(0)} s, ${read} read, ${crashes.length} crashes, ${wrong.length} wrong records, ${believed} forgeries believed, slowest ${slowestMs.toFixed(0)} ms, memory ${grownMb.toFixed(0)} MB\n`);
  for (const line of [...crashes, ...wrong].slice(0, 5)) process.stdout.write(`  ${line}\n`);
  return crashes.length === 0 && wrong.length === 0 && believed === 0 && slowestMs <= HUNG_MS;
}

function isSound(driver: Driver): boolean {
  const { webhook } = driver;
  const mapping = told("answers", () => fuzzMapping(driver, { bodies: Math.ceil(Number(bodies) / 10), seed: Number(seed) }));
  return webhook ? told("webhook", () => fuzzWebhook({ ...driver, webhook }, { bodies: Number(bodies), seed: Number(seed) })) && mapping : mapping;
}

const asked = DRIVERS.filter(({ id }) => only.length === 0 || only.includes(id));
process.exitCode = asked.map(isSound).every(Boolean) ? 0 : 1;

/** `npm run test:fuzz -- [BODIES] [SEED] [VENDOR…]`: mutated bodies for every webhook; ends with 1 when anything crashed, hung or was believed. */
import { DRIVERS } from "#drivers/index.ts";
import { fuzzWebhook } from "./webhooks.ts";

const [bodies = "1000000", seed = "1", ...only] = process.argv.slice(2);
const HUNG_MS = 1_000;
let isBad = false;
for (const driver of DRIVERS) {
  if (!driver.webhook || (only.length > 0 && !only.includes(driver.id))) continue;
  const rssBefore = process.memoryUsage().rss;
  const { crashes, wrong, believed, slowestMs, read } = fuzzWebhook({ ...driver, webhook: driver.webhook }, { bodies: Number(bodies), seed: Number(seed) });
  const grownMb = (process.memoryUsage().rss - rssBefore) / 1_048_576;
  isBad ||= crashes.length > 0 || wrong.length > 0 || believed > 0 || slowestMs > HUNG_MS;
  console.log(`${driver.id.padEnd(12)} ${bodies} bodies, ${read} read, ${crashes.length} crashes, ${wrong.length} wrong records, ${believed} forgeries believed, slowest ${slowestMs.toFixed(0)} ms, memory ${grownMb.toFixed(0)} MB`);
  for (const line of [...crashes, ...wrong].slice(0, 5)) console.log(`  ${line}`);
}
process.exitCode = isBad ? 1 : 0;

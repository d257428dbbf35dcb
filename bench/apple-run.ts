/** The work of `apple.ts`: reads an export and maps it; prints how long that took of all processors and how much memory grew. */
import { createReadStream } from "node:fs";
import { createExportMapper } from "#drivers/apple-health/index.ts";
import { readAppleExport } from "#imports/apple-export.ts";
import { exportXml } from "./apple-export.ts";

const MB = 1_000_000;
const WARM_UP_BYTES = 5 * MB;

export interface AppleRun {
  readonly records: number;
  readonly xmlBytes: number;
  /** Of all threads together. */
  readonly cpuS: number;
  readonly wallS: number;
  readonly growthMb: number;
}

/** Records are counted and let go, as they are by somebody who stores them. */
async function read(source: AsyncIterable<Uint8Array>): Promise<{ records: number; xmlBytes: number; peakMb: number }> {
  const mapper = createExportMapper({ receivedMs: Date.UTC(2026, 10, 20), zone: "Europe/Madrid" });
  let [records, xmlBytes, peakMb] = [0, 0, 0];
  for await (const batch of readAppleExport(source)) {
    for (const element of batch.elements) mapper.element(element);
    records += mapper.take().records.length;
    ({ xmlBytes } = batch);
    peakMb = Math.max(peakMb, process.memoryUsage.rss() / MB);
  }
  records += mapper.flush().records.length;
  return { records, xmlBytes, peakMb };
}

await read(exportXml(WARM_UP_BYTES));
const [begun, before, beforeMb] = [performance.now(), process.cpuUsage(), process.memoryUsage.rss() / MB];
const { records, xmlBytes, peakMb } = await read(createReadStream(process.argv[2] ?? ""));
const { user, system } = process.cpuUsage(before);
const run: AppleRun = { records, xmlBytes, cpuS: (user + system) / 1e6, wallS: (performance.now() - begun) / 1_000, growthMb: peakMb - beforeMb };
console.log(JSON.stringify(run));

/**
 * Apple's export from bytes to records: MB of XML a second and growth of memory, as `export.xml` and as `export.zip` of the same. The file is
 * made up (`bench/apple-export.ts`), each day of it different. `--mb=1000` for another size.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { exportXml, zipped } from "./apple-export.ts";
import type { AppleRun } from "./apple-run.ts";
import { told, type Figure } from "./figure.ts";

const DEFAULT_MB = 200;
const MB = 1_000_000;
const GOAL_MB_A_SECOND = 20;
const GOAL_GROWTH_MB = 200;

export async function benchApple(): Promise<Figure[]> {
  const asked = process.argv.find((each) => each.startsWith("--mb="));
  const bytes = Math.round(Number(asked?.slice(5) ?? DEFAULT_MB) * MB);
  if (!(bytes > 0)) throw new TypeError("--mb= wants a number of megabytes.");
  const folder = await mkdtemp(join(tmpdir(), "islet-bench-"));
  try {
    const [xml, zip] = [join(folder, "export.xml"), join(folder, "export.zip")];
    await pipeline(exportXml(bytes), createWriteStream(xml));
    await pipeline(zipped("apple_health_export/export.xml", exportXml(bytes)), createWriteStream(zip));
    const bare = await run(xml);
    const packed = await run(zip);
    return [
      told("apple: size of the XML", bare.xmlBytes / MB, "MB"),
      told("apple: records", bare.records, "records"),
      atLeast("apple: export.xml to records, a second of one core", bare.xmlBytes / MB / bare.cpuS, GOAL_MB_A_SECOND),
      atLeast("apple: export.zip to records, a second of one core", packed.xmlBytes / MB / packed.cpuS, GOAL_MB_A_SECOND),
      told("apple: export.xml to records, by the clock", bare.xmlBytes / MB / bare.wallS, "MB/s"),
      told("apple: export.zip to records, by the clock", packed.xmlBytes / MB / packed.wallS, "MB/s"),
      atMost("apple: growth of memory, export.xml", bare.growthMb, GOAL_GROWTH_MB),
      atMost("apple: growth of memory, export.zip", packed.growthMb, GOAL_GROWTH_MB),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, so that what it takes of memory is its own. */
async function run(file: string): Promise<AppleRun> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("apple-run.ts", import.meta.url)), file], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  return JSON.parse(text) as AppleRun;
}

function atLeast(figure: string, value: number, goal: number): Figure {
  return { figure, value, unit: "MB/s", goal: `>= ${goal}`, met: value >= goal };
}

function atMost(figure: string, value: number, goal: number): Figure {
  return { figure, value, unit: "MB", goal: `<= ${goal}`, met: value <= goal };
}

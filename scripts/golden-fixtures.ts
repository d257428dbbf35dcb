/**
 * `node scripts/golden-fixtures.ts FOLDER`: takes the synthetic series and what the references say of them out of a folder of golden data into
 * test/fixtures/golden. The real series never come along: their licences keep them out of the repository.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const from = process.argv[2];
if (from === undefined) {
  process.stderr.write("Name the folder of the golden data.\n");
  process.exit(2);
}
const fixtures = fileURLToPath(new URL("../test/fixtures/golden", import.meta.url));

/** Slot by slot, several megabytes: the tests read these where the folder is. */
const TOO_LARGE = new Set(["grid.csv", "agp_percentiles.csv"]);

mkdirSync(join(fixtures, "series"), { recursive: true });
for (const name of readdirSync(join(from, "data"))) if (/^syn_.*\.csv$/.test(name)) copyFileSync(join(from, "data", name), join(fixtures, "series", name));

for (const reference of ["iglu", "derived", "cgmguru", "tidepool"]) {
  mkdirSync(join(fixtures, "reference", reference), { recursive: true });
  for (const name of readdirSync(join(from, reference))) {
    if (name.startsWith("_") || TOO_LARGE.has(name)) continue;
    const [header, ...rows] = readFileSync(join(from, reference, name), "utf8").trimEnd().split("\n");
    const column = header!.split(",").indexOf("id");
    const synthetic = rows.filter((row) => row.split(",")[column]!.startsWith("syn_"));
    writeFileSync(join(fixtures, "reference", reference, name), `${[header, ...synthetic].join("\n")}\n`);
  }
}

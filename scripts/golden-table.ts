/** Writes the table of golden results into docs/glucose.md. Needs ../shared/golden. */
import { readFileSync, writeFileSync } from "node:fs";
import { compareAll } from "#test/golden/compare.ts";
import { isSharedThere, SHARED } from "#test/golden/series.ts";
import { goldenTable, TABLE_BEGIN, TABLE_END } from "#test/golden/table.ts";

if (!isSharedThere) {
  process.stderr.write("The golden data is not here (../shared/golden).\n");
  process.exit(1);
}
const file = new URL("../docs/glucose.md", import.meta.url);
const text = readFileSync(file, "utf8");
const [before, after] = [text.slice(0, text.indexOf(TABLE_BEGIN)), text.slice(text.indexOf(TABLE_END))];
writeFileSync(file, `${before}${TABLE_BEGIN}\n\n${goldenTable(compareAll(SHARED))}\n\n${after}`);

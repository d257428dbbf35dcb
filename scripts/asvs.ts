/** Writes `docs/asvs.md` from `docs/asvs.csv`. `test/asvs.test.ts` checks that it is fresh. */
import { writeFileSync } from "node:fs";
import { sheetDocument } from "../test/asvs/sheet.ts";

writeFileSync(new URL("../docs/asvs.md", import.meta.url), sheetDocument());

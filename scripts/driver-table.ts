/** Writes `docs/drivers/README.md` from the drivers' declarations. `test/documents.test.ts` checks that it is fresh. */
import { writeFileSync } from "node:fs";
import { driverDocument } from "#driver/table.ts";
import { DRIVERS } from "#drivers/index.ts";

writeFileSync(new URL("../docs/drivers/README.md", import.meta.url), driverDocument(DRIVERS));

/** Writes `.env.example` from the settings table and the drivers. `test/documents.test.ts` checks that it is fresh. */
import { writeFileSync } from "node:fs";
import { environmentExample } from "../src/config.ts";
import { DRIVERS } from "#drivers/index.ts";

writeFileSync(new URL("../.env.example", import.meta.url), environmentExample(DRIVERS));

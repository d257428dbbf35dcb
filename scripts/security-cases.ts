/** Writes `docs/security.md` from the ids in tests' titles. `test/documents.test.ts` checks that it is fresh. */
import { writeFileSync } from "node:fs";
import { securityDocument } from "../test/kit/cases.ts";

writeFileSync(new URL("../docs/security.md", import.meta.url), securityDocument());

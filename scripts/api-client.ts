/** Writes web/client/operations.d.ts from the OpenAPI document of an Islet that runs. */
import { writeFileSync } from "node:fs";
import { startIslet } from "#test/kit/process.ts";
import { operationsText, type OpenApiDocument } from "./client-types.ts";

const islet = await startIslet();
try {
  const document = (await (await fetch(`${islet.origin}/openapi.json`)).json()) as OpenApiDocument;
  writeFileSync(new URL("../web/client/operations.d.ts", import.meta.url), await operationsText(document));
} finally {
  await islet.stop();
}

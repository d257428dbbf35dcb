/** Procedures: what was done, and when. */
import { entryRoutes } from "./clinical-entries.ts";
import type { ApiContext } from "./context.ts";
import type { Server } from "./route-kit.ts";
import { procedure, procedureList, procedureRequest, procedureVersions } from "./schemas.ts";

export function procedureRoutes(server: Server, context: ApiContext): void {
  entryRoutes(server, context, {
    kind: "procedure", path: "procedures", id: "procedureId", words: { one: "a procedure", many: "Procedures" }, statuses: null,
    request: procedureRequest, entry: procedure, list: procedureList, versions: procedureVersions,
  });
}

/** Allergies and what they do. */
import { entryRoutes } from "./clinical-entries.ts";
import type { ApiContext } from "./context.ts";
import type { Server } from "./route-kit.ts";
import { ALLERGY_STATUSES, allergy, allergyList, allergyRequest, allergyVersions } from "./schemas.ts";

export function allergyRoutes(server: Server, context: ApiContext): void {
  entryRoutes(server, context, {
    kind: "allergy", path: "allergies", id: "allergyId", words: { one: "an allergy", many: "Allergies" }, statuses: ALLERGY_STATUSES,
    request: allergyRequest, entry: allergy, list: allergyList, versions: allergyVersions,
  });
}

/** Medications, with the dose in words: stored and shown, never computed with. */
import { entryRoutes } from "./clinical-entries.ts";
import type { ApiContext } from "./context.ts";
import type { Server } from "./route-kit.ts";
import { MEDICATION_STATUSES, medication, medicationList, medicationRequest, medicationVersions } from "./schemas.ts";

export function medicationRoutes(server: Server, context: ApiContext): void {
  entryRoutes(server, context, {
    kind: "medication", path: "medications", id: "medicationId", words: { one: "a medication", many: "Medications" }, statuses: MEDICATION_STATUSES,
    request: medicationRequest, entry: medication, list: medicationList, versions: medicationVersions,
  });
}

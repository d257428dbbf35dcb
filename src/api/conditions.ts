/** Conditions: what a person has or had, with an optional code of the clinic's list. */
import { entryRoutes } from "./clinical-entries.ts";
import type { ApiContext } from "./context.ts";
import type { Server } from "./route-kit.ts";
import { CONDITION_STATUSES, condition, conditionList, conditionRequest, conditionVersions } from "./schemas.ts";

export function conditionRoutes(server: Server, context: ApiContext): void {
  entryRoutes(server, context, {
    kind: "condition", path: "conditions", id: "conditionId", words: { one: "a condition", many: "Conditions" }, statuses: CONDITION_STATUSES,
    request: conditionRequest, entry: condition, list: conditionList, versions: conditionVersions,
  });
}

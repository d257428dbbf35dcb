/** Notes of clinicians: for the care team, or shared with the person. */
import { entryRoutes } from "./clinical-entries.ts";
import type { ApiContext } from "./context.ts";
import type { Server } from "./route-kit.ts";
import { clinicalNote, clinicalNoteList, clinicalNoteRequest, clinicalNoteVersions } from "./schemas.ts";

export function clinicalNoteRoutes(server: Server, context: ApiContext): void {
  entryRoutes(server, context, {
    kind: "note", path: "notes", id: "noteId", words: { one: "a note", many: "Notes" }, statuses: null,
    request: clinicalNoteRequest, entry: clinicalNote, list: clinicalNoteList, versions: clinicalNoteVersions,
  });
}

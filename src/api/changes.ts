/** What changed since a place in the feed: for apps that keep a copy and were away. Who is there hears it live (live.ts). */
import { z } from "zod";
import { FEED_BEGIN, feedEnd, readChanges } from "#live/changes.ts";
import { CursorGone, InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { showChange } from "./live.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { changeList } from "./schemas.ts";

/** In a reply that takes long to send: the cursor of what changes meanwhile. */
export const CHANGES_HEADER = "x-islet-changes";
/** In place of a cursor: where the feed stands. */
const END = "end";

const query = z.object({
  after: z.string().max(120).optional().describe(`Cursor of the reply before. Without it the list begins with the first change there ever was; \`${END}\` gives no changes and the cursor of what comes from now on.`),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export function changeRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/changes", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: ["live"], summary: "What changed since a cursor, in order of commit",
      description: "Tells what changed and over what time, not the values: ask for them anew. 410 where the cursor is of another database, as after a restored backup: read everything anew, from `after=end` on.",
      params: patientParams, querystring: query, response: { 200: changeList, ...PROBLEMS, 410: PROBLEM },
    },
  }, (request) =>
    withPatient(context, request, async (tx, patient) => {
      const { after, limit } = request.query;
      if (after === END) return { data: [], cursor: encodeChangesCursor(patient.organizationId, await feedEnd(tx)), hasMore: false };
      const page = await readChanges(tx, patient.id, after === undefined ? FEED_BEGIN : positionOf(patient.organizationId, after), limit);
      if (!page) throw gone();
      return { data: page.events.map(showChange), cursor: encodeChangesCursor(patient.organizationId, page.position), hasMore: page.hasMore };
    }));
}

/** A new data folder has new ids: by one of them a cursor of the old one is known. It gives no rights, so that it needs no signature. */
export function encodeChangesCursor(organizationId: string, position: string): string {
  return Buffer.from(`${organizationId.slice(0, 8)} ${position}`).toString("base64url");
}

/** Throws InvalidInput for what is no cursor, CursorGone for one of another database. */
function positionOf(organizationId: string, cursor: string): string {
  const [, of, position] = /^([0-9a-f]{8}) (\d{1,20}-\d{1,19})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (of === undefined || position === undefined) {
    throw new InvalidInput("after is no cursor of changes.", { issues: [{ pointer: "/querystring/after", detail: `use cursor of the reply before, or ${END}` }] });
  }
  if (of !== organizationId.slice(0, 8)) throw gone();
  return position;
}

function gone(): CursorGone {
  return new CursorGone("The cursor belongs to another database than this one: read everything anew, and go on from after=end.");
}

/** The patients one may see. */
import { z } from "zod";
import { listPatients } from "#people/access.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { PROBLEMS, SECURITY, type Server } from "./route-kit.ts";
import { patientList } from "./schemas.ts";

const query = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(600).optional() });

export function patientRoutes(server: Server, context: ApiContext): void {
  server.get("/patients", {
    schema: { tags: ["patients"], summary: "Patients I may see, by name", security: SECURITY, querystring: query, response: { 200: patientList, ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    const { limit, cursor } = request.query;
    const [lastId] = cursor ? decodeCursor(context, "patients", cursor) : [];
    const after = lastId === undefined ? null : String(lastId);
    const rows = await context.database.withOrganization(actor.organizationId, (tx) => listPatients(tx, actor, { limit: limit + 1, after }));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rows.length > limit && last ? encodeCursor(context, "patients", [last.id]) : null;
    if (nextCursor) reply.header("link", `</api/v1/patients?limit=${limit}&cursor=${nextCursor}>; rel="next"`);
    return { data: page.map(({ id: patientId, displayName, zone, isSelf }) => ({ id: patientId, displayName, zone, isSelf })), nextCursor };
  });
}

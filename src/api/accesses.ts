/** Who looked at a patient's data: for the patient, and whoever manages for them. */
import { z } from "zod";
import { listAccesses, namesOf, type Access } from "#people/audit/accesses.ts";
import { formatInstant } from "#units/time.ts";
import { accessWords, deedOf } from "./access-words.ts";
import type { ApiContext } from "./context.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { instantParameter, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { patientAccessList, type PatientAccess } from "./schemas.ts";
import { localeOf } from "./words.ts";

const query = z.object({
  from: z.string().max(40).optional().describe("RFC 3339 instant from which on; all that is kept by default."),
  to: z.string().max(40).optional().describe("Before this instant."),
  limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(800).optional(),
});

export function accessRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/accesses", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: ["audit"], summary: "Who looked at my data, and when",
      description: "Everybody but oneself, newest first; repeated looks within an hour are one line. What comes in by itself (syncs, devices) is no look.",
      params: patientParams, querystring: query, response: { 200: patientAccessList, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { limit, cursor, from, to } = request.query;
    const patient = await withPatient(context, request, async (_tx, found) => found);
    const { id: patientId, organizationId } = patient;
    const scope = `accesses ${patientId} ${from ?? ""} ${to ?? ""}`;
    const [hourMs, key] = cursor === undefined ? [] : decodeCursor(context, scope, cursor);
    const after = hourMs === undefined ? null : { hourMs: Number(hourMs), key: String(key) };
    const { database } = context;
    const about = await database.withOrganization(organizationId, async (tx) =>
      (await tx.query<{ user_id: string | null; organization: string }>(
        "select p.user_id, o.name as organization from patients p join organizations o on o.id = p.organization_id where p.id = $1", [patientId]))[0]!);
    const lines = await database.asAuditor(organizationId, (tx) => listAccesses(tx, {
      patientId, ownUserId: about.user_id, fromMs: from === undefined ? null : instantParameter("from", from, 0), toMs: to === undefined ? null : instantParameter("to", to, 0),
      limit: limit + 1, after,
    }));
    const page = lines.slice(0, limit);
    const names = await database.withOrganization(organizationId, (tx) => namesOf(tx, page.map(({ actorUserId }) => actorUserId)));
    const last = page.at(-1);
    const nextCursor = lines.length > limit && last ? encodeCursor(context, scope, [last.hourMs, last.key]) : null;
    if (nextCursor) {
      const rest = new URLSearchParams({ limit: String(limit), ...(from ? { from } : {}), ...(to ? { to } : {}), cursor: nextCursor }).toString();
      reply.header("link", `</api/v1/patients/${patientId}/accesses?${rest}>; rel="next"`);
    }
    const locale = localeOf(request);
    const show = (line: Access): PatientAccess => ({
      who: { id: line.actorUserId, name: names.get(line.actorUserId ?? "") ?? null, roles: line.actorRole?.split(",") ?? [], isProgram: line.actorKind === "api_key" },
      organization: line.organizationId === organizationId ? about.organization : null, action: deedOf(line.action), topic: line.topic, what: accessWords(line.action, line.topic, locale),
      purpose: line.purpose, first: formatInstant(line.firstMs), last: formatInstant(line.lastMs), times: line.times,
    });
    return { data: page.map(show), nextCursor };
  });
}

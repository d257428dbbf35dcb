/** The patients one may see. */
import { z } from "zod";
import { listPatients, ownGrant } from "#people/access/access.ts";
import { identityOfPatient } from "#people/accounts/users.ts";
import { readZones } from "#people/zones.ts";
import { formatInstant } from "#units/time.ts";
import { zoneAt } from "#units/zones.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { patientIdentity, patientList, patientShown } from "./schemas.ts";

const query = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(600).optional() });

export function patientRoutes(server: Server, context: ApiContext): void {
  server.get("/patients", {
    config: { access: { who: "user" } },
    schema: { tags: ["patients"], summary: "Patients I may see, by name", querystring: query, response: { 200: patientList, ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    const { limit, cursor } = request.query;
    const [lastId] = cursor ? decodeCursor(context, "patients", cursor) : [];
    const after = lastId === undefined ? null : String(lastId);
    const rows = await context.database.withPerson(actor, (tx) => listPatients(tx, actor, { limit: limit + 1, after }));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rows.length > limit && last ? encodeCursor(context, "patients", [last.id]) : null;
    if (nextCursor) reply.header("link", `</api/v1/patients?limit=${limit}&cursor=${nextCursor}>; rel="next"`);
    return { data: page.map(({ id: patientId, displayName, zone, isSelf }) => ({ id: patientId, displayName, zone, isSelf })), nextCursor };
  });

  server.get("/patients/:patientId", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["patients"], summary: "One patient: who it is, and by what right I see them", params: patientParams, response: { 200: patientShown, ...PROBLEMS } },
  }, (request) =>
    withPatient(context, request, async (tx, { id, displayName, isSelf }, actor) => {
      const zones = await readZones(tx, id);
      const grant = isSelf ? null : await ownGrant(tx, actor, id);
      return {
        id, displayName, zone: zoneAt(zones, context.clock.now()), isSelf,
        access: grant === null
          ? { kind: "own" as const, scope: "manage" as const, until: null }
          : { kind: grant.kind, scope: grant.scope, until: Number.isFinite(grant.untilMs) ? formatInstant(grant.untilMs) : null },
      };
    }));

  server.get("/patients/:patientId/identity", {
    config: { access: { who: "patient", scope: "view", roles: ["clinician"] }, limit: "sensitive" },
    schema: {
      tags: ["patients"], summary: "By what a clinic tells this patient from others: national id and hospital account, in full",
      description: "A read of its own, so that the audit log says who wanted to know it: nothing else that is told of a patient carries it.",
      params: patientParams, response: { 200: patientIdentity, ...PROBLEMS },
    },
  }, async (request) => {
    const { id, organizationId } = await withPatient(context, request, async (_tx, found) => found);
    // A person's transaction cannot read it: it is opened with the organization's rights once the clinician's have been held and noted.
    return context.database.withOrganization(organizationId, (tx) => identityOfPatient(context.accounts, tx, id));
  });
}

/** What people and clinics type, and what meters with a sequence number send through an app. Requirement D5. */
import { z } from "zod";
import { storeTypedNow } from "#sync/typed.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEM, PROBLEMS, patientParams, SECURITY, type Server, withPatient } from "./route-kit.ts";
import { readingsReply } from "./schemas.ts";

/** The driver reads the items one by one, so that a bad one never costs its neighbours. */
const body = z.object({
  device: z.object({ id: z.string().min(1).max(120), name: z.string().max(120).optional() }).optional()
    .describe("The meter. With it, each reading's `sequence` makes it one reading however often it is sent."),
  readings: z.array(z.record(z.string(), z.unknown())).min(1).max(5_000)
    .describe("`at` (RFC 3339), `value`, `unit`, and as known `sequence` or `id`, `kind`, `meal`, `mealRelation`, `sampleType`, `sampleLocation`, `note`."),
});

export function readingRoutes(server: Server, context: ApiContext): void {
  server.post("/patients/:patientId/readings", {
    schema: {
      tags: ["measurements"], summary: "Store readings that were typed or read from a meter",
      description: "Sending a reading twice stores it once: by device and sequence number, by its own id, else by its time. Good readings are stored, bad ones are listed.",
      security: SECURITY, params: patientParams, body, response: { 200: readingsReply, 201: readingsReply, ...PROBLEMS, 422: PROBLEM },
    },
  }, async (request, reply) => {
    const patient = await withPatient(context, request, "upload", async (_tx, found) => found);
    const owner = { organizationId: patient.organizationId, patientId: patient.id };
    const result = await storeTypedNow(context.sync, owner, { resource: "readings", payload: request.body, zone: patient.zone });
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return reply.code(result.isNew ? 201 : 200).send({ ...result, problems: result.problems.map(({ path, reason }) => ({ path, reason })) });
  });
}

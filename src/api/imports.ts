/** Files of measurements: the body is the file. */
import { z } from "zod";
import { importFile } from "#sync/import-file.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEMS, patientParams, SECURITY, type Server, withPatient } from "./route-kit.ts";
import { glucoseUnit, importReply, problem } from "./schemas.ts";

/** Registered in a scope of its own, where every body stays raw bytes. */
export function importRoutes(server: Server, context: ApiContext): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: context.config.maxImportBytes }, (_request, body, done) => done(null, body));
  server.post("/patients/:patientId/imports", {
    schema: {
      tags: ["imports"], summary: "Import a CGM file (Dexcom Clarity, or id,time,gl CSV)",
      description: "Good rows are stored, bad ones are listed with their line. The same file again is refused with 409.",
      security: SECURITY, params: patientParams, consumes: ["text/csv", "application/octet-stream"],
      querystring: z.object({
        zone: z.string().max(64).optional().describe("IANA zone of local times in the file; the patient's by default."),
        unit: glucoseUnit.optional().describe("Where the file does not say."),
      }),
      response: { 200: importReply, ...PROBLEMS, 409: problem, 413: problem, 415: problem, 422: problem },
    },
  }, async (request, reply) => {
    const patient = await withPatient(context, request, "upload", async (_tx, found) => found);
    const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const zone = request.query.zone ?? patient.zone;
    const { file, deliveryId, stored } = await importFile(
      context.sync, { organizationId: patient.organizationId, patientId: patient.id }, bytes, { zone, unit: request.query.unit ?? null },
    );
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return {
      deliveryId, format: file.format, unit: file.unit, zone, rows: file.rows, stored, duplicates: file.duplicates,
      problems: file.problems.map(({ line, reason }) => ({ line, reason })),
    };
  });
}

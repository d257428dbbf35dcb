/** Files of measurements: the body is the file. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { importFile } from "#sync/import-file.ts";
import { InvalidInput } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEM, PROBLEMS, patientParams, SECURITY, type Server, withPatient } from "./route-kit.ts";
import { glucoseUnit, importReply } from "./schemas.ts";

/** Registered in a scope of its own, where every body stays raw bytes. */
export function importRoutes(server: Server, context: ApiContext): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: context.config.maxImportBytes }, (_request, body, done) => done(null, body));
  server.post("/patients/:patientId/imports", {
    // Before the body: nobody fills our memory without having signed in, or with what could never be read.
    onRequest: async (request) => {
      await requireActor(context, request);
      refuseOtherForms(request);
    },
    schema: {
      tags: ["imports"], summary: "Import a CGM file (Dexcom Clarity, or id,time,gl CSV)",
      description: "Good rows are stored, bad ones are listed with their line. The same file again is refused with 409.",
      security: SECURITY, params: patientParams, consumes: ["text/csv", "application/octet-stream"],
      querystring: z.object({
        zone: z.string().max(64).optional().describe("IANA zone of local times in the file; the patient's by default."),
        unit: glucoseUnit.optional().describe("Where the file does not say."),
      }),
      response: { 200: importReply, ...PROBLEMS, 409: PROBLEM, 413: PROBLEM, 415: PROBLEM, 422: PROBLEM },
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

/** The file itself, as any browser or program names a CSV file; no form around it, and not compressed. */
function refuseOtherForms({ headers }: FastifyRequest): void {
  const type = (headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  const isFile = type === "" || type.startsWith("text/") || ["application/octet-stream", "application/csv", "application/vnd.ms-excel"].includes(type);
  if (!isFile || headers["content-encoding"] !== undefined) {
    throw new InvalidInput("Send the file itself as the body, as text/csv and not compressed.", { code: "unsupported_media_type", httpStatus: 415 });
  }
}

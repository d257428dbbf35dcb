/** Files of measurements: the body is the file. */
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { PatientRow } from "#people/access/access.ts";
import { importExport } from "#sync/import-export.ts";
import { importFile } from "#sync/import-file.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { glucoseUnit, importReply, type ImportReply } from "./schemas.ts";

/** Registered in a scope of its own, where every body stays raw bytes. */
export function importRoutes(server: Server, context: ApiContext): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: context.config.maxImportBytes }, (_request, body, done) => done(null, body));
  // An export of Apple Health may have gigabytes: it is handed on as it comes.
  server.addContentTypeParser(EXPORT_TYPE, (_request, payload, done) => done(null, payload));
  server.post("/patients/:patientId/imports", {
    config: { access: { who: "patient", scope: "upload" } },
    // Before the body: nobody fills our memory with what could never be read.
    onRequest: (request, _reply, done) => {
      refuseOtherForms(request);
      done();
    },
    schema: {
      tags: ["imports"], summary: "Import a file of measurements: CGM exports, tables of glucose, a diary of finger-sticks as CSV, or an export of Apple Health",
      description: "Good rows are stored, bad ones are listed with their line. The same CGM file again is refused with 409. Apple's export.zip or export.xml is read as a stream; again, it adds what is new.",
      params: patientParams, consumes: ["text/csv", "application/octet-stream", "application/zip", "application/xml"],
      querystring: z.object({
        zone: z.string().max(64).optional().describe("IANA zone of local times in the file; the patient's by default."),
        unit: glucoseUnit.optional().describe("Where the file does not say."),
      }),
      response: { 200: importReply, ...PROBLEMS, 409: PROBLEM, 413: PROBLEM, 415: PROBLEM, 422: PROBLEM },
    },
  }, async (request, reply) => {
    const patient = await withPatient(context, request, async (_tx, found) => found);
    if (request.body instanceof Readable) return importStream(context, reply, { patient, source: request.body, zone: request.query.zone ?? patient.zone });
    const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    // What type it is, its reader finds out.
    await context.uploads.refuseInfected(bytes);
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

const EXPORT_TYPE = /^(?:application\/(?:zip|x-zip-compressed|xml)|text\/xml)(?:$|[;\s])/i;
const SHOWN_PROBLEMS = 100;

async function importStream(context: ApiContext, reply: FastifyReply, given: { patient: PatientRow; source: Readable; zone: string }): Promise<ImportReply> {
  const { patient, source, zone } = given;
  const gone = new AbortController();
  source.once("close", () => {
    if (!source.readableEnded) gone.abort(new InvalidInput("The upload broke off: what came before is stored, send the file again."));
  });
  const outcome = await importExport(context.sync, {
    organizationId: patient.organizationId, patientId: patient.id, zone, source, maxBytes: context.config.maxExportBytes, signal: gone.signal,
  });
  reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
  const { samples, sleeps, workouts, treatments } = outcome.stored;
  return {
    deliveryId: outcome.deliveryId, format: outcome.provider, unit: null, zone, rows: outcome.elements, stored: samples + sleeps + workouts + treatments, duplicates: 0,
    problems: outcome.problems.slice(0, SHOWN_PROBLEMS).map(({ path, reason }) => ({ line: Number(/\d+/.exec(path)?.[0] ?? 0), reason })),
  };
}

/** The file itself, as any browser or program names a CSV file; no form around it, and not compressed. */
function refuseOtherForms({ headers }: FastifyRequest): void {
  const type = (headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  const isFile = type === "" || type.startsWith("text/") || EXPORT_TYPE.test(type) || ["application/octet-stream", "application/csv", "application/vnd.ms-excel"].includes(type);
  if (!isFile || headers["content-encoding"] !== undefined) {
    throw new InvalidInput("Send the file itself as the body, as text/csv (or application/zip for an export of Apple Health), and not compressed on the way.", { code: "unsupported_media_type", httpStatus: 415 });
  }
}

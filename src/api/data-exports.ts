/** Everything about me, as a file: asked for, followed, fetched, given up. Faults PR-05, PR-06; GDPR Art. 15 and 20. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { PRIVACY_QUEUES } from "#privacy/context.ts";
import { askForExport, deleteFiles, endExport, listExports, readExport, type DataExport } from "#privacy/package/exports.ts";
import { openExport } from "#privacy/package/run.ts";
import { formatInstant } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { dataExport, dataExportList, dataExportWish } from "./schemas.ts";
import { localeOf } from "./words.ts";

const TAGS = ["privacy"];
const params = patientParams.extend({ exportId: z.string().max(40) });
const access = { who: "patient", scope: "manage" } as const;
/** Fetches of one caller in a quarter of an hour. */
const FETCHES = { max: 20, timeWindow: "15 minutes", keyGenerator: callerOf };

export function dataExportRoutes(server: Server, context: ApiContext): void {
  server.post("/patients/:patientId/data-exports", {
    config: { access },
    schema: {
      tags: TAGS, summary: "Ask for a package of everything about a patient",
      description: "Made in the background; follow `progress`. One at a time, and so many a day. What it holds: docs/privacy.md.", params: patientParams, body: dataExportWish.nullish(),
      response: { 202: dataExport, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const locale = request.body?.locale ?? localeOf(request);
    const asked = await asAsker(context, request, async (tx, patient, actor) => ({
      organizationId: patient.organizationId,
      row: await askForExport(tx, context.privacy, {
        organizationId: patient.organizationId, patientId: patient.id, askedBy: actor.userId, isOwn: patient.isSelf, locale, requestId: request.id,
      }),
    }));
    const { id: exportId, patientId } = asked.row;
    await context.privacy.queue.send(PRIVACY_QUEUES.dataExport, { organizationId: asked.organizationId, patientId, exportId }, { key: exportId })
      .catch((error: unknown) => context.log.warn({ export: exportId, error }, "a package could not be begun at once; the sweep will"));
    return reply.code(202).send(show(asked.row));
  });

  server.get("/patients/:patientId/data-exports", {
    config: { access },
    schema: { tags: TAGS, summary: "Packages that I asked for, the newest first", params: patientParams, response: { 200: dataExportList, ...PROBLEMS } },
  }, (request) => asAsker(context, request, async (tx, patient, actor) => ({ data: (await listExports(tx, patient.id, actor.userId)).map(show) })));

  server.get("/patients/:patientId/data-exports/:exportId", {
    config: { access },
    schema: { tags: TAGS, summary: "How far a package is", params, response: { 200: dataExport, ...PROBLEMS } },
  }, (request) => asAsker(context, request, async (tx, patient, actor) => show(await readExport(tx, patient.id, actor.userId, request.params.exportId))));

  server.get("/patients/:patientId/data-exports/:exportId/file", {
    config: { access, rateLimit: FETCHES },
    schema: {
      tags: TAGS, summary: "Fetch a package, as ZIP", description: "For 24 hours, by the user who asked for it. Every fetch is in the audit log.", params,
      response: { 200: { description: "The package", content: { "application/zip": { schema: z.any() } } }, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { file, wanted } = await asAsker(context, request, async (tx, patient, actor) => {
      const found = await readExport(tx, patient.id, actor.userId, request.params.exportId);
      return { wanted: found, file: await openExport(tx, context.privacy, { ...found, organizationId: patient.organizationId }, request.id) };
    });
    return reply.type("application/zip").header("content-disposition", `attachment; filename="islet-${wanted.id}.zip"`).header("x-content-type-options", "nosniff")
      .header("cache-control", "no-store").header("content-length", wanted.bytes ?? 0).serializer((value: unknown) => value as string).send(Readable.from(file, { objectMode: false }));
  });

  server.delete("/patients/:patientId/data-exports/:exportId", {
    config: { access },
    schema: { tags: TAGS, summary: "Give a package up: its file and its key are deleted at once", params, response: { 204: z.null(), ...PROBLEMS } },
  }, async (request, reply) => {
    const id = await asAsker(context, request, async (tx, patient, actor) => {
      const found = await readExport(tx, patient.id, actor.userId, request.params.exportId);
      await endExport(tx, patient.id, found.id);
      await audit(tx, patient.organizationId, {
        action: "data_export.given_up", actorUserId: actor.userId, patientId: patient.id, objectType: "data_export", objectId: found.id, requestId: request.id,
      });
      return found.id;
    });
    await deleteFiles(context.privacy, id);
    return reply.code(204).send(null);
  });
}

/** With the patient that the caller manages, in a transaction that may work on packages. */
async function asAsker<T>(context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, work: (tx: Tx, patient: PatientRow, actor: Actor) => Promise<T>): Promise<T> {
  const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }));
  return context.database.withOrganization(patient.organizationId, (tx) => work(tx, patient, actor));
}

/** By account, not by address: a family shares one. */
function callerOf(request: FastifyRequest): string {
  return createHash("sha256").update(request.headers.authorization ?? request.headers.cookie ?? request.ip).digest("base64");
}

function show({ id, state, progress, error, askedMs, readyMs, expiresMs, bytes, sha256, files, rows }: DataExport) {
  const at = (ms: number | null): string | null => (ms === null ? null : formatInstant(ms));
  return { id, state, progress, error, askedAt: formatInstant(askedMs), readyAt: at(readyMs), expiresAt: at(expiresMs), bytes, sha256, files, rows };
}

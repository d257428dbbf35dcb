/** Documents of the clinical history: PDFs and pictures, kept sealed, given out as attachments alone. */
import { z } from "zod";
import { attachmentHeaders, keepFile, listFiles, openFile, type ClinicalFile } from "#clinic/files/files.ts";
import { addEntry } from "#clinic/history/write-entries.ts";
import type { Entry } from "#clinic/history/read-entries.ts";
import { holdMayAdd } from "#clinic/history/kinds.ts";
import type { PatientRow } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { NotFound } from "../errors.ts";
import { contentOf, entryOf, entryRoutes, HISTORY_TAGS, tellEntries, writeHistory, writerOf } from "./clinical-entries.ts";
import type { ApiContext } from "./context.ts";
import { putVersion } from "./if-match.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { clinicalDocument, clinicalDocumentList, clinicalDocumentPatch, clinicalDocumentRequest, clinicalDocumentVersions } from "./schemas.ts";

const MOST_BYTES = 8 * 1024 * 1024;
/** Four characters for three bytes, and room for what stands beside the file. */
const BODY_LIMIT = Math.ceil((MOST_BYTES / 3) * 4) + 64 * 1024;

export function clinicalDocumentRoutes(server: Server, context: ApiContext): void {
  entryRoutes(server, context, {
    kind: "document", path: "documents", id: "documentId", words: { one: "a document", many: "Documents" }, statuses: null,
    request: clinicalDocumentPatch, entry: clinicalDocument, list: clinicalDocumentList, versions: clinicalDocumentVersions,
    beside: (patient, entries) => filesOf(context, patient, entries),
  });

  server.post("/patients/:patientId/documents", {
    config: { access: { who: "patient", scope: "manage" } }, bodyLimit: BODY_LIMIT,
    schema: {
      tags: HISTORY_TAGS, summary: "Put a document into the history", description: "A PDF, JPEG or PNG of 8 MB at most, checked before it is kept. Who may write entries of clinicians may.", params: patientParams,
      body: clinicalDocumentRequest, response: { 201: clinicalDocument, ...PROBLEMS, 409: PROBLEM, 413: PROBLEM, 415: PROBLEM, 422: PROBLEM },
    },
  }, async (request, reply) => {
    const { file, ...content } = request.body;
    // Before the file is looked at: who may not write it in need not send it.
    await withPatient(context, request, async (_tx, patient, actor) => holdMayAdd(writerOf(patient, actor), "document"));
    const checked = await context.uploads.check(Buffer.from(file.base64, "base64"), { name: file.name, declaredType: file.mediaType, accept: ["pdf", "jpeg", "png"], mostBytes: MOST_BYTES });
    const { patient, entry } = await writeHistory(context, request, async (tx, owner) => {
      const { organizationId, patientId, writer } = owner;
      const fileId = await keepFile({ clock: context.clock, sync: context.sync, config: context.config }, tx, { organizationId, patientId, checked, purpose: "clinical_document", createdBy: writer.userId });
      return addEntry(tx, owner, { kind: "document", content: contentOf(content, writer), fileId });
    });
    putVersion(reply, entry.version);
    const [told] = await tellEntries(context, patient, [entry], await filesOf(context, patient, [entry]));
    return reply.code(201).send(told as z.infer<typeof clinicalDocument>);
  });

  server.get("/patients/:patientId/documents/:documentId/file", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: HISTORY_TAGS, summary: "The document itself", params: patientParams.extend({ documentId: z.string().max(40) }),
      response: { 200: { description: "The file, to be saved", content: { "application/pdf": { schema: z.any() }, "image/jpeg": { schema: z.any() }, "image/png": { schema: z.any() } } }, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { patient, entry, userId } = await withPatient(context, request, async (tx, found, actor) => ({
      patient: found, userId: actor.userId, entry: await entryOf(tx, found, { kind: "document", id: request.params.documentId }),
    }));
    const { fileId } = entry;
    if (fileId === null) throw new NotFound("There is no such file.");
    const file = await context.database.withOrganization(patient.organizationId, async (tx) => {
      await audit(tx, patient.organizationId, { action: "clinical_entry.file_opened", actorUserId: userId, patientId: patient.id, objectType: "document", objectId: entry.id });
      return openFile({ sync: context.sync }, tx, { patientId: patient.id, fileId });
    });
    return reply.headers(attachmentHeaders(file)).serializer((value: unknown) => value as string).send(file.bytes);
  });
}

/** What is known of the documents' files, by the documents' ids. */
async function filesOf(context: ApiContext, patient: PatientRow, entries: readonly Entry[]): Promise<ReadonlyMap<string, object>> {
  const ids = entries.flatMap(({ fileId }) => (fileId === null ? [] : [fileId]));
  const files = new Map((await context.database.withOrganization(patient.organizationId, (tx) => listFiles(tx, patient.id, ids))).map((file) => [file.id, file]));
  return new Map(entries.map(({ id, fileId }) => [id, { file: tellFile(files.get(fileId ?? "")) }]));
}

function tellFile(file: ClinicalFile | undefined): z.infer<typeof clinicalDocument>["file"] | null {
  return file ? { name: file.safeName, mediaType: file.mediaType, sizeBytes: file.sizeBytes, sha256: file.sha256 } : null;
}

/** A patient's requests for appointments: asking, telling the details, reading the answer. docs/appointments.md. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { askForAppointment, moveAppointment, type Mover } from "#clinic/appointments/moves.ts";
import { activeOf, countOpen, readQueue } from "#clinic/appointments/queue.ts";
import { listOfPatient, openAppointment, positionOf, readAppointment, readControlData, readDetails, readHistory, readResolutions } from "#clinic/appointments/read.ts";
import { addControlData, expectControlData, openControlData, removeControlData, writeDetails } from "#clinic/appointments/writing.ts";
import { attachmentHeaders } from "#clinic/files/files.ts";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access/access.ts";
import { detailsOf, reasonsOf, showAppointment, showEmergency, showFile, showHistory, showVersion } from "./appointment-words.ts";
import type { ApiContext } from "./context.ts";
import { ifMatchWelcome, putVersion, versionOf } from "./if-match.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { patientParams, PROBLEM, PROBLEMS, type Server, withPatient } from "./route-kit.ts";
import { appointment, appointmentAsked, appointmentDetailsRequest, appointmentList, appointmentRequest, appointmentWhole, controlData, currentAppointment, type AppointmentWhole } from "./schemas.ts";
import { localeOf, type Locale } from "./words.ts";

const TAGS = ["appointments"];
const MANAGE = { who: "patient", scope: "manage" } as const;
const VIEW = { who: "patient", scope: "view" } as const;
const oneParams = patientParams.extend({ appointmentId: z.string().max(40) });
const fileParams = oneParams.extend({ fileId: z.string().max(40) });
const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().max(400).optional() });
export const MOST_FILE_BYTES = 10 * 1024 * 1024;

export function appointmentRoutes(server: Server, context: ApiContext): void {
  server.post("/patients/:patientId/appointments", {
    config: { access: MANAGE },
    schema: {
      tags: TAGS, summary: "Ask the clinic for an appointment",
      description: "One open request each. Asking shares the request with the clinic's clinicians, which needs consent to `sharing`. 409 `already_open`, or `queue_full` while the clinic takes no more. Where `emergency` is told: call, do not wait.",
      params: patientParams, body: appointmentRequest.nullish(), response: { 201: appointmentAsked, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request, reply) => {
    const locale = localeOf(request);
    const told = await asPatient(context, request, async (tx, { patient, mover }) => {
      const made = await askForAppointment(tx, mover, { patientId: patient.id, ...reasonsOf(request.body ?? {}), locale });
      return {
        appointment: showAppointment(made), position: await positionOf(tx, { patientId: patient.id, appointmentId: made.id }),
        emergency: made.isEmergency ? showEmergency(await readQueue(tx), locale) : null,
      };
    });
    putVersion(reply, told.appointment.version);
    return reply.code(201).send(told);
  });

  server.get("/patients/:patientId/appointments", {
    config: { access: VIEW },
    schema: { tags: TAGS, summary: "A patient's requests, the newest first", params: patientParams, querystring: listQuery, response: { 200: appointmentList, ...PROBLEMS } },
  }, (request) => asPatient(context, request, async (tx, { patient }) => {
    const { limit, cursor } = request.query;
    const scope = `appointments ${patient.id}`;
    const [ms, id] = cursor === undefined ? [] : decodeCursor(context, scope, cursor);
    const rows = await listOfPatient(tx, patient.id, { limit: limit + 1, after: ms === undefined ? null : { requestedMs: Number(ms), id: String(id) } });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return { data: page.map(showAppointment), nextCursor: rows.length > limit && last ? encodeCursor(context, scope, [last.requestedMs, last.id]) : null };
  }));

  server.get("/patients/:patientId/appointments/current", {
    config: { access: VIEW },
    schema: {
      tags: TAGS, summary: "The open request, its place in the line, and what to do in an emergency",
      description: "`state` is that of the open request, else of the last one; `none` for somebody who never asked.", params: patientParams, response: { 200: currentAppointment, ...PROBLEMS },
    },
  }, (request) => asPatient(context, request, async (tx, { patient }) => {
    const open = await openAppointment(tx, patient.id);
    const latest = open ?? (await listOfPatient(tx, patient.id, { limit: 1, after: null }))[0];
    const queue = await readQueue(tx);
    return {
      state: latest?.state ?? ("none" as const), appointment: open && showAppointment(open), position: open && (await positionOf(tx, { patientId: patient.id, appointmentId: open.id })),
      isTaking: activeOf(await countOpen(tx)) < queue.capacity, emergency: showEmergency(queue, localeOf(request)),
    };
  }));

  oneRoutes(server, context);
}

function oneRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/appointments/:appointmentId", {
    config: { access: VIEW },
    schema: { tags: TAGS, summary: "One request with its details, its history and the clinician's resolution", description: GLUCOSE_NOTICE, params: oneParams, response: { 200: appointmentWhole, ...PROBLEMS } },
  }, async (request, reply) => {
    const whole = await asPatient(context, request, (tx, { patient }) => readWhole(tx, { patientId: patient.id, appointmentId: request.params.appointmentId }, localeOf(request)));
    putVersion(reply, whole.version);
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return whole;
  });

  server.post("/patients/:patientId/appointments/:appointmentId/details", {
    config: { access: MANAGE },
    schema: {
      tags: TAGS, summary: "Tell the details of an accepted request, or change them until it is resolved",
      description: `Each version is kept. Motives that are named take the place of those of the request. 409 \`illegal_move\` in any other state. ${GLUCOSE_NOTICE}`,
      params: oneParams, headers: ifMatchWelcome, body: appointmentDetailsRequest, response: { 200: appointmentWhole, ...PROBLEMS, 409: PROBLEM, 412: PROBLEM },
    },
  }, async (request, reply) => {
    const { body, params: { appointmentId }, headers } = request;
    const whole = await asPatient(context, request, async (tx, { patient, mover }) => {
      const ref = { patientId: patient.id, appointmentId };
      const ifVersion = headers["if-match"] === undefined ? null : versionOf(headers["if-match"]);
      await writeDetails(tx, mover, ref, { details: detailsOf(body), reasons: body.motives === undefined ? null : reasonsOf(body), ifVersion });
      return readWhole(tx, ref, localeOf(request));
    });
    putVersion(reply, whole.version);
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return whole;
  });

  server.post("/patients/:patientId/appointments/:appointmentId/cancel", {
    config: { access: MANAGE },
    schema: { tags: TAGS, summary: "Take an open request back", params: oneParams, response: { 200: appointment, ...PROBLEMS, 409: PROBLEM } },
  }, (request) => asPatient(context, request, async (tx, { patient, mover }) =>
    showAppointment(await moveAppointment(tx, mover, { patientId: patient.id, appointmentId: request.params.appointmentId, move: "cancel", ifVersion: null }))));

  server.get("/patients/:patientId/appointments/:appointmentId/control-data/:fileId", {
    config: { access: VIEW },
    schema: { tags: TAGS, summary: "Fetch a file of control data", params: fileParams, response: { 200: FILE_REPLY, ...PROBLEMS } },
  }, async (request, reply) => {
    const { appointmentId, fileId } = request.params;
    const file = await asPatient(context, request, (tx, { patient, mover }) => openControlData(context, tx, mover, { patientId: patient.id, appointmentId, fileId }));
    return reply.headers(attachmentHeaders(file)).serializer((value: unknown) => value as string).send(file.bytes);
  });

  server.delete("/patients/:patientId/appointments/:appointmentId/control-data/:fileId", {
    config: { access: MANAGE },
    schema: { tags: TAGS, summary: "Remove a file of control data, until the request is resolved", params: fileParams, response: { 204: z.null(), ...PROBLEMS, 409: PROBLEM } },
  }, async (request, reply) => {
    const { appointmentId, fileId } = request.params;
    await asPatient(context, request, (tx, { patient, mover }) => removeControlData(tx, mover, { patientId: patient.id, appointmentId, fileId }));
    return reply.code(204).send(null);
  });
}

/** A reply that is a file to save. */
export const FILE_REPLY = { description: "The file, as an attachment", content: { "application/pdf": { schema: z.any() } } } as const;

/** Registered in a scope of its own, where the body stays raw bytes: the file itself, no form around it. */
export function controlDataRoutes(server: Server, context: ApiContext): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MOST_FILE_BYTES }, (_request, body, done) => done(null, body));
  server.post("/patients/:patientId/appointments/:appointmentId/control-data", {
    config: { access: MANAGE },
    schema: {
      tags: TAGS, summary: "Add control data: a PDF as the body, 10 MB at most",
      description: "To an accepted request, or one that is not resolved. Checked before it is kept (docs/uploads.md), sealed under the patient's own key.",
      params: oneParams, consumes: ["application/pdf"], querystring: z.object({ name: z.string().max(200).optional().describe("Its name; letters of any language.") }),
      response: { 201: controlData, ...PROBLEMS, 409: PROBLEM, 413: PROBLEM, 415: PROBLEM, 422: PROBLEM },
    },
  }, async (request, reply) => {
    const { appointmentId } = request.params;
    const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    // Before the file is looked through, which takes its time: whether anybody waits for it.
    await asPatient(context, request, (tx, { patient }) => expectControlData(tx, { patientId: patient.id, appointmentId }));
    const checked = await context.uploads.check(bytes, { name: request.query.name ?? null, declaredType: request.headers["content-type"] ?? null, accept: ["pdf"], mostBytes: MOST_FILE_BYTES });
    const added = await asPatient(context, request, async (tx, { patient, mover }) => {
      const ref = { patientId: patient.id, appointmentId };
      const fileId = await addControlData(context, tx, mover, { ...ref, checked });
      return (await readControlData(tx, ref)).find(({ id }) => id === fileId)!;
    });
    return reply.code(201).send(showFile(added));
  });
}

async function readWhole(tx: Tx, ref: { readonly patientId: string; readonly appointmentId: string }, locale: Locale): Promise<AppointmentWhole> {
  const found = await readAppointment(tx, ref.appointmentId, ref.patientId);
  const [details] = await readDetails(tx, ref);
  const [resolution] = await readResolutions(tx, ref);
  return {
    ...showAppointment(found), position: await positionOf(tx, ref), details: details ? showVersion(details) : null, resolution: resolution ? showVersion(resolution) : null,
    controlData: (await readControlData(tx, ref)).map(showFile), history: showHistory(await readHistory(tx, ref), false),
    emergency: found.isEmergency ? showEmergency(await readQueue(tx), locale) : null,
  };
}

/** With the patient whom the caller may reach, in a transaction of the organization: the line is everybody's. */
async function asPatient<T>(
  context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, work: (tx: Tx, who: { readonly patient: PatientRow; readonly mover: Mover }) => Promise<T>,
): Promise<T> {
  const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }));
  const mover: Mover = { organizationId: patient.organizationId, userId: actor.userId, kind: "patient", nowMs: context.clock.now(), requestId: request.id };
  return context.database.withOrganization(patient.organizationId, (tx) => work(tx, { patient, mover }));
}

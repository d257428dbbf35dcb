/** The clinic's side of the appointment queue: the line, each request in it, and the queue itself. docs/appointments.md. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { clearQueue, restoreQueue, undoable } from "#clinic/appointments/clearing.ts";
import { moveAppointment, type Mover, type MoveWish } from "#clinic/appointments/moves.ts";
import { activeOf, changeQueue, countOpen, readQueue, type QueuePatch } from "#clinic/appointments/queue.ts";
import { countHidden, listLatest, listLine, placeOf, positionOf, readAppointment, readControlData, readDetails, readHistory, readResolutions } from "#clinic/appointments/read.ts";
import { isOpen, OPEN_STATES, STATES, type AppointmentState } from "#clinic/appointments/state-machine.ts";
import type { Appointment } from "#clinic/appointments/types.ts";
import { openControlData, writeResolution } from "#clinic/appointments/writing.ts";
import { attachmentHeaders } from "#clinic/files/files.ts";
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { audit, auditEach } from "#people/audit/audit.ts";
import { requireConsent } from "#people/consent/consents.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { resolutionOf, showAppointment, showFile, showHistory, showLine, showVersion } from "./appointment-words.ts";
import { FILE_REPLY } from "./appointments.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { ifMatchNeeded, putVersion, versionOf } from "./if-match.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import {
  appointmentLineList, appointmentQueue, appointmentQueuePatch, appointmentResolutionRequest, appointmentState, clinicAppointment, denial, priorityChange, queueCleared, queueClearRequest,
  queueRestored, resolutionList, type AppointmentQueue, type ClinicAppointment,
} from "./schemas.ts";

const TAGS = ["appointments"];
const CLINICIAN = { who: "user", roles: ["clinician"] } as const;
const STAFF = { who: "user", roles: ["clinician", "admin"] } as const;
const params = z.object({ appointmentId: z.string().max(40) });
const MOVE_REPLIES = { 200: clinicAppointment, ...PROBLEMS, 409: PROBLEM, 412: PROBLEM } as const;

const listQuery = z.object({
  state: z.union([appointmentState, z.enum(["open", "all"])]).default("open").describe("`open`: pending, accepted and created, as they stand in the line."),
  patientId: z.string().max(40).optional(), search: z.string().max(100).optional().describe("Part of a patient's name; accents do not matter."),
  limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.string().max(400).optional(),
});

export function appointmentQueueRoutes(server: Server, context: ApiContext): void {
  server.get("/appointments", {
    config: { access: CLINICIAN },
    schema: {
      tags: TAGS, summary: "Requests of the clinic's patients, by state",
      description: "Open ones as they stand in the line: emergencies, then priority, then age; ended ones the newest first. Of patients who share with the clinic.",
      querystring: listQuery, response: { 200: appointmentLineList, ...PROBLEMS },
    },
  }, (request) => asClinic(context, request as FastifyRequest, async (tx, mover) => {
    const { state, patientId = null, search = null, limit, cursor } = request.query;
    if (patientId !== null && !isId(patientId)) throw new InvalidInput("patientId is no id.", { issues: [{ pointer: "/querystring/patientId", detail: "the id of a patient" }] });
    const states: readonly AppointmentState[] = state === "open" ? OPEN_STATES : state === "all" ? STATES : [state];
    const isLine = states.every(isOpen);
    const scope = `appointment line ${mover.organizationId} ${JSON.stringify([state, patientId, search])}`;
    const [rank, ms, id] = cursor === undefined ? [] : decodeCursor(context, scope, cursor);
    const after = rank === undefined ? null : { rank: Number(rank), ms: Number(ms), id: String(id) };
    const rows = await (isLine ? listLine : listLatest)(tx, { states, patientId, name: search?.trim() || null }, { limit: limit + 1, after });
    const page = rows.slice(0, limit);
    await auditEach(tx, mover.organizationId, { action: "appointment.listed", actorUserId: mover.userId, objectType: "appointment", requestId: request.id }, [...new Set(page.map((entry) => entry.patientId))]);
    const place = rows.length > limit ? placeOf(page.at(-1)!, isLine) : null;
    return {
      asOf: formatInstant(mover.nowMs), data: page.map(showLine), hidden: await countHidden(tx, states),
      nextCursor: place && encodeCursor(context, scope, [place.rank, place.ms, place.id]),
    };
  }));

  server.get("/appointments/:appointmentId", {
    config: { access: CLINICIAN },
    schema: { tags: TAGS, summary: "One request, with all that belongs to it", description: GLUCOSE_NOTICE, params, response: { 200: clinicAppointment, ...PROBLEMS } },
  }, async (request, reply) => {
    const whole = await asClinic(context, request as FastifyRequest, async (tx, mover) => {
      const found = await readShared(tx, request.params.appointmentId);
      await audit(tx, mover.organizationId, { action: "appointment.viewed", actorUserId: mover.userId, patientId: found.patientId, objectType: "appointment", objectId: found.id, requestId: request.id });
      return readForClinic(tx, found);
    });
    tellVersion(reply, whole);
    return whole;
  });

  moveRoutes(server, context);
  resolutionRoutes(server, context);
  queueRoutes(server, context);
}

function moveRoutes(server: Server, context: ApiContext): void {
  server.post("/appointments/:appointmentId/accept", {
    config: { access: CLINICIAN },
    schema: { tags: TAGS, summary: "Accept a request: the patient is asked for the details", params, headers: ifMatchNeeded, response: MOVE_REPLIES },
  }, (request, reply) => move(context, request as FastifyRequest, reply, { ...wishOf(request), move: "accept" }));

  server.post("/appointments/:appointmentId/deny", {
    config: { access: CLINICIAN },
    schema: { tags: TAGS, summary: "Deny a request, with a reason that the patient reads", params, headers: ifMatchNeeded, body: denial, response: MOVE_REPLIES },
  }, (request, reply) => move(context, request as FastifyRequest, reply, { ...wishOf(request), move: "deny", reason: request.body.reason, set: { denialReason: request.body.reason } }));

  server.put("/appointments/:appointmentId/priority", {
    config: { access: CLINICIAN },
    schema: { tags: TAGS, summary: "Say how urgent it is, and why", description: "An emergency stands on top whatever its priority.", params, headers: ifMatchNeeded, body: priorityChange, response: MOVE_REPLIES },
  }, (request, reply) => {
    const { priority, reason } = request.body;
    return move(context, request as FastifyRequest, reply, { ...wishOf(request), move: "prioritize", reason, set: { priority, priorityReason: reason } });
  });
}

function resolutionRoutes(server: Server, context: ApiContext): void {
  server.get("/appointments/:appointmentId/resolution", {
    config: { access: CLINICIAN },
    schema: { tags: TAGS, summary: "Each version of the resolution, with author and time, the newest first", params, response: { 200: resolutionList, ...PROBLEMS } },
  }, (request) => asClinic(context, request as FastifyRequest, async (tx, mover) => {
    const found = await readShared(tx, request.params.appointmentId);
    await audit(tx, mover.organizationId, { action: "appointment.viewed", actorUserId: mover.userId, patientId: found.patientId, objectType: "appointment", objectId: found.id, requestId: request.id });
    return { data: (await readResolutions(tx, { patientId: found.patientId, appointmentId: found.id })).map(showVersion) };
  }));

  server.post("/appointments/:appointmentId/resolution", {
    config: { access: CLINICIAN },
    schema: {
      tags: TAGS, summary: "Resolve a request, or write a later version of its resolution",
      description: "The clinician's own words: Islet computes no dose. Earlier versions are kept.", params, headers: ifMatchNeeded, body: appointmentResolutionRequest, response: MOVE_REPLIES,
    },
  }, async (request, reply) => {
    const whole = await asClinic(context, request as FastifyRequest, async (tx, mover) =>
      readForClinic(tx, await writeResolution(tx, mover, request.params.appointmentId, { resolution: resolutionOf(request.body), ifVersion: versionOf(request.headers["if-match"]) })));
    tellVersion(reply, whole);
    return whole;
  });

  server.get("/appointments/:appointmentId/control-data/:fileId", {
    config: { access: CLINICIAN },
    schema: { tags: TAGS, summary: "Fetch a file of control data", params: params.extend({ fileId: z.string().max(40) }), response: { 200: FILE_REPLY, ...PROBLEMS } },
  }, async (request, reply) => {
    const { appointmentId, fileId } = request.params;
    const file = await asClinic(context, request as FastifyRequest, async (tx, mover) => {
      const { patientId } = await readShared(tx, appointmentId);
      return openControlData(context, tx, mover, { patientId, appointmentId, fileId });
    });
    return reply.headers(attachmentHeaders(file)).serializer((value: unknown) => value as string).send(file.bytes);
  });
}

function queueRoutes(server: Server, context: ApiContext): void {
  server.get("/appointment-queue", {
    config: { access: STAFF },
    schema: { tags: TAGS, summary: "How full the queue is, and how it is set", response: { 200: appointmentQueue, ...PROBLEMS } },
  }, async (request, reply) => {
    const queue = await asClinic(context, request as FastifyRequest, tellQueue);
    putVersion(reply, queue.version);
    return queue;
  });

  server.patch("/appointment-queue", {
    config: { access: STAFF },
    schema: {
      tags: TAGS, summary: "Change the capacity, when requests expire, and the words for emergencies",
      description: "A capacity below what is open takes nobody's place away: nobody new is let in until enough have gone.",
      headers: ifMatchNeeded, body: appointmentQueuePatch, response: { 200: appointmentQueue, ...PROBLEMS, 412: PROBLEM },
    },
  }, async (request, reply) => {
    const queue = await asClinic(context, request as FastifyRequest, async (tx, mover) => {
      await changeQueue(tx, { organizationId: mover.organizationId, userId: mover.userId!, nowMs: mover.nowMs, ifVersion: versionOf(request.headers["if-match"]) }, request.body as QueuePatch);
      await audit(tx, mover.organizationId, { action: "appointment_queue.changed", actorUserId: mover.userId, objectType: "appointment_queue", purpose: "administration", requestId: request.id });
      return tellQueue(tx, mover);
    });
    putVersion(reply, queue.version);
    return queue;
  });

  server.post("/appointment-queue/clear", {
    config: { access: STAFF, limit: "sensitive" },
    schema: { tags: TAGS, summary: "Take every open request out of the line, for a day undoable", body: queueClearRequest, response: { 200: queueCleared, ...PROBLEMS, 409: PROBLEM } },
  }, (request) => asClinic(context, request as FastifyRequest, async (tx, mover) => {
    const { entries, undoUntilMs } = await clearQueue(tx, mover, request.body.confirm);
    return { cleared: entries, undoUntil: formatInstant(undoUntilMs) };
  }));

  server.post("/appointment-queue/restore", {
    config: { access: STAFF },
    schema: { tags: TAGS, summary: "Undo the last clearing", description: "Each request goes back to its state and place, but where its patient has asked anew.", response: { 200: queueRestored, ...PROBLEMS, 409: PROBLEM } },
  }, (request) => asClinic(context, request as FastifyRequest, restoreQueue));
}

async function tellQueue(tx: Tx, { nowMs }: Pick<Mover, "nowMs">): Promise<AppointmentQueue> {
  const queue = await readQueue(tx);
  const byState = await countOpen(tx);
  const undo = await undoable(tx, nowMs);
  const active = activeOf(byState);
  return {
    ...queue, byState, active, free: Math.max(0, queue.capacity - active), expiryDays: { ...queue.expiryDays }, emergencyText: { ...queue.emergencyText },
    undo: undo && { clearedAt: formatInstant(undo.clearedMs), until: formatInstant(undo.undoUntilMs), entries: undo.entries },
  };
}

/** Throws NotFound, and ConsentMissing where the patient shares no more. */
async function readShared(tx: Tx, appointmentId: string): Promise<Appointment> {
  const found = await readAppointment(tx, appointmentId);
  await requireConsent(tx, found.patientId, "sharing");
  return found;
}

async function readForClinic(tx: Tx, found: Appointment): Promise<ClinicAppointment> {
  const ref = { patientId: found.patientId, appointmentId: found.id };
  const [patient] = await tx.query<{ display_name: string }>("select display_name from patients where id = $1", [found.patientId]);
  const details = await readDetails(tx, ref);
  const resolutions = (await readResolutions(tx, ref)).map(showVersion);
  return {
    ...showAppointment(found), priorityReason: found.priorityReason, displayName: patient!.display_name, position: await positionOf(tx, ref),
    details: details[0] ? showVersion(details[0]) : null, detailVersions: details.length, resolution: resolutions[0] ?? null, resolutions,
    controlData: (await readControlData(tx, ref)).map(showFile), history: showHistory(await readHistory(tx, ref), true),
  };
}

/** Details name a glucose objective: the notice stands beside it. */
function tellVersion(reply: FastifyReply, { version }: ClinicAppointment): void {
  putVersion(reply, version);
  reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
}

/** Which request, and which version of it the caller saw. */
function wishOf({ params: { appointmentId }, headers }: { readonly params: { readonly appointmentId: string }; readonly headers: { readonly "if-match": string } }): Pick<MoveWish, "appointmentId" | "ifVersion"> {
  return { appointmentId, ifVersion: versionOf(headers["if-match"]) };
}

async function move(context: ApiContext, request: FastifyRequest, reply: FastifyReply, wish: MoveWish): Promise<ClinicAppointment> {
  const whole = await asClinic(context, request, async (tx, mover) => readForClinic(tx, await moveAppointment(tx, mover, wish)));
  tellVersion(reply, whole);
  return whole;
}

/** In a transaction of the caller's clinic, behind the role that the route declares. */
async function asClinic<T>(context: ApiContext, request: FastifyRequest, work: (tx: Tx, mover: Mover) => Promise<T>): Promise<T> {
  const { organizationId, userId } = await requireActor(context, request);
  const mover: Mover = { organizationId, userId, kind: "clinician", nowMs: context.clock.now(), requestId: request.id };
  return context.database.withOrganization(organizationId, (tx) => work(tx, mover));
}

/**
 * The routes that all kinds of the clinical history have: list, add, read, change, versions, entered in error and given back. A kind is its words, its
 * shapes and whether it has a status; the rest is the same for all.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { audienceFor, type Audience, type EntryKind, type Writer } from "#clinic/history/kinds.ts";
import { listEntries, listVersions, readEntry, type Entry, type EntryPlace, type EntryVersion } from "#clinic/history/read-entries.ts";
import { addEntry, changeEntry, enterInError, giveBack, type EntryContent, type EntryRef, type HistoryOwner } from "#clinic/history/write-entries.ts";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access/access.ts";
import { namesOf } from "#people/audit/accesses.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput, NotFound } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { ifMatchNeeded, ifMatchWelcome, putVersion, versionOf } from "./if-match.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { takeBackReason, type Author } from "./schemas.ts";

/** One kind of entries as its routes need it. */
export interface EntryRoutes {
  readonly kind: EntryKind;
  /** Below the patient, e.g. `conditions`. */
  readonly path: string;
  /** The name of the entry's id in addresses, e.g. `conditionId`. */
  readonly id: string;
  /** In summaries. */
  readonly words: { readonly one: string; readonly many: string };
  readonly request: z.ZodObject;
  readonly entry: z.ZodObject;
  readonly list: z.ZodObject;
  readonly versions: z.ZodObject;
  readonly statuses: readonly [string, ...string[]] | null;
  /** What is told of entries besides what they hold, by their ids. */
  readonly beside?: (patient: PatientRow, entries: readonly Entry[]) => Promise<ReadonlyMap<string, object>>;
}

type Request = FastifyRequest<{ Params: { patientId: string } }>;
type Told = Record<string, unknown>;

export const HISTORY_TAGS = ["clinical history"];
const listQuery = z.object({
  includeErrors: z.enum(["true", "false"]).default("false").describe("Also what was entered in error."),
  limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(600).optional(),
});
const takeBackQuery = z.object({ reason: takeBackReason.optional() });

export function entryRoutes(server: Server, context: ApiContext, routes: EntryRoutes): void {
  const { kind, path, id: idName, words, list } = routes;
  const url = `/patients/:patientId/${path}` as const;
  const oneUrl = `${url}/:${idName}` as const;
  const params = oneParams(idName);
  const idOf = (request: Request): string => (request.params as Record<string, string>)[idName]!;
  const read = { access: { who: "patient", scope: "view" } } as const;
  const write = { access: { who: "patient", scope: "manage" } } as const;
  const tellOne = teller(context, routes);
  const query = routes.statuses === null ? listQuery : listQuery.extend({ status: z.enum(routes.statuses).optional() });

  server.get(url, { config: read, schema: { tags: HISTORY_TAGS, summary: `${words.many} of the clinical history`, params: patientParams, querystring: query, response: { 200: list, ...PROBLEMS } } }, async (request, reply) => {
    const { limit, cursor, includeErrors, status } = request.query as z.output<typeof listQuery> & { status?: string };
    const page = await withPatient(context, request, async (tx, patient) => {
      const scope = `${path} ${patient.id} ${status ?? ""} ${includeErrors}`;
      const entries = await listEntries(tx, patient.id, { kind, status, withErrors: includeErrors === "true", limit: limit + 1, after: cursor === undefined ? null : placeOf(decodeCursor(context, scope, cursor)) });
      const shown = entries.slice(0, limit);
      const last = shown.at(-1);
      return { patient, shown, nextCursor: entries.length > limit && last ? encodeCursor(context, scope, [String(last.isPinned), last.createdMs, last.id]) : null };
    });
    if (page.nextCursor !== null) {
      const next = new URLSearchParams({ ...(status ? { status } : {}), includeErrors, limit: String(limit), cursor: page.nextCursor });
      reply.header("link", `</api/v1/patients/${request.params.patientId}/${path}?${next.toString()}>; rel="next"`);
    }
    return { data: await tellEntries(context, page.patient, page.shown, await routes.beside?.(page.patient, page.shown)), nextCursor: page.nextCursor };
  });

  server.get(oneUrl, { config: read, schema: { tags: HISTORY_TAGS, summary: `One of the ${words.many.toLowerCase()}`, params, response: { 200: routes.entry, ...PROBLEMS } } }, async (request, reply) => {
    const found = await withPatient(context, request as Request, async (tx, patient) => ({ patient, entry: await entryOf(tx, patient, { kind, id: idOf(request as Request) }) }));
    return tellOne(reply, found.patient, found.entry);
  });

  server.get(`${oneUrl}/versions`, {
    config: read, schema: { tags: HISTORY_TAGS, summary: `Every version of ${words.one}, with who wrote it and when, newest first`, params, response: { 200: routes.versions, ...PROBLEMS } },
  }, async (request) => {
    const { patient, versions } = await withPatient(context, request as Request, async (tx, found) => {
      const entry = await entryOf(tx, found, { kind, id: idOf(request as Request) });
      return { patient: found, versions: await listVersions(tx, found.id, entry.id) };
    });
    const people = await peopleOf(context, patient, versions.map(({ authorId }) => authorId));
    return { data: versions.map((version) => tellVersion(version, people)) };
  });

  if (kind !== "document") {
    server.post(url, { config: write, schema: { tags: HISTORY_TAGS, summary: `Write ${words.one} into the history`, params: patientParams, body: routes.request, response: { 201: routes.entry, ...PROBLEMS } } }, async (request, reply) => {
      const { patient, entry } = await writeHistory(context, request, (tx, owner) => addEntry(tx, owner, { kind, content: contentOf(request.body, owner.writer) }));
      return tellOne(reply.code(201), patient, entry);
    });
  }

  server.put(oneUrl, {
    config: write,
    schema: {
      tags: HISTORY_TAGS, summary: `Change ${words.one}: all of it anew`, description: "Adds a version; the earlier ones stay. A clinician's is changed by clinicians alone.", params, headers: ifMatchNeeded, body: routes.request,
      response: { 200: routes.entry, ...PROBLEMS, 409: PROBLEM, 412: PROBLEM },
    },
  }, async (request, reply) => {
    const ref = { kind, id: idOf(request as Request), seen: versionOf(request.headers["if-match"]) };
    const { patient, entry } = await writeHistory(context, request as Request, (tx, owner) => changeEntry(tx, owner, ref, contentOf(request.body as Told, owner.writer)), ref);
    return tellOne(reply, patient, entry);
  });

  takeBackRoutes(server, context, { routes, params, idOf });
}

/** Entered in error instead of deleted, and given back. */
function takeBackRoutes(
  server: Server, context: ApiContext, { routes, params, idOf }: { readonly routes: EntryRoutes; readonly params: ReturnType<typeof oneParams>; readonly idOf: (request: Request) => string },
): void {
  const { kind, path, id: idName, words } = routes;
  const oneUrl = `/patients/:patientId/${path}/:${idName}` as const;
  const write = { access: { who: "patient", scope: "manage" } } as const;
  const seenBy = (request: FastifyRequest): number | null => (request.headers["if-match"] === undefined ? null : versionOf(request.headers["if-match"]));
  const replies = { 200: routes.entry, ...PROBLEMS, 412: PROBLEM };
  const tellOne = teller(context, routes);

  server.delete(oneUrl, {
    config: write,
    schema: { tags: HISTORY_TAGS, summary: `Mark ${words.one} as entered in error`, description: "It is kept with its versions, left out of lists, and can be given back.", params, headers: ifMatchWelcome, querystring: takeBackQuery, response: replies },
  }, async (request, reply) => {
    const ref: EntryRef = { kind, id: idOf(request as Request), seen: seenBy(request as FastifyRequest) };
    const { reason = null } = request.query;
    const { patient, entry } = await writeHistory(context, request as Request, (tx, owner) => enterInError(tx, owner, ref, reason), ref);
    return tellOne(reply, patient, entry);
  });

  server.post(`${oneUrl}/restore`, {
    config: write, schema: { tags: HISTORY_TAGS, summary: `Give ${words.one} back that was entered in error`, params, headers: ifMatchWelcome, response: replies },
  }, async (request, reply) => {
    const ref: EntryRef = { kind, id: idOf(request as Request), seen: seenBy(request as FastifyRequest) };
    const { patient, entry } = await writeHistory(context, request as Request, (tx, owner) => giveBack(tx, owner, ref), ref);
    return tellOne(reply, patient, entry);
  });
}

/** Tells one entry, and its version as the ETag. */
function teller(context: ApiContext, { beside }: EntryRoutes): (reply: FastifyReply, patient: PatientRow, entry: Entry) => Promise<Told> {
  return async (reply, patient, entry) => {
    putVersion(reply, entry.version);
    return (await tellEntries(context, patient, [entry], await beside?.(patient, [entry])))[0]!;
  };
}

function oneParams(idName: string) {
  return patientParams.extend({ [idName]: z.string().max(40) });
}

/** The entry that the caller may read. Throws NotFound. */
export async function entryOf(tx: Tx, patient: PatientRow, asked: Pick<EntryRef, "kind" | "id">): Promise<Entry> {
  const entry = await readEntry(tx, patient.id, asked);
  if (!entry) throw new NotFound("There is no such entry.");
  return entry;
}

/** Writes on behalf of the caller; where an entry is named, one that they may read. */
export async function writeHistory<Result>(
  context: ApiContext, request: Request, work: (tx: Tx, owner: HistoryOwner) => Promise<Result>, ref?: Pick<EntryRef, "kind" | "id">,
): Promise<{ patient: PatientRow; entry: Result }> {
  const { patient, writer } = await withPatient(context, request, async (tx, found, actor) => {
    if (ref) await entryOf(tx, found, ref);
    return { patient: found, writer: writerOf(found, actor) };
  });
  const owner = { organizationId: patient.organizationId, patientId: patient.id, writer, nowMs: context.clock.now() };
  return { patient, entry: await context.database.withOrganization(patient.organizationId, (tx) => work(tx, owner)) };
}

export function writerOf(patient: PatientRow, { userId, roles }: Actor): Writer {
  return { userId, isClinician: roles.includes("clinician") && !patient.isSelf };
}

/** What a body says, apart: what every kind has, and the kind's own fields. */
export function contentOf(body: Told, writer: Writer): EntryContent {
  const { status = null, audience, isPinned = false, ...fields } = body;
  return { status: status as string | null, audience: audienceFor(writer, audience as Audience | undefined), isPinned: isPinned as boolean, fields };
}

function placeOf([isPinned, createdMs, id]: readonly (string | number)[]): EntryPlace {
  if (typeof id !== "string") throw new InvalidInput("The cursor does not belong to this list.");
  return { isPinned: isPinned === "true", createdMs: Number(createdMs), id };
}

export async function tellEntries(context: ApiContext, patient: PatientRow, entries: readonly Entry[], beside?: ReadonlyMap<string, object>): Promise<Told[]> {
  const people = await peopleOf(context, patient, entries.flatMap(({ createdBy, changedBy }) => [createdBy, changedBy]));
  return entries.map(({ fields, id, version, status, audience, isPinned, isSelfReported, createdMs, createdBy, changedMs, changedBy, enteredInErrorMs }) => ({
    ...fields, ...beside?.get(id), id, version, status, audience, isPinned, isSelfReported, createdAt: formatInstant(createdMs), createdBy: people(createdBy), changedAt: formatInstant(changedMs), changedBy: people(changedBy),
    enteredInErrorAt: enteredInErrorMs === null ? null : formatInstant(enteredInErrorMs),
  }));
}

function tellVersion({ fields, version, deed, status, audience, isPinned, reason, atMs, authorId }: EntryVersion, people: (userId: string | null) => Author | null): Told {
  return { ...fields, version, deed, status, audience, isPinned, errorReason: reason, at: formatInstant(atMs), author: people(authorId) };
}

/** Names of authors, which a person's own transaction does not see. */
async function peopleOf(context: ApiContext, patient: PatientRow, userIds: readonly (string | null)[]): Promise<(userId: string | null) => Author | null> {
  const { names, own } = await context.database.withOrganization(patient.organizationId, async (tx) => ({
    names: await namesOf(tx, userIds), own: (await tx.query<{ user_id: string | null }>("select user_id from patients where id = $1", [patient.id]))[0]?.user_id ?? null,
  }));
  return (userId) => (userId === null ? null : { userId, name: names.get(userId) ?? null, isPatient: userId === own });
}

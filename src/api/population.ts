/** A clinic's list of all its patients, from what is kept of each: filtered, in any order, in pages or as a file (docs/population.md). */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { readRules } from "#clinic/population/attention-rules.ts";
import { readBeside } from "#clinic/population/beside.ts";
import { inOrder, isShown, plainLetters, type PatientFacts, type PopulationFilter, type Setting } from "#clinic/population/filter.ts";
import type { Period } from "#clinic/population/line.ts";
import { factsFor, readFacts, type Wanted } from "#clinic/population/read-facts.ts";
import { readRows, type PopulationRow } from "#clinic/population/read-rows.ts";
import type { AttentionRules } from "#clinic/population/rules.ts";
import { listTags, type Tag } from "#clinic/tags/tags.ts";
import type { Tx } from "#db/database.ts";
import { csvRow } from "#exports/csv.ts";
import { namesOf } from "#people/audit/accesses.ts";
import { auditEach } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { noteEmergency } from "../trail.ts";
import { requireActor } from "./authenticate.ts";
import { JSON_TYPE } from "./column-json.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { askedOf, type PopulationAsked } from "./population-query.ts";
import { showRow, TABLE_COLUMNS, tableRow, vendorNames, type Telling } from "./population-show.ts";
import { hideOwnerOnly, PROBLEMS, type Server } from "./route-kit.ts";
import { populationQuery, type PopulationQuery } from "./schemas/population-query.ts";
import { clinicPatientList, populationSearch, type ClinicPatient, type ClinicPatientList } from "./schemas.ts";

const TAGS = ["clinic"];
const FOR_CLINICIANS = { access: { who: "user", roles: ["clinician"] } } as const;
const DESCRIPTION = `${GLUCOSE_NOTICE} Of everybody who granted me access and shares, from what is kept: each line says as of when, and whether something newer waits. The numbers are those of /glucose/statistics over the same whole local days, by the patient's own target.`;
/** Beside each other in a file; one transaction reads some at a time. */
const ROWS_AT_ONCE = 250;

export function populationRoutes(server: Server, context: ApiContext): void {
  server.get("/clinic/patients", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "All my patients, with what their last days amount to", description: DESCRIPTION, querystring: populationQuery, response: { 200: clinicPatientList, ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const { query } = request;
    // Each row is made field by field; to check thousands of numbers one by one would take as long as to find them.
    return reply.header(NOTICE_HEADER, GLUCOSE_NOTICE).type(JSON_TYPE).serializer(JSON.stringify).send(await listPage(context, request as FastifyRequest, { actor, query, text: null }));
  });

  server.post("/clinic/patients/search", {
    config: FOR_CLINICIANS,
    schema: {
      tags: TAGS, summary: "The same, of those whom a text finds", description: `${DESCRIPTION} What is searched for stands in no address.`, body: populationSearch, response: { 200: clinicPatientList, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const { filters: query, text } = request.body;
    return reply.header(NOTICE_HEADER, GLUCOSE_NOTICE).type(JSON_TYPE).serializer(JSON.stringify).send(await listPage(context, request as FastifyRequest, { actor, query, text }));
  });

  server.get("/clinic/patients.csv", {
    config: { ...FOR_CLINICIANS, limit: "sensitive" },
    schema: {
      tags: TAGS, summary: "All that the filters show, as CSV", description: `${DESCRIPTION} Unrounded, decimal points, both units; text that a spreadsheet would run as a formula has an apostrophe in front. Everybody in it is noted in the audit log.`,
      querystring: populationQuery.omit({ limit: true, cursor: true }), response: { 200: { description: "The table", content: { "text/csv": { schema: z.string() } } }, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const asked = askedOf({ ...request.query, limit: 1 }, null, context.clock.now());
    const { found, setting } = await find(context, actor, asked);
    const read = await inClinic(context, actor, async (tx) => {
      const tags = await listTags(tx);
      noteEmergencies(found);
      await auditEach(tx, actor.organizationId, { action: "population.exported", actorUserId: actor.userId, objectType: "route", objectId: request.routeOptions.url ?? "", requestId: request.id }, found.map(({ id }) => id));
      const rows: PopulationRow[] = [];
      for (let from = 0; from < found.length; from += ROWS_AT_ONCE) {
        rows.push(...await readRows(tx, found.slice(from, from + ROWS_AT_ONCE).map(({ id }) => id), { ...setting, days: asked.days, userId: actor.userId }));
      }
      return { rows, setting, tags };
    });
    const told = await tell(context, actor, read);
    const lines = [csvRow(TABLE_COLUMNS), ...told.map((row) => csvRow(tableRow(row)))];
    return reply.header(NOTICE_HEADER, GLUCOSE_NOTICE).type("text/csv; charset=utf-8; header=present").header("content-disposition", 'attachment; filename="patients.csv"').header("x-content-type-options", "nosniff")
      .serializer((value: unknown) => value as string).send(lines.join(""));
  });
}

/** The facts of all whom the clinician sees, and the clinic's rules. */
export function readEverybody(context: ApiContext, { organizationId, userId }: Actor, days: Period, wanted: Wanted): Promise<{ everybody: PatientFacts[]; rules: AttentionRules }> {
  return context.database.withOrganization(organizationId, async (tx) => {
    await hideOwnerOnly(context, tx);
    const { rules } = await readRules(tx);
    return { everybody: await readFacts(tx, userId, { days, wanted }), rules };
  });
}

/** Runs work as the clinician, without what vendors let nobody but the person see. */
export function inClinic<T>(context: ApiContext, actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
  return context.database.withPerson(actor, async (tx) => {
    await hideOwnerOnly(context, tx);
    return work(tx);
  });
}

/** All whom the filters show, in order: found with the organization's rights among those who granted it to the clinician. Of nobody is anything told but by `readRows`. */
async function find(context: ApiContext, actor: Actor, { days, filter, sort, isDescending, nowMs }: PopulationAsked): Promise<{ all: number; found: PatientFacts[]; setting: Setting }> {
  const { everybody, rules } = await readEverybody(context, actor, days, factsFor(filter, sort));
  const setting: Setting = { days, rules, nowMs };
  return { all: everybody.length, found: inOrder(everybody.filter((facts) => isShown(facts, filter, setting)), { sort, isDescending }, setting), setting };
}

interface PageAsked {
  readonly actor: Actor;
  readonly query: PopulationQuery;
  readonly text: string | null;
}

async function listPage(context: ApiContext, request: FastifyRequest, { actor, query, text }: PageAsked): Promise<ClinicPatientList> {
  const { limit, cursor, ...rest } = query;
  const asked = askedOf(query, text === null ? null : await byText(context, actor, text), context.clock.now());
  // Ids alone, and of the question its digest: a name or a value of a patient would end up in addresses.
  const scope = `clinic/patients ${context.accounts.identities.digest("cursor", JSON.stringify([rest, text])).toString("hex")}`;
  const after = cursor === undefined ? null : String(decodeCursor(context, scope, cursor)[0]);
  const { all, found, setting } = await find(context, actor, asked);
  const from = after === null ? 0 : found.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) {
    throw new InvalidInput("The patient that the page before ended with is not in the list any more.", { issues: [{ pointer: "/querystring/cursor", detail: "begin anew without a cursor" }] });
  }
  const page = found.slice(from, from + limit);
  const nextCursor = found.length > from + limit ? encodeCursor(context, scope, [page.at(-1)!.id]) : null;
  const read = await inClinic(context, actor, async (tx) => {
    const rows = await readRows(tx, page.map(({ id }) => id), { ...setting, days: asked.days, userId: actor.userId });
    await auditShown(tx, request, actor, page);
    return { rows, setting, tags: await listTags(tx) };
  });
  return { asOf: formatInstant(asked.nowMs), days: asked.days, data: await tell(context, actor, read), total: found.length, all, nextCursor, notice: GLUCOSE_NOTICE };
}

function noteEmergencies(shown: readonly PatientFacts[]): void {
  for (const { id, isEmergency } of shown) if (isEmergency) noteEmergency(id);
}

/** Who is shown is noted with each of them. */
export async function auditShown(tx: Tx, request: FastifyRequest, actor: Actor, shown: readonly PatientFacts[]): Promise<void> {
  noteEmergencies(shown);
  await auditEach(tx, actor.organizationId, { action: "patient.view", actorUserId: actor.userId, objectType: "route", objectId: request.routeOptions.url ?? "", requestId: request.id }, shown.map(({ id }) => id));
}

/** Rows as the API tells them. Names of colleagues, accounts and requests are asked for with the organization's rights, when the clinician's own transaction has ended. */
export async function tell(context: ApiContext, actor: Actor, { rows, setting, tags }: { readonly rows: readonly PopulationRow[]; readonly setting: Setting; readonly tags: readonly Tag[] }): Promise<ClinicPatient[]> {
  const reviewers = rows.flatMap(({ review }) => (review ? [review.reviewedBy] : []));
  const { names, beside } = await context.database.withOrganization(actor.organizationId, async (tx) => ({
    names: await namesOf(tx, reviewers), beside: await readBeside(tx, rows.map(({ facts }) => facts.id)),
  }));
  const telling: Telling = { ...setting, names, beside, tags: new Map(tags.map((tag) => [tag.id, tag])), vendorName: vendorNames(context) };
  return rows.map((row) => showRow(row, telling));
}

/** Words of a name, and whoever is found by a national id or a hospital account; of these, only those whom the clinician sees will be shown. */
async function byText({ accounts, database }: ApiContext, actor: Actor, text: string): Promise<NonNullable<PopulationFilter["text"]>> {
  const beginning = `${text.trim().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const rows = await database.withOrganization(actor.organizationId, (tx) => tx.query<{ id: string }>(
    "select p.id from patients p join users u on u.id = p.user_id where u.national_id_index = $1 or u.hospital_account ilike $2", [accounts.identities.index(text), beginning],
  ));
  return { words: plainLetters(text).split(/\s+/).filter((word) => word !== ""), ids: new Set(rows.map(({ id }) => id)) };
}

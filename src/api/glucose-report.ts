/** The report that people carry to their doctor, and the tables behind it. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { toCsv } from "#exports/csv.ts";
import { PRESETS, presetOf } from "#exports/presets.ts";
import { reportData } from "#exports/report-data.ts";
import { renderInThread } from "#exports/report-thread.ts";
import type { ReportData } from "#exports/report-types.ts";
import { PAPERS, REPORT_PAGES, type Paper, type ReportPage } from "#exports/report.ts";
import { reportTables, TABLES } from "#exports/tables.ts";
import type { PatientRow } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { readZones } from "#people/zones.ts";
import { readNewest, type ReadSource } from "#samples/read.ts";
import { addDays, isZone, MINUTE_MS } from "#units/time.ts";
import { dateAt, startOfDay, zoneAt, type ZoneHistory } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";
import { VERSION } from "../version.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { readGlucose } from "./glucose.ts";
import { ANALYSIS_REPLIES, analysisSchema, measuredSeries, MOST_DAYS, refusal, sourcesOf } from "./glucose-period.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { endOfMinute, instantParameter, patientParams, PROBLEM, type Server, withPatient } from "./route-kit.ts";
import { glucoseUnit } from "./schemas.ts";
import { localeOf } from "./words.ts";

const DEFAULT_DAYS = 14;

const tableQuery = z.object({
  to: z.string().max(40).optional().describe("RFC 3339 instant up to which readings count; now by default."),
  days: z.coerce.number().int().min(1).max(MOST_DAYS).default(DEFAULT_DAYS).describe("Whole local days, up to the last one with readings."),
  zone: z.string().max(64).optional().describe("IANA zone of the days; the patient's by default."),
  unit: glucoseUnit.default("mg/dL"),
  preset: z.enum(PRESETS).default("standard").describe("Whose ranges and goals."),
});
const reportQuery = tableQuery.extend({
  lang: z.enum(["en", "es"]).optional().describe("The language that the reader's browser prefers by default."),
  paper: z.enum(Object.keys(PAPERS) as [Paper, ...Paper[]]).default("a4"),
  pages: z.string().max(120).default("summary").describe(`Some of ${REPORT_PAGES.join(", ")}, with commas between, or all.`),
});
type TableQuery = z.output<typeof tableQuery>;

const tableParams = patientParams.extend({ table: z.enum(TABLES).describe("Which table, e.g. statistics.") });
const REPLIES = { ...ANALYSIS_REPLIES, 422: PROBLEM };
const DESCRIPTION = "Of the last days with readings. Numbers that too few readings do not bear out are withheld, with the reason.";

export function glucoseReportRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/glucose/report.pdf", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      ...analysisSchema("A report to print or to take along, as PDF", DESCRIPTION), querystring: reportQuery,
      response: { 200: { description: "The report", content: { "application/pdf": { schema: z.any() } } }, ...REPLIES },
    },
  }, async (request, reply) => {
    const { lang: language = localeOf(request), paper, unit } = request.query;
    const pages = pagesOf(request.query.pages);
    const data = await readReport(context, { request, reply }, request.query);
    if (data === null) return reply.code(304).send(null);
    const gone = new AbortController();
    request.raw.once("close", () => gone.abort());
    const bytes = await renderInThread(data, { unit, language, paper, pages, generatedMs: context.clock.now(), version: VERSION }, gone.signal);
    return reply.type("application/pdf").header("content-disposition", `attachment; filename="glucose-${data.period.firstDate}-${data.period.lastDate}.pdf"`)
      .header("x-content-type-options", "nosniff").serializer((value: unknown) => value as string).send(Buffer.from(bytes));
  });

  server.get("/patients/:patientId/glucose/tables/:table", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      ...analysisSchema("A table of the report, as CSV", `${DESCRIPTION} Unrounded; text that a spreadsheet would run as a formula has an apostrophe in front.`), params: tableParams, querystring: tableQuery,
      response: { 200: { description: "The table", content: { "text/csv": { schema: z.string() } } }, ...REPLIES },
    },
  }, async (request, reply) => {
    const data = await readReport(context, { request, reply }, request.query);
    if (data === null) return reply.code(304).send(null);
    const { table } = request.params;
    return reply.type("text/csv; charset=utf-8; header=present").header("content-disposition", `attachment; filename="glucose-${table}.csv"`)
      .serializer((value: unknown) => value as string).send(toCsv(reportTables(data, request.query.unit)[table]));
  });
}

function pagesOf(text: string): readonly ReportPage[] {
  if (text === "all") return REPORT_PAGES;
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => !REPORT_PAGES.includes(name as ReportPage))) throw refusal("pages", "pages names one that there is not.", `some of ${REPORT_PAGES.join(", ")}, or all`);
  return names as ReportPage[];
}

interface Exchange {
  readonly request: FastifyRequest<{ Params: { patientId: string } }>;
  readonly reply: FastifyReply;
}

/** What the report shows; null where the caller has it already. Throws InvalidInput (422) where there are no readings. */
async function readReport(context: ApiContext, { request, reply }: Exchange, query: TableQuery): Promise<ReportData | null> {
  reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
  if (query.zone !== undefined && !isZone(query.zone)) throw refusal("zone", "zone is no IANA zone.", "e.g. Europe/Madrid");
  const toMs = instantParameter("to", query.to, endOfMinute(context.clock.now()));
  const found = await withPatient(context, request, async (tx, patient, actor) => {
    // The report says on which minute it was made.
    if (await isUnchanged(tx, patient, { request: request as FastifyRequest, reply }, [toMs])) return null;
    await audit(tx, actor.organizationId, { action: "report.exported", actorUserId: actor.userId, patientId: patient.id, objectType: "route", objectId: request.routeOptions.url ?? "" });
    return readDays(tx, patient, { toMs, days: query.days, zone: query.zone });
  });
  if (found === null) return null;
  const { lines, sources, patient, zone } = found;
  return reportData(measuredSeries(lines), {
    zone, preset: presetOf(query.preset), days: query.days, person: patient.displayName,
    source: { names: sources.map((source) => nameOf(context, source)), file: null, duplicates: "mean" },
  });
}

async function readDays(tx: Tx, patient: PatientRow, { toMs, days, zone }: { readonly toMs: number; readonly days: number; readonly zone: string | undefined }) {
  const history: ZoneHistory = zone === undefined ? await readZones(tx, patient.id) : { home: zone, entries: [] };
  const { samples } = await readNewest(tx, { patientId: patient.id, metric: "glucose", toMs, count: 1, withinMs: 30 * MINUTE_MS });
  const newestMs = samples.startMs.at(-1);
  if (newestMs === undefined) throw new InvalidInput("There are no glucose readings to report on.", { code: "report_empty", httpStatus: 422 });
  const lastDate = dateAt(history, newestMs);
  const read = await readGlucose(tx, patient, startOfDay(history, addDays(lastDate, 1 - days)), Math.min(toMs, startOfDay(history, addDays(lastDate, 1))));
  return { lines: [read.line], sources: sourcesOf([read]), patient, zone: zoneAt(history, newestMs) };
}

/** The vendor and, where it is known, the device. */
function nameOf(context: ApiContext, source: ReadSource): string {
  const vendor = context.sync.providers.drivers.find(({ id }) => id === source.provider)?.displayName ?? source.provider;
  return source.deviceName === null ? vendor : `${vendor} (${source.deviceName})`;
}

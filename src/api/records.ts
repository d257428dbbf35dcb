/** Sleeps, workouts and treatments, newest first. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { SPORTS, type Device, type Sport } from "#driver/records.ts";
import { nightsOf, resolveSleeps } from "#samples/sources/nights.ts";
import { listRecords, type RecordTable, type SleepDetails, type StoredRecord, type TreatmentDetails, type WorkoutDetails } from "#samples/records.ts";
import { listResolved } from "#samples/resolved.ts";
import { listRules, rulesByScope } from "#samples/sources/source-rules.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { isUnchanged } from "./etag.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { endOfMinute, PROBLEMS, patientParams, periodParameters, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import {
  sleepLatest, sleepList, treatmentList, workoutList, type Sleep, type Source, type Treatment, type Workout,
} from "./schemas.ts";
import { showSource } from "./sources.ts";

const query = z.object({
  from: z.string().max(40).optional().describe("First instant; a year before `to` by default."),
  to: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(600).optional(),
});
const resolvableQuery = query.extend({
  resolved: z.enum(["true", "false"]).optional().describe("`true`: each night, nap or workout once, as the most detailed device told it. All reports unless asked."),
});
type Query = z.infer<typeof resolvableQuery>;
type PatientRequest = FastifyRequest<{ Params: { patientId: string } }>;

const UNITS: Readonly<Record<string, string>> = {
  carbohydrates: "g", insulin_rapid: "U", insulin_long: "U", insulin_unspecified: "U", insulin_basal: "U", exercise: "min", meter_glucose: "mg/dL", calibration: "mg/dL",
};

export function recordRoutes(server: Server, context: ApiContext): void {
  const schemaOf = <Given extends z.ZodObject>(summary: string, querystring: Given) => ({ tags: ["measurements"], summary, params: patientParams, querystring });
  const list = async <Table extends RecordTable>(request: PatientRequest & { query: Query }, reply: FastifyReply, table: Table) => {
    const endMs = endOfMinute(context.clock.now());
    const page = await withPatient(context, request, async (tx, patient) =>
      (await isUnchanged(tx, patient, { request, reply }, [endMs])) ? null : readPage(context, tx, { table, patientId: patient.id, query: request.query, endMs }));
    if (page && page.nextCursor !== null) {
      const { from, to, limit, resolved } = request.query;
      const next = new URLSearchParams({ ...(from ? { from } : {}), ...(to ? { to } : {}), ...(resolved ? { resolved } : {}), limit: String(limit), cursor: page.nextCursor });
      reply.header("link", `</api/v1/patients/${request.params.patientId}/${table}?${next.toString()}>; rel="next"`);
    }
    return page;
  };

  server.get("/patients/:patientId/sleeps", { config: { access: { who: "patient", scope: "view" } }, schema: { ...schemaOf("Sleeps", resolvableQuery), response: { 200: sleepList, ...UNCHANGED, ...PROBLEMS } } }, async (request, reply) => {
    const page = await list(request, reply, "sleeps");
    return page ? { data: page.rows.map((row) => showSleep(context, row)), nextCursor: page.nextCursor } : reply.code(304).send(null);
  });

  server.get("/patients/:patientId/sleeps/latest", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["measurements"], summary: "The last night", params: patientParams, response: { 200: sleepLatest, ...UNCHANGED, ...PROBLEMS } },
  }, async (request, reply) => {
    const endMs = endOfMinute(context.clock.now());
    const told = await withPatient(context, request, async (tx, patient) => {
      if (await isUnchanged(tx, patient, { request, reply }, [endMs])) return null;
      const rows = await listRecords(tx, "sleeps", patient.id, { fromMs: 0, toMs: endMs + DAY_MS, limit: 20, after: null });
      const rule = rulesByScope(await listRules(tx, patient.id)).get("all");
      const shown = nightsOf(rows, rule).at(-1)?.sleeps.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))[0] ?? resolveSleeps(rows, rule)[0];
      return { sleep: shown ? showSleep(context, shown) : null };
    });
    return told ?? reply.code(304).send(null);
  });

  server.get("/patients/:patientId/workouts", { config: { access: { who: "patient", scope: "view" } }, schema: { ...schemaOf("Workouts", resolvableQuery), response: { 200: workoutList, ...UNCHANGED, ...PROBLEMS } } }, async (request, reply) => {
    const page = await list(request, reply, "workouts");
    return page ? { data: page.rows.map((row) => showWorkout(context, row)), nextCursor: page.nextCursor } : reply.code(304).send(null);
  });

  server.get("/patients/:patientId/treatments", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { ...schemaOf("Carbohydrates, insulin, exercise, finger-sticks and notes as recorded", query), description: GLUCOSE_NOTICE, response: { 200: treatmentList, ...UNCHANGED, ...PROBLEMS } },
  }, async (request, reply) => {
    // Finger-sticks are glucose, too.
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const page = await list(request, reply, "treatments");
    return page ? { data: page.rows.map((row) => showTreatment(context, row)), nextCursor: page.nextCursor } : reply.code(304).send(null);
  });
}

async function readPage<Table extends RecordTable>(context: ApiContext, tx: Tx, asked: { table: Table; patientId: string; query: Query; endMs: number }) {
  const { table, patientId, query: given } = asked;
  const { fromMs, toMs } = periodParameters(given, asked.endMs + DAY_MS, { defaultMs: 365 * DAY_MS });
  const scope = `${table} ${patientId} ${given.from ?? ""} ${given.to ?? ""} ${given.resolved ?? ""}`;
  const [startMs, id] = given.cursor ? decodeCursor(context, scope, given.cursor) : [];
  const after = startMs === undefined || id === undefined ? null : { startMs: Number(startMs), id: String(id) };
  const asking = { fromMs, toMs, limit: given.limit + 1, after };
  const rows = given.resolved === "true" ? await listResolved(tx, table, patientId, asking) : await listRecords(tx, table, patientId, asking);
  const page = rows.slice(0, given.limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > given.limit && last ? encodeCursor(context, scope, [last.startMs, last.id]) : null };
}

function sourceOf(context: ApiContext, row: StoredRecord<{ readonly device?: Device }>): Source {
  const { device } = row.details;
  return showSource(context, { id: row.connectionId ?? row.provider, provider: row.provider, connectionId: row.connectionId, deviceId: device?.id ?? "", deviceName: device?.name ?? null });
}

function common(context: ApiContext, row: StoredRecord<{ readonly device?: Device }>) {
  return { id: row.id, offsetMinutes: row.offsetMinutes, source: sourceOf(context, row), deliveryId: row.deliveryId };
}

export function showSleep(context: ApiContext, row: StoredRecord<SleepDetails>): Sleep {
  const { totals, stages, efficiencyPercent, score } = row.details;
  return {
    ...common(context, row), start: formatInstant(row.startMs), end: formatInstant(row.endMs), isNap: row.kind === "nap",
    asleepS: totals.asleepS ?? null, inBedS: totals.inBedS ?? null, deepS: totals.deepS ?? null, lightS: totals.lightS ?? null,
    remS: totals.remS ?? null, awakeS: totals.awakeS ?? null, efficiencyPercent: efficiencyPercent ?? null, score: score ?? null,
    stages: stages.map(({ stage, startMs, endMs }) => ({ stage, start: formatInstant(startMs), end: formatInstant(endMs) })),
  };
}

export function showWorkout(context: ApiContext, row: StoredRecord<WorkoutDetails>): Workout {
  const { details } = row;
  const link = context.sync.providers.drivers.find((driver) => driver.id === row.provider)?.brand.workoutLink;
  return {
    ...common(context, row), start: formatInstant(row.startMs), end: formatInstant(row.endMs),
    sport: SPORTS.includes(row.kind as Sport) ? (row.kind as Sport) : "other", vendorSport: details.vendorSport ?? null, title: details.title ?? null,
    activeS: details.activeS ?? null, distanceM: details.distanceM ?? null, energyKcal: details.energyKcal ?? null,
    averageHeartRate: details.averageHeartRate ?? null, maxHeartRate: details.maxHeartRate ?? null, averagePaceSKm: details.averagePaceSKm ?? null,
    averagePowerW: details.averagePowerW ?? null, maxPowerW: details.maxPowerW ?? null, isPowerEstimated: details.isPowerEstimated ?? false,
    averageCadence: details.averageCadence ?? null, elevationGainM: details.elevationGainM ?? null,
    link: link && !row.vendorKey.startsWith("start:") ? { text: link.text, url: link.url.replace("{id}", encodeURIComponent(row.vendorKey)) } : null,
  };
}

function showTreatment(context: ApiContext, row: StoredRecord<TreatmentDetails>): Treatment {
  const { amount, text, endMs, meal, mealRelation, sampleType, sampleLocation, isManual } = row.details;
  return {
    ...common(context, row), at: formatInstant(row.startMs), end: endMs === undefined ? null : formatInstant(endMs), kind: row.kind, amount: amount ?? null,
    unit: amount === undefined ? null : (UNITS[row.kind] ?? null), text: text ?? null, meal: meal ?? null, mealRelation: mealRelation ?? null,
    sampleType: sampleType ?? null, sampleLocation: sampleLocation ?? null, isManual: isManual ?? false,
  };
}

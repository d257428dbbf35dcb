/** What each local day amounts to. Days of 23 and 25 hours are told as they are. */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access.ts";
import { listSeries } from "#samples/store.ts";
import { listRecords } from "#samples/records.ts";
import { readMetric } from "#samples/read.ts";
import { combine } from "#samples/resolution.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { addDays, formatInstant, HOUR_MS, localDate, localDay, type Window } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEMS, patientParams, SECURITY, type Server, withPatient } from "./route-kit.ts";
import { daySummaryList, type DaySummary } from "./schemas.ts";
import { showSource } from "./sources.ts";

const MOST_DAYS = 92;
const SAMPLES_A_DAY = 90_000;

const query = z.object({
  from: z.string().regex(/^\d{4}-\d{2}-\d{2}$/).optional().describe("First local date; six days before `to` by default."),
  to: z.string().regex(/^\d{4}-\d{2}-\d{2}$/).optional().describe("Last local date, inclusive; today by default."),
});

export function dayRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/days", {
    schema: { tags: ["measurements"], summary: "Daily summaries by the patient's local days", description: GLUCOSE_NOTICE, security: SECURITY, params: patientParams, querystring: query, response: { 200: daySummaryList, ...PROBLEMS } },
  }, async (request, reply) => {
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return withPatient(context, request, "view", async (tx, patient) => {
      const to = request.query.to ?? localDate(patient.zone, context.clock.now());
      const from = request.query.from ?? addDays(to, -6);
      const dates = datesBetween(from, to);
      const metrics = [...new Set((await listSeries(tx, patient.id)).map((series) => series.metric))];
      const data: DaySummary[] = [];
      for (const date of dates) {
        const day = localDay(patient.zone, date);
        if (!day) throw new InvalidInput("from and to must be dates of the calendar.");
        data.push(await summarizeDay(context, tx, { patient, metrics, date, day }));
      }
      return { zone: patient.zone, data, notice: GLUCOSE_NOTICE };
    });
  });
}

function datesBetween(from: string, to: string): string[] {
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) {
    dates.push(date);
    if (dates.length > MOST_DAYS) throw new InvalidInput(`At most ${MOST_DAYS} days at once.`, { issues: [{ pointer: "/querystring/from", detail: "ask for fewer days" }] });
  }
  if (dates.length === 0) throw new InvalidInput("from must not lie after to.", { issues: [{ pointer: "/querystring/from", detail: "a date up to `to`" }] });
  return dates;
}

async function summarizeDay(
  context: ApiContext, tx: Tx, asked: { patient: PatientRow; metrics: readonly MetricName[]; date: string; day: Window },
): Promise<DaySummary> {
  const { patient, day } = asked;
  const metrics: DaySummary["metrics"] = [];
  for (const metric of asked.metrics) {
    // Vendors' totals of a day come as one sample at its start; measurements within it are combined here.
    const resolution = METRICS[metric].aggregate === "sum" ? "1d" : "raw";
    const read = await readMetric(tx, { patientId: patient.id, metric, ...day, resolution, zone: patient.zone, limit: SAMPLES_A_DAY });
    const { values, sourceIndexes } = read.samples;
    if (values.length === 0) continue;
    metrics.push({
      metric, unit: METRICS[metric].unit, count: values.length, value: combine(metric, values),
      min: values.reduce((least, value) => Math.min(least, value)), max: values.reduce((most, value) => Math.max(most, value)),
      source: showSource(context, read.sources[sourceIndexes[0]!]!),
    });
  }
  const page = { limit: 200, after: null };
  // A night belongs to the day it ends in.
  const sleeps = (await listRecords(tx, "sleeps", patient.id, { ...page, fromMs: day.fromMs - 24 * HOUR_MS, toMs: day.toMs })).filter(
    (sleep) => sleep.endMs > day.fromMs && sleep.endMs <= day.toMs && sleep.kind === "sleep",
  );
  const workouts = await listRecords(tx, "workouts", patient.id, { ...page, fromMs: day.fromMs, toMs: day.toMs });
  // Several devices may report one night and one run: the longest sleep stands for the night, overlapping workouts count once.
  const asleep = sleeps.map((sleep) => sleep.details.totals.asleepS ?? (sleep.endMs - sleep.startMs) / 1000);
  const apart = workouts.filter((one, index) => !workouts.slice(0, index).some((other) => other.startMs < one.endMs && one.startMs < other.endMs));
  return {
    date: asked.date, from: formatInstant(day.fromMs), to: formatInstant(day.toMs), metrics,
    sleepS: asleep.length === 0 ? null : Math.max(...asleep), workouts: apart.length,
    workoutS: apart.length === 0 ? null : apart.reduce((total, one) => total + (one.details.activeS ?? (one.endMs - one.startMs) / 1000), 0),
  };
}

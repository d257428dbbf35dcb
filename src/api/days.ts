/** What each local day amounts to. Days of 23 and 25 hours are told as they are. */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access.ts";
import { exerciseOf, nightOf } from "#samples/nights.ts";
import { listRecords } from "#samples/records.ts";
import { readMetric, readSeries, type KnownSeries, type MetricRead } from "#samples/read.ts";
import { combine } from "#samples/resolution.ts";
import type { Series } from "#samples/series.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { addDays, DAY_MS, formatInstant, localDate, localDay, type Window } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEMS, patientParams, SECURITY, type Server, withPatient } from "./route-kit.ts";
import { daySummaryList, type DaySummary } from "./schemas.ts";
import { showSource } from "./sources.ts";

const MOST_DAYS = 92;
/** Samples of one source that are held at once. */
const SAMPLES_AT_ONCE = 100_000;
/** More nights and workouts than anybody has in the longest period. */
const MOST_RECORDS = 2_000;

const query = z.object({
  from: z.string().max(10).optional().describe("First local date, e.g. 2026-03-02; six days before `to` by default."),
  to: z.string().max(10).optional().describe("Last local date, inclusive; today by default."),
});

interface LocalDay {
  readonly date: string;
  readonly window: Window;
}

export function dayRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/days", {
    schema: { tags: ["measurements"], summary: "Daily summaries by the patient's local days", description: GLUCOSE_NOTICE, security: SECURITY, params: patientParams, querystring: query, response: { 200: daySummaryList, ...PROBLEMS } },
  }, async (request, reply) => {
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return withPatient(context, request, "view", async (tx, patient) => {
      const to = request.query.to ?? localDate(patient.zone, context.clock.now());
      // First of all: nothing can be counted from what is no date.
      dayOf("to", patient.zone, to);
      const days = daysBetween(patient.zone, request.query.from ?? addDays(to, -6), to);
      return { zone: patient.zone, data: await summarizeDays(context, tx, patient, days), notice: GLUCOSE_NOTICE };
    });
  });
}

function dayOf(name: "from" | "to", zone: string, date: string): LocalDay {
  const window = localDay(zone, date);
  if (!window) throw new InvalidInput(`${name} is no date.`, { issues: [{ pointer: `/querystring/${name}`, detail: "use a date of the calendar, e.g. 2026-03-02" }] });
  return { date, window };
}

function daysBetween(zone: string, from: string, to: string): LocalDay[] {
  const days = [dayOf("from", zone, from)];
  if (from > to) throw new InvalidInput("from must not lie after to.", { issues: [{ pointer: "/querystring/from", detail: "a date up to `to`" }] });
  for (let date = addDays(from, 1); date <= to; date = addDays(date, 1)) {
    days.push(dayOf("to", zone, date));
    if (days.length > MOST_DAYS) throw new InvalidInput(`At most ${MOST_DAYS} days at once.`, { issues: [{ pointer: "/querystring/from", detail: "ask for fewer days" }] });
  }
  return days;
}

async function summarizeDays(context: ApiContext, tx: Tx, patient: PatientRow, days: readonly LocalDay[]): Promise<DaySummary[]> {
  const known = await readSeries(tx, patient.id);
  const metrics: DaySummary["metrics"][] = days.map(() => []);
  for (const metric of new Set(known.series.map((series) => series.metric))) {
    for (const [index, values] of await readDays(tx, { patient, known, metric, days })) metrics[index]!.push(summarize(context, metric, values));
  }
  const page = { fromMs: days[0]!.window.fromMs - DAY_MS, toMs: days.at(-1)!.window.toMs, limit: MOST_RECORDS, after: null };
  const sleeps = await listRecords(tx, "sleeps", patient.id, page);
  const workouts = await listRecords(tx, "workouts", patient.id, page);
  return days.map(({ date, window }, index) => ({
    date, from: formatInstant(window.fromMs), to: formatInstant(window.toMs), metrics: metrics[index]!,
    sleepS: nightOf(sleeps, window, known.rules.get("all")), ...exerciseOf(workouts, window, known.rules.get("all")),
  }));
}

interface DayValues {
  readonly values: number[];
  /** Of the day's first value. */
  readonly source: Series;
}

/** What a metric measured on each day that it was measured on, by the day's place in the list. Read in one go: a query a day would be thousands. */
async function readDays(
  tx: Tx, asked: { patient: PatientRow; known: KnownSeries; metric: MetricName; days: readonly LocalDay[] },
): Promise<Map<number, DayValues>> {
  const { patient, known, metric, days } = asked;
  const found = new Map<number, DayValues>();
  const toMs = days.at(-1)!.window.toMs;
  let day = 0;
  for (let fromMs: number | null = days[0]!.window.fromMs; fromMs !== null; ) {
    const { samples, sources, nextFromMs }: MetricRead = await readMetric(tx, {
      patientId: patient.id, metric, fromMs, toMs, resolution: resolutionOf(metric), zone: patient.zone, limit: SAMPLES_AT_ONCE, known,
    });
    for (const [index, startMs] of samples.startMs.entries()) {
      while (startMs >= days[day]!.window.toMs) day += 1;
      const ofDay = found.get(day);
      if (ofDay) ofDay.values.push(samples.values[index]!);
      else found.set(day, { values: [samples.values[index]!], source: sources[samples.sourceIndexes[index]!]! });
    }
    fromMs = nextFromMs;
  }
  return found;
}

function summarize(context: ApiContext, metric: MetricName, { values, source }: DayValues): DaySummary["metrics"][number] {
  return {
    metric, unit: METRICS[metric].unit, count: values.length, value: combine(metric, values),
    min: values.reduce((least, value) => Math.min(least, value)), max: values.reduce((most, value) => Math.max(most, value)),
    source: showSource(context, source),
  };
}

/** Vendors' totals of a day come as one sample at its start, which stands for what was measured within it. */
function resolutionOf(metric: MetricName): "1d" | "raw" {
  return METRICS[metric].aggregate === "sum" ? "1d" : "raw";
}

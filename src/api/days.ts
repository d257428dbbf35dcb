/** What each local day amounts to. Days of 23 and 25 hours are told as they are. */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { readZones } from "#people/zones.ts";
import { exerciseOf, nightOf } from "#samples/sources/nights.ts";
import { listRecords } from "#samples/records.ts";
import { listSeries, type Series } from "#samples/store/series.ts";
import { listRules, rulesByScope } from "#samples/sources/source-rules.ts";
import { readDaySummaries, type DaysAsked } from "#summaries/days.ts";
import type { DaySummary as KeptDay } from "#summaries/summarize.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { addDays, DAY_MS, formatInstant, localDay } from "#units/time.ts";
import { dateAt, localDays, zoneAt, type LocalDay, type ZoneHistory } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEMS, patientParams, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import { daySummaryList, type DaySummary } from "./schemas.ts";
import { showSource } from "./sources.ts";

const MOST_DAYS = 366;
/** More nights and workouts than anybody has in the longest period. */
const MOST_RECORDS = 6_000;
const DESCRIPTION = "Days follow the zone that the patient lived by at the time: 23, 24 or 25 hours, more or less where they travelled. A date that the calendar skipped is not there.";

const query = z.object({
  from: z.string().max(10).optional().describe("First local date, e.g. 2026-03-02; six days before `to` by default."),
  to: z.string().max(10).optional().describe("Last local date, inclusive; today by default."),
});

export function dayRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/days", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["measurements"], summary: "Daily summaries by the patient's local days", description: `${GLUCOSE_NOTICE} ${DESCRIPTION}`, params: patientParams, querystring: query, response: { 200: daySummaryList, ...UNCHANGED, ...PROBLEMS } },
  }, async (request, reply) => {
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const told = await withPatient(context, request, async (tx, patient) => {
      const history = await readZones(tx, patient.id);
      const days = daysAsked(history, request.query, context.clock.now());
      if (await isUnchanged(tx, patient, { request, reply }, [days.at(-1)?.date ?? ""])) return null;
      return { zone: zoneAt(history, context.clock.now()), data: await tellDays(context, tx, { patientId: patient.id, history, days }), notice: GLUCOSE_NOTICE };
    });
    return told ?? reply.code(304).send(null);
  });
}

function daysAsked(history: ZoneHistory, asked: { from?: string | undefined; to?: string | undefined }, nowMs: number): LocalDay[] {
  const refusal = (name: "from" | "to", message: string, detail: string): InvalidInput => new InvalidInput(message, { issues: [{ pointer: `/querystring/${name}`, detail }] });
  const checked = (name: "from" | "to", date: string): string => {
    // Nothing can be counted from what is no date.
    if (!localDay("UTC", date)) throw refusal(name, `${name} is no date.`, "use a date of the calendar, e.g. 2026-03-02");
    return date;
  };
  const to = checked("to", asked.to ?? dateAt(history, nowMs));
  const from = checked("from", asked.from ?? addDays(to, -6));
  if (from > to) throw refusal("from", "from must not lie after to.", "a date up to `to`");
  if (addDays(from, MOST_DAYS) <= to) throw refusal("from", `At most ${MOST_DAYS} days at once.`, "ask for fewer days");
  return localDays(history, from, to);
}

async function tellDays(context: ApiContext, tx: Tx, asked: DaysAsked): Promise<DaySummary[]> {
  const { patientId, days } = asked;
  const [first, last] = [days[0], days.at(-1)];
  // Some calendars have skipped a date.
  if (!first || !last) return [];
  const sources = new Map((await listSeries(tx, patientId)).map((series) => [series.id, series]));
  const metrics = new Map<string, DaySummary["metrics"]>(days.map(({ date }) => [date, []]));
  for (const [metric, summaries] of await readDaySummaries(tx, asked)) {
    for (const summary of summaries) {
      const source = sources.get(summary.seriesId);
      if (source) metrics.get(summary.date)?.push(tellMetric(context, metric, summary, source));
    }
  }
  const page = { fromMs: first.fromMs - DAY_MS, toMs: last.toMs, limit: MOST_RECORDS, after: null };
  const sleeps = await listRecords(tx, "sleeps", patientId, page);
  const workouts = await listRecords(tx, "workouts", patientId, page);
  const rule = rulesByScope(await listRules(tx, patientId)).get("all");
  return days.map((day) => ({
    date: day.date, from: formatInstant(day.fromMs), to: formatInstant(day.toMs), metrics: metrics.get(day.date) ?? [],
    sleepS: nightOf(sleeps, day, rule), ...exerciseOf(workouts, day, rule),
  }));
}

function tellMetric(context: ApiContext, metric: MetricName, summary: KeptDay, source: Series): DaySummary["metrics"][number] {
  const { count, value, mean, m2, min, max } = summary;
  return { metric, unit: METRICS[metric].unit, count, value, mean, sd: count < 2 ? null : Math.sqrt(m2 / (count - 1)), min, max, source: showSource(context, source) };
}

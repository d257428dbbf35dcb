/** What a vendor said before it revised a night, a workout or a score: the latest value is the one that counts everywhere else. */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { listSeries } from "#samples/store/series.ts";
import { recordVersions, sampleVersions, type RecordVersion } from "#samples/store/versions.ts";
import { isScore, METRIC_NAMES, METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { NotFound } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, patientParams, periodParameters, type Server, withPatient } from "./route-kit.ts";
import { source } from "./schemas.ts";
import { showSource } from "./sources.ts";

const MOST_VALUES = 1_000;
const SCORES = METRIC_NAMES.filter(isScore) as [MetricName, ...MetricName[]];

const instant = z.string().describe("RFC 3339, UTC.");
const replaced = { deliveryId: z.string().describe("The delivery that said so."), replacedBy: z.string().describe("The delivery that said otherwise."), replacedAt: instant };
const recordVersion = z.object({
  start: instant, end: instant, kind: z.string().describe("`nap` or `sleep`; the sport of a workout."),
  details: z.record(z.string(), z.unknown()).describe("All that was known of it, as stored: times in epoch milliseconds, lengths in seconds."), ...replaced,
});
const recordVersionList = z.object({ data: z.array(recordVersion) });
const valueVersion = z.object({ start: instant, end: instant.nullable(), value: z.number(), source, ...replaced });
const valueVersionList = z.object({ metric: z.enum(SCORES), unit: z.string(), data: z.array(valueVersion) });

const recordId = z.string().regex(/^\d{1,18}$/);
const sleepParams = patientParams.extend({ sleepId: recordId });
const workoutParams = patientParams.extend({ workoutId: recordId });
const query = z.object({
  metric: z.enum(SCORES),
  from: z.string().max(40).optional().describe("First instant, RFC 3339; 90 days before `to` by default."),
  to: z.string().max(40).optional().describe("End (exclusive); now by default."),
});

export function versionRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/sleeps/:sleepId/versions", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["provenance"], summary: "What a vendor said of a sleep before it revised it, the newest first", params: sleepParams, response: { 200: recordVersionList, ...PROBLEMS } },
  }, (request) => withPatient(context, request, (tx, patient) => versionsOf(tx, "sleep", patient.id, request.params.sleepId)));

  server.get("/patients/:patientId/workouts/:workoutId/versions", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["provenance"], summary: "What a vendor said of a workout before it revised it, the newest first", params: workoutParams, response: { 200: recordVersionList, ...PROBLEMS } },
  }, (request) => withPatient(context, request, (tx, patient) => versionsOf(tx, "workout", patient.id, request.params.workoutId)));

  server.get("/patients/:patientId/score-versions", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["provenance"], summary: "Values of a score before the vendor revised them", params: patientParams, querystring: query, response: { 200: valueVersionList, ...PROBLEMS } },
  }, (request) =>
    withPatient(context, request, async (tx, patient) => {
      const { metric } = request.query;
      const period = periodParameters(request.query, context.clock.now(), { defaultMs: 90 * DAY_MS });
      const sources = new Map((await listSeries(tx, patient.id, [metric])).map((series) => [series.id, showSource(context, series)]));
      const versions = await sampleVersions(tx, patient.id, metric, { ...period, limit: MOST_VALUES });
      return {
        metric, unit: METRICS[metric].unit,
        data: versions.map(({ seriesId, startMs, endMs, value, deliveryId, replacedBy, replacedMs }) => ({
          start: formatInstant(startMs), end: endMs === null ? null : formatInstant(endMs), value, source: sources.get(seriesId)!, deliveryId, replacedBy, replacedAt: formatInstant(replacedMs),
        })),
      };
    }));
}

async function versionsOf(tx: Tx, kind: "sleep" | "workout", patientId: string, id: string) {
  const versions = await recordVersions(tx, kind, patientId, id);
  if (!versions) throw new NotFound(`There is no such ${kind}.`);
  return { data: versions.map(showVersion) };
}

function showVersion(version: RecordVersion<object>) {
  return {
    start: formatInstant(version.startMs), end: formatInstant(version.endMs), kind: version.kind, details: version.details as Record<string, unknown>,
    deliveryId: version.deliveryId, replacedBy: version.replacedBy, replacedAt: formatInstant(version.replacedMs),
  };
}

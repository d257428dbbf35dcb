/** Series of any metric, column by column (R4, R7, W4). */
import { z } from "zod";
import { flagNames } from "#samples/flags.ts";
import type { MergedSamples } from "#samples/columns.ts";
import { readMetric, readSeries, unitOf, within } from "#samples/read.ts";
import { METRICS, isMetricName, METRIC_NAMES, type MetricName } from "#units/metrics.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { limitsOf, type ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEMS, patientParams, periodParameters, SECURITY, type Server, withPatient } from "./route-kit.ts";
import { metricsReply, resolution, type MetricSeries, type Source } from "./schemas.ts";
import { showSource } from "./sources.ts";

const MOST_METRICS = 20;

const query = z.object({
  metrics: z.string().max(1_000).describe(`Up to ${MOST_METRICS} metric names, separated by commas.`),
  from: z.string().max(40).optional().describe("First instant, RFC 3339; 24 hours before `to` by default."),
  to: z.string().max(40).optional().describe("End (exclusive), RFC 3339; now by default."),
  source: z.string().max(40).optional().describe("Only this source (an id of `sources`)."),
  resolution: resolution.default("raw"),
});

export function metricRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/metrics", {
    schema: { tags: ["measurements"], summary: "Series of metrics, column by column", description: `Where glucose is among them: ${GLUCOSE_NOTICE}`, security: SECURITY, params: patientParams, querystring: query, response: { 200: metricsReply, ...PROBLEMS } },
  }, async (request, reply) => {
    const metrics = parseMetrics(request.query.metrics);
    const { fromMs, toMs } = periodParameters(request.query, context.clock.now(), { defaultMs: DAY_MS });
    const { resolution: asked, source } = request.query;
    if (metrics.some((metric) => metric.startsWith("glucose"))) reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return withPatient(context, request, "view", async (tx, patient) => {
      const known = await readSeries(tx, patient.id, metrics);
      const reads: { metric: MetricName; samples: MergedSamples; firstSource: number }[] = [];
      const sources: Source[] = [];
      let nextFromMs: number | null = null;
      for (const metric of metrics) {
        const read = await readMetric(tx, {
          patientId: patient.id, metric, fromMs, toMs, resolution: asked, zone: patient.zone, limit: limitsOf(context).samplesAPage, known,
          ...(source === undefined ? {} : { seriesId: source }),
        });
        reads.push({ metric, samples: read.samples, firstSource: sources.length });
        for (const each of read.sources) sources.push(showSource(context, each));
        if (read.nextFromMs !== null) nextFromMs = Math.min(nextFromMs ?? read.nextFromMs, read.nextFromMs);
      }
      // All metrics end where the first one was cut: the next page goes on with all of them.
      const series = reads.map(({ metric, samples, firstSource }) =>
        showSeries({ metric, asked, firstSource }, nextFromMs === null ? samples : within(samples, Number.NEGATIVE_INFINITY, nextFromMs)));
      return { from: formatInstant(fromMs), to: formatInstant(toMs), sources, series, nextFrom: nextFromMs === null ? null : formatInstant(nextFromMs) };
    });
  });
}

function parseMetrics(text: string): MetricName[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
  const unknown = names.filter((name) => !isMetricName(name));
  if (unknown.length > 0 || names.length === 0 || names.length > MOST_METRICS) {
    throw new InvalidInput(`metrics must name 1 to ${MOST_METRICS} known metrics.`, {
      issues: [{ pointer: "/querystring/metrics", detail: `known are ${METRIC_NAMES.join(", ")}` }],
    });
  }
  return names.filter(isMetricName);
}

function showSeries(
  about: { metric: MetricName; asked: MetricSeries["resolution"]; firstSource: number }, samples: MergedSamples,
): MetricSeries {
  const { metric, asked, firstSource } = about;
  const isInterval = samples.endMs.some((endMs) => !Number.isNaN(endMs));
  return {
    metric,
    unit: unitOf(metric),
    resolution: asked,
    aggregate: asked === "raw" ? "none" : METRICS[metric].aggregate,
    times: Array.from(samples.startMs),
    endTimes: isInterval ? Array.from(samples.endMs, (endMs, index) => (Number.isNaN(endMs) ? samples.startMs[index]! : endMs)) : null,
    values: Array.from(samples.values),
    offsets: [...samples.offsetMinutes],
    flags: samples.flags.some((bits) => bits !== 0) ? Array.from(samples.flags, flagNames) : null,
    sourceIndexes: Array.from(samples.sourceIndexes, (index) => index + firstSource),
  };
}

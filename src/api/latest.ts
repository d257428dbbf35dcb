/** The newest value of many metrics in one go (R7). */
import { z } from "zod";
import { flagNames } from "#samples/store/flags.ts";
import { readLatest, type LatestValue as Found } from "#samples/latest.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { toMmolL } from "#units/glucose.ts";
import { formatInstant } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { AHEAD_MS, rounded, STALE_MS } from "./glucose.ts";
import { MOST_METRICS, parseMetrics } from "./metrics.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { endOfMinute, PROBLEMS, patientParams, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import { latestReply, type LatestValue } from "./schemas.ts";
import { showSource } from "./sources.ts";

const query = z.object({ metrics: z.string().max(1_000).describe(`Up to ${MOST_METRICS} metric names, separated by commas.`) });

export function latestRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/latest", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: ["measurements"], summary: "The newest value of each of many metrics", description: `Where glucose is among them: ${GLUCOSE_NOTICE}`, params: patientParams,
      querystring: query, response: { 200: latestReply, ...UNCHANGED, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const metrics = parseMetrics(request.query.metrics);
    const nowMs = context.clock.now();
    if (metrics.some((metric) => metric.startsWith("glucose"))) reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const told = await withPatient(context, request, async (tx, patient) => {
      // Values age, and what a clock ahead of ours measured comes to be the present.
      if (await isUnchanged(tx, patient, { request, reply }, [endOfMinute(nowMs)])) return null;
      const found = await readLatest(tx, patient.id, metrics, nowMs + AHEAD_MS);
      return { data: metrics.map((metric) => show(context, { metric, nowMs }, found.get(metric))) };
    });
    return told ?? reply.code(304).send(null);
  });
}

function show(context: ApiContext, { metric, nowMs }: { readonly metric: MetricName; readonly nowMs: number }, found: Found | undefined): LatestValue {
  const { unit } = METRICS[metric];
  if (!found) return { metric, unit, sample: null };
  const { startMs, endMs, value, offsetMinutes, flags, deliveryId, source } = found;
  const isInstant = Number.isNaN(endMs);
  return {
    metric, unit,
    sample: {
      at: formatInstant(startMs), end: isInstant ? null : formatInstant(endMs), offsetMinutes, value, valueMmolL: unit === "mg/dL" ? rounded(toMmolL(value), "mmol/L") : null,
      ageSeconds: Math.max(0, Math.round((nowMs - (isInstant ? startMs : endMs)) / 1000)), isStale: metric === "glucose" ? nowMs - startMs > STALE_MS : null,
      flags: flagNames(flags), source: showSource(context, source), deliveryId: String(deliveryId),
    },
  };
}

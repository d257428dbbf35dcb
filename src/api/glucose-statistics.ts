/** Every metric of a period of glucose at once. */
import { z } from "zod";
import { analyze } from "#glucose/analyze.ts";
import { historyOf } from "#glucose/local-times.ts";
import { dataQuality } from "#glucose/quality.ts";
import { insufficiency, wearPercent } from "#glucose/wear.ts";
import { formatInstant } from "#units/time.ts";
import { dayAt } from "#units/zones.ts";
import type { ApiContext } from "./context.ts";
import { partsOf, tellParts } from "./glucose-parts.ts";
import { ANALYSIS_REPLIES, analysisQuery, analysisSchema, askedOf, readMeasured, tellPeriod, type Measured } from "./glucose-period.ts";
import { GLUCOSE_NOTICE } from "./notice.ts";
import type { Server } from "./route-kit.ts";
import { glucoseStatistics, type GlucoseStatistics } from "./schemas.ts";
import { showSource } from "./sources.ts";

const GRIDS = ["iglu", "islet"] as const;
const DESCRIPTION = "Numbers from less than 14 days with 70 % of their readings are told, and are preliminary: see isSufficient. Ranges and episodes are found in the unit that was measured in.";

const query = analysisQuery.extend({
  grid: z.enum(GRIDS).default("iglu").describe("Where a day's slots lie: `iglu` as the reference package has them and as `islet stats` does, `islet` from midnight on."),
});

export function glucoseStatisticsRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/glucose/statistics", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { ...analysisSchema("Every metric of a period", DESCRIPTION), querystring: query, response: { 200: glucoseStatistics, ...ANALYSIS_REPLIES } },
  }, async (request, reply) => {
    const measured = await readMeasured(context, { request, reply }, askedOf(request.query, context.clock.now()));
    return measured ? tellStatistics(context, measured, request.query.grid) : reply.code(304).send(null);
  });
}

function tellStatistics(context: ApiContext, measured: Measured, grid: (typeof GRIDS)[number]): GlucoseStatistics {
  const { series, zone, asked, passed, sources } = measured;
  const lack = insufficiency(series.timesMs, series.cadenceMinutes, passed, dayAt(historyOf(zone), passed.toMs - 1).toMs);
  return {
    ...tellPeriod(measured), ...analyze(series, { zone, grid, unit: asked.unit, bounds: asked.preset.bounds }),
    wearPercent: wearPercent(series.timesMs, series.cadenceMinutes, passed), isSufficient: lack === null, insufficiency: lack, parts: tellParts(partsOf(measured), measured),
    quality: dataQuality(series, zone).findings.map(({ fromMs, toMs, ...finding }) => ({ ...finding, from: formatInstant(fromMs), to: formatInstant(toMs) })),
    cleaning: series.report, sources: sources.map((source) => showSource(context, source)), notice: GLUCOSE_NOTICE,
  };
}

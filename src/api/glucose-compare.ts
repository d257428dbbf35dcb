/** Two periods of glucose beside each other. Numbers and differences; what they mean is for people to say. */
import { z } from "zod";
import { comparePeriods, type PeriodDifferences, type PeriodNumbers } from "#glucose/patterns/compare.ts";
import { formatInstant, type Window } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import { scaled } from "./glucose-parts.ts";
import { ANALYSIS_REPLIES, analysisQuery, analysisSchema, askedOf, MOST_DAYS, readMeasured, refusal, scaleOf, tellPeriod, type Asked, type Measured } from "./glucose-period.ts";
import { GLUCOSE_NOTICE } from "./notice.ts";
import { periodParameters, type Server } from "./route-kit.ts";
import { glucoseComparison, type GlucoseComparison, type GlucoseSide } from "./schemas.ts";
import { showSource } from "./sources.ts";

const query = analysisQuery.extend({
  againstFrom: z.string().max(40).optional().describe("RFC 3339 instant. Without it and `againstTo`: the period of the same length just before."),
  againstTo: z.string().max(40).optional(),
});

export function glucoseCompareRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/glucose/compare", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      ...analysisSchema("Two periods beside each other", "Each side's numbers, and the differences where both have 14 days with 70 % of their readings."), querystring: query,
      response: { 200: glucoseComparison, ...ANALYSIS_REPLIES },
    },
  }, async (request, reply) => {
    const asked = askedOf(request.query, context.clock.now());
    const against = againstOf(request.query, asked);
    const measured = await readMeasured(context, { request, reply }, asked, against);
    return measured ? tellComparison(context, measured, against) : reply.code(304).send(null);
  });
}

function againstOf({ againstFrom, againstTo }: z.output<typeof query>, { fromMs, toMs }: Asked): Window {
  if (againstFrom === undefined && againstTo === undefined) return { fromMs: fromMs - (toMs - fromMs), toMs: fromMs };
  if (againstFrom === undefined || againstTo === undefined) {
    throw refusal(againstFrom === undefined ? "againstFrom" : "againstTo", "againstFrom and againstTo go together.", "give both, or none for the period just before");
  }
  return periodParameters({ from: againstFrom, to: againstTo }, toMs, { defaultMs: toMs - fromMs, mostDays: MOST_DAYS }, { from: "againstFrom", to: "againstTo" });
}

function tellComparison(context: ApiContext, measured: Measured, against: Window): GlucoseComparison {
  const { series, zone, asked, passed } = measured;
  const { before, after, differences } = comparePeriods(series, { before: against, after: passed }, zone, { bounds: asked.preset.bounds });
  const scale = scaleOf(measured);
  return {
    ...tellPeriod(measured), current: tellSide(after, asked, scale), against: tellSide(before, against, scale), differences: differences && tellDifferences(differences, scale),
    sources: measured.sources.map((source) => showSource(context, source)), notice: GLUCOSE_NOTICE,
  };
}

function tellSide(side: PeriodNumbers, { fromMs, toMs }: Window, scale: number): GlucoseSide {
  const { readings, days, cadenceMinutes, mean, sd, cvPercent, gmiPercent, min, max, timeInRanges, wearPercent, gmiReason, thinReason } = side;
  return {
    from: formatInstant(fromMs), to: formatInstant(toMs), readings, days, cadenceMinutes, mean: scaled(mean, scale), sd: scaled(sd, scale), cv: cvPercent, gmi: gmiPercent, min: scaled(min, scale),
    max: scaled(max, scale), ranges: timeInRanges?.ranges ?? null, tbr: timeInRanges?.tbr ?? null, tar: timeInRanges?.tar ?? null, wearPercent, gmiReason, thinReason,
  };
}

function tellDifferences({ mean, sd, cvPercent, gmiPercent, ...points }: PeriodDifferences, scale: number): NonNullable<GlucoseComparison["differences"]> {
  return { ...points, mean: mean * scale, sd: sd * scale, cv: cvPercent, gmi: gmiPercent };
}

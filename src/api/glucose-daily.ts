/** A period of glucose day by day, days without readings among them. */
import type { DayStatistics } from "#glucose/patterns/day-parts.ts";
import { historyOf } from "#glucose/local-times.ts";
import { partStatistics } from "#glucose/patterns/part-statistics.ts";
import { formatInstant, HOUR_MS, isoWeekday, MINUTE_MS } from "#units/time.ts";
import { daysTouching, type LocalDay } from "#units/zones.ts";
import type { ApiContext } from "./context.ts";
import { partsOf, tellPart, tellParts } from "./glucose-parts.ts";
import { ANALYSIS_REPLIES, analysisQuery, analysisSchema, askedOf, readMeasured, scaleOf, tellPeriod, type Measured } from "./glucose-period.ts";
import { GLUCOSE_NOTICE } from "./notice.ts";
import type { Server } from "./route-kit.ts";
import { glucoseDaily, type GlucoseDaily, type GlucoseDay } from "./schemas.ts";
import { showSource } from "./sources.ts";

export function glucoseDailyRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/glucose/daily", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      ...analysisSchema("A period day by day", "Every local day that the period touches, also without readings. The first and the last one are told as far as they lie in the period."), querystring: analysisQuery,
      response: { 200: glucoseDaily, ...ANALYSIS_REPLIES },
    },
  }, async (request, reply) => {
    const measured = await readMeasured(context, { request, reply }, askedOf(request.query, context.clock.now()));
    return measured ? tellDaily(context, measured) : reply.code(304).send(null);
  });
}

function tellDaily(context: ApiContext, measured: Measured): GlucoseDaily {
  const parts = partsOf(measured);
  const byDate = new Map(parts.daily.map((day) => [day.date, day]));
  return {
    ...tellPeriod(measured), days: daysTouching(historyOf(measured.zone), measured.asked).map((day) => tellDay(day, byDate.get(day.date), measured)), parts: tellParts(parts, measured),
    sources: measured.sources.map((source) => showSource(context, source)), notice: GLUCOSE_NOTICE,
  };
}

function tellDay(day: LocalDay, found: DayStatistics | undefined, measured: Measured): GlucoseDay {
  const { series, asked, passed } = measured;
  const { days: _, ...numbers } = tellPart(found ?? partStatistics(new Float64Array(0), 0, series.unit), scaleOf(measured));
  // What is still to come is not missing.
  const passedMs = Math.max(0, Math.min(day.toMs, passed.toMs) - Math.max(day.fromMs, passed.fromMs));
  const dayMs = day.toMs - day.fromMs;
  return {
    date: day.date, from: formatInstant(Math.max(day.fromMs, asked.fromMs)), to: formatInstant(Math.min(day.toMs, asked.toMs)), hoursInDay: dayMs / HOUR_MS, weekday: isoWeekday(day.date),
    expected: series.cadenceMinutes === null ? null : Math.round(passedMs / (series.cadenceMinutes * MINUTE_MS)),
    presentPercent: series.cadenceMinutes === null || passedMs === 0 ? null : Math.min(100, ((found?.presentPercent ?? 0) * dayMs) / passedMs), ...numbers,
  };
}

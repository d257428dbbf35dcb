/** The ambulatory profile of a period: percentiles by time of day, in columns. */
import { z } from "zod";
import { ambulatoryProfile, type Agp, type Percentiles } from "#glucose/patterns/agp.ts";
import { fineProfile } from "#glucose/patterns/fine-profile.ts";
import { smoothPercentiles } from "#glucose/patterns/loess.ts";
import type { ApiContext } from "./context.ts";
import { scaled } from "./glucose-parts.ts";
import { ANALYSIS_REPLIES, analysisQuery, analysisSchema, askedOf, readMeasured, scaleOf, tellPeriod, type Measured } from "./glucose-period.ts";
import { GLUCOSE_NOTICE } from "./notice.ts";
import type { Server } from "./route-kit.ts";
import { glucoseProfile, type GlucoseProfile } from "./schemas.ts";
import { showSource } from "./sources.ts";

const query = analysisQuery.extend({
  binMinutes: z.enum(["5", "15", "30", "60"]).default("60").describe("Minutes of the day that one bin takes in."),
  smoothing: z.enum(["1-4-1", "loess", "none"]).default("1-4-1").describe("`1-4-1` weighs each bin four times against its neighbours; `loess` draws a local quadratic through the bins; with 5 minutes, through the slots of the grid by days."),
});
type Smoothing = z.output<typeof query>["smoothing"];

export function glucoseAgpRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/glucose/agp", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      ...analysisSchema("Ambulatory profile: percentiles by time of day", "Where isSufficient is false the numbers are told anyhow, and should not be drawn: see reason."), querystring: query,
      response: { 200: glucoseProfile, ...ANALYSIS_REPLIES },
    },
  }, async (request, reply) => {
    const measured = await readMeasured(context, { request, reply }, askedOf(request.query, context.clock.now()));
    return measured ? tellProfile(context, measured, request.query) : reply.code(304).send(null);
  });
}

function tellProfile(context: ApiContext, measured: Measured, asked: { readonly binMinutes: string; readonly smoothing: Smoothing }): GlucoseProfile {
  const profile = ambulatoryProfile(measured.series, measured.zone, { binMinutes: Number(asked.binMinutes) });
  const fine = asked.binMinutes === "5" && asked.smoothing === "loess" ? fineProfile(measured.series, measured.zone) : null;
  if (fine?.stepMinutes === profile.binMinutes) return tellColumns(context, measured, { profile, smoothing: "loess", bins: fine.slots.map((slot) => ({ ...slot, count: slot.days, row: slot.smoothed })) });
  const rows = smoothed(profile, profile.bins.map(({ minute }) => minute), asked.smoothing);
  return tellColumns(context, measured, { profile, smoothing: asked.smoothing, bins: profile.bins.map((bin, index) => ({ ...bin, row: rows[index] ?? null })) });
}

/** One number a bin. */
interface Column {
  readonly minute: number;
  readonly count: number;
  readonly days: number;
  readonly row: Percentiles | null;
}

function tellColumns(context: ApiContext, measured: Measured, { profile, smoothing, bins }: { readonly profile: Agp; readonly smoothing: Smoothing; readonly bins: readonly Column[] }): GlucoseProfile {
  const scale = scaleOf(measured);
  const column = (key: keyof Percentiles): (number | null)[] => bins.map(({ row }) => scaled(row && row[key], scale));
  return {
    ...tellPeriod(measured), binMinutes: profile.binMinutes, smoothing, minutes: bins.map(({ minute }) => minute),
    p05: column("p05"), p25: column("p25"), p50: column("p50"), p75: column("p75"), p95: column("p95"),
    counts: bins.map(({ count }) => count), days: bins.map(({ days }) => days), readings: profile.readings, isSufficient: profile.isSufficient, reason: profile.reason,
    sources: measured.sources.map((source) => showSource(context, source)), notice: GLUCOSE_NOTICE,
  };
}

function smoothed({ bins }: Agp, minutes: readonly number[], smoothing: Smoothing): (Percentiles | null)[] {
  const raw = bins.map((bin) => bin.raw);
  if (smoothing === "loess") return smoothPercentiles(minutes, raw);
  return smoothing === "none" ? raw : bins.map((bin) => bin.smoothed);
}

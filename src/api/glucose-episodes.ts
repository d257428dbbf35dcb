/** Episodes of low and high glucose, one by one. */
import { z } from "zod";
import { EPISODE_KINDS, findEpisodes, summarizeEpisodes, type EpisodeKind, type EpisodeSummary } from "#glucose/episodes/all-episodes.ts";
import type { Episode } from "#glucose/episodes/detect.ts";
import { gridStepMinutes, timeGrid } from "#glucose/grid.ts";
import { historyOf } from "#glucose/local-times.ts";
import { formatInstant } from "#units/time.ts";
import { dateAt } from "#units/zones.ts";
import type { ApiContext } from "./context.ts";
import { scaled } from "./glucose-parts.ts";
import { ANALYSIS_REPLIES, analysisQuery, analysisSchema, askedOf, readMeasured, refusal, scaleOf, tellPeriod, type Measured } from "./glucose-period.ts";
import { GLUCOSE_NOTICE } from "./notice.ts";
import type { Server } from "./route-kit.ts";
import { glucoseEpisodes, type GlucoseEpisode, type GlucoseEpisodes } from "./schemas.ts";
import { showSource } from "./sources.ts";

const minutes = z.coerce.number().int().min(5).max(120).default(15);
const query = analysisQuery.extend({
  kinds: z.string().max(400).optional().describe(`Some of ${EPISODE_KINDS.join(",")}; all by default.`),
  startMinutes: minutes.describe("How long glucose is beyond the threshold before an episode begins. Extended ones have times of their own."),
  endMinutes: minutes.describe("How long it is back before the episode is over."),
});

interface Rule {
  readonly kinds: readonly EpisodeKind[];
  readonly startMinutes: number;
  readonly endMinutes: number;
}

export function glucoseEpisodeRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/glucose/episodes", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      ...analysisSchema("Episodes of low and high glucose", "Found on the grid of `glucose/statistics`, in the unit that was measured in."), querystring: query,
      response: { 200: glucoseEpisodes, ...ANALYSIS_REPLIES },
    },
  }, async (request, reply) => {
    const { startMinutes, endMinutes } = request.query;
    const rule = { kinds: kindsOf(request.query.kinds), startMinutes, endMinutes };
    const measured = await readMeasured(context, { request, reply }, askedOf(request.query, context.clock.now()));
    return measured ? tellEpisodes(context, measured, rule) : reply.code(304).send(null);
  });
}

function kindsOf(text: string | undefined): EpisodeKind[] {
  if (text === undefined) return [...EPISODE_KINDS];
  const names = text.split(",").map((name) => name.trim());
  const strange = names.find((name) => !(EPISODE_KINDS as readonly string[]).includes(name));
  if (strange !== undefined) throw refusal("kinds", "kinds names none that there is.", `some of ${EPISODE_KINDS.join(", ")}`);
  return EPISODE_KINDS.filter((kind) => names.includes(kind));
}

function tellEpisodes(context: ApiContext, measured: Measured, { kinds, startMinutes, endMinutes }: Rule): GlucoseEpisodes {
  const { series, zone, asked, sources } = measured;
  const grid = timeGrid(series, zone, { kind: "iglu" });
  const lists = grid && findEpisodes(grid, { unit: series.unit, bounds: asked.preset.bounds, startMinutes, endMinutes });
  const summaries = grid && lists && summarizeEpisodes(lists, grid);
  const scale = scaleOf(measured);
  const some = <T>(of: (kind: EpisodeKind) => T): Partial<Record<EpisodeKind, T>> => Object.fromEntries(kinds.map((kind) => [kind, of(kind)]));
  return {
    ...tellPeriod(measured), startMinutes, endMinutes, measuredUnit: series.unit, gridStepMinutes: gridStepMinutes(series.cadenceMinutes),
    episodes: lists && some((kind) => lists[kind].map((episode) => tellEpisode(episode, measured, scale))),
    summaries: summaries && some((kind): EpisodeSummary => ({ ...summaries[kind], meanGlucose: scaled(summaries[kind].meanGlucose, scale) })),
    reason: grid ? null : series.values.length === 0 ? "no_readings" : series.values.length === 1 ? "single_reading" : "too_sparse",
    sources: sources.map((source) => showSource(context, source)), notice: GLUCOSE_NOTICE,
  };
}

function tellEpisode({ startMs, endMs, extremeMs, extreme, mean, durationMinutes, isStartCut, isEndCut }: Episode, { zone }: Measured, scale: number): GlucoseEpisode {
  return {
    start: formatInstant(startMs), end: formatInstant(endMs), date: dateAt(historyOf(zone), startMs), durationMinutes, mean: mean * scale,
    extreme: extreme * scale, extremeAt: formatInstant(extremeMs), isStartCut, isEndCut,
  };
}

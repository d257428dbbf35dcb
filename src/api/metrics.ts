/** Series of any metric, column by column (R4, R7, W4). */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access/access.ts";
import { readZones } from "#people/zones.ts";
import { createThinner, type Thinned } from "#samples/downsample.ts";
import { flagNames } from "#samples/store/flags.ts";
import { placeOf } from "#samples/store/day.ts";
import type { Line } from "#samples/line.ts";
import { cutBuckets, planOf, readBuckets, readLines, readParts, readSeries, unitOf, type KnownSeries, type Plan, type ReadSource } from "#samples/read.ts";
import { isMeant, STATISTICS, type Buckets, type Resolution, type Statistic } from "#samples/resolution.ts";
import { METRICS, isMetricName, METRIC_NAMES, type MetricName } from "#units/metrics.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { asColumn, columnSerializer, JSON_TYPE } from "./column-json.ts";
import { limitsOf, type ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { endOfMinute, PROBLEMS, patientParams, periodParameters, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import { metricsReply, resolution, type MetricSeries, type MetricsReply } from "./schemas.ts";
import { showSource } from "./sources.ts";

export const MOST_METRICS = 20;
const FEWEST_POINTS = 3;
const MOST_POINTS = 10_000;

const flag = z.enum(["true", "false"]).default("false");

const query = z.object({
  metrics: z.string().max(1_000).describe(`Up to ${MOST_METRICS} metric names, separated by commas.`),
  from: z.string().max(40).optional().describe("First instant, RFC 3339; 24 hours before `to` by default."),
  to: z.string().max(40).optional().describe("End (exclusive), RFC 3339; the end of the present minute by default."),
  source: z.string().max(40).optional().describe("Only this source (an id of `sources`)."),
  resolution: resolution.default("raw"),
  stats: z.string().max(60).optional().describe(`With a coarser resolution: some of ${STATISTICS.join(", ")}, separated by commas, beside each value.`),
  points: z.coerce.number().int().min(FEWEST_POINTS).max(MOST_POINTS).optional()
    .describe("With `raw`: at most so many values of each metric, chosen so that a chart of them looks like one of all (largest triangle, three buckets); of any length of time, on one page."),
  provenance: flag.describe("Adds the delivery that each value came in; with `raw`."),
});
type Query = z.infer<typeof query>;

interface Asked {
  readonly metrics: readonly MetricName[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: Resolution;
  readonly statistics: readonly Statistic[];
  readonly points: number | null;
  readonly hasProvenance: boolean;
  readonly seriesId: string | undefined;
}

export function metricRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/metrics", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: ["measurements"], summary: "Series of metrics, column by column", description: `Where glucose is among them: ${GLUCOSE_NOTICE}`, params: patientParams,
      querystring: query, response: { 200: metricsReply, ...UNCHANGED, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const asked = askedOf(request.query, context.clock.now());
    if (asked.metrics.some((metric) => metric.startsWith("glucose"))) reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const told = await withPatient(context, request, async (tx, patient) =>
      (await isUnchanged(tx, patient, { request, reply }, [asked.fromMs, asked.toMs])) ? null : readReply(context, tx, patient, asked));
    if (told === null) return reply.code(304).send(null);
    return reply.type(JSON_TYPE).serializer(columnSerializer).send(told);
  });
}

function askedOf(given: Query, nowMs: number): Asked {
  const metrics = parseMetrics(given.metrics);
  const period = periodParameters(given, endOfMinute(nowMs), { defaultMs: DAY_MS });
  const refuse = (name: string, message: string, detail: string): InvalidInput => new InvalidInput(message, { issues: [{ pointer: `/querystring/${name}`, detail }] });
  const isRaw = given.resolution === "raw";
  if (given.points !== undefined && !isRaw) throw refuse("points", "points thins a raw series; a coarser resolution has few values already.", "leave out points or resolution");
  if (given.provenance === "true" && !isRaw) throw refuse("provenance", "A value of a coarser resolution comes from many deliveries.", "ask with resolution=raw");
  if (given.stats !== undefined && isRaw) throw refuse("stats", "A raw value has no statistics.", "ask for a coarser resolution, e.g. resolution=1h");
  return {
    metrics, ...period, resolution: given.resolution, statistics: parseStatistics(given.stats, metrics), points: given.points ?? null,
    hasProvenance: given.provenance === "true", seriesId: given.source,
  };
}

/** Names of a query, checked. Throws InvalidInput. */
export function parseMetrics(text: string): MetricName[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
  const unknown = names.filter((name) => !isMetricName(name));
  if (unknown.length > 0 || names.length === 0 || names.length > MOST_METRICS) {
    throw new InvalidInput(`metrics must name 1 to ${MOST_METRICS} known metrics.`, {
      issues: [{ pointer: "/querystring/metrics", detail: `known are ${METRIC_NAMES.join(", ")}` }],
    });
  }
  return names.filter(isMetricName);
}

function parseStatistics(text: string | undefined, metrics: readonly MetricName[]): Statistic[] {
  if (text === undefined) return [];
  const names = [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
  const known = STATISTICS.filter((statistic) => names.includes(statistic));
  const refuse = (message: string, detail: string): InvalidInput => new InvalidInput(message, { issues: [{ pointer: "/querystring/stats", detail }] });
  if (known.length !== names.length || names.length === 0) throw refuse("stats must name known statistics.", `known are ${STATISTICS.join(", ")}`);
  const senseless = known.find((statistic) => !metrics.some((metric) => isMeant(metric, statistic)));
  if (senseless) throw refuse(`The ${senseless} of ${metrics.join(", ")} means nothing: such values cannot be added up.`, "ask for mean, min, max, count or last");
  return known;
}

/** What is told of one metric: plain arrays or typed ones. */
interface Told {
  readonly plan: Plan;
  readonly sources: readonly ReadSource[];
  readonly series: Omit<MetricSeries, "metric" | "unit" | "resolution" | "aggregate" | "sourceIndexes">;
  readonly sourceIndexes: ArrayLike<number>;
}

async function readReply(context: ApiContext, tx: Tx, patient: PatientRow, asked: Asked): Promise<MetricsReply> {
  const known = await readSeries(tx, patient.id, asked.metrics);
  const plans = asked.metrics.map((metric) => planOf(known, { metric, resolution: asked.resolution, ...(asked.seriesId === undefined ? {} : { seriesId: asked.seriesId }) }));
  const limit = limitsOf(context).samplesAPage;
  const { told, nextFromMs } =
    asked.resolution !== "raw" ? await readInBuckets(tx, { patient, asked, known, limit, resolution: asked.resolution }, plans)
    : asked.points !== null ? await readThinned(tx, { patient, asked, known, points: asked.points }, plans)
    : await readRaw(tx, { patient, asked, known, limit }, plans);
  let firstSource = 0;
  const series = told.map(({ plan, series: columns, sourceIndexes }): MetricSeries => {
    const first = firstSource;
    firstSource += plan.sources.length;
    return {
      metric: plan.metric, unit: unitOf(plan.metric), resolution: asked.resolution, aggregate: asked.resolution === "raw" ? "none" : METRICS[plan.metric].aggregate, ...columns,
      sourceIndexes: asColumn(Uint16Array.from(sourceIndexes, (index) => index + first)),
    };
  });
  return {
    from: formatInstant(asked.fromMs), to: formatInstant(asked.toMs), sources: told.flatMap(({ sources }) => sources.map((source) => showSource(context, source))), series,
    nextFrom: nextFromMs === null ? null : formatInstant(nextFromMs),
  };
}

interface Reading {
  readonly patient: PatientRow;
  readonly asked: Asked;
  readonly known: KnownSeries;
}
interface ToldAll {
  readonly told: Told[];
  readonly nextFromMs: number | null;
}

async function readRaw(tx: Tx, { patient, asked, known, limit }: Reading & { readonly limit: number }, plans: readonly Plan[]): Promise<ToldAll> {
  const { lines, sources, nextFromMs } = await readLines(tx, { patientId: patient.id, fromMs: asked.fromMs, toMs: asked.toMs, known, limit, zone: patient.zone }, plans);
  return { told: plans.map((plan, index) => ({ ...toldLine(plan, { line: lines[index]!, breaks: null }, asked), sources: sources[index]! })), nextFromMs };
}

async function readThinned(tx: Tx, { patient, asked, known, points }: Reading & { readonly points: number }, plans: readonly Plan[]): Promise<ToldAll> {
  const told: Told[] = [];
  for (const plan of plans) {
    const thinner = createThinner(points);
    for await (const line of readParts(tx, { patientId: patient.id, fromMs: asked.fromMs, toMs: asked.toMs, known, zone: patient.zone }, plan)) thinner.add(line);
    told.push(toldLine(plan, thinner.take(), asked));
  }
  return { told, nextFromMs: null };
}

/** All metrics end where the first one was cut: the next page goes on with all of them. */
async function readInBuckets(
  tx: Tx, { patient, asked, known, limit, resolution }: Reading & { readonly limit: number; readonly resolution: Exclude<Resolution, "raw"> }, plans: readonly Plan[],
): Promise<ToldAll> {
  const read: Buckets[] = [];
  let nextFromMs: number | null = null;
  const zone = resolution === "1d" ? await readZones(tx, patient.id) : patient.zone;
  for (const plan of plans) {
    const statistics = asked.statistics.filter((statistic) => isMeant(plan.metric, statistic));
    const buckets = await readBuckets(tx, { patientId: patient.id, fromMs: asked.fromMs, toMs: nextFromMs ?? asked.toMs, known, limit, zone, resolution, statistics }, plan);
    nextFromMs = buckets.nextFromMs ?? nextFromMs;
    read.push(buckets);
  }
  const told = plans.map((plan, index): Told => {
    const { samples, statistics } = cutBuckets(read[index]!, countBefore(read[index]!.samples.startMs, nextFromMs));
    return {
      plan, sources: plan.sources, sourceIndexes: samples.sourceIndexes,
      series: {
        times: asColumn(samples.startMs), endTimes: samples.values.length === 0 ? null : asColumn(samples.endMs), values: asColumn(samples.values), offsets: [...samples.offsetMinutes],
        flags: namesOf(samples.flags),
        ...(asked.statistics.length === 0 ? {} : { stats: statistics, statsLeftOut: asked.statistics.filter((statistic) => !isMeant(plan.metric, statistic)) }),
      },
    };
  });
  return { told, nextFromMs };
}

function countBefore(times: Float64Array, ms: number | null): number {
  return ms === null ? times.length : placeOf(times, ms);
}

function toldLine(plan: Plan, { line, breaks }: Thinned, asked: Asked): Told {
  return {
    plan, sources: plan.sources, sourceIndexes: line.sourceIndexes,
    series: {
      times: asColumn(line.startMs), endTimes: endsOf(line), values: asColumn(line.values), offsets: line.offsetMinutes, flags: namesOf(line.flags),
      ...(asked.points === null ? {} : { breaks: breaks === null ? null : asColumn(breaks) }), ...(asked.hasProvenance ? { deliveryIds: Array.from(line.deliveryIds, String) } : {}),
    },
  };
}

/** Null where all are instants; an instant among intervals ends where it begins. */
export function endsOf({ startMs, endMs }: Pick<Line, "startMs" | "endMs">): number[] | null {
  if (endMs.every(Number.isNaN)) return null;
  return asColumn(endMs.map((end, index) => (Number.isNaN(end) ? startMs[index]! : end)));
}

/** Null where no value has any. */
export function namesOf(flags: ArrayLike<number>): string[][] | null {
  for (let index = 0; index < flags.length; index += 1) if (flags[index] !== 0) return Array.from(flags, flagNames);
  return null;
}

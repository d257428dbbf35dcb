/** Glucose: the current value, a curve, and what a period amounts to. Every reply carries the notice (E10). */
import { z } from "zod";
import { CONSENSUS_RANGES } from "#glucose/ranges.ts";
import { summarize } from "#glucose/summary.ts";
import { delta, rateOfChange, trendArrow } from "#glucose/trend.ts";
import { flagNames } from "#samples/store/flags.ts";
import type { Line } from "#samples/line.ts";
import { planOf, readLines, readNewest, readSeries, type ReadSource } from "#samples/read.ts";
import type { Tx } from "#db/database.ts";
import type { PatientRow } from "#people/access/access.ts";
import { readZones } from "#people/zones.ts";
import { inUnit, toMmolL, type GlucoseUnit } from "#units/glucose.ts";
import { DAY_MS, formatInstant, isZone, MINUTE_MS } from "#units/time.ts";
import { zoneAt, type ZoneHistory } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";
import { asColumn, columnSerializer, JSON_TYPE } from "./column-json.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { namesOf } from "./metrics.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { endOfMinute, PROBLEMS, patientParams, periodParameters, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import { glucoseLatest, glucoseSeries, glucoseSummary, glucoseUnit, type GlucoseLatest, type GlucoseSummary } from "./schemas.ts";
import { showSource } from "./sources.ts";

/** Older than this, a reading is not the current value (web portal and followers, both). */
export const STALE_MS = 15 * MINUTE_MS;
/** A reading further ahead of our clock is a wrong clock's (faults DA-10). */
export const AHEAD_MS = 5 * MINUTE_MS;
const MOST_DAYS = 366;
/** A year of one-minute readings of one sensor. */
const MOST_READINGS = 530_000;

const period = z.object({ from: z.string().max(40).optional(), to: z.string().max(40).optional(), unit: glucoseUnit.default("mg/dL") });
const summaryQuery = period.extend({
  days: z.coerce.number().int().min(1).max(365).optional().describe("The last days, instead of `from`."),
  zone: z.string().max(64).optional().describe("IANA zone of the days; the patient's by default."),
});

export function glucoseRoutes(server: Server, context: ApiContext): void {
  const schemaOf = (summary: string) => ({ tags: ["glucose"], summary, description: GLUCOSE_NOTICE, params: patientParams });

  server.get("/patients/:patientId/glucose/latest", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { ...schemaOf("The current value, its trend and its age"), response: { 200: glucoseLatest, ...UNCHANGED, ...PROBLEMS } },
  }, async (request, reply) => {
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const told = await withPatient(context, request, async (tx, patient) =>
      // What is current ages by itself.
      (await isUnchanged(tx, patient, { request, reply }, [endOfMinute(context.clock.now())])) ? null : { reading: await latest(context, tx, patient), notice: GLUCOSE_NOTICE });
    return told ?? reply.code(304).send(null);
  });

  server.get("/patients/:patientId/glucose/series", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { ...schemaOf("Glucose over a period"), querystring: period, response: { 200: glucoseSeries, ...UNCHANGED, ...PROBLEMS } },
  }, async (request, reply) => {
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const { fromMs, toMs } = periodParameters(request.query, endOfMinute(context.clock.now()), { defaultMs: DAY_MS, mostDays: MOST_DAYS });
    const { unit } = request.query;
    const told = await withPatient(context, request, async (tx, patient) => {
      if (await isUnchanged(tx, patient, { request, reply }, [fromMs, toMs])) return null;
      const { line, sources } = await readGlucose(tx, patient, fromMs, toMs);
      const { low, high, veryLow, veryHigh } = CONSENSUS_RANGES[unit];
      return {
        unit, from: formatInstant(fromMs), to: formatInstant(toMs), times: asColumn(line.startMs),
        values: asColumn(unit === "mg/dL" ? line.values : line.values.map((value) => rounded(inUnit(value, unit), unit))),
        flags: namesOf(line.flags), sourceIndexes: asColumn(line.sourceIndexes), sources: sources.map((source) => showSource(context, source)),
        target: { low, high, veryLow, veryHigh }, notice: GLUCOSE_NOTICE,
      };
    });
    if (told === null) return reply.code(304).send(null);
    return reply.type(JSON_TYPE).serializer(columnSerializer).send(told);
  });

  server.get("/patients/:patientId/glucose/summary", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { ...schemaOf("Time in ranges, mean, GMI, CV and wear of a period"), querystring: summaryQuery, response: { 200: glucoseSummary, ...PROBLEMS } },
  }, async (request, reply) => {
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const { fromMs, toMs } = periodParameters(request.query, context.clock.now(), { defaultMs: (request.query.days ?? 14) * DAY_MS, mostDays: MOST_DAYS });
    return withPatient(context, request, async (tx, patient) => {
      const { zone } = request.query;
      if (zone !== undefined && !isZone(zone)) throw new InvalidInput("zone is no IANA zone.", { issues: [{ pointer: "/querystring/zone", detail: "e.g. Europe/Madrid" }] });
      const { line } = await readGlucose(tx, patient, fromMs, toMs);
      return summaryReply({ timesMs: Array.from(line.startMs), valuesMgDl: Array.from(line.values) }, { zone: zone ?? (await readZones(tx, patient.id)), fromMs, toMs, unit: request.query.unit });
    });
  });
}

/** Throws InvalidInput where a period holds more than one reply does: part of it would look like all of it. */
export async function readGlucose(tx: Tx, patient: PatientRow, fromMs: number, toMs: number): Promise<{ readonly line: Line; readonly sources: readonly ReadSource[] }> {
  const known = await readSeries(tx, patient.id, ["glucose"]);
  const plan = planOf(known, { metric: "glucose", resolution: "raw" });
  const { lines: [line], sources: [sources], nextFromMs } = await readLines(tx, { patientId: patient.id, fromMs, toMs, known, limit: MOST_READINGS, zone: patient.zone }, [plan]);
  if (nextFromMs !== null) throw new InvalidInput("The period holds too many readings for one reply: ask for a shorter one.");
  return { line: line!, sources: sources! };
}

async function latest(context: ApiContext, tx: Tx, patient: PatientRow): Promise<GlucoseLatest["reading"]> {
  const nowMs = context.clock.now();
  const { samples, sources } = await readNewest(tx, {
    patientId: patient.id, metric: "glucose", toMs: nowMs + AHEAD_MS, count: 12, withinMs: 30 * MINUTE_MS,
  });
  const last = samples.values.length - 1;
  if (last < 0) return null;
  const atMs = samples.startMs[last]!;
  const valueMgDl = samples.values[last]!;
  const rates = await readNewest(tx, { patientId: patient.id, metric: "glucose_trend_rate", toMs: atMs + MINUTE_MS, count: 1, withinMs: MINUTE_MS });
  const vendorRate = Math.abs((rates.samples.startMs.at(-1) ?? 0) - atMs) < MINUTE_MS ? rates.samples.values.at(-1) : undefined;
  // Readings at the sensor's limit hide the slope: with one of them among the last, only the vendor's own rate counts.
  const isClamped = samples.flags.some((bits) => flagNames(bits).some((flag) => flag === "below_range" || flag === "above_range"));
  const rate = vendorRate ?? (isClamped ? null : rateOfChange(samples.startMs, samples.values));
  return {
    at: formatInstant(atMs),
    valueMgDl,
    valueMmolL: rounded(toMmolL(valueMgDl), "mmol/L"),
    trend: trendArrow(rate),
    rateMgDlMin: rate,
    deltaMgDl: delta(samples.startMs, samples.values),
    flags: flagNames(samples.flags[last]!),
    source: showSource(context, sources[samples.sourceIndexes[last]!]!),
    ageSeconds: Math.max(0, Math.round((nowMs - atMs) / 1000)),
    isStale: nowMs - atMs > STALE_MS,
  };
}

/** Two decimals in mmol/L, as files have it; mg/dL as measured. */
export function rounded(value: number, unit: GlucoseUnit): number {
  return unit === "mmol/L" ? Math.round(value * 100) / 100 : value;
}

/** Shares are classified in mg/dL, in which all is stored; glucose is then told in the asked unit. */
function summaryReply(
  input: Parameters<typeof summarize>[0], options: { zone: string | ZoneHistory; fromMs: number; toMs: number; unit: GlucoseUnit },
): GlucoseSummary {
  const summary = summarize(input, options);
  const tell = (mgDl: number): number => inUnit(mgDl, options.unit);
  const maybe = (mgDl: number | null): number | null => (mgDl === null ? null : tell(mgDl));
  const { veryLow, low, high, veryHigh, tightHigh } = CONSENSUS_RANGES[options.unit];
  return {
    from: formatInstant(options.fromMs), to: formatInstant(options.toMs), zone: typeof options.zone === "string" ? options.zone : zoneAt(options.zone, options.toMs), unit: options.unit,
    readings: summary.readings, days: summary.days, mean: maybe(summary.mean), sd: maybe(summary.sd), cvPercent: summary.cvPercent,
    gmiPercent: summary.gmiPercent, gmiMmolMol: summary.gmiMmolMol, median: maybe(summary.median), min: maybe(summary.min), max: maybe(summary.max),
    wearPercent: summary.wearPercent, rangesPercent: summary.rangesPercent, thresholds: { veryLow, low, high, veryHigh, tightHigh },
    isSufficient: summary.isSufficient, reasons: [...summary.reasons],
    daily: summary.daily.map((day) => ({ ...day, mean: tell(day.mean), min: tell(day.min), max: tell(day.max) })), notice: GLUCOSE_NOTICE,
  };
}

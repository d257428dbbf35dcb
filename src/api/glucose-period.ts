/** What all analyses of a period share: what may be asked, and the readings in the unit they were measured in. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { boundsOf } from "#glucose/custom-bounds.ts";
import type { Zone } from "#glucose/local-times.ts";
import { inMeasuredUnit } from "#glucose/measured-unit.ts";
import { PRESET_NAMES, RANGE_PRESETS, type PresetName, type RangeGoals, type RangePreset } from "#glucose/range-presets.ts";
import type { RangeBounds } from "#glucose/ranges.ts";
import { cleanSeries, type Series } from "#glucose/series.ts";
import type { PatientRow } from "#people/access/access.ts";
import { readZones } from "#people/zones.ts";
import { flagBits } from "#samples/store/flags.ts";
import { joinLines, type Line } from "#samples/line.ts";
import type { ReadSource } from "#samples/read.ts";
import { MG_DL_PER_MMOL_L, type GlucoseUnit } from "#units/glucose.ts";
import { DAY_MS, formatInstant, isZone, MINUTE_MS, type Window } from "#units/time.ts";
import { zoneAt, type ZoneHistory } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { readGlucose } from "./glucose.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { endOfMinute, patientParams, periodParameters, PROBLEMS, UNCHANGED, withPatient } from "./route-kit.ts";
import { glucoseUnit, type AnalysisPreset } from "./schemas.ts";

export const MOST_DAYS = 366;
const DEFAULT_DAYS = 14;

export const analysisQuery = z.object({
  from: z.string().max(40).optional().describe("RFC 3339 instant; `days` before `to` by default."),
  to: z.string().max(40).optional().describe("RFC 3339 instant; the end of the present minute by default."),
  days: z.coerce.number().int().min(1).max(365).default(DEFAULT_DAYS).describe("The last days, where there is no `from`."),
  zone: z.string().max(64).optional().describe("IANA zone of the days; the patient's own zones by default."),
  unit: glucoseUnit.default("mg/dL"),
  preset: z.enum([...PRESET_NAMES, "custom"]).default("standard").describe("Whose ranges and goals: `custom` takes those of `bounds`."),
  bounds: z.string().max(80).optional().describe("With `preset=custom`: very low, low, high and very high in the asked unit, e.g. 54,70,180,250."),
});
export type AnalysisQuery = z.output<typeof analysisQuery>;

/** What was asked for, checked. */
export interface Asked extends Window {
  readonly unit: GlucoseUnit;
  /** Null: the patient's own zones. */
  readonly zone: string | null;
  readonly preset: RangePreset & { readonly name: PresetName | "custom" };
}

/** A patient's readings of the period. */
export interface Measured {
  readonly asked: Asked;
  /** In the unit they were measured in, which may not be the asked one. */
  readonly series: Series;
  readonly zone: Zone;
  /** Those that the readings came from. */
  readonly sources: readonly ReadSource[];
  /** The period as far as it has passed: what is still to come is not missing. */
  readonly passed: Window;
}

type Exchange = { readonly request: FastifyRequest<{ Params: { patientId: string } }>; readonly reply: FastifyReply };

export function analysisSchema(summary: string, description = "") {
  return { tags: ["glucose"], summary, description: `${GLUCOSE_NOTICE}${description && ` ${description}`}`, params: patientParams };
}

/** Statuses of an analysis beside its 200. */
export const ANALYSIS_REPLIES = { ...UNCHANGED, ...PROBLEMS };

/** Throws InvalidInput naming the parameter. @param nowMs up to where a period reaches by default. */
export function askedOf(query: AnalysisQuery, nowMs: number): Asked {
  const window = periodParameters(query, endOfMinute(nowMs), { defaultMs: query.days * DAY_MS, mostDays: MOST_DAYS });
  if (query.zone !== undefined && !isZone(query.zone)) throw refusal("zone", "zone is no IANA zone.", "e.g. Europe/Madrid");
  return { ...window, unit: query.unit, zone: query.zone ?? null, preset: presetOf(query) };
}

/**
 * The readings of the period, with the notice and an ETag on the reply; null where the caller has the reply already. What is computed of them is computed
 * after the transaction. @param also a second period, whose readings are in the series, too.
 */
export async function readMeasured(context: ApiContext, { request, reply }: Exchange, asked: Asked, also?: Window): Promise<Measured | null> {
  reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
  const windows = also ? [also, asked] : [asked];
  const found = await withPatient(context, request, async (tx, patient) => {
    if (await isUnchanged(tx, patient, { request: request as FastifyRequest, reply }, windows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))) return null;
    const reads: Awaited<ReturnType<typeof readGlucose>>[] = [];
    for (const { fromMs, toMs } of windows) reads.push(await readGlucose(tx, patient, fromMs, toMs));
    return { reads, zone: await zoneOf(tx, patient, asked) };
  });
  if (found === null) return null;
  const passedMs = Math.floor(context.clock.now() / MINUTE_MS) * MINUTE_MS;
  return {
    asked, series: measuredSeries(found.reads.map(({ line }) => line)), zone: found.zone, sources: sourcesOf(found.reads),
    passed: { fromMs: asked.fromMs, toMs: Math.max(asked.fromMs, Math.min(asked.toMs, passedMs)) },
  };
}

export function sourcesOf(reads: readonly { readonly line: Line; readonly sources: readonly ReadSource[] }[]): ReadSource[] {
  const used = reads.flatMap(({ line, sources }) => [...new Set(line.sourceIndexes)].map((index) => sources[index]!));
  return [...new Map(used.map((source) => [source.id, source])).values()];
}

async function zoneOf(tx: Tx, patient: PatientRow, { zone }: Asked): Promise<string | ZoneHistory> {
  return zone ?? readZones(tx, patient.id);
}

const BELOW = flagBits(["below_range"]);
const ABOVE = flagBits(["above_range"]);

/** A sensor's LOW and HIGH come with the vendor's own number, which stays; they are counted. */
export function measuredSeries(lines: readonly Line[]): Series {
  const { startMs, values, flags } = joinLines(lines);
  const outOfRange = Int8Array.from(flags, (bits) => ((bits & BELOW) !== 0 ? -1 : (bits & ABOVE) !== 0 ? 1 : 0));
  return inMeasuredUnit(cleanSeries({ timesMs: startMs, values, outOfRange }));
}

function presetOf({ preset, bounds, unit }: AnalysisQuery): Asked["preset"] {
  if (preset === "custom") return { name: preset, bounds: customBounds(bounds, unit), goals: NO_GOALS };
  if (bounds !== undefined) throw refusal("bounds", "bounds are taken with preset=custom only.", "add preset=custom, or leave bounds out");
  return { name: preset, ...RANGE_PRESETS[preset] };
}

const NO_GOALS: RangeGoals = { target: null, below: null, veryLow: null, above: null, veryHigh: null };

function customBounds(text: string | undefined, unit: GlucoseUnit): RangeBounds {
  const detail = `four ascending numbers in ${unit}, e.g. ${unit === "mg/dL" ? "54,70,180,250" : "3.0,3.9,10.0,13.9"}`;
  const numbers = (text ?? "").split(",").map((each) => (/^\s*\d+(\.\d+)?\s*$/.test(each) ? Number(each) : NaN));
  const [veryLow, low, high, veryHigh] = numbers as [number, number, number, number];
  const bounds = numbers.length === 4 ? boundsOf({ unit, veryLow, low, high, veryHigh }) : null;
  if (bounds === null) throw refusal("bounds", "bounds are no ranges.", detail);
  return bounds;
}

export function refusal(name: string, message: string, detail: string): InvalidInput {
  return new InvalidInput(message, { issues: [{ pointer: `/querystring/${name}`, detail }] });
}

/** What a number in the unit of the series is multiplied with to be in the asked one. */
export function scaleOf({ series, asked }: Pick<Measured, "series" | "asked">): number {
  if (series.unit === asked.unit) return 1;
  return asked.unit === "mg/dL" ? MG_DL_PER_MMOL_L : 1 / MG_DL_PER_MMOL_L;
}

/** What each analysis says of what it was made of. */
export function tellPeriod({ asked, zone }: Pick<Measured, "asked" | "zone">): { unit: GlucoseUnit; period: { from: string; to: string; zone: string; days: number }; preset: AnalysisPreset } {
  const { fromMs, toMs, unit, preset } = asked;
  return {
    unit,
    period: { from: formatInstant(fromMs), to: formatInstant(toMs), zone: typeof zone === "string" ? zone : zoneAt(zone, toMs), days: (toMs - fromMs) / DAY_MS },
    preset: { name: preset.name, thresholds: preset.bounds[unit], goals: preset.goals },
  };
}

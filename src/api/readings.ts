/** What people and clinics type, and what meters with a sequence number send through an app: stored, listed, summed up. Requirement D5. */
import { z } from "zod";
import { pageOfReadings, readingsOf } from "#clinic/readings/list-readings.ts";
import { mealOfType, type Reading as ReadingLine } from "#clinic/readings/reading.ts";
import { readingsByKeys } from "#clinic/readings/readings-by-keys.ts";
import { statisticsOf, type Spread } from "#clinic/readings/statistics.ts";
import type { Meal } from "#driver/records.ts";
import { PRESET_NAMES, RANGE_PRESETS } from "#glucose/range-presets.ts";
import { namesOf } from "#people/audit/accesses.ts";
import { readZones } from "#people/zones.ts";
import { storeTypedNow } from "#sync/typed.ts";
import { toMmolL } from "#units/glucose.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { zoneAt } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { endOfMinute, PROBLEM, PROBLEMS, patientParams, periodParameters, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import { READING_TYPE_NAMES, readingList, readingsReply, readingStatistics, type ReadingStatistics } from "./schemas.ts";
import { showReading, typeNames } from "./show-reading.ts";

/** The driver reads the items one by one, so that a bad one never costs its neighbours. */
const body = z.object({
  device: z.object({ id: z.string().min(1).max(120), name: z.string().max(120).optional() }).optional()
    .describe("The meter. With it, each reading's `sequence` makes it one reading however often it is sent."),
  syncSource: z.string().max(20).optional().describe("manual, bluetooth, app or import, where no reading says it itself; by default bluetooth with a device, else manual."),
  readings: z.array(z.record(z.string(), z.unknown())).min(1).max(5_000)
    .describe(`\`at\` (RFC 3339), \`value\`, \`unit\`, and as known \`type\` (${READING_TYPE_NAMES.join(", ")}, or the Spanish constants), \`sequence\` or \`id\`, \`kind\`, \`mealRelation\`, \`sampleType\`, \`sampleLocation\`, \`syncSource\`, \`note\`.`),
});

const TAGS = ["measurements"];
const MOST_SHOWN = 100;
const DEFAULT_DAYS = 15;
const MOST_DAYS = 366;

const period = z.object({
  from: z.string().max(40).optional().describe("First instant; `days` before `to` by default."),
  to: z.string().max(40).optional().describe("End (exclusive); a day after now by default, since a meter's clock may run ahead."),
  days: z.coerce.number().int().min(1).max(MOST_DAYS).default(DEFAULT_DAYS).describe("How far back, where `from` is not given."),
});
const listQuery = period.extend({
  type: z.string().max(30).optional().describe("Only of this type, by its English or Spanish constant."),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(600).optional(),
});
const statisticsQuery = period.extend({ preset: z.enum(PRESET_NAMES).default("standard").describe("Whose ranges.") });

export function readingRoutes(server: Server, context: ApiContext): void {
  server.post("/patients/:patientId/readings", {
    config: { access: { who: "patient", scope: "upload" } },
    schema: {
      tags: TAGS, summary: "Store readings that were typed or read from a meter",
      description: "Sending a reading twice stores it once: by device and sequence number, by its own id, else by its time. Good readings are stored, bad ones are listed. One that was taken back stays away.",
      params: patientParams, body, response: { 200: readingsReply, 201: readingsReply, ...PROBLEMS, 422: PROBLEM },
    },
  }, async (request, reply) => {
    const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }));
    const owner = { organizationId: patient.organizationId, patientId: patient.id };
    const { readingKeys, problems, ...result } = await storeTypedNow(context.sync, owner, {
      resource: "readings", payload: request.body, zone: patient.zone, ...(patient.isSelf ? {} : { enteredBy: actor.userId }),
    });
    const stored = await context.database.withOrganization(owner.organizationId, async (tx) => {
      const readings = await readingsByKeys(tx, patient.id, readingKeys.slice(0, MOST_SHOWN));
      return { readings, zones: await readZones(tx, patient.id), names: await namesOf(tx, readings.map(({ enteredBy }) => enteredBy)) };
    });
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return reply.code(result.isNew ? 201 : 200).send({
      ...result, problems: problems.map(({ path, reason }) => ({ path, reason })), readings: stored.readings.map((reading) => showReading(context, reading, stored)),
    });
  });

  listRoute(server, context);

  server.get("/patients/:patientId/readings/statistics", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: TAGS, summary: "What readings of meters amount to", params: patientParams, querystring: statisticsQuery,
      description: `Readings are moments that somebody chose: shares are of readings, not of time, and no reading of a sensor is among them. ${GLUCOSE_NOTICE}`,
      response: { 200: readingStatistics, ...UNCHANGED, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { query } = request;
    const endMs = endOfMinute(context.clock.now());
    const told = await withPatient(context, request, async (tx, patient) => {
      if (await isUnchanged(tx, patient, { request, reply }, [endMs])) return null;
      const { fromMs, toMs } = periodParameters(query, endMs + DAY_MS, { defaultMs: (query.days + 1) * DAY_MS, mostDays: MOST_DAYS + 1 });
      const readings: ReadingLine[] = [];
      for await (const reading of readingsOf(tx, patient.id, { fromMs, toMs })) readings.push(reading);
      const zones = await readZones(tx, patient.id);
      return tellStatistics(readings, { zones, preset: query.preset, fromMs, toMs });
    });
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return told ?? reply.code(304).send(null);
  });
}

function listRoute(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/readings", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: TAGS, summary: "What was typed and what meters sent, one line each, newest first", description: GLUCOSE_NOTICE, params: patientParams, querystring: listQuery,
      response: { 200: readingList, ...UNCHANGED, ...PROBLEMS, 422: PROBLEM },
    },
  }, async (request, reply) => {
    const { from, to, days, type, limit, cursor } = request.query;
    const meal = mealOf(type);
    const endMs = endOfMinute(context.clock.now());
    const page = await withPatient(context, request, async (tx, patient) => {
      if (await isUnchanged(tx, patient, { request, reply }, [endMs])) return null;
      const scope = `readings ${patient.id} ${from ?? ""} ${to ?? ""} ${days} ${meal ?? ""}`;
      // A page goes on in the window that the first one had.
      const [fromMs, toMs, atMs, told] = cursor === undefined ? [] : decodeCursor(context, scope, cursor).map(Number);
      const window = fromMs === undefined || toMs === undefined ? periodParameters(request.query, endMs + DAY_MS, { defaultMs: (days + 1) * DAY_MS }) : { fromMs, toMs };
      const after = atMs === undefined || told === undefined ? null : { atMs, told };
      const { readings, next } = await pageOfReadings(tx, patient.id, { ...window, meal, limit, after });
      const nextCursor = next && encodeCursor(context, scope, [window.fromMs, window.toMs, next.atMs, next.told]);
      return { readings, nextCursor, zones: await readZones(tx, patient.id), organizationId: patient.organizationId };
    });
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    if (page === null) return reply.code(304).send(null);
    if (page.nextCursor !== null) {
      const next = new URLSearchParams({ ...(from ? { from } : {}), ...(to ? { to } : {}), days: String(days), ...(type ? { type } : {}), limit: String(limit), cursor: page.nextCursor });
      reply.header("link", `</api/v1/patients/${request.params.patientId}/readings?${next.toString()}>; rel="next"`);
    }
    const names = await context.database.withOrganization(page.organizationId, (tx) => namesOf(tx, page.readings.map(({ enteredBy }) => enteredBy)));
    return { data: page.readings.map((reading) => showReading(context, reading, { zones: page.zones, names })), nextCursor: page.nextCursor };
  });
}

function mealOf(type: string | undefined): Meal | undefined {
  if (type === undefined) return undefined;
  const meal = mealOfType(type);
  if (meal === null) {
    throw new InvalidInput("There is no such type of readings.", { httpStatus: 422, issues: [{ pointer: "/querystring/type", detail: `one of ${READING_TYPE_NAMES.join(", ")}, or their Spanish constants` }] });
  }
  return meal;
}

function tellStatistics(
  readings: readonly ReadingLine[], { fromMs, toMs, ...options }: Parameters<typeof statisticsOf>[1] & { readonly fromMs: number; readonly toMs: number },
): ReadingStatistics {
  const { daily, byType, days, eA1cPercent, eA1cReason, ...whole } = statisticsOf(readings, options);
  const { bounds } = RANGE_PRESETS[options.preset];
  return {
    from: formatInstant(fromMs), to: formatInstant(toMs), zone: zoneAt(options.zones, toMs - 1), days, ...tellSpread(whole), preset: options.preset, thresholdsMgDl: bounds["mg/dL"],
    thresholdsMmolL: bounds["mmol/L"], byType: byType.map(({ meal, ...spread }) => ({ ...typeNames(meal), ...tellSpread(spread) })),
    daily: daily.map(({ date, count, mean, min, max }) => ({ date, count, meanMgDl: mean, meanMmolL: toMmolL(mean), minMgDl: min, maxMgDl: max })),
    eA1cPercent, eA1cReason, gmiPercent: null, gmiReason: "needs_sensor", computedFrom: "meter_readings",
  };
}

function tellSpread({ count, mean, sd, cvPercent, median, min, max, rangesPercent, rangesCount }: Spread) {
  const mmolL = (mgDl: number | null): number | null => (mgDl === null ? null : toMmolL(mgDl));
  return {
    count, meanMgDl: mean, meanMmolL: mmolL(mean), sdMgDl: sd, sdMmolL: mmolL(sd), cvPercent, medianMgDl: median, medianMmolL: mmolL(median), minMgDl: min, minMmolL: mmolL(min),
    maxMgDl: max, maxMmolL: mmolL(max), rangesPercent, rangesCount,
  };
}

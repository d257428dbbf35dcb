/** Shapes of readings: what people type and meters send. */
import { z } from "zod";
import { MEAL_RELATIONS, MEALS, READING_TYPES, SAMPLE_LOCATIONS, SAMPLE_TYPES, SYNC_SOURCES } from "#driver/records.ts";
import { PRESET_NAMES } from "#glucose/range-presets.ts";
import { glucoseUnit, instant, uuid } from "./common.ts";
import { source } from "./measurements.ts";

export const READING_TYPE_NAMES = MEALS.map((meal) => READING_TYPES[meal].en) as [string, ...string[]];
const SPANISH_TYPE_NAMES = MEALS.map((meal) => READING_TYPES[meal].es) as [string, ...string[]];

export const readingId = z.string().regex(/^(?:\d{1,18}|s\d{1,18}-\d{1,15})$/);
/** Why a reading or an entry was taken back: codes, since what people write has no place in an address. */
export const takeBackReason = z.enum(["mistyped", "duplicate", "somebody_else", "test", "other"]);

/** Somebody by name; null where their account is gone. */
export const namedPerson = z.object({ userId: uuid, name: z.string().nullable() });

export const reading = z.object({
  id: readingId,
  at: z.string().describe("RFC 3339 with the offset that the person's clock showed."),
  date: z.string().describe("The person's local day, YYYY-MM-DD."),
  valueMgDl: z.number(), valueMmolL: z.number(),
  outOfRange: z.enum(["below", "above"]).nullable().describe("The meter said LO or HI: the value is where its numbers end."),
  unit: glucoseUnit.describe("As it was sent."),
  type: z.enum(READING_TYPE_NAMES).nullable(), typeEs: z.enum(SPANISH_TYPE_NAMES).nullable().describe("The same, by its Spanish constant."),
  mealRelation: z.enum(MEAL_RELATIONS).nullable(), sampleType: z.enum(SAMPLE_TYPES).nullable(), sampleLocation: z.enum(SAMPLE_LOCATIONS).nullable(),
  device: z.object({ id: z.string(), name: z.string().nullable() }).nullable(), sequence: z.string().nullable(),
  syncSource: z.enum(SYNC_SOURCES), source: source.describe("Whose reading it is, as in every list of measurements."),
  note: z.string().nullable(), enteredBy: namedPerson.nullable().describe("Who entered it for the person; null where the person did, or a meter."),
});
export type Reading = z.infer<typeof reading>;

export const readingList = z.object({ data: z.array(reading), nextCursor: z.string().nullable() });

export const readingsReply = z.object({
  deliveryId: z.string(),
  isNew: z.boolean().describe("False when the very same was sent before."),
  stored: z.number().describe("Records that were new or changed."),
  problems: z.array(z.object({ path: z.string(), reason: z.string() })),
  readings: z.array(reading).describe("The readings of glucose as they stand now; the first 100."),
});

const ranges = z.object({ veryLow: z.number(), low: z.number(), target: z.number(), high: z.number(), veryHigh: z.number(), tight: z.number() });
const mgDl = z.number().nullable();
const spread = z.object({
  count: z.number().int(), meanMgDl: mgDl, meanMmolL: mgDl, sdMgDl: mgDl, sdMmolL: mgDl, cvPercent: z.number().nullable(), medianMgDl: mgDl, medianMmolL: mgDl, minMgDl: mgDl, minMmolL: mgDl,
  maxMgDl: mgDl, maxMmolL: mgDl,
  rangesPercent: ranges.nullable().describe("Percent of readings, 0–100, and not of time."), rangesCount: ranges.nullable(),
});
const thresholds = z.object({ veryLow: z.number(), low: z.number(), high: z.number(), veryHigh: z.number(), tightHigh: z.number() });

export const readingStatistics = spread.extend({
  from: instant, to: instant, zone: z.string(), days: z.number().int().describe("Local days that have readings."),
  preset: z.enum(PRESET_NAMES), thresholdsMgDl: thresholds, thresholdsMmolL: thresholds,
  byType: z.array(spread.extend({ type: z.enum(READING_TYPE_NAMES).nullable(), typeEs: z.enum(SPANISH_TYPE_NAMES).nullable() })),
  daily: z.array(z.object({ date: z.string(), count: z.number().int(), meanMgDl: z.number(), meanMmolL: z.number(), minMgDl: z.number(), maxMgDl: z.number() })),
  eA1cPercent: z.number().nullable().describe("Estimated A1C (ADAG) of the mean of these readings. No laboratory value, and other than it where readings are few or at chosen times."),
  eA1cReason: z.enum(["no_readings", "under_14_days", "under_42_readings"]).nullable(),
  gmiPercent: z.null().describe("The glucose management indicator is of sensor glucose alone: see /glucose/summary."), gmiReason: z.enum(["needs_sensor"]),
  computedFrom: z.enum(["meter_readings"]),
});
export type ReadingStatistics = z.infer<typeof readingStatistics>;

export const withdrawnReading = z.object({
  id: readingId, at: z.string(), valueMgDl: z.number(), valueMmolL: z.number(), withdrawnAt: instant, withdrawnBy: namedPerson.nullable(), reason: takeBackReason.nullable(), restorableUntil: instant,
});
export const withdrawnReadingList = z.object({ data: z.array(withdrawnReading) });
export const readingWithdrawn = z.object({ id: readingId, restorableUntil: instant });

/** COROS's days → samples and a sleep. Pure. Source: vendors/coros.md, Daily and Mapping; seen in one code base only. */
import { looseNumber } from "#driver/payload.ts";
import { dayPlace, type DayPlace } from "#driver/day.ts";
import type { SampleFlag } from "#driver/records.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";
import { instantOf, isPossible, offsetMinutesOf, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const LONGEST_SLEEP_MS = DAY_MS;
const DAY_TOTAL: readonly SampleFlag[] = ["day_total"];
/** Nobody burns more kilocalories a day: a larger number is in small calories, as in workouts (the unit of days is not told). */
const MOST_KCAL_A_DAY = 15_000;
const LEAST_BOUND_KCAL = 1_000;
const CALORIES_PER_KCAL = 1_000;

export function mapDay(item: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const day = mapping.item(schema.day, item, path);
  if (!day) return;
  const place = placeOf(day, job);
  if (!place || !isPossible(place.startMs, job)) {
    mapping.problem(`${path}/happenDay`, "no possible day");
    return;
  }
  const total = { ...place, flags: DAY_TOTAL };
  mapping.sample("steps", day.step, total, `${path}/step`);
  mapping.sample("calories_total", kilocalories(day.calorie, place, job.context.receivedMs), total, `${path}/calorie`);
  mapping.sample("resting_heart_rate", measured(day.rhr), place, `${path}/rhr`);
  const sleep = sleepOf(day, path, job);
  const night = { startMs: sleep?.startMs ?? place.startMs, offsetMinutes: sleep?.offsetMinutes ?? place.offsetMinutes, flags: DAY_TOTAL };
  // Taken for RMSSD, which COROS does not say.
  mapping.sample("hrv_rmssd", measured(day.ppgHrv), night, `${path}/ppgHrv`);
  mapping.sample("heart_rate", measured(day.sleepAvgHr), night, `${path}/sleepAvgHr`);
  if (sleep) {
    mapping.add({
      record: "sleep",
      // One sleep a day, whose start may still be revised.
      vendorId: `day-${day.happenDay}`,
      ...sleep,
      isNap: false,
      stages: [{ stage: "asleep", startMs: sleep.startMs, endMs: sleep.endMs }],
      totals: {},
    });
  }
  mapNightValues(day.hrvList ?? [], { path: `${path}/hrvList`, offsetMinutes: night.offsetMinutes }, job);
}

/**
 * The local day: of the person's zone, unless COROS's offsets show that the person was elsewhere. They are those of the night's two ends, of which
 * one lies behind the change of clocks.
 */
function placeOf(day: schema.Day, job: MapJob): DayPlace | null {
  const date = /^(\d{4})(\d{2})(\d{2})$/.exec(day.happenDay)?.slice(1).join("-") ?? null;
  const wall = date === null ? null : parseTime(date);
  if (date === null || !wall) return null;
  const told = [offsetMinutesOf(day.endTimezone), offsetMinutesOf(day.startTimezone)].filter((each) => each !== null);
  const noons = told.map((offsetMinutes) => ({ atMs: wall.wallMs + 12 * HOUR_MS - offsetMinutes * MINUTE_MS, offsetMinutes }));
  const { zone } = job.context;
  return dayPlace(date, zone, noons.find(({ atMs, offsetMinutes }) => offsetMinutesAt(zone, atMs) === offsetMinutes) ?? noons[0] ?? null);
}

/** 0 means that nothing was measured. */
function measured(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && value > 0 ? value : null;
}

/** Of a day under way only its part can have been burnt; the least bound leaves a minute's rounding alone. */
function kilocalories(calories: number | null | undefined, { startMs, endMs }: DayPlace, receivedMs: number): number | null {
  const value = measured(calories);
  const share = Math.min(1, Math.max(0, (receivedMs - startMs) / (endMs - startMs)));
  return value !== null && value > Math.max(LEAST_BOUND_KCAL, MOST_KCAL_A_DAY * share) ? value / CALORIES_PER_KCAL : value;
}

/** When the person slept; COROS tells no stages. Null when there was no sleep, with a problem when it cannot be. */
function sleepOf(day: schema.Day, path: string, job: MapJob): { startMs: number; endMs: number; offsetMinutes: number | null } | null {
  const { sleepStartTime, sleepEndTime } = day;
  if (isAbsent(sleepStartTime) && isAbsent(sleepEndTime)) return null;
  const [startOffset, endOffset] = [offsetMinutesOf(day.startTimezone), offsetMinutesOf(day.endTimezone)];
  const startMs = instantOf(sleepStartTime, startOffset ?? endOffset, job);
  const endMs = instantOf(sleepEndTime, endOffset ?? startOffset, job);
  if (startMs !== null && endMs !== null && endMs > startMs && endMs - startMs <= LONGEST_SLEEP_MS) return { startMs, endMs, offsetMinutes: startOffset ?? endOffset };
  job.mapping.problem(`${path}/sleepStartTime`, "no possible stretch of sleep");
  return null;
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined || value === "" || value === 0 || value === "0";
}

/** Variability, and the mean pulse beside it, of stretches of the night. */
function mapNightValues(items: readonly unknown[], { path, offsetMinutes }: { path: string; offsetMinutes: number | null }, job: MapJob): void {
  let isBad = false;
  for (const item of items) {
    const { timestamp, hrv, hr } = (typeof item === "object" && item !== null ? item : {}) as { timestamp?: unknown; hrv?: unknown; hr?: unknown };
    const startMs = instantOf(timestamp, offsetMinutes, job);
    const [variability, pulse] = [numberOf(hrv), numberOf(hr)];
    if (startMs === null || (variability === null && pulse === null)) {
      isBad = true;
      continue;
    }
    job.mapping.sample("hrv_rmssd", measured(variability), { startMs, offsetMinutes }, path);
    job.mapping.sample("heart_rate", measured(pulse), { startMs, offsetMinutes }, path);
  }
  if (isBad) job.mapping.problem(path, "some entries have no time or no number");
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : looseNumber(value));

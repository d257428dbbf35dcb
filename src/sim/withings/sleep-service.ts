/** The sleep service. vendors/withings.md, sleep get, sleep getsummary. */

import { addDays, HOUR_MS, localDate, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import type { Visit } from "./asked.ts";
import { datesOf, firstDayOf, namesOf, numberOf, pageOf, picked, secondsOf } from "./asked.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";
import type { SeenNight, SeenStretch, SleepState } from "./sleep.ts";
import { isCompleted, nightsBetween } from "./sleep.ts";

const USUAL_OF_SUMMARIES = ["total_timeinbed", "total_sleep_time", "lightsleepduration", "deepsleepduration", "wakeupduration"];

export function getSleep({ context, person, fields }: Visit): Answer {
  const times = firstDayOf(fields);
  if (!times) return withingsRefusal(STATUS.invalidParameters);
  const { zone } = person.who;
  const nights = nightsBetween(context, person, localDate(zone, times.fromMs), addDays(localDate(zone, times.toMs), 1));
  const asked = namesOf(fields, "data_fields");
  const series = nights.flatMap((night) => night.stretches
    .filter(({ fromMs }) => fromMs >= times.fromMs && fromMs <= times.toMs)
    .map((stretch) => ({ stretch, told: stretchOf(person, night, stretch, asked) })));
  const sorted = series.toSorted((one, other) => one.stretch.fromMs - other.stretch.fromMs);
  return withingsAnswer({ series: sorted.map(({ told }) => told), model: nights.some(({ model }) => model === 32) ? 32 : 16 });
}

/** The maps hold what the device saw in the stretch; only those asked for. */
function stretchOf(person: Person, night: SeenNight, { state, fromMs, toMs }: SeenStretch, asked: readonly string[]): object {
  return {
    startdate: secondsOf(fromMs), enddate: secondsOf(toMs), state,
    model: night.device?.model ?? null, model_id: night.device?.modelId ?? null, hash_deviceid: night.device?.id ?? null,
    ...(asked.length > 0 && night.origin === "device" && state !== 15 ? picked(mapsOf(person, night, { fromMs, toMs }, asked), asked, []) : {}),
  };
}

type Maps = Readonly<Record<string, Record<string, number>>>;

function mapsOf(person: Person, night: SeenNight, { fromMs, toMs }: { fromMs: number; toMs: number }, asked: readonly string[]): Maps {
  const vitals = person.vitals(night.date);
  const { hasHrv } = person.who.watch;
  const minuteOf = (ms: number): number => Math.max(0, Math.floor((ms - night.asleepMs) / MINUTE_MS));
  const spaced = (everyMinutes: number, value: (ms: number) => number): Record<string, number> => {
    const map: Record<string, number> = {};
    for (let ms = Math.ceil(fromMs / (everyMinutes * MINUTE_MS)) * everyMinutes * MINUTE_MS; ms < toMs; ms += everyMinutes * MINUTE_MS) map[String(secondsOf(ms))] = value(ms);
    return map;
  };
  const rmssd = (ms: number): number => vitals.rmssdAt(Math.floor(minuteOf(ms) / 5));
  const isMat = night.model === 32;
  return {
    ...(asked.includes("hr") ? { hr: Object.fromEntries(heartOf(person, fromMs, toMs).map(([ms, rate]) => [String(secondsOf(ms)), rate])) } : {}),
    rr: spaced(1, (ms) => Math.round(vitals.breathsAt(minuteOf(ms)))),
    mvt_score: spaced(5, (ms) => minuteOf(ms) % 7),
    ...(isMat ? { snoring: spaced(10, (ms) => (minuteOf(ms) % 90 === 0 ? 40 : 0)), chest_movement_rate: spaced(5, (ms) => Math.round(vitals.breathsAt(minuteOf(ms)))), withings_index: spaced(30, () => 3), breathing_sounds: spaced(30, () => 0) } : {}),
    ...(hasHrv ? { rmssd: spaced(5, rmssd), sdnn_1: spaced(5, (ms) => Math.round(rmssd(ms) * 1.15)), hrv_quality: spaced(5, () => 80) } : {}),
  };
}

/** Beats a minute in each minute; the mat feels what the watch would. */
function heartOf(person: Person, fromMs: number, toMs: number): [ms: number, rate: number][] {
  return person.minutes(fromMs, toMs).flatMap(({ atMs, heartRate }) => (heartRate === null ? [] : [[atMs, heartRate] as [number, number]]));
}

export function getSleepSummary({ context, person, fields }: Visit): Answer {
  const dates = datesOf(fields);
  const since = numberOf(fields, "lastupdate");
  if (!dates && typeof since !== "number") return withingsRefusal(STATUS.invalidParameters);
  const { zone } = person.who;
  const nowMs = context.now();
  const [first, last] = dates ? [dates.first, dates.last] : [localDate(zone, (since ?? 0) * 1000 - HOUR_MS), localDate(zone, nowMs)];
  const today = localDate(zone, nowMs);
  const nights = nightsBetween(context, person, first, last < today ? last : today).filter((night) => dates !== null || modifiedMs(night, nowMs) >= (since ?? 0) * 1000);
  const page = pageOf(context, fields, nights.toSorted((one, other) => one.startMs - other.startMs));
  if (!page) return withingsRefusal(STATUS.invalidParameters);
  const asked = namesOf(fields, "data_fields");
  return withingsAnswer({ series: page.rows.map((night) => summaryOf(context, person, night, asked)), more: page.more, offset: page.offset });
}

/** A night changes once more when it is complete. */
function modifiedMs(night: SeenNight, nowMs: number): number {
  return isCompleted(night, nowMs) ? night.readyMs + HOUR_MS / 2 : night.readyMs;
}

function summaryOf(context: CloudContext, person: Person, night: SeenNight, asked: readonly string[]): object {
  const nowMs = context.now();
  return {
    id: night.id, timezone: person.who.zone, model: night.model, model_id: night.device?.modelId ?? null,
    startdate: secondsOf(night.startMs), enddate: secondsOf(night.endMs), date: night.date,
    created: secondsOf(night.readyMs), modified: secondsOf(modifiedMs(night, nowMs)), hash_deviceid: night.device?.id ?? null, completed: isCompleted(night, nowMs),
    data: picked(night.origin === "device" ? seenData(person, night) : bareData(night), asked, USUAL_OF_SUMMARIES),
  };
}

/** Nobody watched: how long, and no word of stages. */
function bareData(night: SeenNight): Record<string, unknown> {
  const seconds = secondsOf(night.endMs) - secondsOf(night.startMs);
  return night.origin === "external" ? { total_timeinbed: seconds, asleepduration: seconds } : { total_timeinbed: seconds, total_sleep_time: seconds };
}

function seenData(person: Person, night: SeenNight): Record<string, unknown> {
  const { stretches, startMs, endMs, asleepMs, wakeMs } = night;
  const isMat = night.model === 32;
  const seconds = (...states: SleepState[]): number =>
    stretches.filter(({ state }) => states.includes(state)).reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 1000, 0);
  const inBed = secondsOf(endMs) - secondsOf(startMs);
  const asleep = seconds(1, 2, 3);
  const wakes = stretches.filter(({ state, fromMs, toMs }, index) => state === 0 && fromMs >= asleepMs && toMs <= wakeMs && stretches[index - 1]?.state !== 15);
  const rates = heartOf(person, asleepMs, wakeMs).map(([, rate]) => rate);
  const vitals = person.vitals(night.date);
  const breaths = Array.from({ length: Math.max(1, Math.floor((wakeMs - asleepMs) / MINUTE_MS)) }, (_, minute) => vitals.breathsAt(minute));
  const mean = (values: readonly number[]): number => Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
  return {
    total_timeinbed: inBed,
    total_sleep_time: asleep,
    lightsleepduration: seconds(1),
    deepsleepduration: seconds(2),
    // Where dreams cannot be told there is no number, rather than none of them.
    ...(person.who.watch.hasPulseOx || isMat ? { remsleepduration: seconds(3), nb_rem_episodes: stretches.filter(({ state }) => state === 3).length } : {}),
    sleep_efficiency: Math.round((asleep / Math.max(1, inBed)) * 100) / 100,
    sleep_latency: secondsOf(asleepMs) - secondsOf(startMs),
    wakeup_latency: secondsOf(endMs) - secondsOf(wakeMs),
    wakeupduration: seconds(0, 15),
    wakeupcount: wakes.length,
    waso: seconds(0, 15) - (secondsOf(asleepMs) - secondsOf(startMs)) - (secondsOf(endMs) - secondsOf(wakeMs)),
    out_of_bed_count: stretches.filter(({ state }) => state === 15).length,
    ...(rates.length > 0 ? { hr_average: mean(rates), hr_min: Math.min(...rates), hr_max: Math.max(...rates) } : {}),
    rr_average: mean(breaths), rr_min: Math.floor(Math.min(...breaths)), rr_max: Math.ceil(Math.max(...breaths)),
    ...(isMat ? matData(person, night) : {}),
    ...(person.who.watch.hasHrv ? { rmssd_start_avg: vitals.rmssdAt(3), rmssd_end_avg: vitals.rmssdAt(70) } : {}),
    ...(person.who.watch.hasSkinTemperature && !isMat ? { core_body_temperature_avg: 36.4, core_body_temperature_min: 36.1, core_body_temperature_max: 36.8, core_body_temperature_status: 1 } : {}),
    mvt_score_avg: 12, mvt_active_duration: seconds(0),
    sleep_score: person.night(night.date).score,
    night_events: { 1: [0], 2: [secondsOf(asleepMs) - secondsOf(startMs)], 3: [secondsOf(wakeMs) - secondsOf(startMs)], 4: [inBed] },
  };
}

function matData({ who }: Person, { date }: SeenNight): Record<string, unknown> {
  const index = (who.bornYear + Number(date.slice(8))) % 9;
  return {
    breathing_disturbances_intensity: index * 4,
    breathing_quality_assessment: null,
    snoring: index * 120, snoringepisodecount: index > 4 ? 3 : 0,
    // Cleared in Europe and Australia; elsewhere the number is −1.
    apnea_hypopnea_index: /^(Europe|Australia)\//.test(who.zone) ? index : -1,
    chest_movement_rate_average: 14, withings_index: 3, breathing_sounds: 0, breathing_sounds_episode_count: 0,
  };
}

/** WHOOP's sleeps and recoveries. Pure. Source: vendors/whoop.md, Sleep and Recovery. */
import { parseEnvelope, type SamplePlace } from "#driver/payload.ts";
import type { DayPlace } from "#driver/day.ts";
import type { Replacement, SleepRecord } from "#driver/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import { instantOf, offsetOf, stretchOf, timeOf, wakeDay, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const LONGEST_SLEEP_MS = 2 * DAY_MS;

/** In any other state than this the numbers are not made yet, or cannot be: they are no measurements even where they are sent. */
const SCORED = "SCORED";

export function isScored({ score_state: state }: { readonly score_state?: string | null | undefined }): boolean {
  return state === null || state === undefined || state.toUpperCase() === SCORED;
}

/** What the recovery of a night gives. */
export const RECOVERY_METRICS: readonly MetricName[] = ["recovery", "resting_heart_rate", "hrv_rmssd", "spo2", "skin_temperature"];

export function mapSleep(value: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const sleep = mapping.item(schema.sleep, value, path);
  const stretch = sleep && stretchOf(sleep, LONGEST_SLEEP_MS, path, job);
  if (!sleep || !stretch) return;
  const score = isScored(sleep) ? sleep.score : null;
  const isNap = sleep.nap === true;
  const performance = shareOf(score?.sleep_performance_percentage, `${path}/score/sleep_performance_percentage`, job);
  const efficiency = shareOf(score?.sleep_efficiency_percentage, `${path}/score/sleep_efficiency_percentage`, job);
  mapping.add({
    record: "sleep",
    vendorId: sleep.id ?? null,
    ...stretch,
    isNap,
    // WHOOP tells how long each stage lasted, not when it was.
    stages: [],
    totals: totalsOf(score, path, job),
    ...(efficiency === null ? {} : { efficiencyPercent: efficiency }),
    ...(performance === null ? {} : { score: performance }),
  });
  const day = isNap || !score ? null : wakeDay(stretch.endMs, stretch.offsetMinutes, job);
  if (!score || !day) return;
  if (performance !== null) mapping.sample("sleep_score", performance, day, `${path}/score/sleep_performance_percentage`);
  mapping.sample("respiration_rate", positive(score.respiratory_rate), nightly(day), `${path}/score/respiratory_rate`);
}

function shareOf(share: number | null | undefined, path: string, { mapping }: MapJob): number | null {
  if (share === null || share === undefined) return null;
  if (share >= 0 && share <= 100) return share;
  mapping.problem(path, "no possible share");
  return null;
}

/** 0 of a heart, of breath or of oxygen is no measurement. */
export function positive(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && value > 0 ? value : null;
}

/** One value of a whole night stands at the start of its day, apart from any measured within it. */
function nightly({ startMs, offsetMinutes }: DayPlace): SamplePlace {
  return { startMs, offsetMinutes, flags: ["day_total"] };
}

const TOTALS = [
  ["inBedS", "total_in_bed_time_milli"],
  ["awakeS", "total_awake_time_milli"],
  ["lightS", "total_light_sleep_time_milli"],
  ["deepS", "total_slow_wave_sleep_time_milli"],
  ["remS", "total_rem_sleep_time_milli"],
] as const;

type Totals = { -readonly [K in keyof SleepRecord["totals"]]: SleepRecord["totals"][K] };

function totalsOf(score: schema.Sleep["score"], path: string, { mapping }: MapJob): Totals {
  const summary = score?.stage_summary;
  const totals: Totals = {};
  if (!summary) return totals;
  // Zeros for all stages mean that none were looked for.
  const hasStages = [summary.total_light_sleep_time_milli, summary.total_slow_wave_sleep_time_milli, summary.total_rem_sleep_time_milli].some((milli) => milli);
  for (const [ours, theirs] of TOTALS) {
    const milli = summary[theirs];
    if (milli === null || milli === undefined || (milli === 0 && !hasStages)) continue;
    if (milli >= 0 && milli <= LONGEST_SLEEP_MS) totals[ours] = milli / 1000;
    else mapping.problem(`${path}/score/stage_summary/${theirs}`, "no possible duration");
  }
  const { lightS, deepS, remS } = totals;
  if (lightS !== undefined && deepS !== undefined && remS !== undefined) totals.asleepS = Math.round((lightS + deepS + remS) * 1000) / 1000;
  return totals;
}

export function mapRecovery(value: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const recovery = mapping.item(schema.recovery, value, path);
  if (!recovery?.score || !isScored(recovery)) return;
  const day = dayOf(recovery, path, job);
  if (!day) return;
  const { score } = recovery;
  const at = nightly(day);
  // While WHOOP learns to know a person it guesses.
  const recoveryPlace: SamplePlace = score.user_calibrating === true ? { ...day, flags: ["estimated"] } : day;
  mapping.sample("recovery", score.recovery_score, recoveryPlace, `${path}/score/recovery_score`);
  mapping.sample("resting_heart_rate", positive(score.resting_heart_rate), day, `${path}/score/resting_heart_rate`);
  mapping.sample("hrv_rmssd", positive(score.hrv_rmssd_milli), at, `${path}/score/hrv_rmssd_milli`);
  mapping.sample("spo2", positive(score.spo2_percentage), at, `${path}/score/spo2_percentage`);
  mapping.sample("skin_temperature", positive(score.skin_temp_celsius), at, `${path}/score/skin_temp_celsius`);
}

/** The day its sleep ended. Without the sleep, the day it was made: as a rule soon after waking. */
function dayOf(recovery: schema.Recovery, path: string, job: MapJob): DayPlace | null {
  const sleepEndMs = recovery.sleep ? timeOf(recovery.sleep.end, job) : null;
  if (recovery.sleep && sleepEndMs !== null) return wakeDay(sleepEndMs, offsetOf(recovery.sleep.timezone_offset), job);
  const madeMs = instantOf(recovery.created_at, `${path}/created_at`, job);
  return madeMs === null ? null : wakeDay(madeMs, null, job);
}

/** The day of a sleep whose recovery is no more: nothing is left of it there. Throws ProviderContractBroken without the sleep's end. */
export function mapGoneRecovery(payload: unknown, job: MapJob): Replacement | null {
  const { sleep } = parseEnvelope(schema.goneRecovery, payload, "note of a gone WHOOP recovery");
  const endMs = instantOf(sleep.end, "/sleep/end", job);
  const day = endMs === null ? null : wakeDay(endMs, offsetOf(sleep.timezone_offset), job);
  return day && { fromMs: day.startMs, toMs: day.endMs, of: [], metrics: RECOVERY_METRICS };
}

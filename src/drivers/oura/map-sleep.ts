/** Oura's sleeps → sleeps, and what was measured in them. Pure. Source: vendors/oura.md, `sleep`. */
import type { SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "#units/time.ts";
import { dateAt } from "#driver/day.ts";
import { nightly } from "./map-daily.ts";
import { dayOf, instantOf, type MapJob, type Start } from "./map-place.ts";
import { addSeries } from "./map-series.ts";
import * as schema from "./schema.ts";

/** Not sleeps: rest only, or taken back. */
const NO_SLEEP: ReadonlySet<string> = new Set(["deleted", "rest"]);
/** A sleep of an unknown type counts as the night from this length on. */
const SHORTEST_NIGHT_MS = 3 * HOUR_MS;
const LONGEST_MS = 2 * DAY_MS;

const PHASES: Readonly<Record<string, SleepStageName>> = { "1": "deep", "2": "light", "3": "rem", "4": "awake" };

export function mapSleep(value: unknown, path: string, job: MapJob): void {
  const { mapping } = job;
  const kind = schema.sleepKind.safeParse(value);
  if (kind.success && NO_SLEEP.has(kind.data.type)) {
    // It may have been a sleep when it was sent before.
    if (kind.data.id) mapping.add({ record: "withdrawal", of: "sleep", vendorId: kind.data.id });
    return;
  }
  const doc = mapping.item(schema.sleep, value, path);
  const start = doc && instantOf(doc.bedtime_start, `${path}/bedtime_start`, job);
  const end = doc && instantOf(doc.bedtime_end, `${path}/bedtime_end`, job);
  if (!doc || !start || !end) return;
  const endMs = end.startMs;
  if (endMs <= start.startMs || endMs - start.startMs > LONGEST_MS) {
    mapping.problem(`${path}/bedtime_end`, "no possible end of a sleep");
    return;
  }
  const isNap = isNapOf(doc.type, endMs - start.startMs);
  const efficiency = efficiencyOf(doc, path, job);
  mapping.add({
    record: "sleep",
    vendorId: doc.id ?? null,
    startMs: start.startMs,
    endMs,
    offsetMinutes: start.offsetMinutes,
    isNap,
    stages: stagesOf(doc, start, { endMs, path, job }),
    totals: totalsOf(doc, path, job),
    ...(efficiency === null ? {} : { efficiencyPercent: efficiency }),
    ...(measured(doc.score) === null || doc.score! > 100 ? {} : { score: doc.score! }),
  });
  addSeries(doc.heart_rate, `${path}/heart_rate`, { metric: "heart_rate", startsAt: doc.bedtime_start }, job);
  addSeries(doc.hrv, `${path}/hrv`, { metric: "hrv_rmssd", startsAt: doc.bedtime_start }, job);
  if (!isNap) addNight(doc, end, path, job);
}

function isNapOf(type: string | null | undefined, lengthMs: number): boolean {
  if (type === "long_sleep") return false;
  return type === "sleep" || type === "late_nap" ? true : lengthMs < SHORTEST_NIGHT_MS;
}

const measured = (value: number | null | undefined): number | null => (value !== null && value !== undefined && value > 0 ? value : null);

/** The night's numbers belong to the day it ended in, so that a night whose bedtime is edited keeps one value. */
function addNight(doc: schema.Sleep, end: Start, path: string, job: MapJob): void {
  const { mapping } = job;
  const known = { atMs: end.startMs, offsetMinutes: end.offsetMinutes };
  const day = dayOf({ day: doc.day ?? dateAt(known), timestamp: doc.bedtime_end }, path, job);
  if (!day) return;
  // Oura has no resting heart rate: the night's lowest stands for it, marked as derived.
  mapping.sample("resting_heart_rate", measured(doc.lowest_heart_rate), { ...day, flags: ["estimated"] }, `${path}/lowest_heart_rate`);
  mapping.sample("hrv_rmssd", measured(doc.average_hrv), nightly(day), `${path}/average_hrv`);
  mapping.sample("respiration_rate", measured(doc.average_breath), nightly(day), `${path}/average_breath`);
}

function efficiencyOf({ efficiency }: schema.Sleep, path: string, { mapping }: MapJob): number | null {
  if (efficiency === null || efficiency === undefined) return null;
  if (efficiency >= 0 && efficiency <= 100) return efficiency;
  mapping.problem(`${path}/efficiency`, "no possible share");
  return null;
}

const TOTALS = [
  ["inBedS", "time_in_bed"],
  ["asleepS", "total_sleep_duration"],
  ["deepS", "deep_sleep_duration"],
  ["lightS", "light_sleep_duration"],
  ["remS", "rem_sleep_duration"],
  ["awakeS", "awake_time"],
] as const;

function totalsOf(doc: schema.Sleep, path: string, { mapping }: MapJob): SleepRecord["totals"] {
  const totals: Record<string, number> = {};
  // A sleep too short for stages has zeros for all of them: that is "not known", not "none".
  const hasStages = [doc.deep_sleep_duration, doc.light_sleep_duration, doc.rem_sleep_duration].some((seconds) => (seconds ?? 0) > 0);
  for (const [ours, theirs] of TOTALS) {
    const seconds = doc[theirs];
    if (seconds === null || seconds === undefined || (seconds === 0 && !hasStages)) continue;
    if (seconds >= 0 && seconds * 1000 <= LONGEST_MS) totals[ours] = seconds;
    else mapping.problem(`${path}/${theirs}`, "no possible duration");
  }
  return totals;
}

const PHASE_FIELDS = [
  ["sleep_phase_30_sec", 30],
  ["sleep_phase_5_min", 300],
  ["app_sleep_phase_5_min", 300],
] as const;

/** The finest string of phases there is: one digit a step, from the start of bedtime. Equal steps in a row are one stage. */
function stagesOf(doc: schema.Sleep, { startMs }: Start, at: { endMs: number; path: string; job: MapJob }): SleepStage[] {
  const found = PHASE_FIELDS.find(([field]) => doc[field]);
  if (!found) return [];
  const [field, stepS] = found;
  const phases = doc[field] ?? "";
  const stages: SleepStage[] = [];
  let isUnknown = false;
  for (let from = 0; from < phases.length; ) {
    let to = from + 1;
    while (to < phases.length && phases[to] === phases[from]) to += 1;
    const stage = Object.hasOwn(PHASES, phases[from]!) ? PHASES[phases[from]!] : undefined;
    const stageStartMs = startMs + from * stepS * SECOND_MS;
    // The last step may reach over the end.
    const stageEndMs = Math.min(startMs + to * stepS * SECOND_MS, at.endMs);
    if (stage === undefined) isUnknown = true;
    else if (stageEndMs > stageStartMs) stages.push({ stage, startMs: stageStartMs, endMs: stageEndMs });
    from = to;
  }
  const tooLong = (phases.length - 1) * stepS * SECOND_MS >= at.endMs - startMs;
  if (isUnknown || tooLong) at.job.mapping.problem(`${at.path}/${field}`, isUnknown ? "an unknown phase" : "longer than the sleep; the rest was left out");
  return stages;
}

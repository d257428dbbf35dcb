/** Suunto's nights and naps → sleeps. Pure. Source: vendors/suunto.md, 24/7 samples. Totals only: Suunto sends no stages by time. */
import { looseText } from "#driver/payload.ts";
import type { SampleFlag, SleepRecord } from "#driver/records.ts";
import { DAY_MS, parseInstant, SECOND_MS } from "#units/time.ts";
import { entriesOf, type Entry } from "./map-samples.ts";
import { beatsPerMinute, isPossible, numberAt, percent, placeOf, type MapJob, type Place } from "./map-place.ts";

const LONGEST_MS = 2 * DAY_MS;
/** Means over a night stand apart from samples within it. */
const OF_NIGHT: readonly SampleFlag[] = ["day_total"];

export function mapSleep(payload: unknown, job: MapJob): void {
  for (const entry of entriesOf(payload, job)) mapOne(new Fields(entry, job), job);
}

/** The fields of one sleep. They are spelled `BedtimeStart` by the API and `bedtimeStart` in recordings of the watch's own uploads. */
class Fields {
  readonly entry: Entry;
  readonly #job: MapJob;
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(entry: Entry, job: MapJob) {
    this.entry = entry;
    this.#job = job;
    this.#values = new Map(Object.entries(entry.data).map(([name, value]) => [name.toLowerCase(), value]));
  }

  /** Undefined for null, too. */
  raw(name: string): unknown {
    return this.#values.get(name.toLowerCase()) ?? undefined;
  }

  path(name: string): string {
    return `${this.entry.path}/${name}`;
  }

  number(name: string): number | null {
    return numberAt(this.raw(name), this.path(name), this.#job);
  }

  /** Null when absent, and with a problem when it cannot be. */
  seconds(name: string): number | null {
    const value = this.number(name);
    if (value === null || (value >= 0 && value * SECOND_MS <= LONGEST_MS)) return value;
    this.#job.mapping.problem(this.path(name), "no possible duration");
    return null;
  }
}

function mapOne(fields: Fields, job: MapJob): void {
  const start = startOf(fields, job);
  if (!start) return;
  const durationS = fields.seconds("Duration");
  const endMs = endOf(fields, start, durationS, job);
  if (endMs === null) return;
  const score = scoreOf(fields, job);
  const id = fields.raw("SleepId");
  job.mapping.add({
    record: "sleep",
    vendorId: (typeof id === "string" && id !== "") || Number.isSafeInteger(id) ? String(id) : null,
    ...start,
    endMs,
    isNap: looseText(fields.raw("IsNap")).toLowerCase() === "true",
    stages: [],
    totals: totalsOf(fields, durationS),
    ...(score === null ? {} : { score }),
  });
  const span = { ...start, endMs };
  const night = { ...start, flags: OF_NIGHT };
  job.mapping.sample("sleep_score", score, span, fields.path("SleepQualityScore"));
  job.mapping.sample("heart_rate", beatsPerMinute(fields.number("HRAvg")), night, fields.path("HRAvg"));
  // The lowest of the night, which is no resting heart rate.
  job.mapping.sample("heart_rate_min", beatsPerMinute(fields.number("HRMin")), span, fields.path("HRMin"));
  const variability = fields.number("AvgHRV");
  job.mapping.sample("hrv_rmssd", variability !== null && variability > 0 ? variability : null, night, fields.path("AvgHRV"));
}

/**
 * Without `BedtimeStart` the entry's own time is the end of the night in some payloads and its start in others. Ids of sleeps are the second of
 * their start: where the two agree, it is the start.
 */
function startOf(fields: Fields, job: MapJob): Place | null {
  const own = fields.raw("BedtimeStart") === undefined ? (fields.raw("DateTime") ?? fields.entry.timestamp) : undefined;
  const parsed = typeof own === "string" ? parseInstant(own) : null;
  const isStart = parsed !== null && parsed.ms === Number(fields.raw("SleepId")) * SECOND_MS;
  return placeOf(isStart ? own : fields.raw("BedtimeStart"), fields.path("BedtimeStart"), job);
}

function endOf(fields: Fields, { startMs }: Place, durationS: number | null, job: MapJob): number | null {
  const end = fields.raw("BedtimeEnd");
  const told = end === undefined ? null : placeOf(end, fields.path("BedtimeEnd"), job);
  const endMs = told?.startMs ?? (durationS === null ? null : startMs + Math.round(durationS * SECOND_MS));
  if (endMs !== null && endMs > startMs && endMs - startMs <= LONGEST_MS && isPossible(endMs, job)) return endMs;
  job.mapping.problem(fields.path("BedtimeEnd"), "no possible end of a sleep");
  return null;
}

/** 0–100; recordings of the watch's own uploads have `quality` of 0–1 instead. */
function scoreOf(fields: Fields, job: MapJob): number | null {
  const score = fields.number("SleepQualityScore") ?? percent(fields.number("Quality"));
  if (score === null || (score >= 0 && score <= 100)) return score;
  job.mapping.problem(fields.path("SleepQualityScore"), "outside what sleep_score can be");
  return null;
}

/**
 * `Duration` is the time asleep in some payloads and the time in bed in others: what it exceeds the stages by decides. Zeros in all stages
 * mean that none were found, not that none were slept.
 */
function totalsOf(fields: Fields, durationS: number | null): SleepRecord["totals"] {
  const [deepS, lightS, remS] = [fields.seconds("DeepSleepDuration"), fields.seconds("LightSleepDuration"), fields.seconds("REMSleepDuration")];
  const stagedS = (deepS ?? 0) + (lightS ?? 0) + (remS ?? 0);
  const hasStages = stagedS > 0;
  // Before falling asleep a person is awake, too, but that is not waking.
  const [wokenS, lastS] = [fields.seconds("WakeAfterSleepOnsetDuration"), fields.seconds("WakeBeforeOffBedDuration")];
  const awakeS = wokenS === null && lastS === null ? null : (wokenS ?? 0) + (lastS ?? 0);
  const undividedS = durationS !== null && durationS > 0 ? Math.max(durationS - (awakeS ?? 0), 0) : null;
  const asleepS = hasStages ? stagedS : undividedS;
  const inBedS = hasStages && durationS !== null && durationS > stagedS ? durationS : null;
  return {
    ...(inBedS === null ? {} : { inBedS }),
    ...(asleepS === null ? {} : { asleepS }),
    ...(deepS === null || !hasStages ? {} : { deepS }),
    ...(lightS === null || !hasStages ? {} : { lightS }),
    ...(remS === null || !hasStages ? {} : { remS }),
    ...(awakeS === null || (!hasStages && awakeS === 0) ? {} : { awakeS }),
  };
}

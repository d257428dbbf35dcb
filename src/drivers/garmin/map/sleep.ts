/** Nights and naps. Pure. Source: vendors/garmin.md, sleeps. */
import type { z } from "zod";
import type { SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { inOrder } from "#driver/stages.ts";
import { DAY_MS } from "#units/time.ts";
import * as schema from "../schema.ts";
import {
  addOffsetSamples, instantOf, isObject, isPositive, isSpo2, measured, offsetMinutesOf, startOf,
  type MapJob, type Start, type Summary,
} from "./place.ts";

type Sleep = z.infer<typeof schema.sleep>;

const STAGES: ReadonlyMap<string, SleepStageName> = new Map([
  ["deep", "deep"], ["light", "light"], ["rem", "rem"], ["awake", "awake"], ["unmeasurable", "unmeasurable"],
]);
/** A stage further from the start than this belongs to another night. */
const FARTHEST_MS = 2 * DAY_MS;
const LONGEST_S = 2 * 86_400;

/**
 * A night with its stages, its score and what was measured in it; and the naps of its day, each a sleep of its own. The stages
 * may contradict the totals (seen in recordings): both are kept as sent.
 */
export function mapSleep({ value, path }: Summary, job: MapJob): void {
  const sleep = job.mapping.item(schema.sleep, value, path);
  if (!sleep) return;
  for (const [index, item] of (sleep.naps ?? []).entries()) mapNap(item, `${path}/naps/${index}`, job);
  const start = startOf(sleep, path, job);
  if (start) mapNight(sleep, start, path, job);
}

function mapNight(sleep: Sleep, start: Start, path: string, job: MapJob): void {
  const { mapping } = job;
  const totals = totalsOf(sleep, path, job);
  const stages = stagesOf(sleep, start, path, job);
  const endMs = wakeMs(sleep, start.startMs, stages);
  // A summary of a day with naps alone has no night.
  if (endMs === null) return;
  const score = measured(sleep.overallSleepScore?.value);
  if (score !== null && score > 100) mapping.problem(`${path}/overallSleepScore/value`, "outside what sleep_score can be");
  mapping.add({
    record: "sleep",
    // A revised night keeps its start, not always its summaryId.
    vendorId: null,
    startMs: start.startMs,
    endMs,
    offsetMinutes: start.offsetMinutes,
    isNap: false,
    stages,
    totals,
    ...(score !== null && score <= 100 ? { score } : {}),
  });
  if (score !== null && score <= 100) mapping.sample("sleep_score", score, { ...start, endMs }, `${path}/overallSleepScore/value`);
  addOffsetSamples(
    job, { metric: "spo2", isValue: isSpo2, path: `${path}/timeOffsetSleepSpo2` }, sleep.timeOffsetSleepSpo2, start,
  );
  addOffsetSamples(
    job, { metric: "respiration_rate", isValue: isPositive, path: `${path}/timeOffsetSleepRespiration` },
    sleep.timeOffsetSleepRespiration, start,
  );
}

/**
 * The end of the last stage; without stages start + asleep + awake + unmeasurable, because the duration leaves the last two out
 * (taking start + duration wakes the person too early). Null when there was no sleep.
 */
function wakeMs(sleep: Sleep, startMs: number, stages: readonly SleepStage[]): number | null {
  if (stages.length > 0) return Math.max(...stages.map((stage) => stage.endMs));
  const seconds = [sleep.durationInSeconds, sleep.awakeDurationInSeconds, unmeasurableOf(sleep)]
    .map((part) => measured(part) ?? 0)
    .reduce((sum, part) => sum + part, 0);
  return seconds > 0 && seconds <= LONGEST_S ? startMs + Math.round(seconds * 1000) : null;
}

/** The specification's table and its examples spell it differently. */
function unmeasurableOf(sleep: Sleep): number | null {
  return sleep.unmeasurableSleepInSeconds ?? sleep.unmeasurableSleepDurationInSeconds ?? null;
}

function totalsOf(sleep: Sleep, path: string, { mapping }: MapJob): SleepRecord["totals"] {
  const read = (field: string, seconds: number | null | undefined): number | null => {
    if (seconds === null || seconds === undefined) return null;
    if (seconds >= 0 && seconds <= LONGEST_S) return seconds;
    mapping.problem(`${path}/${field}`, "no possible duration");
    return null;
  };
  const asleepS = read("durationInSeconds", sleep.durationInSeconds);
  const deepS = read("deepSleepDurationInSeconds", sleep.deepSleepDurationInSeconds);
  const lightS = read("lightSleepDurationInSeconds", sleep.lightSleepDurationInSeconds);
  const remS = read("remSleepInSeconds", sleep.remSleepInSeconds);
  const awakeS = read("awakeDurationInSeconds", sleep.awakeDurationInSeconds);
  // A device or a typed night without stages sends zeros for all of them: that is "not known", not "none".
  const hasStages = [deepS, lightS, remS].some((seconds) => seconds !== null && seconds > 0);
  return {
    ...(asleepS === null ? {} : { asleepS }),
    ...(deepS === null || !hasStages ? {} : { deepS }),
    ...(lightS === null || !hasStages ? {} : { lightS }),
    ...(remS === null || !hasStages ? {} : { remS }),
    ...(awakeS === null || (!hasStages && awakeS === 0) ? {} : { awakeS }),
  };
}

function stagesOf(sleep: Sleep, start: Start, path: string, job: MapJob): SleepStage[] {
  const found: SleepStage[] = [];
  const levels = sleep.sleepLevelsMap ?? {};
  if (!isObject(levels)) job.mapping.problem(`${path}/sleepLevelsMap`, "no stretches by stage");
  for (const [level, spans] of isObject(levels) ? Object.entries(levels) : []) {
    const stage = STAGES.get(level.toLowerCase());
    // The path ends before the key: who sends an unknown one may send anything in it.
    if (!stage) job.mapping.problem(`${path}/sleepLevelsMap`, "an unknown stage");
    else if (spans !== null && !Array.isArray(spans)) job.mapping.problem(`${path}/sleepLevelsMap/${stage}`, "no list of stretches");
    if (!stage || !Array.isArray(spans)) continue;
    for (const [index, span] of spans.entries()) {
      const stretch = stretchOf(span, start, `${path}/sleepLevelsMap/${stage}/${index}`, job);
      if (stretch) found.push({ stage, ...stretch });
    }
  }
  const isEarly = found.some((stage) => stage.startMs < start.startMs);
  const within = found.map((stage) => ({ ...stage, startMs: Math.max(stage.startMs, start.startMs) }));
  const { stages, wasCut } = inOrder(within);
  // A minute can be in one stage only, and none before the night began: a stage begins where the one before it ends.
  if (isEarly || wasCut) job.mapping.problem(`${path}/sleepLevelsMap`, "stages overlap or begin before the night; they were shortened");
  return stages;
}

function stretchOf(item: unknown, start: Start, path: string, { mapping }: MapJob): { startMs: number; endMs: number } | null {
  const span = mapping.item(schema.stageSpan, item, path);
  if (!span) return null;
  const startMs = Math.round(span.startTimeInSeconds * 1000);
  const endMs = Math.round(span.endTimeInSeconds * 1000);
  const isNear = startMs >= start.startMs - DAY_MS && endMs <= start.startMs + FARTHEST_MS;
  if (isNear && startMs < endMs) return { startMs, endMs };
  mapping.problem(path, "no possible stretch of this night");
  return null;
}

function mapNap(item: unknown, path: string, job: MapJob): void {
  const nap = job.mapping.item(schema.nap, item, path);
  const startMs = nap && instantOf(nap.napStartTimeInSeconds, `${path}/napStartTimeInSeconds`, job);
  if (!nap || startMs === null) return;
  const seconds = nap.napDurationInSeconds;
  if (seconds <= 0 || seconds > 86_400) {
    job.mapping.problem(`${path}/napDurationInSeconds`, "no possible duration");
    return;
  }
  job.mapping.add({
    record: "sleep",
    vendorId: null,
    startMs,
    endMs: startMs + Math.round(seconds * 1000),
    offsetMinutes: offsetMinutesOf(nap.napOffsetInSeconds),
    isNap: true,
    stages: [],
    totals: { asleepS: seconds },
  });
}

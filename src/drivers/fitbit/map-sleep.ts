/** Sleeps, classic and with stages. Pure. Source: vendors/fitbit.md, Sleep; vendors/traps.md. */
import type { SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { inOrder, overlay } from "#driver/stages.ts";
import { DAY_MS, HOUR_MS, instantOfWall, MINUTE_MS, offsetMinutesAt, parseTime, SECOND_MS } from "#units/time.ts";
import { timePlace, type Item, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const LEVELS: ReadonlyMap<string, SleepStageName> = new Map([
  ["deep", "deep"], ["light", "light"], ["rem", "rem"], ["wake", "awake"],
  // Classic sleep knows no stages. Restless minutes are not counted as asleep there, so they are none.
  ["asleep", "asleep"], ["restless", "awake"], ["awake", "awake"],
]);
const LONGEST_MS = 2 * DAY_MS;

/** One sleep: its length is in milliseconds, its totals in minutes, its stages in seconds. */
export function mapSleep({ value, path }: Item, job: MapJob): void {
  const { mapping, context } = job;
  const sleep = mapping.item(schema.sleep, value, path);
  const place = sleep && timePlace(sleep.startTime, `${path}/startTime`, job);
  if (!sleep || !place) return;
  const lengthMs = lengthOf(sleep);
  if (!(lengthMs > 0 && lengthMs <= LONGEST_MS)) {
    mapping.problem(`${path}/duration`, "no possible duration");
    return;
  }
  const { efficiency } = sleep;
  mapping.add({
    record: "sleep",
    vendorId: sleep.logId ?? null,
    startMs: place.startMs,
    endMs: place.startMs + Math.round(lengthMs),
    offsetMinutes: place.offsetMinutes ?? offsetMinutesAt(context.zone, place.startMs),
    isNap: sleep.isMainSleep === false,
    stages: stagesOf(sleep, { startMs: place.startMs, endMs: place.startMs + lengthMs }, path, job),
    totals: totalsOf(sleep, path, job),
    ...(efficiency && efficiency > 0 && efficiency <= 100 ? { efficiencyPercent: efficiency } : {}),
  });
}

/**
 * The duration, which counts whole minutes alone: the half minute beyond it is told by the clocks, where stages end. Further apart they differ
 * because the clock was changed in the night, which the duration was not.
 */
function lengthOf({ duration, timeInBed, startTime, endTime }: schema.Sleep): number {
  const lengthMs = duration ?? (timeInBed ?? 0) * MINUTE_MS;
  const [start, end] = [parseTime(startTime), endTime ? parseTime(endTime) : null];
  const beyondMs = start && end && start.offsetMinutes === end.offsetMinutes ? end.wallMs - start.wallMs - lengthMs : 0;
  return Math.abs(beyondMs) < MINUTE_MS ? lengthMs + beyondMs : lengthMs;
}

interface Night {
  readonly startMs: number;
  readonly endMs: number;
}

/** `shortData` are awakenings of up to three minutes, which overlie the smoothed `data`. */
function stagesOf(sleep: schema.Sleep, night: Night, path: string, job: MapJob): SleepStage[] {
  const read = (name: "data" | "shortData"): SleepStage[] => {
    const toInstant = wallReader(sleep, night, job);
    const found = (sleep.levels?.[name] ?? []).flatMap((value, index) => stageOf({ value, path: `${path}/levels/${name}/${index}` }, { night, toInstant }, job) ?? []);
    const { stages, wasCut } = inOrder(found);
    if (wasCut) job.mapping.problem(`${path}/levels/${name}`, "stages overlap; the later ones were shortened");
    return stages;
  };
  const stages = read("data");
  return stages.length === 0 ? [] : overlay(stages, read("shortData"));
}

type WallReader = (wallMs: number) => number;

/**
 * Wall times of one night → instants. In a night in which the clocks go back an hour comes twice: what would lie before the stage before it belongs to the
 * second pass.
 */
function wallReader(sleep: schema.Sleep, { startMs, endMs }: Night, { context: { zone } }: MapJob): WallReader {
  const start = parseTime(sleep.startTime);
  if (start?.offsetMinutes !== null || offsetMinutesAt(zone, startMs) === offsetMinutesAt(zone, endMs)) {
    return (wallMs) => startMs + (wallMs - (start?.wallMs ?? wallMs));
  }
  let lastMs = startMs;
  return (wallMs) => {
    const ms = instantOfWall(zone, wallMs);
    lastMs = ms < lastMs ? instantOfWall(zone, wallMs, "second") : ms;
    return lastMs;
  };
}

function stageOf({ value, path }: Item, at: { readonly night: Night; readonly toInstant: WallReader }, { mapping }: MapJob): SleepStage | null {
  const entry = mapping.item(schema.level, value, path);
  const stage = entry && LEVELS.get(entry.level);
  if (entry && !stage) mapping.problem(`${path}/level`, "an unknown stage");
  const wallMs = entry ? parseTime(entry.dateTime)?.wallMs : undefined;
  if (entry && wallMs === undefined) mapping.problem(`${path}/dateTime`, "no possible time of a stage");
  if (!entry || !stage || wallMs === undefined || entry.seconds === 0) return null;
  const startMs = at.toInstant(wallMs);
  const endMs = startMs + Math.round(entry.seconds * SECOND_MS);
  if (endMs > startMs && startMs >= at.night.startMs - HOUR_MS && endMs <= at.night.endMs + HOUR_MS) return { stage, startMs, endMs };
  mapping.problem(path, "no possible stretch of this sleep");
  return null;
}

/** Minutes → seconds. Stages are told by their summary, if there are any: a classic sleep, or zeros for all, has none. */
function totalsOf(sleep: schema.Sleep, path: string, { mapping }: MapJob): SleepRecord["totals"] {
  const { deep, light, rem, wake, asleep, restless, awake } = sleep.levels?.summary ?? {};
  const hasStages = [deep, light, rem].some((stage) => (stage?.minutes ?? 0) > 0);
  // Cut short, answers have the summary of the levels alone.
  const classicAwake = awake || restless ? (awake?.minutes ?? 0) + (restless?.minutes ?? 0) : null;
  const told = {
    asleepS: ["minutesAsleep", sleep.minutesAsleep ?? asleep?.minutes],
    awakeS: ["minutesAwake", sleep.minutesAwake ?? wake?.minutes ?? classicAwake],
    inBedS: ["timeInBed", sleep.timeInBed],
    deepS: ["levels/summary/deep", hasStages ? deep?.minutes : null],
    lightS: ["levels/summary/light", hasStages ? light?.minutes : null],
    remS: ["levels/summary/rem", hasStages ? rem?.minutes : null],
  } as const;
  const totals: { -readonly [K in keyof SleepRecord["totals"]]: number } = {};
  for (const [name, [field, minutes]] of Object.entries(told) as [keyof typeof told, readonly [string, number | null | undefined]][]) {
    if (minutes === null || minutes === undefined) continue;
    if (minutes >= 0 && minutes * 60 * SECOND_MS <= LONGEST_MS) totals[name] = minutes * 60;
    else mapping.problem(`${path}/${field}`, "no possible duration");
  }
  return totals;
}

/** Sleeps. Pure. Source: vendors/google-health.md, sleep. */
import type { SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { inOrder, overlay } from "#driver/stages.ts";
import { DAY_MS } from "#units/time.ts";
import { instantOf, isObject, offsetMinutesOf, pointId, sourceOf, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const STAGES: ReadonlyMap<string, SleepStageName> = new Map([
  ["AWAKE", "awake"], ["LIGHT", "light"], ["DEEP", "deep"], ["REM", "rem"], ["ASLEEP", "asleep"],
  // Google does not count restless minutes as sleep in a sleep without stages, so neither do we.
  ["RESTLESS", "awake"],
]);
const LONGEST_MS = 2 * DAY_MS;

/** One sleep. Short awakenings overlie the stages. One that Google has found but not worked out yet is left out: it comes again. */
export function mapSleep(item: unknown, path: string, job: MapJob): void {
  const point = isObject(item) ? item : {};
  const sleep = job.mapping.item(schema.sleep, point["sleep"], `${path}/sleep`);
  if (!sleep || isUnfinished(sleep)) return;
  const startMs = instantOf(sleep.interval.startTime, `${path}/sleep/interval/startTime`, job);
  const endMs = instantOf(sleep.interval.endTime, `${path}/sleep/interval/endTime`, job);
  if (startMs === null || endMs === null) return;
  if (endMs <= startMs || endMs - startMs > LONGEST_MS) {
    job.mapping.problem(`${path}/sleep/interval`, "no possible stretch of a sleep");
    return;
  }
  const { device } = sourceOf(point);
  job.mapping.add({
    record: "sleep",
    vendorId: pointId(point),
    startMs,
    endMs,
    offsetMinutes: offsetMinutesOf(sleep.interval.startUtcOffset),
    isNap: sleep.metadata?.nap === true,
    stages: stagesOf(sleep, { startMs, endMs }, `${path}/sleep`, job),
    totals: totalsOf(sleep, `${path}/sleep`, job),
    ...(device ? { device } : {}),
  });
}

/** A false may be left away, so without a word a sleep that has neither stages nor a summary counts as unfinished. */
function isUnfinished({ metadata, stages, summary }: schema.Sleep): boolean {
  const processed = metadata?.processed ?? null;
  return processed === false || (processed === null && (stages ?? []).length === 0 && (summary?.minutesAsleep ?? null) === null);
}

function stagesOf(sleep: schema.Sleep, night: { readonly startMs: number; readonly endMs: number }, path: string, job: MapJob): SleepStage[] {
  const read = (name: "stages" | "shortAwakenings"): SleepStage[] => {
    const found = (sleep[name] ?? []).flatMap((item, index) => stageOf(item, night, `${path}/${name}/${index}`, job) ?? []);
    const { stages, wasCut } = inOrder(found);
    if (wasCut) job.mapping.problem(`${path}/${name}`, "stages overlap; the later ones were shortened");
    return stages;
  };
  const stages = read("stages");
  // Awakenings of a night without stages would make it look awake and nothing else.
  if (stages.length === 0) return [];
  // Some are sent with the stage that they lie in, and change nothing.
  return overlay(stages, read("shortAwakenings").filter(({ stage }) => stage === "awake"));
}

function stageOf(item: unknown, night: { readonly startMs: number; readonly endMs: number }, path: string, job: MapJob): SleepStage | null {
  const found = job.mapping.item(schema.stage, item, path);
  const stage = found && STAGES.get(found.type ?? "");
  if (found && !stage) job.mapping.problem(`${path}/type`, "an unknown stage");
  if (!found || !stage) return null;
  const startMs = instantOf(found.startTime, `${path}/startTime`, job);
  const endMs = instantOf(found.endTime, `${path}/endTime`, job);
  if (startMs === null || endMs === null) return null;
  // Stages may reach over the sleep's edges by minutes, never into another night.
  const isNear = startMs >= night.startMs - DAY_MS && endMs <= night.endMs + DAY_MS;
  if (isNear && startMs < endMs) return { stage, startMs, endMs };
  if (startMs !== endMs) job.mapping.problem(path, "no possible stretch of this sleep");
  return null;
}

const TOTALS = { DEEP: "deepS", LIGHT: "lightS", REM: "remS" } as const;

/** Minutes → seconds. What is not told, as stages of a sleep without them, is absent and never 0. */
function totalsOf({ summary }: schema.Sleep, path: string, { mapping }: MapJob): SleepRecord["totals"] {
  const totals: { -readonly [K in keyof SleepRecord["totals"]]: number } = {};
  const put = (name: keyof SleepRecord["totals"], minutes: number | null | undefined, field: string): void => {
    if (minutes === null || minutes === undefined) return;
    if (minutes >= 0 && minutes * 60_000 <= LONGEST_MS) totals[name] = minutes * 60;
    else mapping.problem(`${path}/summary/${field}`, "no possible duration");
  };
  put("asleepS", summary?.minutesAsleep, "minutesAsleep");
  put("awakeS", summary?.minutesAwake, "minutesAwake");
  put("inBedS", summary?.minutesInSleepPeriod, "minutesInSleepPeriod");
  for (const [index, { type, minutes }] of (summary?.stagesSummary ?? []).entries()) {
    if (type === "DEEP" || type === "LIGHT" || type === "REM") put(TOTALS[type], minutes, `stagesSummary/${index}/minutes`);
  }
  return totals;
}

/** Ultrahuman's nights → sleeps. Pure. Source: vendors/ultrahuman.md, Sleep. */
import { looseNumber } from "#driver/payload.ts";
import type { SampleFlag, SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { inOrder } from "#driver/stages.ts";
import { DAY_MS } from "#units/time.ts";
import { dayOf, epochOf, isPossible, offsetAt, type Item, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const STAGES: ReadonlyMap<string, SleepStageName> = new Map([
  ["deep_sleep", "deep"], ["deep", "deep"], ["light_sleep", "light"], ["light", "light"], ["rem_sleep", "rem"], ["rem", "rem"], ["awake", "awake"],
]);
const LONGEST_MS = 2 * DAY_MS;
const LONGEST_S = LONGEST_MS / 1000;
const OF_NIGHT: readonly SampleFlag[] = ["day_total"];

interface Night {
  readonly sleep: schema.Sleep;
  readonly path: string;
  readonly job: MapJob;
  /** Seconds by stage. */
  readonly staged: ReadonlyMap<string, number>;
  /** Numbers of the night's headline, by what they are of. */
  readonly quick: ReadonlyMap<string, number>;
}

/** A night with its totals, its stages where the answer draws them, and its means. Older answers put it all into `details`. */
export function mapSleep(item: Item, job: MapJob): void {
  const details = item.content["details"];
  const hasDetails = typeof details === "object" && details !== null && !Array.isArray(details);
  const path = hasDetails ? `${item.path}/details` : item.path;
  const sleep = job.mapping.item(schema.sleep, hasDetails ? { ...item.content, ...details } : item.content, path);
  if (!sleep) return;
  const staged = numbersByType(sleep.sleep_stages ?? [], "stage_time", `${path}/sleep_stages`, job);
  const quick = numbersByType(sleep.quick_metrics ?? [], "value", `${path}/quick_metrics`, job);
  const night: Night = { sleep, path, job, staged, quick };
  const stages = stagesOf(night);
  const span = spanOf(night, stages);
  const score = percentOf(sleep.score ?? amountOf(sleep.sleep_score, "score"), `${path}/sleep_score`, job);
  if (!span) {
    addToDay(sleep, score, { ...item, path }, job);
    return;
  }
  const [startMs, endMs] = span;
  const offsetMinutes = offsetAt(startMs, item.neighbourDayS, job);
  const inside = stages.filter((stage) => stage.startMs < endMs && stage.endMs > startMs);
  const efficiency = efficiencyOf(night);
  job.mapping.add({
    record: "sleep",
    vendorId: null,
    startMs,
    endMs,
    offsetMinutes,
    isNap: false,
    stages: inside,
    totals: totalsOf(night),
    ...(efficiency === null ? {} : { efficiencyPercent: efficiency }),
    ...(score === null ? {} : { score }),
  });
  const whole = { startMs, endMs, offsetMinutes };
  job.mapping.sample("sleep_score", score, whole, `${path}/sleep_score`);
  job.mapping.sample("skin_temperature_deviation", amountOf(sleep.temperature_deviation, "celsius"), whole, `${path}/temperature_deviation`);
  const oxygen = amountOf(sleep.spo2, "value");
  job.mapping.sample("spo2", oxygen !== null && oxygen > 0 ? oxygen : null, { startMs, offsetMinutes, flags: OF_NIGHT }, `${path}/spo2`);
}

/** What a night says that has neither beginning nor end is at least its day's. */
function addToDay(sleep: schema.Sleep, score: number | null, item: Item, job: MapJob): void {
  const deviation = amountOf(sleep.temperature_deviation, "celsius");
  const day = score === null && deviation === null ? null : dayOf(item, job);
  if (!day) return;
  job.mapping.sample("sleep_score", score, { ...day, flags: OF_NIGHT }, `${item.path}/sleep_score`);
  job.mapping.sample("skin_temperature_deviation", deviation, { ...day, flags: OF_NIGHT }, `${item.path}/temperature_deviation`);
}

/** From bed to rising; where the answer does not say, what its stages cover. Null, and a problem, when there is no possible night. */
function spanOf({ sleep, path, job }: Night, stages: readonly SleepStage[]): readonly [number, number] | null {
  const startMs = sleep.bedtime_start ? Math.round((epochOf(sleep.bedtime_start) ?? Number.NaN) * 1000) : stages[0]?.startMs;
  const endMs = sleep.bedtime_end ? Math.round((epochOf(sleep.bedtime_end) ?? Number.NaN) * 1000) : stages.at(-1)?.endMs;
  // A day without a night has neither, and nothing else.
  if (startMs === undefined && endMs === undefined) {
    if (amountsIn(sleep)) job.mapping.problem(`${path}/bedtime_start`, "a night of which neither beginning nor end is told");
    return null;
  }
  const isNight = startMs !== undefined && endMs !== undefined && isPossible(startMs, job) && isPossible(endMs, job);
  if (isNight && endMs > startMs && endMs - startMs <= LONGEST_MS) return [startMs, endMs];
  job.mapping.problem(`${path}/bedtime_start`, "no possible stretch of sleep");
  return null;
}

/** What the answer draws, in order. */
function stagesOf({ sleep, path, job }: Night): SleepStage[] {
  const { sleep_graph: graph } = sleep;
  const list = Array.isArray(graph) ? graph : typeof graph === "object" && graph !== null ? (graph as { data?: unknown }).data : null;
  const found: SleepStage[] = [];
  for (const [index, item] of (Array.isArray(list) ? list : []).entries()) {
    const at = `${path}/sleep_graph/data/${index}`;
    const stretch = job.mapping.item(schema.stretch, item, at);
    if (!stretch) continue;
    const stage = STAGES.get(stretch.type.toLowerCase());
    const [startMs, endMs] = [stretch.start, stretch.end].map((time) => Math.round((epochOf(time) ?? Number.NaN) * 1000)) as [number, number];
    if (!stage) job.mapping.problem(`${at}/type`, "an unknown stage");
    else if (!isPossible(startMs, job) || !(endMs > startMs && endMs - startMs <= LONGEST_MS)) job.mapping.problem(at, "no possible stretch of sleep");
    else found.push({ stage, startMs, endMs });
  }
  const { stages, wasCut } = inOrder(found);
  if (wasCut) job.mapping.problem(`${path}/sleep_graph/data`, "stages overlap; the later ones were shortened");
  return stages;
}

/** Seconds by what they are of. Absent is not 0: a total that the answer leaves away stays away. */
function totalsOf({ sleep, path, job, staged, quick }: Night): SleepRecord["totals"] {
  const pick = (field: string, ...candidates: (number | null | undefined)[]): number | null => {
    const value = candidates.find((each) => each !== null && each !== undefined) ?? null;
    if (value === null || (value >= 0 && value <= LONGEST_S)) return value;
    job.mapping.problem(`${path}/${field}`, "no possible duration");
    return null;
  };
  const all = {
    inBedS: pick("time_in_bed", quick.get("time_in_bed"), secondsOf(sleep.time_in_bed)),
    asleepS: pick("total_sleep", secondsOf(sleep.total_sleep), quick.get("total_sleep")),
    deepS: pick("sleep_stages", staged.get("deep_sleep"), secondsOf(sleep.deep_sleep)),
    lightS: pick("sleep_stages", staged.get("light_sleep"), secondsOf(sleep.light_sleep)),
    remS: pick("sleep_stages", staged.get("rem_sleep"), secondsOf(sleep.rem_sleep)),
    awakeS: pick("sleep_stages", staged.get("awake")),
  };
  // The sum of its stages, where it is not told.
  if (all.asleepS === null && all.deepS !== null && all.lightS !== null && all.remS !== null) all.asleepS = all.deepS + all.lightS + all.remS;
  return Object.fromEntries(Object.entries(all).filter(([, seconds]) => seconds !== null)) as SleepRecord["totals"];
}

/** `[{"type": "deep_sleep", "stage_time": 5400}, …]` → numbers by type; what has none is left out, what is no such entry is a problem. */
function numbersByType(items: readonly unknown[], field: "stage_time" | "value", path: string, { mapping }: MapJob): Map<string, number> {
  const found = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const entry = (typeof item === "object" && item !== null ? item : {}) as Readonly<Record<string, unknown>>;
    const value = typeof entry[field] === "number" ? entry[field] : looseNumber(entry[field]);
    if (typeof entry["type"] !== "string") mapping.problem(`${path}/${index}/type`, "missing or of the wrong type");
    else if (value !== null && Number.isFinite(value)) found.set(entry["type"].toLowerCase(), value);
  }
  return found;
}

/** Whether a night is told by how long it was. */
function amountsIn(sleep: schema.Sleep): boolean {
  return [sleep.total_sleep, sleep.time_in_bed, sleep.deep_sleep, sleep.light_sleep, sleep.rem_sleep].some((amount) => (secondsOf(amount) ?? 0) > 0);
}

/** A plain number of seconds, or one with its units. */
function secondsOf(amount: schema.Amount): number | null {
  if (typeof amount === "number" || amount === null || amount === undefined) return amount ?? null;
  if (typeof amount.seconds === "number") return amount.seconds;
  return typeof amount.minutes === "number" ? amount.minutes * 60 : null;
}

function amountOf(amount: schema.Amount, field: "score" | "celsius" | "value" | "percentage"): number | null {
  if (typeof amount === "number" || amount === null || amount === undefined) return amount ?? null;
  const value = amount[field] ?? amount.value;
  return typeof value === "number" ? value : null;
}

/** Percent; a share of 0–1 has been seen elsewhere and cannot be meant as so few percent. */
function efficiencyOf({ sleep, path, job, quick }: Night): number | null {
  const sent = quick.get("sleep_efic") ?? quick.get("sleep_efficiency") ?? amountOf(sleep.sleep_efficiency, "percentage");
  return percentOf(sent === null ? null : sent <= 1 ? sent * 100 : sent, `${path}/sleep_efficiency`, job);
}

/** 0–100; 0 means none. */
function percentOf(value: number | null, path: string, { mapping }: MapJob): number | null {
  if (value === null || value === 0) return null;
  if (value > 0 && value <= 100) return value;
  mapping.problem(path, "no percentage");
  return null;
}

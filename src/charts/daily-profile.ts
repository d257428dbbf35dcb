/** One day of readings, midnight to midnight, small: fourteen of them fit a page. */
import { HOUR_MS, instantOfWall, MINUTE_MS } from "#units/time.ts";
import { areaBeyond, unbroken } from "./curves.ts";
import { type Limits, targetBox, yOf } from "./glucose-scale.ts";
import { type Box, line, type Point, polyline, rect, type Shape } from "./scene.ts";

/** A local day with its readings, mg/dL. */
export interface DayCurve {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** The day's own window, 23 to 25 hours where clocks change. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Ascending, all within the day. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

export interface DayOptions {
  readonly zone: string;
  readonly limits: Limits;
  /** Minutes between readings, null where unknown. */
  readonly cadenceMinutes: number | null;
}

/** Longer without a reading than this is a gap. Source: web-ux §7. */
const LONGEST_STEP_MS = 30 * MINUTE_MS;

/** How long a step may be before the line is interrupted: half an hour, or two and a half readings of a sensor that reads seldom. */
export function longestStep(cadenceMinutes: number | null): number {
  return Math.max(LONGEST_STEP_MS, 2.5 * (cadenceMinutes ?? 0) * MINUTE_MS);
}

/** Places of a day's readings: a day of 23 or 25 hours fills the width with its own hours. */
export function dayPoints({ fromMs, toMs, timesMs, values }: DayCurve, box: Box): Point[] {
  return Array.from(timesMs, (ms, index) => ({ x: box.x + ((ms - fromMs) / (toMs - fromMs)) * box.width, y: yOf(values[index]!, box) }));
}

/** Path data of a day's line, interrupted at gaps; a reading alone is a short stroke. */
export function dayPath(day: DayCurve, box: Box, longestStepMs: number): string {
  const points = dayPoints(day, box);
  return unbroken(day.timesMs, longestStepMs).map(({ from, to }) => {
    const run = points.slice(from, to);
    const [only] = run;
    return run.length === 1 && only ? polyline([{ x: only.x - 0.5, y: only.y }, { x: only.x + 0.5, y: only.y }]) : polyline(run);
  }).join("");
}

/** The day's plot: target, what lies below and above it filled, the line, noon. Words are the caller's. */
export function dailyProfile(day: DayCurve, box: Box, { zone, limits, cadenceMinutes }: DayOptions): Shape[] {
  const longestStepMs = longestStep(cadenceMinutes);
  const points = dayPoints(day, box);
  const runs = unbroken(day.timesMs, longestStepMs).map(({ from, to }) => points.slice(from, to));
  const area = (level: number, side: "above" | "below"): string => runs.map((run) => areaBeyond(run, level, side)).join("");
  const target = targetBox(box, limits);
  const noonX = box.x + ((instantOfWall(zone, Date.parse(`${day.date}T12:00:00Z`)) - day.fromMs) / (day.toMs - day.fromMs)) * box.width;
  return [
    rect(target, { fill: "targetFill" }),
    { kind: "path", d: area(target.y, "above"), fill: "high" },
    { kind: "path", d: area(target.y + target.height, "below"), fill: "low" },
    line({ x: noonX, y: box.y }, { x: noonX, y: box.y + box.height }, { stroke: "grid", strokeWidth: 0.5 }),
    ...[target.y, target.y + target.height].map((y) => line({ x: box.x, y }, { x: box.x + box.width, y }, { stroke: "targetLine", strokeWidth: 0.4 })),
    { kind: "path", d: dayPath(day, box, longestStepMs), stroke: "text", strokeWidth: 0.8 },
    rect(box, { stroke: "rule", strokeWidth: 0.5 }),
  ];
}

/** Hours of the day as the person lived it: 24, or 23 or 25 (and halves) where clocks changed. */
export function hoursOfDay({ fromMs, toMs }: Pick<DayCurve, "fromMs" | "toMs">): number {
  return (toMs - fromMs) / HOUR_MS;
}

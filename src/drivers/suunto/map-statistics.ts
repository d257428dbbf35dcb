/** Suunto's daily totals → samples. Pure. Source: vendors/suunto.md, daily-activity-statistics. */
import { dateAt, dayPlace, type DayPlace } from "#driver/day.ts";
import type { Device, SampleFlag } from "#driver/records.ts";
import { MINUTE_MS, offsetMinutesAt, parseTime } from "#units/time.ts";
import { isOffset, isPossible, kilocalories, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const DAY_TOTAL: readonly SampleFlag[] = ["day_total"];

/** Totals of days by kind, each with the devices that counted; means and other aggregations of the same days are left out. */
export function mapStatistics(items: readonly unknown[], job: MapJob): void {
  for (const [index, item] of items.entries()) {
    const group = job.mapping.item(schema.statistics, item, `/${index}`);
    if (!group || (group.Aggregation ?? "sum").toLowerCase() !== "sum") continue;
    const kind = group.Name.toLowerCase();
    if (kind !== "stepcount" && kind !== "energyconsumption") continue;
    for (const [number, source] of group.Sources.entries()) {
      const path = `/${index}/Sources/${number}/Samples`;
      const device = source.Name ? { id: source.Name, name: source.Name } : null;
      for (const [position, sample] of source.Samples.entries()) mapDay(sample, { kind, device, path: `${path}/${position}` }, job);
    }
  }
}

interface DayOf {
  readonly kind: "stepcount" | "energyconsumption";
  readonly device: Device | null;
  readonly path: string;
}

function mapDay(item: unknown, { kind, device, path }: DayOf, job: MapJob): void {
  const day = job.mapping.item(schema.dayValue, item, path);
  // A day can come twice, once without a value.
  if (!day || day.Value === null || day.Value === undefined) return;
  const place = dayOf(day.TimeISO8601, job);
  if (!place || !isPossible(place.startMs, job)) {
    job.mapping.problem(`${path}/TimeISO8601`, "no possible day");
    return;
  }
  const at = { ...place, flags: DAY_TOTAL, ...(device ? { device } : {}) };
  if (kind === "stepcount") job.mapping.sample("steps", day.Value, at, `${path}/Value`);
  else job.mapping.sample("calories_total", kilocalories(day.Value), at, `${path}/Value`);
}

/** The day that a time lies in: by its own offset; without one, midnight is the person's own and any other hour is UTC. */
function dayOf(text: string, { context }: MapJob): DayPlace | null {
  const parsed = parseTime(text);
  if (!parsed) return null;
  const { wallMs, offsetMinutes } = parsed;
  const isMidnight = new Date(wallMs).toISOString().endsWith("T00:00:00.000Z");
  if (offsetMinutes === null && isMidnight) return dayPlace(new Date(wallMs).toISOString().slice(0, 10), context.zone, null);
  const atMs = wallMs - (offsetMinutes ?? 0) * MINUTE_MS;
  // Z says where the instant is, not where the person is.
  const isLocal = isOffset(offsetMinutes) && offsetMinutes !== 0;
  const known = { atMs, offsetMinutes: isLocal ? offsetMinutes : offsetMinutesAt(context.zone, atMs) };
  return dayPlace(dateAt(known), context.zone, known);
}

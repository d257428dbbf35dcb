/** The night that ends on a day. vendors/ultrahuman.md, Sleep. */

import { MINUTE_MS } from "#units/time.ts";
import { chanceOf } from "../people/rng.ts";
import type { RingDay } from "./ring.ts";

const secondsOf = (ms: number): number => Math.floor(ms / 1000);

/** Null while it goes on or has not come in, and where the ring lay on a table. */
export function sleepOf({ context, person, date, syncedMs }: RingDay): object | null {
  const night = person.night(date);
  const chance = chanceOf(context.seed, "ultrahuman-night", person.who.id, date);
  if (night.endMs + 10 * MINUTE_MS > syncedMs || chance.happens(0.03)) return null;
  const inBed = secondsOf(night.endMs) - secondsOf(night.bedMs);
  const { deep, rem, light } = night.seconds;
  const awake = inBed - deep - rem - light;
  const efficiency = Math.round(((inBed - awake) / inBed) * 100);
  const stage = (type: string, seconds: number): object => ({ type, title: type.replaceAll("_", " "), stage_time: seconds, percentage: Math.round((seconds / inBed) * 100) });
  // Short nights, and some others, are not scored into stages.
  const isStaged = !chance.happens(0.06);
  // The efficiency stands in one of two places.
  const isDirect = chance.happens(0.3);
  return {
    bedtime_start: secondsOf(night.bedMs),
    bedtime_end: secondsOf(night.endMs),
    quick_metrics: [
      { title: "Time in bed", type: "time_in_bed", value: inBed },
      ...(isDirect ? [] : [{ title: "Efficiency", type: "sleep_efic", value: efficiency }]),
    ],
    ...(isDirect ? { sleep_efficiency: efficiency } : {}),
    sleep_stages: isStaged ? [stage("deep_sleep", deep), stage("light_sleep", light), stage("rem_sleep", rem), stage("awake", awake)] : [],
    // Drawn in some versions; how is not known.
    sleep_graph: [],
    hr_graph: [],
    hrv_graph: [],
  };
}

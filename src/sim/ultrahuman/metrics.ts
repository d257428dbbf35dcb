/** All that a day has, type by type. vendors/ultrahuman.md, Data endpoints. */

import { MINUTE_MS } from "#units/time.ts";
import { clamp } from "../people/days.ts";
import { tallyDay } from "../people/energy.ts";
import type { Grant } from "../tokens.ts";
import type { RingDay, Value } from "./ring.ts";
import { glucoses, heartRates, nightPulses, oxygens, stepCounts, temperatures, variabilities } from "./ring.ts";
import { sleepOf } from "./sleep.ts";

export interface Metric {
  readonly type: string;
  readonly object: object;
}

/** Seconds, both ends included; null for the whole day. */
export type Cut = { readonly from: number; readonly to: number } | null;

const mean = (values: readonly Value[]): number => values.reduce((sum, { value }) => sum + value, 0) / values.length;
const tenths = (value: number): number => Math.round(value * 10) / 10;

/** What the grant opens of the day: `ring_data` and `cgm_data` each their own types. A series without values is left away. */
export function metricsOf(day: RingDay, grant: Grant, cut: Cut): Metric[] {
  return [...(grant.scopes.includes("ring_data") ? ringMetrics(day, cut) : []), ...(grant.scopes.includes("cgm_data") ? glucoseMetrics(day, cut) : [])];
}

function ringMetrics(day: RingDay, cut: Cut): Metric[] {
  const { context, person, date, startMs, syncedMs } = day;
  const minutes = Math.max(0, Math.floor((syncedMs - startMs) / MINUTE_MS));
  const tally = tallyDay(person.who, person.day(date), 0, Math.min(minutes, person.day(date).steps.length));
  const counted = stepCounts(day);
  const beats = nightPulses(day);
  const sleep = sleepOf(day);
  const isNightOver = person.night(date).endMs <= syncedMs;
  return [
    ...series(day, "hr", heartRates(day), { cut, title: "Heart Rate", unit: "BPM" }),
    ...series(day, "temp", temperatures(day), { cut, title: "Skin Temperature", unit: "°C" }),
    ...series(day, "hrv", variabilities(day), { cut, title: "HRV", unit: "ms" }),
    ...series(day, "spo2", oxygens(day), { cut, title: "SpO2", unit: "%" }),
    ...series(day, "steps", counted, { cut, title: "Steps", unit: "steps", more: { total: tally.steps } }),
    ...(isNightOver && beats.length > 0 ? series(day, "night_rhr", beats, { cut, title: "Resting HR", unit: "BPM", more: { avg: person.body(date).restingHr } }) : []),
    ...(sleep ? [{ type: context.position("sleepType"), object: sleep }] : []),
    ...(isNightOver ? [scalar(day, "recovery_index", person.recovery(date).score), scalar(day, "vo2_max", person.body(date).vo2Running)] : []),
    scalar(day, "movement_index", Math.round(clamp(20 + tally.activeSeconds / 150, 1, 100))),
    scalar(day, "active_minutes", Math.round(tally.activeSeconds / 60)),
    // New types come without notice.
    { type: "ring_wear", object: { text: "worn" } },
  ];
}

/** The numbers that Ultrahuman computes from glucose; 70 to 140 mg/dL is taken for its target. */
function glucoseMetrics(day: RingDay, cut: Cut): Metric[] {
  const values = glucoses(day);
  if (values.length === 0) return [scalar(day, "metabolic_score", null)];
  const average = mean(values);
  const deviation = Math.sqrt(mean(values.map(({ timestamp, value }) => ({ timestamp, value: (value - average) ** 2 }))));
  const inTarget = (values.filter(({ value }) => value >= 70 && value <= 140).length / values.length) * 100;
  return [
    ...series(day, "glucose", values, { cut, title: "Glucose", unit: "mg/dL" }),
    scalar(day, "average_glucose", tenths(average)),
    scalar(day, "glucose_variability", tenths((deviation / average) * 100)),
    scalar(day, "hba1c", tenths((average + 46.7) / 28.7)),
    scalar(day, "time_in_target", Math.round(inTarget)),
    scalar(day, "metabolic_score", Math.round(clamp(inTarget, 1, 100))),
  ];
}

interface SeriesLook {
  readonly cut: Cut;
  readonly title: string;
  readonly unit: string;
  readonly more?: object;
}

function series({ startMs }: RingDay, type: string, all: readonly Value[], { cut, title, unit, more }: SeriesLook): Metric[] {
  const values = all.filter(({ timestamp }) => cut === null || (timestamp >= cut.from && timestamp <= cut.to));
  const last = values.at(-1);
  return last ? [{ type, object: { day_start_timestamp: Math.floor(startMs / 1000), title, unit, values, last_reading: last.value, avg: tenths(mean(values)), ...more } }] : [];
}

function scalar({ startMs }: RingDay, type: string, value: number | null): Metric {
  return { type, object: { value, day_start_timestamp: Math.floor(startMs / 1000) } };
}

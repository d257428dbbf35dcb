/** What is told of a moment, and of all that is in view: in words beside the picture, in its table and in the file. */
import { inUnit } from "#units/glucose.ts";
import { MINUTE_MS } from "#units/time.ts";
import { bandOf } from "#web/charts/ranges.ts";
import type { CsvCell } from "#web/charts/csv.ts";
import type { Thresholds } from "#web/charts/curve-drawing.ts";
import type { Formatter } from "#web/language/format.ts";
import type { Workout } from "#web/client/types.ts";
import type { Translate } from "#web/portal/messages/translate.ts";
import { BAND_NAMES, SPORT_NAMES, STAGE_NAMES } from "#web/portal/words.ts";
import type { DayData } from "./day-data.ts";
import type { Entry } from "./entries.ts";
import { firstAtOrAfter, nearestPlace } from "./layout.ts";
import type { View } from "./viewport.ts";

export interface Told {
  readonly data: DayData;
  readonly entries: readonly Entry[];
  /** mg/dL. */
  readonly thresholds: Thresholds;
  /** The portal's words: bands, stages and sports have one name in all of Islet. */
  readonly name: Translate;
  readonly f: Formatter;
}

export const sportOf = (workout: Workout, name: Translate): string => workout.title ?? name(SPORT_NAMES[workout.sport]);

/** A reading: `112 mg/dL, In range`. */
export function readingText({ data: { glucose }, thresholds, name, f }: Told, place: number): string {
  const mgDl = glucose.values[place]!;
  return `${f.glucoseOfMgDl(mgDl)}, ${name(BAND_NAMES[bandOf(mgDl, thresholds)])}`;
}

/** What is there at a moment, most important first. @param reachMs how far away a mark under the pointer may be */
export function momentParts(told: Told, atMs: number, reachMs: number): string[] {
  const { data, entries, name, f } = told;
  const { glucose, heart, steps, stepMs, sleeps, workouts } = data;
  const place = nearestPlace(glucose.times, atMs, Math.max(reachMs, 5 * MINUTE_MS));
  const pulse = nearestPlace(heart.times, atMs, stepMs);
  const walked = steps.times.findIndex((ms) => ms <= atMs && atMs < ms + stepMs);
  const covers = (start: string, end: string): boolean => Date.parse(start) <= atMs && atMs < Date.parse(end);
  const stage = sleeps.flatMap((sleep) => sleep.stages).find(({ start, end }) => covers(start, end))?.stage;
  return [
    f.dateTime(place === null ? atMs : glucose.times[place]!),
    ...(place === null ? [] : [readingText(told, place)]),
    ...entries.filter(({ atMs: at, endMs }) => (endMs === null ? Math.abs(at - atMs) <= reachMs : at <= atMs && atMs < endMs)).map(({ text }) => text),
    ...workouts.filter(({ start, end }) => covers(start, end)).map((workout) => sportOf(workout, name)),
    ...(stage !== undefined && stage in STAGE_NAMES ? [name(STAGE_NAMES[stage as keyof typeof STAGE_NAMES])] : []),
    ...(pulse === null ? [] : [f.metric("heart_rate", heart.values[pulse]!)]),
    ...(walked < 0 || !steps.values[walked] ? [] : [`${f.metricNumber("steps", steps.values[walked])} ${name("steps.title").toLocaleLowerCase(f.locale)}`]),
  ];
}

export interface Line {
  readonly atMs: number;
  readonly mgDl: number | null;
  readonly band: string;
  readonly entry: string;
}

/** All that is in view, in order of time; what lasts stands at its beginning. */
export function linesIn(told: Told, { fromMs, toMs }: View): Line[] {
  const { data: { glucose, sleeps, workouts }, entries, thresholds, name, f } = told;
  const [first, end] = [firstAtOrAfter(glucose.times, fromMs), firstAtOrAfter(glucose.times, toMs)];
  const readings = glucose.times.slice(first, end).map((atMs, index): Line => {
    const mgDl = glucose.values[first + index]!;
    return { atMs, mgDl, band: name(BAND_NAMES[bandOf(mgDl, thresholds)]), entry: "" };
  });
  const lasting = (start: string, finish: string, words: string): Line => ({ atMs: Date.parse(start), mgDl: null, band: "", entry: `${words} · ${f.dateTime(Date.parse(start))} – ${f.dateTime(Date.parse(finish))}` });
  return [
    ...readings,
    ...entries.map(({ atMs, text }): Line => ({ atMs, mgDl: null, band: "", entry: text })),
    ...sleeps.map(({ start, end: finish }) => lasting(start, finish, name("sleep.title"))),
    ...workouts.map((workout) => lasting(workout.start, workout.end, sportOf(workout, name))),
  ].filter(({ atMs }) => atMs >= fromMs && atMs < toMs).toSorted((a, b) => a.atMs - b.atMs);
}

export function csvOf(lines: readonly Line[], columns: readonly string[], f: Formatter): CsvCell[][] {
  return [[...columns], ...lines.map(({ atMs, mgDl, band, entry }): CsvCell[] => [new Date(atMs).toISOString(), mgDl === null ? null : inUnit(mgDl, f.unit), band, entry])];
}

export interface Extent {
  readonly count: number;
  readonly low: { readonly mgDl: number; readonly atMs: number };
  readonly high: { readonly mgDl: number; readonly atMs: number };
}

/** The lowest and the highest reading in view; null without readings. */
export function extentOf({ glucose: { times, values } }: DayData, { fromMs, toMs }: View): Extent | null {
  const [first, end] = [firstAtOrAfter(times, fromMs), firstAtOrAfter(times, toMs)];
  if (end <= first) return null;
  let [low, high] = [first, first];
  for (let place = first; place < end; place += 1) {
    if (values[place]! < values[low]!) low = place;
    if (values[place]! > values[high]!) high = place;
  }
  return { count: end - first, low: { mgDl: values[low]!, atMs: times[low]! }, high: { mgDl: values[high]!, atMs: times[high]! } };
}

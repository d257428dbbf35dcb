/** Steps, metres and floors within a day. Source: Terra's OpenAPI document, StepSample, DistanceSample, FloorsClimbedSample, read 2026-11. */
import type { MetricName } from "#units/metrics.ts";
import { addOver, momentOf, type Moment, type Place, type Stretch } from "./map-place.ts";
import { at, list, number, type Item } from "./schema.ts";

const SERIES: readonly (readonly [metric: MetricName, list: string, field: string, total: string])[] = [
  ["steps", "step_samples", "steps", "steps"], ["distance", "distance_samples", "distance_meters", "distance_meters"], ["floors", "floors_climbed_samples", "floors_climbed", "floors_climbed"],
];
/** The next sample ends one, where it follows this soon. */
const LONGEST_GAP_MS = 3_600_000;
const MINUTE = 60_000;

interface Counted {
  readonly moment: Moment;
  readonly value: number;
  readonly path: string;
}

/** `timer_duration_seconds` is the time since the start, not how long a sample lasts, so it is not read. */
export function addCounts(place: Place, item: Item, day: Stretch | null): void {
  for (const [metric, name, field, totalField] of SERIES) {
    const counted = countedOf(place, item, { name, field });
    const total = number(at(item, "distance_data")[totalField]);
    if (isRunning(counted, total)) addRises(place, metric, { counted, day });
    else addEach(place, metric, counted);
  }
}

/** In order of time. */
function countedOf(place: Place, item: Item, { name, field }: { readonly name: string; readonly field: string }): Counted[] {
  return list(at(item, "distance_data", "detailed")[name]).flatMap((sample, index): Counted[] => {
    const value = number(sample[field]);
    const path = `/distance_data/detailed/${name}/${index}`;
    if (value === null) return [];
    const moment = momentOf(sample["timestamp"], place);
    if (moment) return [{ moment, value, path }];
    place.mapping.problem(`${place.path}${path}`, "no time, or one that cannot be");
    return [];
  }).toSorted((a, b) => a.moment.ms - b.moment.ms);
}

/** The document says that samples are sums since the start; payloads also bring each stretch's own. Sums never fall, and add up to more than the day's total. */
function isRunning(counted: readonly Counted[], total: number | null): boolean {
  if (counted.length < 2 || counted.some(({ value }, index) => value < (counted[index - 1]?.value ?? 0))) return false;
  return total === null || counted.reduce((sum, { value }) => sum + value, 0) > total * 1.01 + 1;
}

/** What was added since the sample before, the first since the day began. */
function addRises(place: Place, metric: MetricName, { counted, day }: { readonly counted: readonly Counted[]; readonly day: Stretch | null }): void {
  counted.forEach(({ moment, value, path }, index) => {
    const before = counted[index - 1];
    const start = before?.moment ?? day?.start;
    if (start && moment.ms > start.ms) addOver(place, metric, value - (before?.value ?? 0), { over: { start, endMs: moment.ms, isDay: false }, path });
  });
}

/** Until the next sample where it follows soon, else for a minute. */
function addEach(place: Place, metric: MetricName, counted: readonly Counted[]): void {
  counted.forEach(({ moment, value, path }, index) => {
    const gapMs = (counted[index + 1]?.moment.ms ?? Number.POSITIVE_INFINITY) - moment.ms;
    addOver(place, metric, value, { over: { start: moment, endMs: moment.ms + (gapMs > 0 && gapMs <= LONGEST_GAP_MS ? gapMs : MINUTE), isDay: false }, path });
  });
}

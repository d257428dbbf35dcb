/** Blood glucose: a sensor's reading or a meter's, which Health does not tell. Pure. Source: Apple Health facts; requirement D5. */
import type { MealRelation } from "#driver/records.ts";
import { METRICS } from "#units/metrics.ts";
import { MINUTE_MS } from "#units/time.ts";
import type { Measure } from "./map-measure.ts";
import type { MapJob } from "./map-place.ts";
import { SENSOR_NAMES } from "./quantities.ts";

/** So many readings of a source show what it is. */
const TELLING = 24;
/** Sensors read every 1 to 15 minutes. */
const SLOWEST_SENSOR_MS = 16 * MINUTE_MS;
const MOST_SOURCES = 500;

/** No more of a measure than is needed: thousands may wait. */
interface Waiting extends Pick<Measure, "startMs" | "offsetMinutes" | "device" | "isManual" | "path"> {
  readonly mgDl: number;
}

/**
 * What a person typed, or put to a meal, is a meter's. A source that is known as a sensor's is one. Of any other, the first readings are kept
 * until there are enough to see how dense they are; few ones are a meter's.
 */
export class GlucoseSorter {
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #isSensor = new Map<string, boolean>();

  add(measure: Measure, mgDl: number, job: MapJob): void {
    const { startMs, offsetMinutes, device, isManual, path } = measure;
    const reading: Waiting = { startMs, offsetMinutes, device, isManual, path, mgDl };
    const relation = relationOf(measure);
    if (relation !== null) addToMeal(measure, { mgDl, relation }, job);
    if (isManual || relation !== null || !device) return addReading(reading, "glucose_meter", job);
    if (SENSOR_NAMES.test(`${device.name ?? ""} ${device.id} ${measure.maker ?? ""}`)) return addReading(reading, "glucose", job);
    const known = this.#isSensor.get(device.id);
    if (known !== undefined) return addReading(reading, metricOf(known), job);
    let waiting = this.#waiting.get(device.id);
    if (!waiting) {
      if (this.#waiting.size + this.#isSensor.size >= MOST_SOURCES) return addReading(reading, "glucose_meter", job);
      this.#waiting.set(device.id, (waiting = []));
    }
    waiting.push(reading);
    if (waiting.length >= TELLING) this.#decide(device.id, waiting, job);
  }

  /** Nothing more comes. */
  flush(job: MapJob): void {
    for (const [source, waiting] of this.#waiting) this.#decide(source, waiting, job);
  }

  #decide(source: string, waiting: readonly Waiting[], job: MapJob): void {
    const isSensor = isDense(waiting);
    this.#waiting.delete(source);
    this.#isSensor.set(source, isSensor);
    for (const reading of waiting) addReading(reading, metricOf(isSensor), job);
  }
}

const metricOf = (isSensor: boolean): "glucose" | "glucose_meter" => (isSensor ? "glucose" : "glucose_meter");

function isDense(readings: readonly Waiting[]): boolean {
  const times = [...new Set(readings.map(({ startMs }) => startMs))].toSorted((a, b) => a - b);
  if (readings.length < TELLING || times.length < TELLING / 2) return false;
  const gaps = times.slice(1).map((ms, index) => ms - times[index]!).toSorted((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)]! <= SLOWEST_SENSOR_MS;
}

function addReading({ startMs, offsetMinutes, device, isManual, path, mgDl }: Waiting, metric: "glucose" | "glucose_meter", { mapping }: MapJob): void {
  mapping.sample(metric, mgDl, { startMs, offsetMinutes, ...(device ? { device } : {}), flags: isManual ? ["manual"] : [] }, path);
}

/** A reading put to a meal is a treatment as well, for samples have no room for the meal. */
function addToMeal(measure: Measure, { mgDl, relation }: { readonly mgDl: number; readonly relation: MealRelation }, { mapping }: MapJob): void {
  const { startMs, offsetMinutes, device, isManual } = measure;
  const { min, max } = METRICS.glucose_meter;
  if (!(mgDl >= min && mgDl <= max)) return;
  mapping.add({
    record: "treatment", kind: "meter_glucose", vendorId: measure.id(), atMs: startMs, offsetMinutes, amount: mgDl, mealRelation: relation,
    ...(isManual ? { isManual } : {}), ...(device ? { device } : {}),
  });
}

/** `HKBloodGlucoseMealTime`: 1 before, 2 after a meal; Health Auto Export writes words. */
function relationOf(measure: Measure): MealRelation | null {
  const word = measure.meta("HKBloodGlucoseMealTime")?.toLowerCase() ?? "";
  if (word === "1" || word.includes("pre") || word.includes("before")) return "before";
  return word === "2" || word.includes("post") || word.includes("after") ? "after" : null;
}

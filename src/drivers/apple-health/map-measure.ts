/** One thing that Health holds, whatever way it came → records. Pure. Source: Apple Health facts, mapping to normalised metrics. */
import type { Device, SampleFlag, TreatmentKind } from "#driver/records.ts";
import { looseNumber, looseText } from "#driver/payload.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import { HOUR_MS, SECOND_MS } from "#units/time.ts";
import type { MapJob } from "./map-place.ts";
import { ALERTS, FLOWS, QUANTITIES } from "./quantities.ts";
import { inOurUnit } from "./units.ts";

export interface Measure {
  /** Identifier without prefix: `HeartRate`, `SleepAnalysis`. */
  readonly type: string;
  /** As sent. */
  readonly value: unknown;
  readonly unit: string | null | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMinutes: number | null;
  readonly device: Device | undefined;
  /** Manufacturer of the device, where told apart. */
  readonly maker?: string | undefined;
  readonly isManual: boolean;
  /** Its total or mean for a whole local day. */
  readonly isDayTotal?: boolean;
  readonly path: string;
  /** The sample's UUID, or what stands for it. */
  id(): string;
  /** Text of a metadata entry. */
  meta(key: string): string | undefined;
}

const LONGEST_VALUE = 40;

/** What tells a sample apart that has no UUID. Source: Apple Health facts, Webhooks; exports-imports §6. */
export function naturalId({ type, startMs, endMs, value, device }: Measure): string {
  return `${type}/${startMs}/${endMs}/${typeof value === "string" || typeof value === "number" ? String(value).slice(0, LONGEST_VALUE) : ""}/${device?.id ?? ""}`;
}

/** No sample lasts longer: a day of 25 hours and something to spare. */
const LONGEST_MS = 26 * HOUR_MS;
const MOST_UNITS = 500;
const MOST_GRAMS = 2_000;
const LONGEST_TEXT = 200;
const LONGEST_SESSION_MS = 24 * HOUR_MS;

/** Maps a measure. False for a type that has no place here. */
export function mapMeasure(measure: Measure, job: MapJob): boolean {
  const { type } = measure;
  const quantity = Object.hasOwn(QUANTITIES, type) ? QUANTITIES[type] : undefined;
  if (quantity) {
    const value = amountOf(measure, quantity.dimension, job);
    if (value !== null) addSample(quantity.metric, value, measure, job);
    return true;
  }
  if (type === "BloodGlucose") {
    const mgDl = amountOf(measure, "glucose", job);
    if (mgDl !== null) job.glucose.add(measure, mgDl, job);
  } else if (type === "InsulinDelivery") mapInsulin(measure, job);
  else if (type === "DietaryCarbohydrates") mapCarbohydrates(measure, job);
  else if (type === "SleepAnalysis") job.sleeps.add(measure, job);
  else if (type === "MindfulSession") mapMindful(measure, job);
  else if (type === "MenstrualFlow") mapFlow(measure, job);
  else if (Object.hasOwn(ALERTS, type)) addTreatment("alert", { text: ALERTS[type]! }, measure, job);
  else return false;
  return true;
}

function amountOf({ value, unit, path }: Measure, dimension: Parameters<typeof inOurUnit>[2], { mapping }: MapJob): number | null {
  const number = looseNumber(value);
  const amount = number === null ? null : inOurUnit(number, unit, dimension);
  if (amount === null) mapping.problem(path, number === null ? "a value that is no number" : "a missing or unknown unit");
  return amount;
}

/** A metric of an instant stands at the measure's start; one of a stretch has its length, and the export's second where it has none. */
export function addSample(metric: MetricName, value: number, measure: Measure, { mapping }: MapJob): void {
  const { startMs, endMs, offsetMinutes, device, path } = measure;
  const { form, aggregate } = METRICS[metric];
  const isInterval = form === "interval";
  if (isInterval && endMs - startMs > LONGEST_MS) return mapping.problem(path, "lasts longer than a day");
  const flags: SampleFlag[] = [];
  if (measure.isManual) flags.push("manual");
  // A sum, or a mean that would stand among single readings.
  if (measure.isDayTotal && (aggregate === "sum" || (aggregate === "mean" && !isInterval))) flags.push("day_total");
  mapping.sample(metric, value, {
    startMs, offsetMinutes, flags, ...(isInterval ? { endMs: Math.max(endMs, startMs + SECOND_MS) } : {}), ...(device ? { device } : {}),
  }, path);
}

/** `HKInsulinDeliveryReason`: 1 basal, 2 bolus. Basal over a time is a pump's, at an instant a long-acting injection. */
function mapInsulin(measure: Measure, job: MapJob): void {
  const amount = amountOf(measure, "insulin", job);
  if (amount === null) return;
  const reason = measure.meta("HKInsulinDeliveryReason")?.toLowerCase() ?? "";
  const isBasal = reason === "1" || reason.includes("basal");
  const isBolus = reason === "2" || reason.includes("bolus");
  const lasts = measure.endMs - measure.startMs >= SECOND_MS;
  const kind: TreatmentKind = isBasal ? (lasts ? "insulin_basal" : "insulin_long") : isBolus ? "insulin_rapid" : "insulin_unspecified";
  // A pump that was told to give nothing is a fact; an injection of nothing is none.
  if (!(amount <= MOST_UNITS && (amount > 0 || (amount === 0 && kind === "insulin_basal")))) return job.mapping.problem(measure.path, "outside what a dose can be");
  if (measure.endMs - measure.startMs > LONGEST_MS) return job.mapping.problem(measure.path, "lasts longer than a day");
  addTreatment(kind, { amount, ...(lasts ? { endMs: measure.endMs } : {}) }, measure, job);
}

function mapCarbohydrates(measure: Measure, job: MapJob): void {
  const amount = amountOf(measure, "grams", job);
  // Food without any is no treatment.
  if (amount === null || amount === 0) return;
  if (amount < 0 || amount > MOST_GRAMS) return job.mapping.problem(measure.path, "outside what a meal can have");
  const text = measure.meta("HKFoodType")?.slice(0, LONGEST_TEXT).toWellFormed();
  addTreatment("carbohydrates", { amount, ...(text ? { text } : {}) }, measure, job);
}

function addTreatment(
  kind: TreatmentKind, content: { readonly amount?: number; readonly text?: string; readonly endMs?: number }, measure: Measure, { mapping }: MapJob,
): void {
  const { startMs, offsetMinutes, device, isManual } = measure;
  mapping.add({
    record: "treatment", kind, vendorId: measure.id(), atMs: startMs, offsetMinutes, ...content, ...(isManual ? { isManual } : {}), ...(device ? { device } : {}),
  });
}

function mapMindful(measure: Measure, { mapping }: MapJob): void {
  const { startMs, endMs, offsetMinutes, device, path } = measure;
  if (endMs <= startMs || endMs - startMs > LONGEST_SESSION_MS) return mapping.problem(path, "no possible end of a session");
  mapping.add({
    record: "workout", vendorId: measure.id(), startMs, endMs, offsetMinutes, sport: "meditation", vendorSport: "MindfulSession", ...(device ? { device } : {}),
  });
}

function mapFlow(measure: Measure, job: MapJob): void {
  const word = looseText(measure.value).slice(0, LONGEST_TEXT).replace(/^HKCategoryValue(?:MenstrualFlow|VaginalBleeding)/, "").toLowerCase();
  if (!Object.hasOwn(FLOWS, word)) return job.mapping.problem(measure.path, "an unknown level");
  const level = FLOWS[word];
  if (level !== null && level !== undefined) addSample("menstrual_flow", level, measure, job);
}

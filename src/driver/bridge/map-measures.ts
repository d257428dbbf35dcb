/** Measurements of a phone's bridge → samples, and treatments for what people take. Source: Health Connect and Samsung Health facts, Mapping. */
import { METRICS, type MetricName } from "#units/metrics.ts";
import { DAY_MS } from "#units/time.ts";
import type { Mapping } from "../payload.ts";
import { MEALS, MEAL_RELATIONS, type Meal, type MealRelation, type SampleType } from "../records.ts";
import type { MapContext } from "../types.ts";
import { deviceOf, stretchOf } from "./place.ts";
import type { Measure } from "./schema.ts";

/** One push type: its metric, and by what its units are multiplied; "" is the unit that is meant where none is told. */
interface Meaning {
  readonly metric: MetricName;
  readonly units: Readonly<Record<string, number>>;
}

const count: Meaning["units"] = { "": 1, count: 1 };
const beats: Meaning["units"] = { "": 1, bpm: 1, "count/min": 1 };
const percent: Meaning["units"] = { "": 1, "%": 1, percent: 1, fraction: 100 };
const mass: Meaning["units"] = { "": 1, kg: 1, g: 0.001, lb: 0.453_592_37 };
const energy: Meaning["units"] = { "": 1, kcal: 1, cal: 0.001, kj: 1 / 4.184 };
const way: Meaning["units"] = { "": 1, m: 1, km: 1_000, cm: 0.01, mi: 1_609.344 };
const celsius: Meaning["units"] = { "": 1, "°c": 1, c: 1, degc: 1, celsius: 1 };
const of = (metric: MetricName, units: Meaning["units"]): Meaning => ({ metric, units });

export const MEANINGS: Readonly<Record<string, Meaning>> = {
  STEP_COUNT: of("steps", count), STEPS: of("steps", count), HEART_RATE: of("heart_rate", beats), RESTING_HEART_RATE: of("resting_heart_rate", beats),
  OXYGEN_SATURATION: of("spo2", percent), BLOOD_OXYGEN: of("spo2", percent), RESPIRATORY_RATE: of("respiration_rate", { "": 1, "breaths/min": 1, "/min": 1, "count/min": 1 }),
  BLOOD_PRESSURE_SYSTOLIC: of("blood_pressure_systolic", { "": 1, mmhg: 1 }), BLOOD_PRESSURE_DIASTOLIC: of("blood_pressure_diastolic", { "": 1, mmhg: 1 }),
  ACTIVE_CALORIES_BURNED: of("calories_active", energy), TOTAL_CALORIES_BURNED: of("calories_total", energy), BODY_TEMPERATURE: of("body_temperature", celsius),
  BASAL_BODY_TEMPERATURE: of("body_temperature", celsius), SKIN_TEMPERATURE: of("skin_temperature", celsius), SKIN_TEMPERATURE_DELTA: of("skin_temperature_deviation", celsius),
  WEIGHT: of("weight", mass), HEIGHT: of("height", way), BODY_FAT: of("body_fat", percent), LEAN_BODY_MASS: of("lean_mass", mass), FAT_FREE_MASS: of("lean_mass", mass),
  SKELETAL_MUSCLE_MASS: of("muscle_mass", mass), BONE_MASS: of("bone_mass", mass), BMI: of("bmi", { "": 1, "kg/m2": 1, "kg/m²": 1, count: 1 }),
  FLOORS_CLIMBED: of("floors", count), DISTANCE: of("distance", way), ELEVATION_GAINED: of("elevation_gain", way), HYDRATION: of("hydration", { "": 1, ml: 1, l: 1_000 }),
  WATER_INTAKE: of("hydration", { "": 1, ml: 1, l: 1_000 }), VO2_MAX: of("vo2max", { "": 1, "ml/kg/min": 1, "ml/min/kg": 1 }), POWER: of("power", { "": 1, w: 1 }),
  SPEED: of("speed", { "": 1, "m/s": 1, "km/h": 1 / 3.6 }), CYCLING_PEDALING_CADENCE: of("cadence", { "": 1, rpm: 1, "/min": 1 }), STEPS_CADENCE: of("cadence", { "": 1, "steps/min": 1, "/min": 1 }),
  WHEELCHAIR_PUSHES: of("wheelchair_pushes", count), MENSTRUATION_FLOW: of("menstrual_flow", { "": 1 }),
};

/** How the platform's glucose becomes mg/dL; null for a unit that is none. */
export type GlucoseFactor = (value: number, unit: string) => number | null;

const SHORTEST_MS = 60_000;
const MOST_GRAMS = 1_000;

/** Types without a meaning are passed over. */
export function mapMeasure(mapping: Mapping, item: Measure, { path, context, glucoseFactor }: { path: string; context: MapContext; glucoseFactor: GlucoseFactor }): void {
  const type = item.type.toUpperCase();
  const meaning = meaningOf(type, item);
  const isGlucose = type === "BLOOD_GLUCOSE";
  const isMeal = type === "CARBOHYDRATES";
  if (!meaning && !isGlucose && !isMeal) return;
  const stretch = stretchOf(item, context);
  if (!stretch) return mapping.problem(`${path}/startDate`, "no time, or an end before it");
  if (item.value === null) return mapping.problem(`${path}/value`, "missing or no number");
  const unit = (item.unit ?? "").replace(/\s/g, "").toLowerCase();
  const { startMs, offsetMinutes } = stretch;
  const device = deviceOf(item);
  const place = { startMs, offsetMinutes, ...(device ? { device } : {}), ...(item.source?.recordingMethod === "manual" ? { flags: ["manual" as const] } : {}) };
  if (isGlucose) return mapGlucose(mapping, item, { path, place, factor: glucoseFactor(item.value, unit) });
  if (isMeal) {
    if (!(item.value >= 0 && item.value <= MOST_GRAMS)) return mapping.problem(`${path}/value`, "outside what a meal can have");
    const meal = mealOf(item.metadata?.mealType);
    return mapping.add({ record: "treatment", kind: "carbohydrates", vendorId: item.id || null, atMs: startMs, offsetMinutes, amount: item.value, ...(meal ? { meal } : {}), ...(item.metadata?.text ? { text: item.metadata.text.slice(0, 500) } : {}), ...(device ? { device } : {}) });
  }
  const factor = Object.hasOwn(meaning!.units, unit) ? meaning!.units[unit]! : null;
  if (factor === null) return mapping.problem(`${path}/unit`, `not a unit of ${meaning!.metric}`);
  const isInterval = METRICS[meaning!.metric].form === "interval";
  // A day's figure that stands at an instant, and a count that took no time, last a minute.
  const longMs = meaning!.metric === "menstrual_flow" ? DAY_MS : SHORTEST_MS;
  const endMs = stretch.endMs > startMs ? stretch.endMs : startMs + longMs;
  mapping.sample(meaning!.metric, item.value * factor, { ...place, ...(isInterval ? { endMs } : {}) }, `${path}/value`);
}

/** Variability by its method: the key's own name misleads. */
function meaningOf(type: string, { metadata }: Measure): Meaning | null {
  if (type === "HEART_RATE_VARIABILITY") return of((metadata?.method ?? "rmssd").toLowerCase() === "sdnn" ? "hrv_sdnn" : "hrv_rmssd", { "": 1, ms: 1 });
  return Object.hasOwn(MEANINGS, type) ? MEANINGS[type]! : null;
}

const SPECIMENS: Readonly<Record<string, SampleType>> = { capillary_blood: "capillary_whole_blood", capillary: "capillary_whole_blood", plasma: "capillary_plasma", whole_blood: "undetermined_whole_blood" };

/** A sensor in the tissue is a sensor; anything else is a meter, whose meal is kept. */
function mapGlucose(mapping: Mapping, item: Measure, { path, place, factor }: { path: string; place: Parameters<Mapping["sample"]>[2]; factor: number | null }): void {
  if (factor === null) return mapping.problem(`${path}/unit`, "not a unit of glucose");
  const mgDl = item.value! * factor;
  const specimen = (item.metadata?.specimenSource ?? item.metadata?.sampleSourceType ?? "").toLowerCase();
  const isSensor = specimen === "interstitial_fluid";
  const metric = isSensor ? "glucose" : "glucose_meter";
  mapping.sample(metric, mgDl, place, `${path}/value`);
  const { min, max } = METRICS[metric];
  if (isSensor || !(mgDl >= min && mgDl <= max)) return;
  const meal = mealOf(item.metadata?.mealType);
  const mealRelation = relationOf(item.metadata?.relationToMeal);
  const sampleType = Object.hasOwn(SPECIMENS, specimen) ? SPECIMENS[specimen] : undefined;
  mapping.add({
    record: "treatment", kind: "meter_glucose", vendorId: item.id || null, atMs: place.startMs, offsetMinutes: place.offsetMinutes, amount: mgDl, ...(meal ? { meal } : {}),
    ...(mealRelation ? { mealRelation } : {}), ...(sampleType ? { sampleType } : {}), ...(place.device ? { device: place.device } : {}), ...(place.flags?.includes("manual") ? { isManual: true } : {}),
  });
}

function mealOf(text: string | null | undefined): Meal | undefined {
  return MEALS.find((meal) => meal === text?.toLowerCase());
}

function relationOf(text: string | null | undefined): MealRelation | undefined {
  const plain = text?.toLowerCase().replace(/_meal$/, "");
  return plain === "general" ? "casual" : MEAL_RELATIONS.find((relation) => relation === plain);
}

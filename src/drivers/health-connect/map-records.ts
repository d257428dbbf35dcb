/**
 * Health Connect's own records, as the platform's classes have them, → the shape of the bridges, which is then read like any other push. Pure.
 * Source: Health Connect facts, Data endpoints (fields, stage and specimen numbers) and Errors and quirks (glucose factor).
 */
import { z } from "zod";
import { mapBridgePush } from "#driver/bridge/map-push.ts";
import { looseNumber, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";

const envelope = z.looseObject({ records: z.array(z.unknown()), deletedIds: z.array(z.string()).nullish().catch(null) });

type Fields = Readonly<Record<string, unknown>>;

/** The library turns mg/dL into mmol/L and back by 18: the same factor brings the meter's own number back. */
export function glucoseFactor(_value: number, unit: string): number | null {
  if (unit === "mg/dl") return 1;
  return unit === "mmol/l" || unit === "mmol" || unit === "" ? 18 : null;
}

const STAGES = ["unknown", "awake", "sleeping", "out_of_bed", "light", "deep", "rem", "awake_in_bed"];
const SPECIMENS = ["unknown", "interstitial_fluid", "capillary_blood", "plasma", "serum", "tears", "whole_blood"];
const MEALS = ["unknown", "breakfast", "lunch", "dinner", "snack"];
const RELATIONS = ["unknown", "general", "fasting", "before_meal", "after_meal"];

/** One figure of a record: push type, field, unit. Fields may be bare numbers, or objects of the platform's units. */
const SINGLE: Readonly<Record<string, readonly (readonly [type: string, field: string, unit: string])[]>> = {
  StepsRecord: [["STEP_COUNT", "count", "count"]], RestingHeartRateRecord: [["RESTING_HEART_RATE", "beatsPerMinute", "bpm"]],
  HeartRateVariabilityRmssdRecord: [["HEART_RATE_VARIABILITY", "heartRateVariabilityMillis", "ms"]], OxygenSaturationRecord: [["OXYGEN_SATURATION", "percentage", "%"]],
  RespiratoryRateRecord: [["RESPIRATORY_RATE", "rate", "/min"]], BloodPressureRecord: [["BLOOD_PRESSURE_SYSTOLIC", "systolic", "mmHg"], ["BLOOD_PRESSURE_DIASTOLIC", "diastolic", "mmHg"]],
  ActiveCaloriesBurnedRecord: [["ACTIVE_CALORIES_BURNED", "energy", "kcal"]], TotalCaloriesBurnedRecord: [["TOTAL_CALORIES_BURNED", "energy", "kcal"]], DistanceRecord: [["DISTANCE", "distance", "m"]],
  FloorsClimbedRecord: [["FLOORS_CLIMBED", "floors", "count"]], ElevationGainedRecord: [["ELEVATION_GAINED", "elevation", "m"]], HydrationRecord: [["HYDRATION", "volume", "L"]],
  WeightRecord: [["WEIGHT", "weight", "kg"]], HeightRecord: [["HEIGHT", "height", "m"]], BodyFatRecord: [["BODY_FAT", "percentage", "%"]], LeanBodyMassRecord: [["LEAN_BODY_MASS", "mass", "kg"]],
  BoneMassRecord: [["BONE_MASS", "mass", "kg"]], BodyTemperatureRecord: [["BODY_TEMPERATURE", "temperature", "°C"]], BasalBodyTemperatureRecord: [["BASAL_BODY_TEMPERATURE", "temperature", "°C"]],
  SkinTemperatureRecord: [["SKIN_TEMPERATURE", "baseline", "°C"]], Vo2MaxRecord: [["VO2_MAX", "vo2MillilitersPerMinuteKilogram", "mL/kg/min"]], WheelchairPushesRecord: [["WHEELCHAIR_PUSHES", "count", "count"]],
  NutritionRecord: [["CARBOHYDRATES", "totalCarbohydrate", "g"]], MenstruationFlowRecord: [["MENSTRUATION_FLOW", "flow", ""]],
};
const SERIES: Readonly<Record<string, readonly [type: string, list: string, field: string, unit: string]>> = {
  HeartRateRecord: ["HEART_RATE", "samples", "beatsPerMinute", "bpm"], PowerRecord: ["POWER", "samples", "power", "W"], SpeedRecord: ["SPEED", "samples", "speed", "m/s"],
  CyclingPedalingCadenceRecord: ["CYCLING_PEDALING_CADENCE", "samples", "revolutionsPerMinute", "rpm"], StepsCadenceRecord: ["STEPS_CADENCE", "samples", "rate", "/min"],
};

/** Throws ProviderContractBroken when there is no list of records. */
export function mapRecords(payload: unknown, context: MapContext): MapResult {
  const { records, deletedIds } = parseEnvelope(envelope, payload, "list of Health Connect records");
  const found: { records: Fields[]; sleep: Fields[]; workouts: Fields[] } = { records: [], sleep: [], workouts: [] };
  for (const record of records) if (isFields(record)) sort(record, found);
  return mapBridgePush({ data: found, deletedIds }, context, glucoseFactor);
}

function sort(record: Fields, found: { records: Fields[]; sleep: Fields[]; workouts: Fields[] }): void {
  const type = (textOf(record["recordType"]) ?? textOf(record["type"]) ?? "").replace(/^.*\./, "");
  const base = baseOf(record);
  if (type === "SleepSessionRecord") {
    const stages = listOf(record["stages"]);
    const entries = stages.map((stage, index) => ({ ...base, id: `${textOf(base["id"]) ?? ""}-s${index}`, parentId: base["id"], startDate: stage["startTime"], endDate: stage["endTime"], stage: STAGES[looseNumber(stage["stage"]) ?? 0] ?? stage["stage"] }));
    found.sleep.push(...(entries.length > 0 ? entries : [{ ...base, stage: "sleeping" }]));
  } else if (type === "ExerciseSessionRecord") {
    found.workouts.push({ ...base, type: textOf(record["exerciseType"]), title: record["title"] });
  } else if (type === "BloodGlucoseRecord") {
    const { value, unit } = quantityOf(record["level"], "mmol/L");
    const metadata = { specimenSource: SPECIMENS[looseNumber(record["specimenSource"]) ?? 0], mealType: MEALS[looseNumber(record["mealType"]) ?? 0], relationToMeal: RELATIONS[looseNumber(record["relationToMeal"]) ?? 0] };
    found.records.push({ ...base, type: "BLOOD_GLUCOSE", value, unit, metadata });
  } else found.records.push(...figuresOf(type, record, base));
}

function figuresOf(type: string, record: Fields, base: Fields): Fields[] {
  // 0 says that nothing is known of the flow.
  if (type === "MenstruationFlowRecord" && looseNumber(record["flow"]) === 0) return [];
  const metadata = { method: "rmssd", mealType: MEALS[looseNumber(record["mealType"]) ?? 0], text: record["name"] };
  const single = (Object.hasOwn(SINGLE, type) ? SINGLE[type]! : []).flatMap(([name, field, unit]) => (record[field] === undefined || record[field] === null ? [] : [{ ...base, type: name, ...quantityOf(record[field], unit), metadata }]));
  if (type === "SkinTemperatureRecord") {
    return [...single, ...listOf(record["deltas"]).map((delta) => ({ ...base, type: "SKIN_TEMPERATURE_DELTA", startDate: delta["time"], endDate: delta["time"], ...quantityOf(delta["delta"], "°C") }))];
  }
  if (!Object.hasOwn(SERIES, type)) return single;
  const [name, list, field, unit] = SERIES[type]!;
  return listOf(record[list]).map((sample) => ({ ...base, type: name, startDate: sample["time"], endDate: sample["time"], ...quantityOf(sample[field], unit) }));
}

/** Times, writer and device of a record, in the bridges' words. */
function baseOf(record: Fields): Fields {
  const metadata = isFields(record["metadata"]) ? record["metadata"] : {};
  const origin = isFields(metadata["dataOrigin"]) ? metadata["dataOrigin"] : {};
  const device = isFields(metadata["device"]) ? metadata["device"] : {};
  return {
    id: metadata["id"], startDate: record["startTime"] ?? record["time"], endDate: record["endTime"] ?? record["time"], zoneOffset: record["startZoneOffset"] ?? record["zoneOffset"],
    source: { appId: origin["packageName"], deviceManufacturer: device["manufacturer"], deviceModel: device["model"], recordingMethod: looseNumber(metadata["recordingMethod"]) === 3 ? "manual" : "automatic" },
  };
}

/** A number, `{value, unit}`, or `{inKilocalories: …}` as the platform prints its units. */
function quantityOf(value: unknown, unit: string): { readonly value: unknown; readonly unit: string } {
  if (!isFields(value)) return { value, unit };
  if (value["value"] !== undefined) return { value: value["value"], unit: textOf(value["unit"]) ?? unit };
  const [name, inner] = Object.entries(value).find(([key]) => key.startsWith("in")) ?? ["", undefined];
  const units: Readonly<Record<string, string>> = {
    inKilocalories: "kcal", inCalories: "cal", inMeters: "m", inKilometers: "km", inLiters: "L", inMilliliters: "mL", inKilograms: "kg", inGrams: "g", inCelsius: "°C", inMillimetersOfMercury: "mmHg",
    inMillimolesPerLiter: "mmol/L", inMilligramsPerDeciliter: "mg/dL", inWatts: "W", inMetersPerSecond: "m/s",
  };
  return { value: inner, unit: Object.hasOwn(units, name) ? units[name]! : unit };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

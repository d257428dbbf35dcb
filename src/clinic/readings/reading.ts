/** A reading: what a person or a meter measured at a fingertip, one line each, from the diary or from a curve alone. Pure. */
import { READING_TYPES, type Device, type Meal, type MealRelation, type SampleLocation, type SampleType, type SyncSource } from "#driver/records.ts";
import { convertedMmolL } from "#glucose/ranges.ts";
import type { StoredRecord, TreatmentDetails } from "#samples/records.ts";
import type { FlagName } from "#samples/store/flags.ts";
import type { GlucoseUnit } from "#units/glucose.ts";

export interface Reading {
  /** Of the diary: a number. Of a curve alone: `s`, its series, and its instant. */
  readonly id: string;
  readonly provider: string;
  readonly connectionId: string | null;
  readonly atMs: number;
  /** Null where nobody said. */
  readonly offsetMinutes: number | null;
  readonly mgDl: number;
  /** The meter said LO or HI. */
  readonly beyond: "below" | "above" | null;
  /** The unit that it was sent in. */
  readonly unit: GlucoseUnit;
  readonly meal: Meal | null;
  readonly mealRelation: MealRelation | null;
  readonly sampleType: SampleType | null;
  readonly sampleLocation: SampleLocation | null;
  readonly device: Device | null;
  readonly sequence: string | null;
  readonly syncSource: SyncSource;
  readonly note: string | null;
  /** The account that entered it for the person; null where the person did, or a meter. */
  readonly enteredBy: string | null;
}

/** Where a reading rests. */
export type ReadingPlace = { readonly treatmentId: string } | { readonly seriesId: string; readonly startMs: number };

const OF_CURVE = /^s(\d{1,18})-(\d{1,15})$/;

/** The place that an id names; null for what is no id of a reading. */
export function placeOfReading(id: string): ReadingPlace | null {
  const [, seriesId, startMs] = OF_CURVE.exec(id) ?? [];
  if (seriesId !== undefined) return { seriesId, startMs: Number(startMs) };
  return /^\d{1,18}$/.test(id) ? { treatmentId: id } : null;
}

/** The meal that a type means, in either language and any case; null for what is no type. */
export function mealOfType(type: string): Meal | null {
  const word = type.trim().toUpperCase().replace(/[\s-]+/g, "_");
  return (Object.entries(READING_TYPES) as [Meal, { en: string; es: string }][]).find(([, { en, es }]) => en === word || es === word)?.[0] ?? null;
}

/** A line of the diary as a reading; null where it holds no number. */
export function readingOfDiary({ id, provider, connectionId, startMs, offsetMinutes, details }: StoredRecord<TreatmentDetails>): Reading | null {
  if (details.amount === undefined) return null;
  return {
    id, provider, connectionId, atMs: startMs, offsetMinutes, mgDl: details.amount, beyond: details.beyond ?? null, unit: details.sentUnit ?? unitOf(details.amount),
    meal: details.meal ?? null, mealRelation: details.mealRelation ?? null, sampleType: details.sampleType ?? null, sampleLocation: details.sampleLocation ?? null,
    device: details.device ?? null, sequence: details.sequence ?? null, syncSource: details.syncSource ?? sourceOf(provider, details.isManual ?? false), note: details.text ?? null,
    enteredBy: details.enteredBy ?? null,
  };
}

export interface CurveSample {
  readonly seriesId: string;
  readonly provider: string;
  readonly connectionId: string | null;
  readonly deviceId: string;
  readonly deviceName: string | null;
  readonly startMs: number;
  readonly value: number;
  readonly offsetMinutes: number | null;
  readonly flags: readonly FlagName[];
}

/** A meter's sample that stands in no diary. */
export function readingOfCurve({ seriesId, provider, connectionId, deviceId, deviceName, startMs, value, offsetMinutes, flags }: CurveSample): Reading {
  return {
    id: `s${seriesId}-${startMs}`, provider, connectionId, atMs: startMs, offsetMinutes, mgDl: value, unit: unitOf(value),
    beyond: flags.includes("below_range") ? "below" : flags.includes("above_range") ? "above" : null,
    meal: null, mealRelation: null, sampleType: null, sampleLocation: null, device: deviceId === "" ? null : { id: deviceId, ...(deviceName === null ? {} : { name: deviceName }) },
    sequence: null, syncSource: sourceOf(provider, flags.includes("manual")), note: null, enteredBy: null,
  };
}

function unitOf(mgDl: number): GlucoseUnit {
  return convertedMmolL(mgDl) === null ? "mg/dL" : "mmol/L";
}

function sourceOf(provider: string, isManual: boolean): SyncSource {
  if (provider === "import") return "import";
  return isManual || provider === "manual" ? "manual" : "app";
}

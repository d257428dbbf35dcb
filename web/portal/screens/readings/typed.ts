/** What can be typed as a reading: its kinds and units, what is possible in each, and what is wrong with what stands in the form. Pure. */
import { toMmolL } from "#units/glucose.ts";
import { instantIn, numberOf, otherUnitMeant } from "#web/language/readings.ts";
import type { GlucoseUnit } from "#web/client/types.ts";
import type { MessageKey } from "../../messages/translate.ts";

export const KINDS = ["glucose", "carbohydrates", "insulin_rapid", "insulin_long", "exercise", "weight", "ketone", "note"] as const;
export type Kind = (typeof KINDS)[number];
type Measured = Exclude<Kind, "glucose" | "note">;

export const KIND_NAMES: Readonly<Record<Kind, MessageKey>> = {
  glucose: "treatment.meterGlucose", carbohydrates: "treatment.carbohydrates", insulin_rapid: "treatment.insulinRapid", insulin_long: "treatment.insulinLong",
  exercise: "treatment.exercise", weight: "reading.weight", ketone: "reading.ketone", note: "treatment.note",
};

export interface Limits {
  readonly unit: string;
  readonly low: number;
  readonly high: number;
}

/** As the server holds them; a test compares the two. */
const LIMITS: Readonly<Record<Measured, Limits>> = {
  carbohydrates: { unit: "g", low: 0, high: 1_000 }, insulin_rapid: { unit: "U", low: 0, high: 300 }, insulin_long: { unit: "U", low: 0, high: 300 }, exercise: { unit: "min", low: 0, high: 1_440 },
  weight: { unit: "kg", low: 0.2, high: 700 }, ketone: { unit: "mmol/L", low: 0, high: 30 },
};
const GLUCOSE_MG_DL = { low: 10, high: 1_000 };

/** Null for a note, which has no value. */
export function limitsOf(kind: Kind, unit: GlucoseUnit): Limits | null {
  if (kind === "note") return null;
  if (kind !== "glucose") return LIMITS[kind];
  const { low, high } = GLUCOSE_MG_DL;
  return unit === "mg/dL" ? { unit, low, high } : { unit, low: Math.ceil(toMmolL(low) * 10) / 10, high: Math.floor(toMmolL(high) * 10) / 10 };
}

/** As the form holds it; empty for what was not said. */
export interface Typed {
  readonly kind: Kind;
  readonly unit: GlucoseUnit;
  readonly value: string;
  /** `YYYY-MM-DDTHH:MM` in the zone of the page. */
  readonly at: string;
  readonly type: string;
  readonly mealRelation: string;
  readonly sampleType: string;
  readonly sampleLocation: string;
  readonly note: string;
}

/** What a meter shows beyond its range. */
const isBeyond = ({ kind, value }: Typed): boolean => kind === "glucose" && /^\s*(?:hi|lo)\s*$/i.test(value);

const CLOCK_SLACK_MS = 10 * 60_000;

export interface Faults {
  readonly value: "not_number" | "outside" | null;
  readonly at: "no_time" | "future" | null;
  /** The other unit, where the number is one that people have in it. */
  readonly unitMeant: GlucoseUnit | null;
}

export function faultsOf(typed: Typed, zone: string, nowMs: number): Faults {
  const { kind, unit, value, at } = typed;
  const limits = limitsOf(kind, unit);
  const instant = instantIn(zone, at);
  const number = numberOf(value);
  const unitMeant = kind === "glucose" && number !== null ? otherUnitMeant(number, unit) : null;
  return {
    value: limits === null || isBeyond(typed) ? null : number === null ? "not_number" : number < limits.low || number > limits.high ? "outside" : null,
    at: instant === null ? "no_time" : Date.parse(instant) > nowMs + CLOCK_SLACK_MS ? "future" : null,
    unitMeant,
  };
}

/** As the API takes it. @param id the same however often the form is sent, so that it is stored once */
export function readingOf(typed: Typed, zone: string, id: string): Record<string, string> {
  const { kind, unit, value, at, type, mealRelation, sampleType, sampleLocation, note } = typed;
  const limits = limitsOf(kind, unit);
  const said = kind === "glucose" ? { type, mealRelation, sampleType, sampleLocation, note } : { note };
  return {
    id, kind, at: instantIn(zone, at) ?? at, ...(limits === null ? {} : { value: value.trim().replace(",", "."), unit: limits.unit }),
    ...Object.fromEntries(Object.entries(said).map(([name, text]) => [name, text.trim()] as const).filter(([, text]) => text !== "")),
  };
}

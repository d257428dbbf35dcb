/** The form of a patient's target: what stands in it, what is wrong with it field by field, what is sent. Pure. */
import type { Body } from "#web/client/operation-client.ts";
import type { GlucoseUnit } from "#web/client/types.ts";
import { numberOf, otherUnitMeant } from "#web/language/readings.ts";
import type { Target } from "../../patient.ts";
import type { Ranges } from "../../period.ts";

/** Ascending. */
export const THRESHOLDS = ["veryLow", "low", "high", "veryHigh"] as const;
export type Threshold = (typeof THRESHOLDS)[number];
export const GOALS = ["target", "below", "veryLow", "above", "veryHigh"] as const;
export type Goal = (typeof GOALS)[number];

/** As it is typed; what was left empty is no goal. */
export interface TargetForm {
  readonly preset: Ranges;
  /** In which the thresholds are typed. */
  readonly boundsUnit: GlucoseUnit;
  readonly bounds: Readonly<Record<Threshold, string>>;
  readonly hasOwnGoals: boolean;
  readonly goals: Readonly<Record<Goal, string>>;
  /** In which the clinic wants to see the patient; empty: as each reader has it. */
  readonly unit: GlucoseUnit | "";
}

/** What can be wrong with a field. */
export type Fault = "number" | "order" | "percent" | "otherUnit";
export interface Faults {
  readonly bounds: Partial<Readonly<Record<Threshold, Fault>>>;
  readonly goals: Partial<Readonly<Record<Goal, Fault>>>;
}

const textOf = (value: number, decimals: number): string => String(Number(value.toFixed(decimals)));

/** Begins with what holds now. */
export function formOf({ preset, thresholds, goals, hasOwnGoals, unit }: Target, boundsUnit: GlucoseUnit): TargetForm {
  const shown = thresholds[boundsUnit];
  return {
    preset, boundsUnit, hasOwnGoals, unit: unit ?? "",
    bounds: Object.fromEntries(THRESHOLDS.map((name) => [name, textOf(shown[name], boundsUnit === "mg/dL" ? 0 : 1)])) as Record<Threshold, string>,
    goals: Object.fromEntries(GOALS.map((name) => [name, goals[name] === null ? "" : textOf(goals[name], 1)])) as Record<Goal, string>,
  };
}

function boundsFaults({ bounds, boundsUnit }: TargetForm): Faults["bounds"] {
  const faults: Partial<Record<Threshold, Fault>> = {};
  let before: number | null = null;
  for (const name of THRESHOLDS) {
    const value = numberOf(bounds[name]);
    if (value === null || value === 0) faults[name] = "number";
    else if (otherUnitMeant(value, boundsUnit) !== null) faults[name] = "otherUnit";
    // Very low may be low, and very high high: then there is no such band.
    else if (before !== null && (name === "high" ? value <= before : value < before)) faults[name] = "order";
    if (value !== null) before = value;
  }
  return faults;
}

function goalsFaults({ goals }: TargetForm): Faults["goals"] {
  const faults: Partial<Record<Goal, Fault>> = {};
  for (const name of GOALS) {
    if (goals[name].trim() === "") continue;
    const value = numberOf(goals[name]);
    if (value === null || value > 100) faults[name] = "percent";
  }
  return faults;
}

export function faultsOf(form: TargetForm): Faults {
  return { bounds: form.preset === "custom" ? boundsFaults(form) : {}, goals: form.hasOwnGoals ? goalsFaults(form) : {} };
}

export const isSound = ({ bounds, goals }: Faults): boolean => Object.keys(bounds).length === 0 && Object.keys(goals).length === 0;

/** What is sent of a form without faults. */
export function bodyOf({ preset, boundsUnit, bounds, hasOwnGoals, goals, unit }: TargetForm): Body<"put /patients/{patientId}/targets"> {
  const typed = (text: string): number => numberOf(text) ?? 0;
  return {
    preset, unit: unit === "" ? null : unit,
    bounds: preset === "custom" ? { unit: boundsUnit, veryLow: typed(bounds.veryLow), low: typed(bounds.low), high: typed(bounds.high), veryHigh: typed(bounds.veryHigh) } : null,
    goals: hasOwnGoals ? { target: numberOf(goals.target), below: numberOf(goals.below), veryLow: numberOf(goals.veryLow), above: numberOf(goals.above), veryHigh: numberOf(goals.veryHigh) } : null,
  };
}

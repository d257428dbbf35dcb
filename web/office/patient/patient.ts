/** Whose page it is: what the page's parts ask for instead of being handed it. */
import { createContext, useContext } from "react";
import { useSearchParams } from "react-router-dom";
import type { Reply } from "#web/client/operation-client.ts";
import { useFormatter } from "../messages/words.ts";
import { useStaff } from "../session/staff.ts";
import { RANGE_PRESETS } from "#glucose/range-presets.ts";
import { type Period, periodOf, type PeriodQuery, presetOf, queryOf, type Ranges, rangesQueryOf, withPeriod } from "./period.ts";

export type PatientShown = Reply<"get /patients/{patientId}">;
export type Target = Reply<"get /patients/{patientId}/targets">["current"];

interface OnPage {
  readonly patient: PatientShown;
  /** What the clinic holds this patient's glucose against; null where it could not be asked. */
  readonly target: Target | null;
}

const PatientContext = createContext<OnPage | null>(null);
export const PatientProvider = PatientContext;

/** The patient; numbers and times as the signed-in person reads them, times in the patient's zone. */
export function usePatient() {
  const onPage = useContext(PatientContext);
  if (!onPage) throw new Error("usePatient needs a PatientProvider above it.");
  const { patient, target } = onPage;
  const { unit } = useStaff();
  const f = useFormatter(patient.zone);
  return { patient, target, patientId: patient.id, zone: patient.zone, unit, f, path: { patientId: patient.id } };
}

export interface PeriodChoice {
  readonly period: Period;
  readonly preset: Ranges;
  /** The ranges where the address names none. */
  readonly targetPreset: Ranges;
  readonly isCompared: boolean;
  /** What analyses of any span are asked for to go by these ranges. */
  readonly ranges: { readonly preset: Ranges; readonly bounds?: string; readonly unit: ReturnType<typeof usePatient>["unit"] };
  /** What the analyses of the period are asked for. */
  readonly query: PeriodQuery & PeriodChoice["ranges"];
  /** Of these ranges, in mg/dL. */
  readonly thresholds: Target["thresholds"]["mg/dL"];
  /** The goals that the clinic chose with these ranges; null where they are those of the preset. */
  readonly ownGoals: Target["goals"] | null;
  readonly setPeriod: (period: Period) => void;
  readonly setPreset: (preset: Ranges) => void;
  readonly setCompared: (isCompared: boolean) => void;
}

/** The period, ranges and comparison that the address asks for; the ranges are the patient's target where it names none. */
export function usePeriod(): PeriodChoice {
  const { zone, unit, target } = usePatient();
  const [address, setAddress] = useSearchParams();
  const period = periodOf(address);
  const targetPreset = target?.preset ?? "standard";
  const preset = presetOf(address, targetPreset);
  const thresholds = target !== null && preset === "custom" ? target.thresholds : RANGE_PRESETS[preset === "custom" ? "standard" : preset].bounds;
  const ranges = { ...rangesQueryOf(preset, thresholds[unit]), unit };
  const set = (name: string, value: string | null): void => {
    const next = new URLSearchParams(address);
    if (value === null) next.delete(name);
    else next.set(name, value);
    setAddress(next, { replace: true });
  };
  return {
    period, preset, targetPreset, isCompared: address.get("compare") === "1", ranges, query: { ...queryOf(period, zone), ...ranges }, thresholds: thresholds["mg/dL"],
    ownGoals: target?.hasOwnGoals && preset === target.preset ? target.goals : null,
    setPeriod: (chosen) => setAddress(withPeriod(address, chosen), { replace: true }),
    setPreset: (chosen) => set("preset", chosen === targetPreset ? null : chosen),
    setCompared: (isCompared) => set("compare", isCompared ? "1" : null),
  };
}

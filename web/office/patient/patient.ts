/** Whose page it is: what the page's parts ask for instead of being handed it. */
import { createContext, useContext } from "react";
import { useSearchParams } from "react-router-dom";
import type { Reply } from "#web/client/operation-client.ts";
import { useFormatter } from "../messages/words.ts";
import { useStaff } from "../session/staff.ts";
import { type Period, periodOf, type PeriodQuery, type Preset, presetOf, queryOf, withPeriod } from "./period.ts";

export type PatientShown = Reply<"get /patients/{patientId}">;

const PatientContext = createContext<PatientShown | null>(null);
export const PatientProvider = PatientContext;

/** The patient; numbers and times as the signed-in person reads them, times in the patient's zone. */
export function usePatient() {
  const patient = useContext(PatientContext);
  if (!patient) throw new Error("usePatient needs a PatientProvider above it.");
  const { unit } = useStaff();
  const f = useFormatter(patient.zone);
  return { patient, patientId: patient.id, zone: patient.zone, unit, f, path: { patientId: patient.id } };
}

export interface PeriodChoice {
  readonly period: Period;
  readonly preset: Preset;
  readonly isCompared: boolean;
  /** What the analyses are asked for. */
  readonly query: PeriodQuery & { readonly preset: Preset; readonly unit: ReturnType<typeof usePatient>["unit"] };
  readonly setPeriod: (period: Period) => void;
  readonly setPreset: (preset: Preset) => void;
  readonly setCompared: (isCompared: boolean) => void;
}

/** The period, ranges and comparison that the address asks for. */
export function usePeriod(): PeriodChoice {
  const { zone, unit } = usePatient();
  const [address, setAddress] = useSearchParams();
  const period = periodOf(address);
  const preset = presetOf(address);
  const set = (name: string, value: string | null): void => {
    const next = new URLSearchParams(address);
    if (value === null) next.delete(name);
    else next.set(name, value);
    setAddress(next, { replace: true });
  };
  return {
    period, preset, isCompared: address.get("compare") === "1", query: { ...queryOf(period, zone), preset, unit },
    setPeriod: (chosen) => setAddress(withPeriod(address, chosen), { replace: true }),
    setPreset: (chosen) => set("preset", chosen === "standard" ? null : chosen),
    setCompared: (isCompared) => set("compare", isCompared ? "1" : null),
  };
}

/** What a request for an appointment is, and what is written down with it. */
import type { GlucoseUnit } from "#units/glucose.ts";
import type { Reasons } from "./motives.ts";
import type { AppointmentState } from "./state-machine.ts";

export const PRIORITIES = ["normal", "high", "urgent"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Of which request of which patient. */
export interface AppointmentRef {
  readonly patientId: string;
  readonly appointmentId: string;
}

/** Whoever is named in it: null for an account that is gone, and for time itself. */
export interface Person {
  readonly userId: string;
  readonly displayName: string;
}

export interface Appointment extends Reasons {
  readonly id: string;
  readonly patientId: string;
  readonly state: AppointmentState;
  readonly isEmergency: boolean;
  readonly priority: Priority;
  /** The clinic's own words: not for the patient. */
  readonly priorityReason: string | null;
  readonly requestedMs: number;
  /** Since when in this state. */
  readonly stateMs: number;
  readonly handledBy: Person | null;
  readonly denialReason: string | null;
  readonly version: number;
}

/** As people write a dose: in their own words, or as a number with its unit. Nothing is computed from it. */
export type Dose = string | { readonly amount: number; readonly unit: string };

/** What the patient tells before the appointment. Kept as said. */
export interface Details {
  /** In the unit that the person uses. */
  readonly glucoseObjective: { readonly value: number; readonly unit: GlucoseUnit } | null;
  readonly insulinType: string | null;
  readonly dose: Dose | null;
  readonly fastInsulin: string | null;
  readonly fixedDose: Dose | null;
  /** Grams of carbohydrate for a unit, in the person's words. */
  readonly ratio: string | null;
  readonly sensitivity: string | null;
  readonly pumpType: string | null;
  readonly otherTreatment: string | null;
}

/** What the clinician decided, in their own words: stored and shown, never computed. */
export interface Resolution {
  readonly changeBasal: { readonly type: string | null; readonly dose: Dose | null; readonly time: string | null };
  readonly changeFast: { readonly type: string | null; readonly ratio: string | null; readonly sensitivity: string | null };
  readonly needsEmergencyCare: boolean;
  readonly needsPhysicalAppointment: boolean;
  readonly text: string | null;
}

/** One version of what was written, with its author. */
export interface Version<T> {
  readonly version: number;
  readonly content: T;
  readonly author: Person | null;
  readonly writtenMs: number;
}

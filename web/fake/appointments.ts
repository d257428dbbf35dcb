/** Invented requests for appointments, in the API's shapes, for tests of their page. */
import { HOUR_MS } from "#units/time.ts";
import type { AppointmentState, AppointmentWhole, CurrentAppointment } from "#web/client/appointments.ts";
import { IDS } from "./people.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const EMERGENCY = { text: "Call the ward now.", phone: "+34 600 000 000" };
const RUIZ = { userId: IDS.organization, displayName: "Dr Ruiz" };

export const REQUEST_ID = "00000000-0000-4000-8000-0000000000a1";

/** A request in a state, with what belongs to it by then. */
export function fakeRequest(state: AppointmentState, nowMs: number, change: Partial<AppointmentWhole> = {}): AppointmentWhole {
  const isOpen = state === "pending" || state === "accepted" || state === "created";
  const hasDetails = state === "created" || state === "resolved";
  return {
    id: REQUEST_ID, patientId: IDS.patient, state, motives: ["adjustment", "questions"], otherMotive: null, isSevere: false, isEmergency: false, priority: "normal", requestedAt: iso(nowMs - 5 * HOUR_MS),
    stateSince: iso(nowMs - HOUR_MS), handledBy: state === "pending" ? null : RUIZ, denialReason: state === "denied" ? "Your family doctor writes these." : null, version: 2, position: isOpen ? 3 : null,
    details: hasDetails ? {
      glucoseObjective: { value: 6.5, unit: "mmol/L" }, insulinType: "Glargine", dose: { amount: 18, unit: "U" }, fastInsulin: null, fixedDose: "4 U at dinner", ratio: null, sensitivity: null, pumpType: null,
      otherTreatment: null, version: 1, author: null, writtenAt: iso(nowMs - HOUR_MS),
    } : null,
    resolution: state === "resolved" ? {
      changeBasal: { type: null, dose: "16 U", time: "22:00" }, changeFast: { type: null, ratio: null, sensitivity: null }, needsEmergencyCare: false, needsPhysicalAppointment: true, text: "See you\non Tuesday.",
      version: 2, author: RUIZ, writtenAt: iso(nowMs - HOUR_MS),
    } : null,
    controlData: hasDetails ? [{ id: "f1", name: "march.pdf", mediaType: "application/pdf", sizeBytes: 2_048, sha256: "0".repeat(64), addedAt: iso(nowMs) }] : [], history: [], emergency: null, ...change,
  };
}

/** What one path below the patient answers; undefined where it is none of these. */
export function fakeAppointments(path: string, request: AppointmentWhole | null, isTaking = true): unknown {
  const isOpen = request !== null && ["pending", "accepted", "created"].includes(request.state);
  if (path.endsWith("/appointments/current")) {
    return { state: request?.state ?? "none", appointment: isOpen ? request : null, position: request?.position ?? null, isTaking, emergency: EMERGENCY } satisfies CurrentAppointment;
  }
  if (path.endsWith("/appointments")) return { data: request ? [request] : [], nextCursor: null };
  return request && path.endsWith(`/appointments/${request.id}`) ? { ...request, emergency: request.isEmergency ? EMERGENCY : null } : undefined;
}

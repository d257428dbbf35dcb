/** Requests in each state for the demo's clinic, so that a newcomer sees a queue. Made by the moves that everybody makes, with times that lie behind. */
import type { Database, Tx } from "#db/database.ts";
import { HOUR_MS } from "#units/time.ts";
import { NO_REASONS, type Reasons } from "./motives.ts";
import { askForAppointment, moveAppointment, type Mover } from "./moves.ts";
import type { Appointment, Details, Priority, Resolution } from "./types.ts";
import { writeDetails, writeResolution } from "./writing.ts";

export interface DemoQueue {
  readonly organizationId: string;
  readonly clinicianId: string;
  /** In the order of the demo's patients. */
  readonly patientIds: readonly string[];
  readonly nowMs: number;
}

interface Story extends Partial<Reasons> {
  readonly hoursAgo: number;
  readonly end: "pending" | "accepted" | "created" | "resolved" | "denied" | "cancelled";
  readonly priority?: Priority;
}

const STORIES: readonly Story[] = [
  { hoursAgo: 5, end: "pending", motives: ["questions"] },
  { hoursAgo: 0.4, end: "pending", motives: ["hypoglycaemia"], isSevere: true },
  { hoursAgo: 26, end: "accepted", motives: ["adjustment"] },
  { hoursAgo: 50, end: "created", motives: ["adjustment", "hyperglycaemia"] },
  { hoursAgo: 30, end: "created", motives: ["hyperglycaemia"], priority: "high" },
  { hoursAgo: 96, end: "resolved", motives: ["adjustment"] },
  { hoursAgo: 120, end: "denied", motives: ["other"], otherMotive: "Un certificado para el gimnasio" },
  { hoursAgo: 72, end: "cancelled", motives: ["questions"] },
  { hoursAgo: 9, end: "pending", motives: ["other"], otherMotive: "A journey across seven time zones" },
];

const DETAILS: Details = {
  glucoseObjective: { value: 110, unit: "mg/dL" }, insulinType: "Glargina", dose: { amount: 18, unit: "U" }, fastInsulin: "Lispro", fixedDose: null, ratio: "1 U / 10 g", sensitivity: "1 U / 50 mg/dL", pumpType: null,
  otherTreatment: null,
};
const RESOLUTION: Resolution = {
  changeBasal: { type: null, dose: null, time: "22:00" }, changeFast: { type: null, ratio: null, sensitivity: null }, needsEmergencyCare: false, needsPhysicalAppointment: true,
  text: "Invented for the demo: let us look at your evenings together on Tuesday.",
};

/** Makes them once: nothing where the clinic has ever had a request. Gives how many. */
export async function ensureDemoQueue(database: Database, queue: DemoQueue): Promise<number> {
  return database.withOrganization(queue.organizationId, async (tx) => {
    const [any] = await tx.query("select 1 from appointments limit 1");
    if (any) return 0;
    const told = STORIES.slice(0, queue.patientIds.length);
    for (const [index, story] of told.entries()) await tell(tx, queue, story, queue.patientIds[index]!);
    return told.length;
  });
}

async function tell(tx: Tx, { organizationId, clinicianId, nowMs }: DemoQueue, { hoursAgo, end, priority, ...reasons }: Story, patientId: string): Promise<void> {
  const at = (share: number): number => Math.round(nowMs - hoursAgo * HOUR_MS * (1 - share));
  const patient = (share: number): Mover => ({ organizationId, userId: null, kind: "patient", nowMs: at(share) });
  const clinician = (share: number): Mover => ({ organizationId, userId: clinicianId, kind: "clinician", nowMs: at(share) });
  const asked = await askForAppointment(tx, patient(0), { patientId, ...NO_REASONS, ...reasons, locale: "en" });
  const ref = { patientId, appointmentId: asked.id };
  const step = (mover: Mover, wish: Omit<Parameters<typeof moveAppointment>[2], "appointmentId" | "ifVersion">): Promise<Appointment> => moveAppointment(tx, mover, { ...ref, ifVersion: null, ...wish });
  if (priority) await step(clinician(0.1), { move: "prioritize", set: { priority, priorityReason: "Invented for the demo." }, reason: "Invented for the demo." });
  if (end === "pending") return;
  if (end === "denied") return void (await step(clinician(0.2), { move: "deny", reason: "Your family doctor writes these.", set: { denialReason: "Your family doctor writes these." } }));
  if (end === "cancelled") return void (await step(patient(0.2), { move: "cancel" }));
  await step(clinician(0.2), { move: "accept" });
  if (end === "accepted") return;
  const created = await writeDetails(tx, patient(0.3), ref, { details: DETAILS, reasons: null, ifVersion: null });
  if (end === "resolved") await writeResolution(tx, clinician(0.6), asked.id, { resolution: RESOLUTION, ifVersion: created.version });
}

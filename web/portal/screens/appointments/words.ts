/** Which message says what of a request. */
import type { AppointmentState, Motive } from "#web/client/appointments.ts";
import type { MessageKey } from "../../messages/translate.ts";

export const MOTIVE_NAMES: Readonly<Record<Motive, MessageKey>> = {
  adjustment: "motive.adjustment", hypoglycaemia: "motive.hypoglycaemia", hyperglycaemia: "motive.hyperglycaemia", ketosis: "motive.ketosis", questions: "motive.questions", other: "motive.other",
};
export const MOTIVES = Object.keys(MOTIVE_NAMES) as Motive[];

export const STATE_NAMES: Readonly<Record<AppointmentState, MessageKey>> = {
  pending: "request.pending", accepted: "request.accepted", created: "request.created", resolved: "request.resolved", denied: "request.denied", cancelled: "request.cancelled", expired: "request.expired",
};

/** As the server has it: what the person says, not what anybody judged. */
export function isEmergency(motives: readonly Motive[], isSevere: boolean): boolean {
  return motives.includes("ketosis") || (isSevere && motives.includes("hypoglycaemia"));
}

/** Requests as the clinic's operations answer them. */
import type { Reply } from "#web/client/operation-client.ts";

export type Line = Reply<"get /appointments">["data"][number];
export type Whole = Reply<"get /appointments/{appointmentId}">;
export type Queue = Reply<"get /appointment-queue">;
export type State = Line["state"];

export const LINE_STATES = ["pending", "accepted", "created"] as const;
export const ENDED_STATES = ["resolved", "denied", "cancelled", "expired"] as const;
export type EndedState = (typeof ENDED_STATES)[number];

/** Days, hours or minutes since then. */
export function ageSeconds(at: string, nowMs: number): number {
  return Math.max(0, (nowMs - Date.parse(at)) / 1000);
}

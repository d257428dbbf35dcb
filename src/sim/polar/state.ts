/** What outlives the process: who is registered, and how the webhook stands. */

import { z } from "zod";

export const POLAR_EVENTS = [
  "EXERCISE", "SLEEP", "CONTINUOUS_HEART_RATE", "SLEEP_WISE_CIRCADIAN_BEDTIME", "SLEEP_WISE_ALERTNESS", "ACTIVITY_SUMMARY", "PHYSICAL_INFORMATION",
] as const;
export type PolarEvent = (typeof POLAR_EVENTS)[number];

export const stateSchema = z.object({
  /** By person. */
  users: z.record(z.string(), z.object({ memberId: z.string(), registeredMs: z.number() })),
  events: z.array(z.enum(POLAR_EVENTS)),
  lastSuccessMs: z.number(),
});
export type PolarState = z.infer<typeof stateSchema>;

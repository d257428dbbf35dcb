/** Shape of how steadily somebody measures. */
import { z } from "zod";

const localDate = z.string().describe("Local date, YYYY-MM-DD.");

export const measuringStreakReply = z.object({
  timesMeasured: z.number().int().describe("Values over all time; a finger-stick that two vendors tell of counts once."),
  currentDays: z.number().int().describe("Local days in a row up to today, or up to yesterday while today has no value."),
  longestDays: z.number().int(),
  longestFrom: localDate.nullable().describe("First local date of the longest streak, the latest of equal ones; null where nothing was measured."),
  longestTo: localDate.nullable(),
  lastMeasuredOn: localDate.nullable(),
  asOf: localDate.describe("The local date that is today, up to which it counts."),
});
export type MeasuringStreakReply = z.infer<typeof measuringStreakReply>;

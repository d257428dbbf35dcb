/** What may be asked of a clinic's list. It is no part of the document by itself: routes spell it out. */
import { z } from "zod";
import { AGE_CLASSES, APPOINTMENT_CHOICES, SORTS } from "#clinic/population/filter.ts";
import { CONNECTION_HEALTHS } from "#clinic/population/groups.ts";
import { GROUPS } from "#clinic/population/rules.ts";
import { TARGET_PRESETS } from "#clinic/targets/target.ts";

/** Some of these words, between commas. */
function listOf(words: readonly string[]): z.ZodString {
  const any = `(?:${words.join("|")})`;
  return z.string().max(400).regex(new RegExp(`^${any}(?:,${any})*$`), `some of ${words.join(", ")}, between commas`);
}

const flagText = z.enum(["true", "false"]);

export const populationQuery = z.object({
  days: z.enum(["7", "14", "30", "90"]).default("14").describe("Whole local days before today."),
  tags: z.string().max(2_000).optional().describe("Ids between commas."), tagsMatch: z.enum(["any", "all"]).default("any"), untagged: flagText.optional(),
  timeInRangeFrom: z.coerce.number().min(0).max(100).optional(), timeInRangeBelow: z.coerce.number().min(0).max(100).optional(),
  timeBelowFrom: z.coerce.number().min(0).max(100).optional().describe("Low and very low together, percent."), veryLowFrom: z.coerce.number().min(0).max(100).optional(),
  timeAboveFrom: z.coerce.number().min(0).max(100).optional(), veryHighFrom: z.coerce.number().min(0).max(100).optional(),
  wearBelow: z.coerce.number().min(0).max(100).optional(), wearFrom: z.coerce.number().min(0).max(100).optional(),
  noDataDays: z.coerce.number().min(0).max(3_650).optional().describe("No reading for more than so many days, or never."), age: listOf(AGE_CLASSES).optional().describe(`Of the last reading: some of ${AGE_CLASSES.join(", ")}.`),
  connection: listOf(CONNECTION_HEALTHS).optional().describe(`Some of ${CONNECTION_HEALTHS.join(", ")}.`), reviewedBefore: z.string().max(40).optional().describe("RFC 3339 instant: not reviewed since, or never."),
  group: listOf(GROUPS).optional().describe("Listed in one of these."), flag: listOf(GROUPS).optional().describe("In one of these, wherever listed."), snoozed: flagText.optional(),
  preset: listOf(TARGET_PRESETS).optional(), appointment: listOf(APPOINTMENT_CHOICES).optional().describe(`By the open request: some of ${APPOINTMENT_CHOICES.join(", ")}.`),
  sort: z.enum(SORTS).default("name"), order: z.enum(["asc", "desc"]).default("asc").describe("Who has no such number comes last in both."),
  limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(600).optional(),
});

export type PopulationQuery = z.output<typeof populationQuery>;

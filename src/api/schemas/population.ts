/** Shapes of a clinic's view of all its patients: the list, the groups, tags, targets and reviews. */
import { z } from "zod";
import { OPEN_STATES } from "#clinic/appointments/state-machine.ts";
import { AGE_CLASSES } from "#clinic/population/filter.ts";
import { CONNECTION_HEALTHS } from "#clinic/population/groups.ts";
import { LONGEST_SNOOZE_DAYS } from "#clinic/population/reviews.ts";
import { GROUPS, RULE_LIMITS, RULE_NAMES, type RuleName } from "#clinic/population/rules.ts";
import { COLORS } from "#clinic/tags/tags.ts";
import { TARGET_PRESETS } from "#clinic/targets/target.ts";
import { glucoseUnit, instant, plainText, uuid } from "./common.ts";
import { populationQuery } from "./population-query.ts";

const words = z.object({ en: z.string(), es: z.string() });
const percent = z.number().min(0).max(100);
const group = z.enum(GROUPS);

export const tag = z.object({ id: uuid, name: z.string(), color: z.int().describe("Place in the pages' palette, 0 to 11.") });
export const patientTags = z.object({ data: z.array(tag) });
export const tagList = z.object({ data: z.array(tag.extend({ patients: z.int().describe("How many of the clinic's patients carry it, whoever sees them.") })) });
const tagName = plainText.trim().min(1).max(40);
const color = z.int().min(0).max(COLORS - 1);
export const tagRequest = z.strictObject({ name: tagName, color });
export const tagPatch = z.strictObject({ name: tagName, color }).partial();
export const taggingRequest = z.strictObject({
  add: z.array(z.string().max(40)).max(1_000).default([]).describe("Patients who get the tag."), remove: z.array(z.string().max(40)).max(1_000).default([]).describe("Patients who lose it."),
});
export const taggingReply = z.object({ added: z.array(uuid).describe("Who did not have it."), removed: z.array(uuid).describe("Who had it.") });

const goal = percent.nullable();
const goals = z.object({
  target: goal.describe("In target: at least."), below: goal.describe("Below target, very low included: less than."), veryLow: goal, above: goal.describe("Above target, very high included: less than."), veryHigh: goal,
});
const thresholds = z.object({ veryLow: z.number(), low: z.number(), high: z.number(), veryHigh: z.number(), tightHigh: z.number() });
export const target = z.object({
  preset: z.enum(TARGET_PRESETS), thresholds: z.object({ "mg/dL": thresholds, "mmol/L": thresholds }).describe("Very low: below. Low: below. High: above. Very high: above."),
  goals: goals.describe("Percent of readings; null: no such goal."), hasOwnGoals: z.boolean().describe("False: the preset's."),
  unit: glucoseUnit.nullable().describe("In which the clinic wants to see this patient; null: the viewer's."),
  setAt: instant.nullable().describe("Null: nobody chose one, and the standard one holds."), setBy: uuid.nullable(), setByName: z.string().nullable(),
});
export const targetList = z.object({ current: target, history: z.array(target).describe("All that were set, the newest first.") });
export const targetRequest = z.strictObject({
  preset: z.enum(TARGET_PRESETS),
  bounds: z.strictObject({ unit: glucoseUnit, veryLow: z.number(), low: z.number(), high: z.number(), veryHigh: z.number() }).nullable().default(null).describe("With `custom` only: four thresholds that ascend."),
  goals: goals.strict().nullable().default(null).describe("Null: those of the preset."), unit: glucoseUnit.nullable().default(null),
});

export const review = z.object({
  id: z.string(), reviewedAt: instant, reviewedBy: uuid, reviewedByName: z.string().nullable(),
  snooze: z.object({ until: instant, reason: z.string(), groups: z.array(group).describe("In which the patient was then: another one shows the patient again.") }).nullable(),
});
export const reviewList = z.object({ data: z.array(review), undoUntil: instant.nullable().describe("Until when I can undo the newest; null: I cannot.") });
export const reviewRequest = z.strictObject({
  snooze: z.strictObject({ until: z.string().max(40).describe(`RFC 3339 instant within ${LONGEST_SNOOZE_DAYS} days.`), reason: plainText.trim().min(3).max(200) }).nullable().default(null),
});

const flag = z.object({
  group, title: words, value: z.number().nullable().describe("Percent, points or days; null where it is no number."), threshold: z.number().nullable(),
  isLowData: z.boolean().describe("Found in less readings than one should judge by."),
});
const events = z.object({ level1: z.number(), level2: z.number() }).nullable();
const glucoseValue = z.object({ mgDl: z.number(), mmolL: z.number() });
export const clinicPatient = z.object({
  id: uuid, displayName: z.string(), zone: z.string(), isEmergency: z.boolean().describe("Reached by access in an emergency."),
  days: z.int(), from: instant.nullable(), to: instant.nullable().describe("End of the last whole local day that is in the numbers."),
  asOf: instant.nullable().describe("When the numbers were made; null: nothing was measured."), isBehind: z.boolean().describe("Something has changed since that is not in the numbers yet."),
  lastData: z.object({ at: instant, ageSeconds: z.number(), value: glucoseValue }).nullable(), age: z.enum(AGE_CLASSES).describe("Of the last reading."),
  readings: z.int(), daysRead: z.int(),
  ranges: z.object({ veryLow: z.number(), low: z.number(), target: z.number(), high: z.number(), veryHigh: z.number(), tight: z.number() }).nullable().describe("Percent of readings by the patient's own target."),
  timeInRange: z.number().nullable(), timeBelow: z.number().nullable().describe("Very low included."), timeAbove: z.number().nullable(), mean: glucoseValue.nullable(), sd: glucoseValue.nullable(),
  cvPercent: z.number().nullable(), gmiPercent: z.number().nullable().describe("Null under 70 % of the expected readings."), wearPercent: z.number().nullable(),
  change: z.object({ points: z.number(), daysBefore: z.int() }).nullable().describe("Of time in range, against as many days just before."),
  lowEvents: events.describe("Episodes below the consensus' thresholds, whatever the target; level 1 counts those of level 2, too."), highEvents: events,
  connection: z.object({ health: z.enum(CONNECTION_HEALTHS), vendors: z.array(z.object({ provider: z.string(), name: z.string(), health: z.enum(["error", "reconnect", "ok"]), lastSyncAt: instant.nullable() })) }),
  tags: z.array(tag), target: target.pick({ preset: true, goals: true, hasOwnGoals: true, unit: true, thresholds: true }),
  isTargetMet: z.boolean().nullable().describe("Null: there are no goals, or too little data to say."),
  lastReview: review.nullable(), group: group.nullable().describe("Where the patient is listed: the first of the flags."), flags: z.array(flag), isSnoozed: z.boolean(),
  appointment: z.object({ id: uuid, state: z.enum(OPEN_STATES), requestedAt: instant, stateAt: instant.describe("Since when in this state."), ageSeconds: z.number().describe("Since then.") }).nullable().describe("The open request; null: there is none, or its patient shares with the clinic no more."),
  account: z.object({ userId: uuid, isBlocked: z.boolean().describe("Nobody signs in by it.") }).nullable().describe("Null: the record has no account."),
});
export const clinicPatientList = z.object({
  asOf: instant, days: z.int(), data: z.array(clinicPatient), total: z.int().describe("All that the filters show."), all: z.int().describe("All whom I may see."), nextCursor: z.string().nullable(), notice: z.string(),
});

export const populationSearch = z.strictObject({
  text: plainText.trim().min(1).max(100).describe("Parts of a name without regard to accents and case, a whole national id, or the beginning of a hospital account."),
  filters: populationQuery.strict().prefault({}).describe("As the query of GET /clinic/patients."),
});

export const attentionGroup = z.object({
  group, title: words, rule: words.describe("With the clinic's numbers."), count: z.int().describe("Listed here, without who is snoozed."), snoozed: z.int(),
  patients: z.array(clinicPatient).describe("The first of them, the most reviewed ago first."),
});
export const attention = z.object({ asOf: instant, days: z.int(), groups: z.array(attentionGroup), ungrouped: z.int(), snoozed: z.int(), notice: z.string() });

const ruleShape = Object.fromEntries(RULE_NAMES.map((name) => [name, z.number().min(RULE_LIMITS[name][0]).max(RULE_LIMITS[name][1])])) as Record<RuleName, z.ZodNumber>;
const rulesShape = z.object(ruleShape);
const ruleName = z.enum(RULE_NAMES as [RuleName, ...RuleName[]]);
export const attentionRules = z.object({
  rules: rulesShape, defaults: rulesShape, limits: z.array(z.object({ name: ruleName, least: z.number(), most: z.number() })),
  groups: z.array(z.object({ group, title: words, rule: words, by: ruleName.nullable().describe("By which of the numbers; null: by none.") })),
  updatedAt: instant.nullable(), updatedBy: uuid.nullable(), updatedByName: z.string().nullable(), version: z.int().describe("As the ETag has it; 0: the clinic has set none."),
});
export const attentionRulesPatch = z.strictObject(Object.fromEntries(RULE_NAMES.map((name) => [name, ruleShape[name].nullable().optional().describe("Null: Islet's own.")])) as Record<RuleName, z.ZodOptional<z.ZodNullable<z.ZodNumber>>>);

const count = z.int();
export const clinicOverview = z.object({
  asOf: instant, days: z.int(), patients: count, groups: z.array(z.object({ group, title: words, listed: count, flagged: count })), ungrouped: count, snoozed: count,
  ages: z.object({ day: count, threeDays: count, week: count, older: count, never: count }), connections: z.object({ ok: count, reconnect: count, error: count, none: count }), notice: z.string(),
});

export type TagShown = z.infer<typeof tag>;
export type TargetShown = z.infer<typeof target>;
export type ReviewShown = z.infer<typeof review>;
export type ClinicPatient = z.infer<typeof clinicPatient>;
export type ClinicPatientList = z.infer<typeof clinicPatientList>;
export type Attention = z.infer<typeof attention>;
export type AttentionRulesShown = z.infer<typeof attentionRules>;
export type ClinicOverview = z.infer<typeof clinicOverview>;

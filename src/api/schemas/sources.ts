/** Shapes of which sources are believed. */
import { z } from "zod";
import { instant, metricName, uuid } from "./common.ts";
import { source } from "./measurements.ts";

export const sourceSelector = z.strictObject({
  provider: z.string().min(1).max(40).optional(), connectionId: uuid.optional(), deviceId: z.string().min(1).max(200).optional(),
}).describe("All sources that fit every field given: e.g. a provider, one of its connections, one device.");
export const sourceRuleBody = z.strictObject({
  order: z.array(sourceSelector).max(50).default([]).describe("Believed before all others, the first the most."),
  exclude: z.array(sourceSelector).max(50).default([]).describe("Not shown with the others; `source=` still shows each alone."),
});
export const sourceRule = z.object({
  metric: z.string().describe("A metric, or `all`: every metric without a rule of its own."),
  order: z.array(sourceSelector), exclude: z.array(sourceSelector), updatedAt: instant,
});
export const sourcePlace = z.object({
  source, deviceId: z.string().nullable().describe("As selectors name it."), isDayTotal: z.boolean().describe("The vendor's own totals of days."),
  path: z.enum(["direct", "hub", "typed", "import"]),
  spacingS: z.number().nullable().describe("Typical seconds of its newest intervals, or between its newest instants; null where it does not matter or is not known."),
  firstAt: instant.nullable(), newestAt: instant.nullable(),
  reason: z.enum(["only_source", "own_order", "measured_within_the_day", "direct", "more_detailed", "still_measuring", "newer_device", "by_name", "excluded"])
    .describe("What puts it before the next source; the last one: behind the one before it."),
});
export const sourcePlaces = z.object({
  metric: metricName, rule: z.string().nullable().describe("The rule it goes by: its own name, `all`, or null."), sources: z.array(sourcePlace).describe("The best first."),
});
export const sourceRules = z.object({ rules: z.array(sourceRule), metrics: z.array(sourcePlaces) });
export const sourceRuleReply = z.object({ rule: sourceRule, metrics: z.array(sourcePlaces).describe("Those that go by this rule.") });

export type SourceSelector = z.infer<typeof sourceSelector>;
export type SourceRule = z.infer<typeof sourceRule>;
export type SourcePlaces = z.infer<typeof sourcePlaces>;
export type SourceRules = z.infer<typeof sourceRules>;
export type SourceRuleReply = z.infer<typeof sourceRuleReply>;

/**
 * Which groups a patient belongs to, and why: by the patient's own target where it has goals, by the clinic's rules else. Whoever is very low or low is told
 * by the clinic's rules even where the target has no goal for it. Pure. Source: web-ux §2.
 */
import type { RangeGoals } from "#glucose/range-presets.ts";
import type { RangeShares } from "#glucose/ranges.ts";
import { DAY_MS } from "#units/time.ts";
import type { TargetPreset } from "../targets/target.ts";
import { GROUPS, type AttentionRules, type Group } from "./rules.ts";

/** How a patient's connections stand together, the worst of them: `reconnect` waits for the person. */
export const CONNECTION_HEALTHS = ["error", "reconnect", "ok", "none"] as const;
export type ConnectionHealth = (typeof CONNECTION_HEALTHS)[number];

/** What groups are found by. Shares in percent by the patient's own ranges; null where nothing was read. */
export interface Standing {
  readonly preset: TargetPreset;
  readonly goals: RangeGoals;
  readonly hasOwnGoals: boolean;
  readonly ranges: RangeShares | null;
  /** Percent of the expected readings. */
  readonly wear: number | null;
  /** Points of time in target against the days before. */
  readonly change: number | null;
  /** Whole days that are looked at, and of as many before those that have readings. */
  readonly days: number;
  readonly beforeDays: number;
  readonly lastMs: number | null;
  readonly connection: ConnectionHealth;
}

/** That a patient belongs to a group. */
export interface Flag {
  readonly group: Group;
  /** What was found, in the unit of the rule: percent, points or days; null where it is no number. */
  readonly value: number | null;
  readonly threshold: number | null;
  /** Found in less readings than one should judge by. */
  readonly isLowData: boolean;
}

/** From where on (or below which, for `target`) a share is flagged; null: not looked at. */
export interface ShareLimits {
  readonly veryLow: number | null;
  readonly low: number | null;
  readonly veryHigh: number | null;
  readonly high: number | null;
  readonly target: number | null;
}

/** The limits of a target. A goal is "less than": from it on, the share is flagged. */
export function limitsOf({ preset, goals, hasOwnGoals }: Pick<Standing, "preset" | "goals" | "hasOwnGoals">, rules: AttentionRules): ShareLimits {
  if (preset === "standard" && !hasOwnGoals) {
    return { veryLow: rules.veryLowPercent, low: rules.lowPercent, veryHigh: rules.veryHighPercent, high: rules.highPercent, target: rules.targetPercent };
  }
  return { veryLow: goals.veryLow ?? rules.veryLowPercent, low: goals.below ?? rules.lowPercent, veryHigh: goals.veryHigh, high: goals.above, target: goals.target };
}

/** The groups of a patient, in their order: the first is where the patient is listed. */
export function flagsOf(standing: Standing, rules: AttentionRules, nowMs: number): Flag[] {
  const { wear, change, lastMs, connection } = standing;
  const isLowData = (wear ?? 0) < rules.wearPercent;
  const flags = new Map<Group, Flag>();
  const flag = (group: Group, value: number | null, threshold: number | null, low = isLowData): unknown => flags.set(group, { group, value, threshold, isLowData: low });
  for (const [group, value, limit] of sharesOf(standing, limitsOf(standing, rules))) flag(group, value, limit);
  const isMet = hasGoals(standing) && standing.ranges !== null && !isLowData && flags.size === 0;
  if (change !== null && change <= -rules.dropPoints) flag("drop", change, rules.dropPoints, isLowData || 100 * standing.beforeDays < rules.wearPercent * standing.days);
  const ageDays = lastMs === null ? null : Math.max(0, nowMs - lastMs) / DAY_MS;
  const hasNoData = (ageDays ?? Number.POSITIVE_INFINITY) > rules.noDataDays;
  // Of whom there is nothing at all, that is what to say.
  if (isLowData && (standing.ranges !== null || !hasNoData)) flag("lowWear", wear ?? 0, rules.wearPercent);
  if (hasNoData) flag("noData", ageDays, rules.noDataDays);
  if (connection === "error" || connection === "reconnect") flag("connection", null, null);
  if (isMet) flag("onTarget", null, null);
  return GROUPS.flatMap((group) => flags.get(group) ?? []);
}

/** Shares that are out of their limits. */
function sharesOf({ ranges }: Standing, limits: ShareLimits): [Group, number, number][] {
  if (ranges === null) return [];
  const { veryLow, low, target, high, veryHigh } = ranges;
  const from = (group: Group, share: number, limit: number | null): [Group, number, number][] => (limit !== null && share >= limit ? [[group, share, limit]] : []);
  return [
    ...from("veryLow", veryLow, limits.veryLow), ...from("low", veryLow + low, limits.low), ...from("veryHigh", veryHigh, limits.veryHigh), ...from("high", high + veryHigh, limits.high),
    ...(limits.target !== null && target < limits.target ? [["lowTarget", target, limits.target] satisfies [Group, number, number]] : []),
  ];
}

function hasGoals({ goals }: Standing): boolean {
  return Object.values(goals).some((goal: number | null) => goal !== null);
}

/** What a review has put off. */
export interface Snooze {
  readonly untilMs: number;
  /** Groups that the patient was in then. */
  readonly groups: readonly Group[];
}

/** Whether the patient need not be shown for now: put off, and in no group beside those of then. */
export function isSnoozed(flags: readonly Flag[], snooze: Snooze | null, nowMs: number): boolean {
  if (!snooze || snooze.untilMs <= nowMs) return false;
  return flags.every(({ group }) => group === "onTarget" || snooze.groups.includes(group));
}

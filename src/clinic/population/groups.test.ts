/** Groups as a table: what is found, by which limits, in which order. */
import { describe, expect, it } from "vitest";
import { RANGE_PRESETS } from "#glucose/range-presets.ts";
import { DAY_MS } from "#units/time.ts";
import { flagsOf, isSnoozed, limitsOf, type Standing } from "./groups.ts";
import { DEFAULT_RULES, GROUPS, groupTitle, RULE_LIMITS, RULE_NAMES, rulesOf, ruleWords, type Group } from "./rules.ts";

const NOW = Date.UTC(2026, 9, 15, 12);
const WELL: Standing = {
  preset: "standard", goals: RANGE_PRESETS.standard.goals, hasOwnGoals: false, ranges: { veryLow: 0.2, low: 1.8, target: 80, high: 16, veryHigh: 2, tight: 50 }, wear: 95, change: 1, days: 14,
  beforeDays: 14, lastMs: NOW - 3_600_000, connection: "ok",
};
const shares = (veryLow: number, low: number, high: number, veryHigh: number): Standing["ranges"] => ({ veryLow, low, high, veryHigh, target: 100 - veryLow - low - high - veryHigh, tight: 10 });
const groupsOf = (changes: Partial<Standing>, rules = DEFAULT_RULES): Group[] => flagsOf({ ...WELL, ...changes }, rules, NOW).map(({ group }) => group);

describe("groups", () => {
  const cases: readonly (readonly [what: string, changes: Partial<Standing>, groups: readonly Group[]])[] = [
    ["who is well meets the targets", {}, ["onTarget"]],
    ["1 % below 54 is very low", { ranges: shares(1, 0, 10, 0) }, ["veryLow"]],
    ["just less than 1 % is not", { ranges: shares(0.99, 0, 10, 0) }, ["onTarget"]],
    ["4 % below 70 is low, very low counted in", { ranges: shares(0.5, 3.5, 10, 0) }, ["low"]],
    ["first very low, then low", { ranges: shares(2, 4, 10, 0) }, ["veryLow", "low"]],
    ["5 % above 250", { ranges: shares(0, 0, 10, 5) }, ["veryHigh"]],
    ["25 % above 180, very high counted in", { ranges: shares(0, 0, 21, 4) }, ["high"]],
    ["less than 70 % in range, with why", { ranges: shares(0, 0, 28, 4) }, ["high", "lowTarget"]],
    ["15 points lost, while targets are met", { change: -15 }, ["drop", "onTarget"]],
    ["less than 15 is no drop", { change: -14.9 }, ["onTarget"]],
    ["little wear: neither met nor missed", { wear: 69.9 }, ["lowWear"]],
    ["no data for more than three days", { lastMs: NOW - 3 * DAY_MS - 1 }, ["noData", "onTarget"]],
    ["three days sharp are not more", { lastMs: NOW - 3 * DAY_MS }, ["onTarget"]],
    ["nothing ever", { ranges: null, wear: null, change: null, lastMs: null, connection: "none" }, ["noData"]],
    ["a first day, of which no whole one has passed", { ranges: null, wear: null, change: null }, ["lowWear"]],
    ["a connection that waits for the person", { connection: "reconnect" }, ["connection", "onTarget"]],
    ["a connection that fails", { connection: "error" }, ["connection", "onTarget"]],
    ["none at all is no broken one", { connection: "none" }, ["onTarget"]],
    ["older people: half in range is enough, 1 % low is too much", { preset: "older", goals: RANGE_PRESETS.older.goals, ranges: shares(0, 0.9, 40, 5) }, ["onTarget"]],
    ["… and 1 % is low", { preset: "older", goals: RANGE_PRESETS.older.goals, ranges: shares(0, 1, 40, 5) }, ["low"]],
    ["… very low by the clinic's rule, since the target has no goal", { preset: "older", goals: RANGE_PRESETS.older.goals, ranges: shares(1, 0, 40, 5) }, ["veryLow", "low"]],
    ["pregnancy: no goal for very high", { preset: "pregnancy", goals: RANGE_PRESETS.pregnancy.goals, ranges: shares(0, 0, 10, 14) }, ["onTarget"]],
    ["a target without goals: lows all the same, and nothing is met", { preset: "pregnancyType2", goals: RANGE_PRESETS.pregnancyType2.goals, ranges: shares(0, 4, 40, 20) }, ["low"]],
    ["… and of no group who has none", { preset: "tight", goals: RANGE_PRESETS.tight.goals }, []],
    ["own goals come before the preset's", { hasOwnGoals: true, goals: { target: 90, below: null, veryLow: null, above: null, veryHigh: null } }, ["lowTarget"]],
  ];
  it.each(cases)("%s", (_what, changes, groups) => expect(groupsOf(changes)).toEqual(groups));

  it("follow the clinic's own numbers for the standard target, and not for others", () => {
    const rules = { ...DEFAULT_RULES, targetPercent: 85, veryLowPercent: 0.5, noDataDays: 1 };
    expect(groupsOf({}, rules)).toEqual(["lowTarget"]);
    expect(groupsOf({ preset: "older", goals: RANGE_PRESETS.older.goals, ranges: shares(0.1, 0.5, 10, 0) }, rules)).toEqual(["onTarget"]);
    expect(groupsOf({ lastMs: NOW - 1.5 * DAY_MS }, rules)).toContain("noData");
  });

  it("flag nothing from less than the wanted readings without saying so", () => {
    const random = [0, 20, 40, 60, 69, 70, 90, null] as const;
    for (const wear of random) {
      for (const flag of flagsOf({ ...WELL, wear, ranges: shares(3, 5, 30, 20), change: -40 }, DEFAULT_RULES, NOW)) expect(flag.isLowData, `${wear} ${flag.group}`).toBe((wear ?? 0) < 70);
    }
    expect(flagsOf({ ...WELL, change: -20, beforeDays: 3 }, DEFAULT_RULES, NOW)[0]).toEqual({ group: "drop", value: -20, threshold: 15, isLowData: true });
  });

  it("say what was found and the limit", () => {
    expect(flagsOf({ ...WELL, ranges: shares(0.5, 4, 10, 0) }, DEFAULT_RULES, NOW)).toEqual([{ group: "low", value: 4.5, threshold: 4, isLowData: false }]);
    expect(limitsOf({ preset: "standard", goals: RANGE_PRESETS.standard.goals, hasOwnGoals: false }, DEFAULT_RULES)).toEqual({ veryLow: 1, low: 4, veryHigh: 5, high: 25, target: 70 });
  });
});

describe("a snooze", () => {
  const flags = flagsOf({ ...WELL, connection: "error" }, DEFAULT_RULES, NOW);
  it("holds until its end, and while no other group is added", () => {
    const snooze = { untilMs: NOW + 1, groups: ["connection"] as const };
    expect(isSnoozed(flags, snooze, NOW)).toBe(true);
    expect(isSnoozed(flags, snooze, NOW + 1)).toBe(false);
    expect(isSnoozed(flagsOf({ ...WELL, connection: "error", ranges: shares(2, 0, 0, 0) }, DEFAULT_RULES, NOW), snooze, NOW)).toBe(false);
    expect(isSnoozed(flags, null, NOW)).toBe(false);
  });
});

describe("the rules", () => {
  it("are told in both languages, with the clinic's numbers written as each language does", () => {
    for (const group of GROUPS) {
      const words = ruleWords(group, DEFAULT_RULES);
      expect([words.en, words.es, groupTitle(group).en, groupTitle(group).es].every((text) => text.length > 2 && !text.includes("#")), group).toBe(true);
    }
    expect(ruleWords("veryLow", { ...DEFAULT_RULES, veryLowPercent: 1.5 })).toMatchObject({ en: expect.stringMatching(/^1\.5 %/) as string, es: expect.stringMatching(/^1,5 %/) as string });
  });

  it("have Islet's own numbers within their limits, and take a clinic's for what it has set", () => {
    for (const name of RULE_NAMES) {
      expect(DEFAULT_RULES[name]).toBeGreaterThanOrEqual(RULE_LIMITS[name][0]);
      expect(DEFAULT_RULES[name]).toBeLessThanOrEqual(RULE_LIMITS[name][1]);
    }
    expect(rulesOf({ lowPercent: 3, gone: 1 })).toEqual({ ...DEFAULT_RULES, lowPercent: 3 });
    expect(rulesOf(null)).toEqual(DEFAULT_RULES);
  });
});

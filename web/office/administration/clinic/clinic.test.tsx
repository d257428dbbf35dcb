/** What clinicians set for their clinic: which numbers can hold, what of what is typed is sent, the sentences, the tags with how many carry each. */
import { describe, expect, it } from "vitest";
import { DEFAULT_RULES, GROUPS, groupTitle, RULE_LIMITS, RULE_NAMES, ruleOf, ruleWords } from "#clinic/population/rules.ts";
import type { Reply } from "#web/client/operation-client.ts";
import { buttonsIn, Screen } from "../parts/draw-for-tests.tsx";
import { AttentionRules } from "./AttentionRules.tsx";
import { numberOf, patchOf, rulesWith, wrongIn } from "./rules-draft.ts";
import { Tags } from "./Tags.tsx";

describe("a number that is typed", () => {
  it("holds within the limits of its rule, with a comma or a point", () => {
    expect(numberOf("lowPercent", "4,5")).toBe(4.5);
    expect(numberOf("veryLowPercent", " 0.5 ")).toBe(0.5);
    for (const text of ["", "  ", "0.4", "5.1", "many", "1e9", "NaN", "-1"]) expect(numberOf("veryLowPercent", text), text).toBeNull();
    for (const name of RULE_NAMES) for (const value of RULE_LIMITS[name]) expect(numberOf(name, String(value)), name).toBe(value);
  });

  it("that cannot hold keeps everything from being sent, and the sentence as it was", () => {
    const typed = { lowPercent: "60", highPercent: "30" };
    expect(wrongIn(typed)).toEqual(["lowPercent"]);
    expect(patchOf(DEFAULT_RULES, typed)).toBeNull();
    expect(rulesWith(DEFAULT_RULES, typed)).toEqual({ ...DEFAULT_RULES, highPercent: 30 });
  });

  it("is sent where it differs from what is kept; Islet's own is given back as no number of the clinic's", () => {
    const kept = { ...DEFAULT_RULES, lowPercent: 6 };
    expect(patchOf(kept, {})).toBeNull();
    expect(patchOf(kept, { lowPercent: "6", highPercent: "25" })).toBeNull();
    expect(patchOf(kept, { lowPercent: "4", noDataDays: "5" })).toEqual({ lowPercent: null, noDataDays: 5 });
  });
});

function rules(change: Partial<Reply<"get /clinic/attention-rules">> = {}): Reply<"get /clinic/attention-rules"> {
  const numbers = change.rules ?? DEFAULT_RULES;
  return {
    rules: numbers, defaults: DEFAULT_RULES, limits: RULE_NAMES.map((name) => ({ name, least: RULE_LIMITS[name][0], most: RULE_LIMITS[name][1] })),
    groups: GROUPS.map((group) => ({ group, title: groupTitle(group), rule: ruleWords(group, numbers), by: ruleOf(group) })), updatedAt: null, updatedBy: null, updatedByName: null, version: 0, ...change,
  };
}
const drawRules = (shown: ReturnType<typeof rules>, locale: "en" | "es" = "en"): string => new Screen().answer("get /clinic/attention-rules", {}, shown).draw(<AttentionRules />, { locale, roles: ["clinician"] });

describe("attention rules", () => {
  it("[D6] stand as sentences in their order with a field each, but where there is no number to set", () => {
    const html = drawRules(rules({ rules: { ...DEFAULT_RULES, lowPercent: 6.5 } }));
    expect(GROUPS.map((group) => html.indexOf(`rule-${group}"`)).every((place, index, places) => place > (places[index - 1] ?? 0))).toBe(true);
    expect([...html.matchAll(/data-testid="number-(\w+)"/g)].map(([, name]) => name!)).toEqual(expect.arrayContaining([...RULE_NAMES]));
    for (const words of ["6.5 % or more of readings below 70 mg/dL (3.9 mmol/L).", "1 to 10 %.", "No number to set.", "Goes by the number of sensor use.", "Islet&#x27;s: 4 %"]) expect(html).toContain(words);
    expect(drawRules(rules({ rules: { ...DEFAULT_RULES, lowPercent: 6.5 } }), "es")).toContain('value="6,5"');
  });

  it("say who changed them and when, or that nobody has", () => {
    expect(drawRules(rules())).toContain("The clinic has set no number of its own");
    const changed = drawRules(rules({ updatedAt: "2026-10-15T12:00:00Z", updatedBy: "u1", updatedByName: "Dr Ruiz", version: 7 }));
    expect(changed).toContain("Changed last by Dr Ruiz:");
    expect(changed).toContain('dateTime="2026-10-15T12:00:00.000Z"');
  });

  it("have nothing to save or give back before something is typed", () => {
    const html = drawRules(rules());
    for (const id of ["save-rules", "all-defaults", "default-lowPercent"]) expect(html, id).toMatch(new RegExp(`<button[^>]*disabled=""[^>]*data-testid="${id}"`));
    expect(drawRules(rules({ rules: { ...DEFAULT_RULES, lowPercent: 6 } }))).not.toMatch(/<button[^>]*disabled=""[^>]*data-testid="default-lowPercent"/);
  });

  it("say to whoever is no clinician that they may not see them", () => {
    expect(new Screen().refuse("get /clinic/attention-rules", {}, 403, "not_permitted").draw(<AttentionRules />)).toContain("You may not see this.");
  });
});

describe("tags", () => {
  const draw = (data: Reply<"get /tags">["data"], locale: "en" | "es" = "en"): string => new Screen().answer("get /tags", {}, { data }).draw(<Tags />, { locale, roles: ["clinician"] });

  it("[D6] are shown with how many carry each, to be edited and deleted; who carry one are a click away", () => {
    const html = draw([{ id: "t1", name: "Pump", color: 3, patients: 1_200 }, { id: "t2", name: "Trial", color: 0, patients: 0 }]);
    expect(html).toContain("1,200");
    expect(buttonsIn(html)).toEqual(["Make a tag", "Edit the tag Pump", "Delete the tag Pump", "Show those whom I see: Pump", "Edit the tag Trial", "Delete the tag Trial"]);
    expect(html).toContain('href="/patients?tags=t1"');
  });

  it("say what to do where there are none", () => {
    expect(draw([])).toContain("Make one, then put it on patients in their list.");
    expect(draw([], "es")).toContain("Cree una");
  });
});

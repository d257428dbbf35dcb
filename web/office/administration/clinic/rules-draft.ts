/** What is typed of the clinic's numbers: which of them can hold, and what of it is a change. Pure. */
import { type AttentionRules, DEFAULT_RULES, RULE_LIMITS, RULE_NAMES, type RuleName } from "#clinic/population/rules.ts";

/** Texts as in the fields; what nobody touched is not in it. */
export type Typed = Readonly<Partial<Record<RuleName, string>>>;
export type RulesPatch = Partial<Record<RuleName, number | null>>;

/** The number that a text says; null where it says none, or one beyond the limits. */
export function numberOf(name: RuleName, text: string): number | null {
  const clean = text.trim().replace(",", ".");
  const value = Number(clean);
  const [least, most] = RULE_LIMITS[name];
  return clean !== "" && Number.isFinite(value) && value >= least && value <= most ? value : null;
}

/** Names of those that cannot hold. */
export function wrongIn(typed: Typed): RuleName[] {
  return RULE_NAMES.filter((name) => typed[name] !== undefined && numberOf(name, typed[name]) === null);
}

/** The rules as they would be; what cannot hold stays as it is kept. */
export function rulesWith(kept: AttentionRules, typed: Typed): AttentionRules {
  return { ...kept, ...Object.fromEntries(RULE_NAMES.map((name) => [name, (typed[name] === undefined ? null : numberOf(name, typed[name])) ?? kept[name]])) };
}

/** What differs from what is kept; Islet's own number is no number of the clinic's. Null where nothing differs, or something cannot hold. */
export function patchOf(kept: AttentionRules, typed: Typed): RulesPatch | null {
  if (wrongIn(typed).length > 0) return null;
  const next = rulesWith(kept, typed);
  const changed = RULE_NAMES.filter((name) => next[name] !== kept[name]);
  return changed.length === 0 ? null : Object.fromEntries(changed.map((name) => [name, next[name] === DEFAULT_RULES[name] ? null : next[name]]));
}

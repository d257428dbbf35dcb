/**
 * By which numbers a clinic wants to be made aware of its patients, and the rules in words. A clinic sets them within limits; Islet judges nobody.
 * Pure. Source: web-ux §2; Battelino 2019, 2023 for the numbers that hold unless a clinic sets others.
 */
import type { Words } from "#driver/types.ts";

export interface AttentionRules {
  /** Percent of readings: from here on. */
  readonly veryLowPercent: number;
  readonly lowPercent: number;
  readonly veryHighPercent: number;
  readonly highPercent: number;
  /** Points of time in range lost against the days before. */
  readonly dropPoints: number;
  /** Percent of readings in target: below it. */
  readonly targetPercent: number;
  /** Percent of expected readings: below it. */
  readonly wearPercent: number;
  readonly noDataDays: number;
}

export const DEFAULT_RULES: AttentionRules = {
  veryLowPercent: 1, lowPercent: 4, veryHighPercent: 5, highPercent: 25, dropPoints: 15, targetPercent: 70, wearPercent: 70, noDataDays: 3,
};

export type RuleName = keyof AttentionRules;
export const RULE_NAMES = Object.keys(DEFAULT_RULES) as RuleName[];

/** From and to, both in: beyond them a group would hide whom it is for, or show everybody. */
export const RULE_LIMITS: Readonly<Record<RuleName, readonly [least: number, most: number]>> = {
  veryLowPercent: [0.5, 5], lowPercent: [1, 10], veryHighPercent: [1, 20], highPercent: [10, 60], dropPoints: [5, 40], targetPercent: [30, 90], wearPercent: [50, 90], noDataDays: [1, 30],
};

/** In the order in which they are looked at: what may harm first comes first. */
export const GROUPS = ["veryLow", "low", "veryHigh", "high", "drop", "lowTarget", "lowWear", "noData", "connection", "onTarget"] as const;
export type Group = (typeof GROUPS)[number];

const TITLES: Readonly<Record<Group, Words>> = {
  veryLow: { en: "Very low", es: "Muy bajo" },
  low: { en: "Low", es: "Bajo" },
  veryHigh: { en: "Very high", es: "Muy alto" },
  high: { en: "High", es: "Alto" },
  drop: { en: "Large drop in time in range", es: "Gran caída del tiempo en rango" },
  lowTarget: { en: "Low time in range", es: "Poco tiempo en rango" },
  lowWear: { en: "Low sensor use", es: "Poco uso del sensor" },
  noData: { en: "No data", es: "Sin datos" },
  connection: { en: "Connection broken", es: "Conexión interrumpida" },
  onTarget: { en: "Meeting targets", es: "Cumple los objetivos" },
};

export function groupTitle(group: Group): Words {
  return TITLES[group];
}

interface RuleText extends Words {
  /** Whose number stands in place of # in the words; null: of none. */
  readonly rule: RuleName | null;
  /** People with goals of their own are held to those. */
  readonly bendsToGoals?: true;
}

const TEXTS: Readonly<Record<Group, RuleText>> = {
  veryLow: { rule: "veryLowPercent", bendsToGoals: true, en: "# % or more of readings below 54 mg/dL (3.0 mmol/L).", es: "# % o más de lecturas por debajo de 54 mg/dL (3,0 mmol/L)." },
  low: { rule: "lowPercent", bendsToGoals: true, en: "# % or more of readings below 70 mg/dL (3.9 mmol/L).", es: "# % o más de lecturas por debajo de 70 mg/dL (3,9 mmol/L)." },
  veryHigh: { rule: "veryHighPercent", bendsToGoals: true, en: "# % or more of readings above 250 mg/dL (13.9 mmol/L).", es: "# % o más de lecturas por encima de 250 mg/dL (13,9 mmol/L)." },
  high: { rule: "highPercent", bendsToGoals: true, en: "# % or more of readings above 180 mg/dL (10.0 mmol/L).", es: "# % o más de lecturas por encima de 180 mg/dL (10,0 mmol/L)." },
  drop: { rule: "dropPoints", en: "Time in range # points or more below that of the days before.", es: "Tiempo en rango # puntos o más por debajo del de los días anteriores." },
  lowTarget: { rule: "targetPercent", bendsToGoals: true, en: "Less than # % of readings in range.", es: "Menos del # % de lecturas en rango." },
  lowWear: { rule: "wearPercent", en: "Less than # % of the expected readings.", es: "Menos del # % de las lecturas esperadas." },
  noData: { rule: "noDataDays", en: "No reading for more than # days.", es: "Ninguna lectura en más de # días." },
  connection: { rule: null, en: "A connection has to be made again, or fails.", es: "Hay que volver a hacer una conexión, o falla." },
  onTarget: {
    rule: "wearPercent", en: "All goals of the person's target are met, with # % or more of the expected readings.", es: "Se cumplen todos los objetivos de la persona, con el # % o más de las lecturas esperadas.",
  },
};

const BENDS: Words = { en: " People with other targets are held to the goals of theirs.", es: " A quienes tienen otros objetivos se les aplican los suyos." };

/** By which number a group is made; null: by none. */
export function ruleOf(group: Group): RuleName | null {
  return TEXTS[group].rule;
}

/** What puts somebody into the group, with the clinic's numbers. */
export function ruleWords(group: Group, rules: AttentionRules): Words {
  const { rule, bendsToGoals, en, es } = TEXTS[group];
  const number = rule === null ? "" : String(Math.round(rules[rule] * 10) / 10);
  return { en: en.replace("#", number) + (bendsToGoals ? BENDS.en : ""), es: es.replace("#", number.replace(".", ",")) + (bendsToGoals ? BENDS.es : "") };
}

/** A clinic's rules: what it has set, and Islet's for the rest. */
export function rulesOf(kept: Partial<Record<string, unknown>> | null): AttentionRules {
  const set = RULE_NAMES.flatMap((name) => (typeof kept?.[name] === "number" ? [[name, kept[name]] as const] : []));
  return { ...DEFAULT_RULES, ...Object.fromEntries(set) };
}

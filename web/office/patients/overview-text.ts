/** A patient's overview as plain text, for the clinician's own notes: what was measured, and by which rules the patient is listed. Pure. */
import type { Formatter } from "#web/language/format.ts";
import { flagText, PRESET_WORDS } from "./cells.tsx";
import type { Words } from "../messages/words.ts";
import type { PatientLine } from "./use-patients.ts";

export interface TextSettings {
  readonly t: Words;
  /** In the patient's zone. */
  readonly f: Formatter;
  readonly locale: "en" | "es";
  /** What a group's rule says, with the clinic's numbers; undefined while it is not known. */
  readonly ruleOf: (group: string) => string | undefined;
}

type Glucose = PatientLine["mean"];
type Events = PatientLine["lowEvents"];

export function overviewText(line: PatientLine, { t, f, locale, ruleOf }: TextSettings): string {
  const none = t("patients.none");
  const percent = (value: number | null | undefined): string => (value == null ? none : f.percent(value));
  const exact = (value: number | null): string => (value === null ? none : f.percentExact(value, 1));
  const glucose = (value: Glucose): string => (value === null ? none : f.glucoseWithUnit(f.unit === "mg/dL" ? value.mgDl : value.mmolL));
  const events = (value: Events): string => (value === null ? none : t("patients.text.events", { all: f.number(value.level1), grave: f.number(value.level2) }));
  const { ranges, lastData, change } = line;
  const limits = line.target.thresholds[f.unit];
  const numbers: readonly (readonly [label: string, text: string])[] = [
    [t("patients.col.preset"), t("patients.text.targets", { preset: t(PRESET_WORDS[line.target.preset]), low: f.glucose(limits.low), high: f.glucoseWithUnit(limits.high) })],
    [t("patients.col.lastData"), lastData === null ? t("patients.never") : `${f.dateTime(Date.parse(lastData.at))}, ${glucose(lastData.value)}`],
    [t("patients.col.veryLow"), percent(ranges?.veryLow)], [t("patients.col.timeBelow"), percent(line.timeBelow)], [t("patients.col.timeInRange"), percent(line.timeInRange)],
    [t("patients.col.timeAbove"), percent(line.timeAbove)], [t("patients.col.veryHigh"), percent(ranges?.veryHigh)], [t("patients.col.tight"), percent(ranges?.tight)],
    [t("patients.col.mean"), glucose(line.mean)], [t("patients.col.gmi"), line.gmiPercent === null ? t("patients.notEnough") : exact(line.gmiPercent)], [t("patients.col.cv"), exact(line.cvPercent)],
    [t("patients.col.wear"), percent(line.wearPercent)], [t("patients.col.lowEvents"), events(line.lowEvents)], [t("patients.col.highEvents"), events(line.highEvents)],
    [t("patients.col.change"), change === null ? none : t("patients.points", { points: f.number(Math.round(change.points), 0, "exceptZero") })],
  ];
  return [
    line.displayName, periodText(line, { t, f }), ...(line.asOf === null ? [] : [t("patients.text.asOf", { time: f.dateTime(Date.parse(line.asOf)) })]), ...(line.isBehind ? [t("patients.behind")] : []), "",
    ...numbers.map(([label, text]) => `${label}: ${text}`), "",
    ...(line.flags.length === 0 ? [t("patients.text.noFlags")] : [t("patients.text.flags"), ...line.flags.map((flag) => `- ${withRule(flagText(flag, { f, locale, t }), ruleOf(flag.group), t)}`)]), "",
    t("patients.text.notice"),
  ].join("\n");
}

/** Whole local days: the last one ended a moment before `to`. */
function periodText({ days, from, to, zone }: PatientLine, { t, f }: Pick<TextSettings, "t" | "f">): string {
  if (from === null || to === null) return t("patients.text.noPeriod", { days, zone });
  return t("patients.text.period", { days, zone, from: f.yearDate(Date.parse(from)), to: f.yearDate(Date.parse(to) - 1) });
}

function withRule(flag: string, rule: string | undefined, t: Words): string {
  return rule === undefined ? flag : t("patients.text.rule", { flag, rule });
}

/** The numbers of a period as the page shows them: each with its unit, what stands below it, the change against the period before, or why there is none. */
import type { Reply } from "#web/client/operation-client.ts";
import type { Formatter } from "#web/language/format.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import type { Words } from "../../messages/words.ts";

export type Statistics = Reply<"get /patients/{patientId}/glucose/statistics">;
export type Comparison = Reply<"get /patients/{patientId}/glucose/compare">;

export interface StatisticLine {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly value: string | null;
  readonly unit: string;
  readonly details: readonly string[];
  /** Null where it cannot be told, absent where the comparison does not tell it. */
  readonly change?: string | null;
  /** Why there is no value. */
  readonly reason: string | null;
}

interface Speaking {
  readonly t: Words;
  readonly f: Formatter;
}

const REASONS: Readonly<Record<string, MessageKey>> = {
  no_readings: "patient.reasonNone", single_reading: "patient.reasonSingle", too_sparse: "patient.reasonSparse", one_day: "patient.reasonOneDay", too_short: "patient.reasonShort",
  no_excursions: "patient.reasonNoExcursions", nothing_scored: "patient.reasonNothingScored", none_to_compare: "patient.reasonNothingToCompare",
  under_14_days: "patient.reason14Days", under_70_percent: "patient.reason70Percent", under_24_hours: "patient.reason24Hours", under_7_days: "patient.reason7Days",
  window_too_short: "patient.reasonShort", too_few_readings: "patient.reasonSparse",
};

/** The words for a reason of the API; a reason that this page does not know is told as too little data. */
export const reasonKey = (reason: string): MessageKey => REASONS[reason] ?? "patient.reasonSparse";

/** @param comparison null where none is asked for. */
export function statisticLines(statistics: Statistics, comparison: Comparison | null, { t, f }: Speaking): StatisticLine[] {
  const { unit, reasons, episodes, insufficiency } = statistics;
  const decimals = unit === "mg/dL" ? 0 : 1;
  const differences = comparison?.differences ?? null;
  const glucose = (value: number | null): string | null => (value === null ? null : f.glucose(value, unit));
  const percent = (value: number | null): string | null => (value === null ? null : f.percentExact(value, 1));
  const points = (value: number | null | undefined, of = 1): string | null => (value === null || value === undefined ? null : t("patient.points", { value: f.number(value, of, "exceptZero") }));
  const inUnit = (value: number | null | undefined): string | null => (value === null || value === undefined ? null : `${f.number(value, decimals, "exceptZero")} ${unit}`);
  const why = (name: string): string => t(reasonKey(reasons[name] ?? insufficiency ?? "too_sparse"));
  // GMI of few data misleads: it is told once fourteen days have most of their readings.
  const gmi = insufficiency === null ? statistics.gmi : null;
  const line = (id: string, [name, about]: [MessageKey, MessageKey], value: string | null, rest: Partial<StatisticLine> = {}): StatisticLine =>
    ({ id, name: t(name), about: t(about), value, unit: "", details: [], reason: value === null ? why(id) : null, ...rest });
  const episodeLine = (id: "Low" | "High", kinds: "hypo" | "hyper"): StatisticLine => {
    const [one, two] = [episodes?.[`${kinds}Level1`], episodes?.[`${kinds}Level2`]];
    return line(`episodes${id}`, [`patient.episodes${id}`, `patient.episodes${id}About`], one ? f.number(one.count) : null, {
      details: one && two ? [
        t("patient.episodesLevel2", { count: f.number(two.count) }),
        ...(one.perDay === null ? [] : [t("patient.episodesPerDay", { count: f.number(one.perDay, 1) })]),
        ...(one.meanDurationMinutes === null ? [] : [t("patient.episodesMean", { duration: f.duration(one.meanDurationMinutes * 60) })]),
      ] : [],
    });
  };
  return [
    line("mean", ["patient.mean", "patient.meanAbout"], glucose(statistics.mean), {
      unit, change: inUnit(differences?.mean),
      details: statistics.min === null || statistics.max === null ? [] : [t("patient.fromTo", { from: f.glucose(statistics.min, unit), to: f.glucoseWithUnit(statistics.max, unit) })],
    }),
    line("gmi", ["patient.gmi", "patient.gmiAbout"], percent(gmi), {
      change: points(differences?.gmi), details: gmi === null || statistics.gmiMmolMol === null ? [] : [`${f.number(statistics.gmiMmolMol)} mmol/mol`],
    }),
    line("cv", ["patient.cv", "patient.cvAbout"], percent(statistics.cv), { change: points(differences?.cv) }),
    line("sd", ["patient.sd", "patient.sdAbout"], glucose(statistics.sd), { unit, change: inUnit(differences?.sd) }),
    line("wear", ["patient.wear", "patient.wearAbout"], statistics.wearPercent === null ? null : f.percent(Math.min(statistics.wearPercent, 100)), {
      change: points(differences?.wearPercent, 0),
      details: [t("patient.readings", { smart_count: statistics.readings, count: f.number(statistics.readings) }), t("patient.daysWithReadings", { smart_count: statistics.days, count: f.number(statistics.days) })],
    }),
    episodeLine("Low", "hypo"),
    episodeLine("High", "hyper"),
  ];
}

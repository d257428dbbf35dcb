import { useMemo } from "react";
import { bandOf } from "#web/charts/ranges.ts";
import type { CurveMark, CurveSpan } from "#web/charts/curve-drawing.ts";
import { Figure } from "#web/charts/Figure.tsx";
import { type CurveWords, GlucoseCurve } from "#web/charts/GlucoseCurve.tsx";
import type { GlucoseSeries, Treatment, Workout } from "#web/client/types.ts";
import { HOUR_MS } from "#units/time.ts";
import { type Language, useLanguage } from "../language.tsx";
import { BAND_NAMES, treatmentName } from "../words.ts";
import { Segmented } from "./Segmented.tsx";
import { Empty } from "./States.tsx";

export const WINDOW_HOURS = [3, 6, 12, 24] as const;
export type WindowHours = (typeof WINDOW_HOURS)[number];

export interface TodayCurveProps {
  readonly series: GlucoseSeries;
  readonly treatments: readonly Treatment[];
  readonly workouts: readonly Workout[];
  readonly hours: WindowHours;
  readonly onHours: (hours: WindowHours) => void;
  readonly nowMs: number;
}

/** The last hours as a curve, with what was eaten, injected and done. */
export function TodayCurve({ series, treatments, workouts, hours, onHours, nowMs }: TodayCurveProps) {
  const language = useLanguage();
  const { t, f } = language;
  const words = useCurveWords(series.unit);
  // To the minute: the picture is not drawn anew every second.
  const toMs = Math.ceil(nowMs / 60_000) * 60_000;
  const span = useMemo(() => ({ fromMs: toMs - hours * HOUR_MS, toMs }), [toMs, hours]);
  const marks = useMemo(() => marksOf(treatments, language), [treatments, language]);
  const activities = useMemo<CurveSpan[]>(
    () => workouts.map((workout) => ({ fromMs: Date.parse(workout.start), toMs: Date.parse(workout.end) })),
    [workouts],
  );
  const rows = useMemo(() => readingsIn(series, span), [series, span]);
  const picker = (
    <Segmented
      legend={t("today.window")} name="window" value={String(hours)}
      options={WINDOW_HOURS.map((option) => ({ value: String(option), label: t("today.window.hours", { hours: f.number(option) }) }))}
      onChange={(value) => onHours(Number(value) as WindowHours)}
    />
  );
  const hoursText = f.number(hours);
  return (
    <Figure
      heading={t("today.curve")} testId="glucose-curve" aside={picker} viewAsTable={t("card.viewAsTable")}
      summary={rows.length === 0 ? t("today.curveEmpty", { hours: hoursText }) : summaryOf(rows, { series, hoursText, language })}
      table={{
        caption: t("today.curveTable", { hours: hoursText }),
        columns: [t("column.time"), t("column.glucose", { unit: series.unit }), t("column.band"), t("column.event")],
        rows: () => tableRows(rows, { treatments, span, series, language }),
      }}
    >
      {rows.length === 0 ? (
        <Empty text={t("today.curveEmpty", { hours: hoursText })} />
      ) : (
        <>
          <GlucoseCurve
            times={series.times} values={series.values} span={span} zone={f.zone} thresholds={series.target}
            marks={marks} activities={activities} words={words} label={t("today.curveLabel")}
            describe={(atMs, value) => t("today.curvePoint", { time: f.time(atMs), value: f.glucoseWithUnit(value, series.unit) })}
          />
          <CurveLegend series={series} marks={marks} hasActivities={activities.some(({ toMs: end }) => end > span.fromMs)} />
        </>
      )}
    </Figure>
  );
}

/** The formatter's functions as the canvas wants them, stable while the language is. */
export function useCurveWords(unit: GlucoseSeries["unit"]): CurveWords {
  const { f } = useLanguage();
  return useMemo(() => ({ formatValue: (value) => f.glucose(value, unit), formatTime: f.time, formatDay: f.shortDate }), [f, unit]);
}

interface ReadingRow {
  readonly atMs: number;
  readonly value: number;
}

function readingsIn(series: GlucoseSeries, span: { fromMs: number; toMs: number }): ReadingRow[] {
  return series.times.flatMap((atMs, index) => {
    const value = series.values[index];
    return value !== undefined && atMs >= span.fromMs && atMs <= span.toMs ? [{ atMs, value }] : [];
  });
}

function summaryOf(rows: readonly ReadingRow[], { series, hoursText, language: { t, f } }: { series: GlucoseSeries; hoursText: string; language: Language }): string {
  const values = rows.map((row) => row.value);
  const last = rows[rows.length - 1]!;
  return t("today.curveSummary", {
    count: rows.length, hours: hoursText, min: f.glucose(Math.min(...values), series.unit),
    max: f.glucoseWithUnit(Math.max(...values), series.unit), value: f.glucoseWithUnit(last.value, series.unit), time: f.time(last.atMs),
  });
}

function tableRows(
  rows: readonly ReadingRow[],
  context: { treatments: readonly Treatment[]; span: { fromMs: number; toMs: number }; series: GlucoseSeries; language: Language },
): string[][] {
  const { treatments, span, series, language: { t, f } } = context;
  const entries = treatments.flatMap((treatment) => {
    const atMs = Date.parse(treatment.at);
    if (atMs < span.fromMs || atMs > span.toMs) return [];
    return [{ atMs, cells: [f.dateTime(atMs), "", "", treatmentText(treatment, context.language)] }];
  });
  const readings = rows.map(({ atMs, value }) => ({
    atMs, cells: [f.dateTime(atMs), f.glucose(value, series.unit), t(BAND_NAMES[bandOf(value, series.target)]), ""],
  }));
  return [...readings, ...entries].toSorted((a, b) => b.atMs - a.atMs).map(({ cells }) => cells);
}

function treatmentText(treatment: Treatment, { t, f }: Language): string {
  const name = t(treatmentName(treatment.kind));
  if (treatment.amount === null) return treatment.text ? `${name}: ${treatment.text}` : name;
  // A finger-stick is glucose and follows the person's unit.
  const isGlucose = treatment.unit === "mg/dL";
  return `${name} ${isGlucose ? f.glucoseOfMgDl(treatment.amount) : f.amount(treatment.amount, treatment.unit)}`;
}

function marksOf(treatments: readonly Treatment[], { f }: Language): CurveMark[] {
  return treatments
    .flatMap((treatment): CurveMark[] => {
      const kind = treatment.kind === "carbohydrates" ? "carbohydrates" : treatment.kind.startsWith("insulin") ? "insulin" : null;
      if (kind === null || treatment.amount === null) return [];
      return [{ atMs: Date.parse(treatment.at), kind, label: f.amount(treatment.amount, treatment.unit) }];
    })
    .toSorted((a, b) => a.atMs - b.atMs);
}

function CurveLegend({ series, marks, hasActivities }: { series: GlucoseSeries; marks: readonly CurveMark[]; hasActivities: boolean }) {
  const { t, f } = useLanguage();
  const { low, high } = series.target;
  const has = (kind: CurveMark["kind"]): boolean => marks.some((mark) => mark.kind === kind);
  return (
    <ul className="legend">
      <li>
        <span className="key key-target" aria-hidden="true" />
        {t("today.legend.target", { low: f.glucose(low, series.unit), high: f.glucose(high, series.unit), unit: series.unit })}
      </li>
      {has("carbohydrates") ? (
        <li>
          <span className="key key-carbohydrates" aria-hidden="true" />
          {t("today.legend.carbohydrates")}
        </li>
      ) : null}
      {has("insulin") ? (
        <li>
          <span className="key key-insulin" aria-hidden="true" />
          {t("today.legend.insulin")}
        </li>
      ) : null}
      {hasActivities ? (
        <li>
          <span className="key key-workout" aria-hidden="true" />
          {t("today.legend.workout")}
        </li>
      ) : null}
    </ul>
  );
}

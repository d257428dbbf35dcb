import { useMemo } from "react";
import type { Bucket } from "#web/charts/buckets.ts";
import { type DayBar, DayBars } from "#web/charts/DayBars.tsx";
import { Figure } from "#web/charts/Figure.tsx";
import { PeriodCurve, periodBuckets } from "#web/charts/PeriodCurve.tsx";
import type { GlucoseSeries, GlucoseSummary } from "#web/client/types.ts";
import { addDays, DAY_MS, localDate } from "#units/time.ts";
import { useLanguage } from "../language.tsx";
import { useCurveWords } from "./TodayCurve.tsx";

/** Goal of the consensus for most adults: at least this share of readings in range. */
const GOAL_PERCENT = 70;

type Day = GlucoseSummary["daily"][number];

/** The days of a period, one entry each, also those without data. */
export function daysOfPeriod(summary: Pick<GlucoseSummary, "from" | "to" | "zone" | "daily">): { readonly date: string; readonly day: Day | null }[] {
  const byDate = new Map(summary.daily.map((day) => [day.date, day]));
  const last = localDate(summary.zone, Date.parse(summary.to) - 1);
  const days: { date: string; day: Day | null }[] = [];
  for (let date = localDate(summary.zone, Date.parse(summary.from)); date <= last; date = addDays(date, 1)) days.push({ date, day: byDate.get(date) ?? null });
  return days;
}

/** Time in range day by day. */
export function Daily({ summary }: { readonly summary: GlucoseSummary }) {
  const { t, f } = useLanguage();
  const { unit } = summary;
  const all = daysOfPeriod(summary);
  const bars: DayBar[] = all.map(({ date, day }) => ({ date, percent: day?.inTargetPercent ?? null }));
  const goal = f.percent(GOAL_PERCENT);
  const met = summary.daily.filter((day) => day.inTargetPercent >= GOAL_PERCENT).length;
  const describe = (index: number): string => {
    const { date, day } = all[index] ?? { date: "", day: null };
    if (date === "") return "";
    if (!day) return t("trends.dailyNone", { day: f.day(date) });
    return t("trends.dailyPoint", { day: f.day(date), percent: f.percent(day.inTargetPercent), mean: f.glucoseWithUnit(day.mean, unit) });
  };
  return (
    <Figure
      heading={t("trends.daily")} testId="daily" viewAsTable={t("card.viewAsTable")}
      summary={t("trends.dailySummary", { met: f.number(met), days: f.number(summary.daily.length), goal })}
      table={{
        caption: t("trends.daily"),
        columns: [t("column.day"), t("column.inTarget"), t("column.mean", { unit }), t("column.lowest", { unit }), t("column.highest", { unit }), t("column.readings")],
        rows: () =>
          summary.daily
            .toSorted((a, b) => b.date.localeCompare(a.date))
            .map((day) => [
              f.day(day.date), f.percent(day.inTargetPercent), f.glucose(day.mean, unit), f.glucose(day.min, unit), f.glucose(day.max, unit), f.number(day.readings),
            ]),
      }}
    >
      <DayBars
        days={bars} goal={GOAL_PERCENT} goalLabel={t("trends.goal", { goal })} label={t("trends.dailyLabel")} describe={describe}
        axis={[all[0], all[all.length - 1]].map((end) => (end ? f.shortDay(end.date) : "")) as [string, string]}
      />
    </Figure>
  );
}

/** The whole period as a ribbon. */
export function Course({ series }: { readonly series: GlucoseSeries }) {
  const { t, f } = useLanguage();
  const { unit } = series;
  const words = useCurveWords(unit);
  const span = useMemo(() => ({ fromMs: Date.parse(series.from), toMs: Date.parse(series.to) }), [series]);
  const days = f.number(Math.ceil((span.toMs - span.fromMs) / DAY_MS));
  const { buckets, widthMs } = useMemo(() => periodBuckets(series, span), [series, span]);
  const describe = (bucket: Bucket): string =>
    t("trends.curvePoint", {
      time: f.dateTime(bucket.atMs - widthMs / 2), mean: f.glucose(bucket.mean, unit), min: f.glucose(bucket.min, unit), max: f.glucose(bucket.max, unit), unit,
    });
  return (
    <Figure
      heading={t("trends.curve", { days })} testId="period-curve" viewAsTable={t("card.viewAsTable")}
      summary={t("trends.curveSummary", { width: f.duration(widthMs / 1000) })}
      table={{
        caption: t("trends.curve", { days }),
        columns: [t("column.time"), t("column.mean", { unit }), t("column.lowest", { unit }), t("column.highest", { unit }), t("column.readings")],
        rows: () =>
          buckets
            .toReversed()
            .map((bucket) => [
              f.dateTime(bucket.atMs - widthMs / 2), f.glucose(bucket.mean, unit), f.glucose(bucket.min, unit), f.glucose(bucket.max, unit), f.number(bucket.count),
            ]),
      }}
    >
      <PeriodCurve
        buckets={buckets} widthMs={widthMs} span={span} zone={f.zone} thresholds={series.target} words={words}
        label={t("trends.curveLabel")} describe={describe}
      />
    </Figure>
  );
}

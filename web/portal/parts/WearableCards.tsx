import { SparkBars, Sparkline } from "#web/charts/Sparkline.tsx";
import { slotMeans } from "#web/charts/bars.ts";
import type { MetricsReply } from "#web/client/types.ts";
import { addDays, DAY_MS, localDay } from "#units/time.ts";
import { useLanguage } from "../language.tsx";
import type { MessageKey } from "../messages/translate.ts";
import { VO2MAX_METRICS } from "../resources.ts";
import { dayValues, meanOf, newestMetric } from "../series.ts";
import { BigNumber, Card } from "./Card.tsx";
import { SourceLine, useProviderNames } from "./Source.tsx";

function NoData({ title, testId }: { title: string; testId: string }) {
  const { t } = useLanguage();
  return (
    <Card title={title} testId={testId}>
      <p className="muted">{t("card.none")}</p>
    </Card>
  );
}

/** Today's stress on its vendor's own scale, hour by hour. */
export function StressCard({ reply, date }: { readonly reply: MetricsReply; readonly date: string }) {
  const { t, f } = useLanguage();
  const providers = useProviderNames();
  const stress = newestMetric(reply, ["stress"]);
  const day = localDay(f.zone, date);
  if (!stress || !day) return <NoData title={t("stress.title")} testId="card-stress" />;
  const vendor = stress.source.provider === null ? t("source.manual") : providers.of(stress.source.provider);
  return (
    <Card title={t("stress.title")} testId="card-stress" foot={<SourceLine source={stress.source} atMs={stress.last.atMs} />}>
      <BigNumber value={f.metric("stress", meanOf(stress.points))} testId="stress-value" />
      <SparkBars values={slotMeans(stress.points, day, 24)} max={100} height={110} />
      <p className="muted">{t("stress.scale", { provider: vendor })}</p>
      <p className="muted">{t("stress.latest", { value: f.metric("stress", stress.last.value), time: f.time(stress.last.atMs) })}</p>
    </Card>
  );
}

export interface DailyCardProps {
  /** One number a day. */
  readonly reply: MetricsReply;
  /** The patient's zone, whose days they are. */
  readonly zone: string;
  /** Today in that zone. */
  readonly date: string;
}

/** Steps of the newest day that has any, before the week's. */
export function StepsCard({ reply, zone, date }: DailyCardProps) {
  const { t, f } = useLanguage();
  const values = dayValues(reply, "steps", zone);
  const newest = values[values.length - 1];
  if (!newest) return <NoData title={t("steps.title")} testId="card-steps" />;
  const week = Array.from({ length: 7 }, (_, index) => addDays(date, index - 6));
  const bars = week.map((day) => values.find((value) => value.date === day)?.value ?? null);
  return (
    <Card title={t("steps.title")} testId="card-steps" foot={<SourceLine source={newest.source} />}>
      <BigNumber value={f.metric("steps", newest.value)} testId="steps-value" />
      {newest.date === date ? null : <p className="muted">{f.day(newest.date)}</p>}
      <SparkBars values={bars} max={Math.max(...bars.map((bar) => bar ?? 0), 1)} highlight={week.indexOf(newest.date)} />
      <p className="muted">{t("steps.week")}</p>
    </Card>
  );
}

/** The newest resting heart rate and its fortnight. */
export function RestingHeartRateCard({ reply, zone }: Omit<DailyCardProps, "date">) {
  const { t, f } = useLanguage();
  const values = dayValues(reply, "resting_heart_rate", zone);
  const newest = values[values.length - 1];
  if (!newest) return <NoData title={t("restingHeartRate.title")} testId="card-resting-heart-rate" />;
  const points = values
    .filter((value) => value.source.id === newest.source.id)
    .map(({ date, value }) => ({ atMs: Date.parse(date), value }));
  return (
    <Card title={t("restingHeartRate.title")} testId="card-resting-heart-rate" foot={<SourceLine source={newest.source} />}>
      <BigNumber value={f.metricNumber("resting_heart_rate", newest.value)} unit={f.metricUnit("resting_heart_rate")} testId="resting-heart-rate-value" />
      <p className="muted">{f.day(newest.date)}</p>
      <Sparkline points={points} maxJoinMs={2 * DAY_MS} />
      <p className="muted">{t("restingHeartRate.fortnight")}</p>
    </Card>
  );
}

const FITNESS_SPORTS: Readonly<Record<(typeof VO2MAX_METRICS)[number], MessageKey | null>> = {
  vo2max_running: "vo2max.running", vo2max_cycling: "vo2max.cycling", vo2max: null,
};

/** The newest VO2max estimate and how it went over 90 days. */
export function Vo2maxCard({ reply }: { readonly reply: MetricsReply }) {
  const { t, f } = useLanguage();
  const providers = useProviderNames();
  const newest = newestMetric(reply, VO2MAX_METRICS);
  if (!newest) return <NoData title={t("vo2max.title")} testId="card-vo2max" />;
  const { last, points, source } = newest;
  const metric = newest.metric as (typeof VO2MAX_METRICS)[number];
  const sport = FITNESS_SPORTS[metric];
  const first = points[0] ?? last;
  const days = Math.round((last.atMs - first.atMs) / DAY_MS);
  return (
    <Card title={t("vo2max.title")} testId="card-vo2max" foot={<SourceLine source={source} atMs={last.atMs} />}>
      <BigNumber value={f.metricNumber(metric, last.value)} unit={f.metricUnit(metric)} testId="vo2max-value" />
      {points.length > 1 ? <Sparkline points={points} maxJoinMs={30 * DAY_MS} /> : null}
      {days > 0 ? <p className="muted">{t("vo2max.since", { delta: f.number(last.value - first.value, 1, "exceptZero"), days: f.number(days) })}</p> : null}
      <p className="muted">
        {source.provider === null ? null : t("vo2max.estimate", { provider: providers.of(source.provider) })}
        {sport ? ` · ${t(sport)}` : null}
      </p>
    </Card>
  );
}

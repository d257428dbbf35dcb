import type { ReactNode } from "react";
import type { Span } from "#web/client/api.ts";
import type { Sleep, Workout } from "#web/client/types.ts";
import { localDate } from "#units/time.ts";
import { useData, useNow, useResource, useWho } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { AmbulatoryProfile } from "../parts/AmbulatoryProfile.tsx";
import { Gate } from "../parts/Gate.tsx";
import { firstPage, PagedList } from "../parts/PagedList.tsx";
import { PageHead } from "../parts/PageHead.tsx";
import { Course, Daily } from "../parts/Period.tsx";
import { Segmented } from "../parts/Segmented.tsx";
import { sleepTotals } from "../parts/SleepCard.tsx";
import { SourceLine } from "../parts/Source.tsx";
import { Empty, Skeleton, WhenLoaded } from "../parts/States.tsx";
import { Statistics } from "../parts/Statistics.tsx";
import { TimeInRange } from "../parts/TimeInRange.tsx";
import { workoutFacts, workoutName, WorkoutSources } from "../parts/WorkoutCard.tsx";
import { PERIODS_DAYS, periodSeriesOf, periodSpan, periodSummaryOf } from "../resources.ts";
import { hrefWith, Link, navigate, usePlace } from "../router.tsx";
import { groupWorkouts, type WorkoutGroup } from "../same.ts";
import { STAGE_NAMES } from "../words.ts";

const DEFAULT_DAYS = 14;
const PAGE_ROWS = 10;

/** How the last days and weeks went. The period is in the address, so that a reload and a shared link keep it. */
export function Trends() {
  const { t, f } = useLanguage();
  const { userId } = useWho();
  const { path, query } = usePlace();
  const asked = Number(query.get("days"));
  const days = PERIODS_DAYS.find((period) => period === asked) ?? DEFAULT_DAYS;
  return (
    <>
      <PageHead title={t("trends.title")}>
        <Segmented
          legend={t("trends.period")} name="period" value={String(days)}
          options={PERIODS_DAYS.map((period) => ({ value: String(period), label: t("trends.days", { days: f.number(period) }) }))}
          onChange={(value) => navigate(hrefWith(path, query, { days: value }), { replace: true })}
        />
      </PageHead>
      <Gate userId={userId}>
        <Glucose days={days} />
        <Lists days={days} />
      </Gate>
    </>
  );
}

function Glucose({ days }: { days: number }) {
  const { t, f } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const date = localDate(f.zone, useNow(60_000));
  const period = { unit: f.unit, zone: f.zone, date, days };
  const summary = useResource(periodSummaryOf(api, patient.id, period));
  const series = useResource(periodSeriesOf(api, patient.id, period));
  return (
    <div className={summary.isLoading && summary.data ? "stack is-refreshing" : "stack"}>
      <WhenLoaded resource={summary} skeleton={<Waiting height={180} />}>
        {(data) =>
          data.readings === 0 ? (
            <div className="card">
              <Empty
                text={t("trends.empty")}
                action={days < 90 ? <Link className="button button-primary" href="/trends?days=90">{t("trends.longer")}</Link> : undefined}
              />
            </div>
          ) : (
            <>
              <div className="card">
                <p className="muted" data-testid="period-span">
                  {t("trends.span", { from: f.date(Date.parse(data.from)), to: f.date(Date.parse(data.to)) })}
                </p>
                <Statistics summary={data} />
              </div>
              <div className="card">
                <TimeInRange heading={t("tir.period")} summary={data} hasTimePerDay />
              </div>
              <div className="card">
                <Daily summary={data} />
              </div>
            </>
          )
        }
      </WhenLoaded>
      <WhenLoaded resource={series} skeleton={<Waiting height={260} />}>
        {(data) =>
          data.times.length === 0 ? null : (
            <>
              <div className="card">
                <AmbulatoryProfile series={data} />
              </div>
              <div className="card">
                <Course series={data} />
              </div>
            </>
          )
        }
      </WhenLoaded>
    </div>
  );
}

function Waiting({ height }: { height: number }) {
  return (
    <div className="card">
      <Skeleton height={height} lines={2} />
    </div>
  );
}

function Lists({ days }: { days: number }) {
  const { t, f } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const nowMs = useNow(60_000);
  const date = localDate(f.zone, nowMs);
  const key = `${patient.id}/${days}/${date}/${f.zone}`;
  const spanNow = (): Span => periodSpan(f.zone, date, days, Date.now());
  return (
    <div className="two-columns">
      <ListCard title={t("trends.sleeps")} testId="list-sleeps">
        <PagedList<Sleep, Sleep>
          key={`sleeps ${key}`} emptyText={t("trends.noSleeps")} idOf={(sleep) => sleep.id} arrange={(sleeps) => sleeps} keyOf={(sleep) => sleep.id}
          first={{ key: `sleeps/${key}`, tags: ["sleep"], load: (signal) => firstPage(spanNow(), (span) => api.sleeps(patient.id, { span, limit: PAGE_ROWS, signal })) }}
          loadMore={(cursor, span) => api.sleeps(patient.id, { span, limit: PAGE_ROWS, cursor })}
        >
          {(sleep) => <SleepRow sleep={sleep} />}
        </PagedList>
      </ListCard>
      <ListCard title={t("trends.workouts")} testId="list-workouts">
        <PagedList<Workout, WorkoutGroup>
          key={`workouts ${key}`} emptyText={t("trends.noWorkouts")} idOf={(workout) => workout.id} arrange={groupWorkouts} keyOf={({ main }) => main.id}
          first={{ key: `workouts/${key}`, tags: ["workout"], load: (signal) => firstPage(spanNow(), (span) => api.workouts(patient.id, { span, limit: PAGE_ROWS, signal })) }}
          loadMore={(cursor, span) => api.workouts(patient.id, { span, limit: PAGE_ROWS, cursor })}
        >
          {(group) => <WorkoutRow group={group} />}
        </PagedList>
      </ListCard>
    </div>
  );
}

function ListCard({ title, testId, children }: { title: string; testId: string; children: ReactNode }) {
  return (
    <section className="card" aria-label={title} data-testid={testId}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function SleepRow({ sleep }: { sleep: Sleep }) {
  const { t, f } = useLanguage();
  const startMs = Date.parse(sleep.start);
  const endMs = Date.parse(sleep.end);
  const stages = sleepTotals(sleep).map(({ stage, seconds }) => `${t(STAGE_NAMES[stage])} ${f.duration(seconds)}`);
  return (
    <article className="row">
      <p className="row-main">
        <strong>{f.date(endMs)}</strong>
        <strong className="number">{f.duration(sleep.asleepS ?? (endMs - startMs) / 1000)}</strong>
      </p>
      <p className="muted">
        {sleep.isNap ? `${t("sleep.nap")} · ` : null}
        {t("sleep.times", { from: f.time(startMs), to: f.time(endMs) })}
        {stages.length > 0 ? ` · ${stages.join(" · ")}` : null}
      </p>
      <SourceLine source={sleep.source} />
    </article>
  );
}

function WorkoutRow({ group }: { group: WorkoutGroup }) {
  const language = useLanguage();
  return (
    <article className="row">
      <p className="row-main">
        <strong>{workoutName(group, language)}</strong>
        <span className="muted">{language.f.dateTime(Date.parse(group.main.start))}</span>
      </p>
      <p className="muted">{workoutFacts(group.main, language).join(" · ")}</p>
      <WorkoutSources group={group} />
    </article>
  );
}

import { lazy, Suspense, useState } from "react";
import type { Connection, ConnectionList, GlucoseSeries } from "#web/client/types.ts";
import { localDate } from "#units/time.ts";
import { useAccess } from "../access.ts";
import { type Resource, useData, useNow, useResource, useWho } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { CurrentGlucose, type CurrentGlucoseProps } from "../parts/CurrentGlucose.tsx";
import { DiaryCard } from "../parts/DiaryCard.tsx";
import { Gate } from "../parts/Gate.tsx";
import { PageHead } from "../parts/PageHead.tsx";
import { SleepCard } from "../parts/SleepCard.tsx";
import { Empty, Skeleton, WhenLoaded } from "../parts/States.tsx";
import { TimeInRange } from "../parts/TimeInRange.tsx";
import { TodayCurve, type WindowHours } from "../parts/TodayCurve.tsx";
import { RestingHeartRateCard, StepsCard, StressCard, Vo2maxCard } from "../parts/WearableCards.tsx";
import { WorkoutCard } from "../parts/WorkoutCard.tsx";
import {
  connectionsOf, dailyOf, fitnessOf, lastSleepOf, type LatestReading, latestOf, providersOf, recentSeriesOf, recentTreatmentsOf, recentWorkoutsOf,
  stressOf, todaySummaryOf,
} from "../resources.ts";
import { Link } from "../router.tsx";
import { groupWorkouts } from "../same.ts";
import { STATUS_NAMES } from "../words.ts";

const ReadingDialog = lazy(async () => ({ default: (await import("./readings/ReadingDialog.tsx")).ReadingDialog }));

/** How things are now: glucose, its course, and the newest of everything else. */
export function Today() {
  const { t, f } = useLanguage();
  const { userId } = useWho();
  const { mayAdd } = useAccess();
  const nowMs = useNow(15_000);
  const [isTyping, setIsTyping] = useState(false);
  return (
    <>
      <PageHead title={t("today.title")} sub={f.longDate(nowMs)}>
        {mayAdd ? (
          <button type="button" className="button" onClick={() => setIsTyping(true)} aria-haspopup="dialog" data-testid="add-reading">
            {t("reading.add")}
          </button>
        ) : null}
      </PageHead>
      {isTyping ? <Suspense fallback={null}><ReadingDialog onClose={() => setIsTyping(false)} /></Suspense> : null}
      <Gate userId={userId}>
        <TodayData nowMs={nowMs} />
      </Gate>
    </>
  );
}

function TodayData({ nowMs }: { nowMs: number }) {
  const { f } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const connections = useResource(connectionsOf(api, patient.id));
  const latest = useResource(latestOf(api, patient.id));
  const series = useResource(recentSeriesOf(api, patient.id, f.unit));
  const diary = useResource(recentTreatmentsOf(api, patient.id));
  const hasGlucose = latest.data?.reading !== null || series.data?.times.length !== 0;
  // Nobody who has just arrived needs six cards that say "no data".
  const isNew = !hasGlucose && connections.data?.data.length === 0;
  return (
    <>
      <ConnectionNotes connections={connections} />
      {hasGlucose ? <Glucose latest={latest} series={series} nowMs={nowMs} /> : <NoGlucose connections={connections} />}
      <DiaryCard entries={diary.data?.data ?? NONE} />
      {isNew ? null : <Cards nowMs={nowMs} hasGlucose={hasGlucose} />}
    </>
  );
}

const NEEDS_A_PERSON = new Set<Connection["status"]>(["needs_reauthorization", "error", "revoked", "retired"]);

function ConnectionNotes({ connections }: { connections: Resource<ConnectionList> }) {
  const { t, f } = useLanguage();
  const all = connections.data?.data ?? [];
  const filling = all.filter((connection) => connection.status === "active" && connection.backfillProgress < 1);
  return (
    <>
      {all
        .filter((connection) => NEEDS_A_PERSON.has(connection.status))
        .map((connection) => (
          <p key={connection.id} className="note note-attention">
            {t("today.attention", { provider: connection.providerName, state: t(STATUS_NAMES[connection.status]) })}{" "}
            <Link href="/connections">{t("today.attentionAction")}</Link>
          </p>
        ))}
      {filling.length > 0 ? (
        <p className="note note-busy" data-testid="backfill-note">
          {t("today.fetching")}{" "}
          {t("today.fetchingPercent", { percent: f.percent(Math.floor(Math.min(...filling.map((connection) => connection.backfillProgress)) * 100)) })}
        </p>
      ) : null}
    </>
  );
}

/** Nothing measured in the last day: why, and what to do. */
function NoGlucose({ connections }: { connections: Resource<ConnectionList> }) {
  const { t } = useLanguage();
  if (!connections.data) return <WaitingCard />;
  const isConnected = connections.data.data.some((connection) => connection.status !== "disconnected");
  return (
    <div className="card" data-testid="glucose-empty">
      <Empty
        text={isConnected ? t("today.noData24") : t("today.connectPrompt")}
        action={
          <Link className="button button-primary" href={isConnected ? "/trends?days=90" : "/connections"}>
            {t(isConnected ? "today.seeTrends" : "today.connectAction")}
          </Link>
        }
      />
    </div>
  );
}

interface GlucoseProps {
  readonly latest: Resource<LatestReading>;
  readonly series: Resource<GlucoseSeries>;
  readonly nowMs: number;
}

function Glucose({ latest, series, nowMs }: GlucoseProps) {
  const { api } = useData();
  const { patient } = useWho();
  const [hours, setHours] = useState<WindowHours>(12);
  const treatments = useResource(recentTreatmentsOf(api, patient.id));
  const workouts = useResource(recentWorkoutsOf(api, patient.id));
  const providers = useResource(providersOf(api));
  const provider = providers.data?.data.find(({ id }) => id === latest.data?.reading?.source.provider);
  return (
    <div className="card hero">
      <WhenLoaded resource={latest} skeleton={<Skeleton height={64} lines={2} />}>
        {(data) => (
          <CurrentGlucoseNow latest={data} series={series.data} latencySeconds={provider?.latencySeconds} />
        )}
      </WhenLoaded>
      <WhenLoaded resource={series} skeleton={<Skeleton height={300} />}>
        {(data) => (
          <TodayCurve
            series={data} hours={hours} onHours={setHours} nowMs={nowMs}
            treatments={treatments.data?.data ?? NONE} workouts={workouts.data?.data ?? NONE}
          />
        )}
      </WhenLoaded>
    </div>
  );
}

/** Counts the age up by itself, so that nothing else is drawn every second. */
function CurrentGlucoseNow({ series, ...props }: Pick<CurrentGlucoseProps, "latest" | "latencySeconds"> & { series: GlucoseSeries | undefined }) {
  const { f } = useLanguage();
  const thresholds = series?.unit === f.unit ? series.target : undefined;
  return <CurrentGlucose {...props} thresholds={thresholds} nowMs={useNow(1_000)} />;
}

const NONE: readonly never[] = [];

function Cards({ nowMs, hasGlucose }: { nowMs: number; hasGlucose: boolean }) {
  const { t, f } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const date = localDate(f.zone, nowMs);
  const summary = useResource(todaySummaryOf(api, patient.id, { unit: f.unit, zone: f.zone, date }));
  const sleep = useResource(lastSleepOf(api, patient.id));
  const ownDate = localDate(patient.zone, nowMs);
  const daily = useResource(dailyOf(api, patient.id, { zone: patient.zone, date: ownDate }));
  const stress = useResource(stressOf(api, patient.id, { zone: f.zone, date }));
  const fitness = useResource(fitnessOf(api, patient.id));
  const workouts = useResource(recentWorkoutsOf(api, patient.id));
  return (
    <div className="card-grid">
      {hasGlucose ? (
        <WhenLoaded resource={summary} skeleton={<WaitingCard isWide />} title={t("tir.today")}>
          {(data) => (
            <div className="card card-wide">
              <TimeInRange heading={t("tir.today")} summary={data} />
            </div>
          )}
        </WhenLoaded>
      ) : null}
      <WhenLoaded resource={workouts} skeleton={<WaitingCard />} title={t("workout.title")}>{(data) => <WorkoutCard group={groupWorkouts(data.data)[0] ?? null} />}</WhenLoaded>
      <WhenLoaded resource={sleep} skeleton={<WaitingCard isWide />} title={t("sleep.title")}>{(data) => <SleepCard sleep={data.sleep} />}</WhenLoaded>
      <WhenLoaded resource={stress} skeleton={<WaitingCard />} title={t("stress.title")}>{(data) => <StressCard reply={data} date={date} />}</WhenLoaded>
      <WhenLoaded resource={daily} skeleton={<WaitingCard />} title={t("steps.title")}>{(data) => <StepsCard reply={data} zone={patient.zone} date={ownDate} />}</WhenLoaded>
      <WhenLoaded resource={daily} skeleton={<WaitingCard />} title={t("restingHeartRate.title")}>{(data) => <RestingHeartRateCard reply={data} zone={patient.zone} />}</WhenLoaded>
      <WhenLoaded resource={fitness} skeleton={<WaitingCard />} title={t("vo2max.title")}>{(data) => <Vo2maxCard reply={data} />}</WhenLoaded>
    </div>
  );
}

function WaitingCard({ isWide }: { isWide?: boolean }) {
  return (
    <div className={isWide ? "card card-wide" : "card"}>
      <Skeleton height={isWide ? 140 : 56} lines={2} />
    </div>
  );
}



import { useState } from "react";
import type { Connection, Workout } from "#web/client/types.ts";
import { localDate } from "#units/time.ts";
import { type Resource, useData, useNow, useResource, useWho } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { CurrentGlucose, type CurrentGlucoseProps } from "../parts/CurrentGlucose.tsx";
import { Gate } from "../parts/Gate.tsx";
import { PageHead } from "../parts/PageHead.tsx";
import { SleepCard } from "../parts/SleepCard.tsx";
import { Empty, Skeleton, WhenLoaded } from "../parts/States.tsx";
import { TimeInRange } from "../parts/TimeInRange.tsx";
import { TodayCurve, type WindowHours } from "../parts/TodayCurve.tsx";
import { RestingHeartRateCard, StepsCard, StressCard, Vo2maxCard } from "../parts/WearableCards.tsx";
import { WorkoutCard } from "../parts/WorkoutCard.tsx";
import {
  connectionsOf, fitnessOf, lastSleepOf, latestOf, providersOf, recentDaysOf, recentSeriesOf, recentTreatmentsOf, recentWorkoutsOf,
  stressOf, todaySummaryOf,
} from "../resources.ts";
import { Link } from "../router.tsx";
import { STATUS_NAMES } from "../words.ts";

/** How things are now: glucose, its course, and the newest of everything else. */
export function Today() {
  const { t, f } = useLanguage();
  const { userId } = useWho();
  const nowMs = useNow(15_000);
  return (
    <>
      <PageHead title={t("today.title")} sub={f.longDate(nowMs)} />
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
  const date = localDate(f.zone, nowMs);
  return (
    <>
      <ConnectionNotes connections={connections} />
      <Glucose connections={connections} nowMs={nowMs} date={date} />
      <Wearables date={date} />
    </>
  );
}

const NEEDS_A_PERSON = new Set<Connection["status"]>(["needs_reauthorization", "error", "revoked"]);

function ConnectionNotes({ connections }: { connections: Resource<{ readonly data: readonly Connection[] }> }) {
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

interface GlucoseProps {
  readonly connections: Resource<{ readonly data: readonly Connection[] }>;
  readonly nowMs: number;
  readonly date: string;
}

function Glucose({ connections, nowMs, date }: GlucoseProps) {
  const { t, f } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const [hours, setHours] = useState<WindowHours>(12);
  const latest = useResource(latestOf(api, patient.id));
  const series = useResource(recentSeriesOf(api, patient.id, f.unit));
  const summary = useResource(todaySummaryOf(api, patient.id, { unit: f.unit, zone: f.zone, date }));
  const treatments = useResource(recentTreatmentsOf(api, patient.id));
  const workouts = useResource(recentWorkoutsOf(api, patient.id));
  const providers = useResource(providersOf(api));
  const provider = providers.data?.data.find(({ id }) => id === latest.data?.reading?.source.provider);
  const hasNothing = latest.data?.reading === null && (series.data?.times.length ?? 0) === 0;

  if (hasNothing && connections.data) {
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
  return (
    <>
      <div className="card hero">
        <WhenLoaded resource={latest} skeleton={<Skeleton height={64} lines={2} />}>
          {(data) => (
            <CurrentGlucoseNow latest={data} thresholds={series.data?.unit === f.unit ? series.data.target : undefined} latencySeconds={provider?.latencySeconds} />
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
      <div className="card">
        <WhenLoaded resource={summary} skeleton={<Skeleton height={36} lines={3} />}>
          {(data) => <TimeInRange heading={t("tir.today")} summary={data} />}
        </WhenLoaded>
      </div>
    </>
  );
}

/** Counts the age up by itself, so that nothing else is drawn every second. */
function CurrentGlucoseNow(props: Omit<CurrentGlucoseProps, "nowMs">) {
  return <CurrentGlucose {...props} nowMs={useNow(1_000)} />;
}

const NONE: readonly never[] = [];

function Wearables({ date }: { date: string }) {
  const { f } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const sleep = useResource(lastSleepOf(api, patient.id));
  const days = useResource(recentDaysOf(api, patient.id, date));
  const stress = useResource(stressOf(api, patient.id, { zone: f.zone, date }));
  const fitness = useResource(fitnessOf(api, patient.id));
  const workouts = useResource(recentWorkoutsOf(api, patient.id));
  const waiting = (
    <div className="card">
      <Skeleton height={56} lines={2} />
    </div>
  );
  return (
    <div className="card-grid">
      <WhenLoaded resource={sleep} skeleton={<div className="card card-wide"><Skeleton height={160} lines={2} /></div>}>
        {(data) => <SleepCard sleep={data.sleep} />}
      </WhenLoaded>
      <WhenLoaded resource={stress} skeleton={waiting}>{(data) => <StressCard reply={data} date={date} />}</WhenLoaded>
      <WhenLoaded resource={days} skeleton={waiting}>{(data) => <StepsCard days={data} date={date} />}</WhenLoaded>
      <WhenLoaded resource={days} skeleton={waiting}>{(data) => <RestingHeartRateCard days={data} />}</WhenLoaded>
      <WhenLoaded resource={fitness} skeleton={waiting}>{(data) => <Vo2maxCard reply={data} />}</WhenLoaded>
      <WhenLoaded resource={workouts} skeleton={waiting}>{(data) => <WorkoutCard workout={newestWorkout(data.data)} />}</WhenLoaded>
    </div>
  );
}

const newestWorkout = (workouts: readonly Workout[]): Workout | null =>
  workouts.toSorted((a, b) => Date.parse(b.start) - Date.parse(a.start))[0] ?? null;


import type { Workout } from "#web/client/types.ts";
import { type Language, useLanguage } from "../language.tsx";
import { SPORT_NAMES } from "../words.ts";
import { BigNumber, Card } from "./Card.tsx";
import { SourceLine } from "./Source.tsx";

/** What a workout was, in short facts. Only what the vendor sent. */
export function workoutFacts(workout: Workout, { t, f }: Language): string[] {
  const facts: string[] = [];
  if (workout.distanceM !== null) facts.push(f.kilometres(workout.distanceM));
  facts.push(f.duration(workout.activeS ?? (Date.parse(workout.end) - Date.parse(workout.start)) / 1000));
  if (workout.averagePaceSKm !== null && ["running", "walking", "hiking"].includes(workout.sport)) facts.push(f.pace(workout.averagePaceSKm));
  if (workout.averageHeartRate !== null) facts.push(t("workout.heartRate", { value: f.metric("heart_rate", workout.averageHeartRate) }));
  if (workout.averagePowerW !== null) {
    facts.push(t(workout.isPowerEstimated ? "workout.powerEstimated" : "workout.power", { value: f.metric("power", workout.averagePowerW) }));
  }
  if (workout.elevationGainM !== null && workout.elevationGainM >= 1) facts.push(t("workout.climb", { value: f.metric("altitude", workout.elevationGainM) }));
  if (workout.energyKcal !== null) facts.push(f.metric("calories_active", workout.energyKcal));
  return facts;
}

export const workoutName = (workout: Workout, { t }: Language): string => workout.title ?? t(SPORT_NAMES[workout.sport]);

/** The link that the vendor demands beside every workout, in its own words. */
export function VendorLink({ workout }: { readonly workout: Workout }) {
  if (!workout.link || !/^https?:\/\//.test(workout.link.url)) return null;
  return (
    <a className="vendor-link" href={workout.link.url} target="_blank" rel="noreferrer">
      {workout.link.text}
    </a>
  );
}

/** The newest workout. */
export function WorkoutCard({ workout }: { readonly workout: Workout | null }) {
  const language = useLanguage();
  const { t, f } = language;
  if (!workout) {
    return (
      <Card title={t("workout.title")} testId="card-workout">
        <p className="muted">{t("card.none")}</p>
      </Card>
    );
  }
  const [main, ...rest] = workoutFacts(workout, language);
  return (
    <Card title={t("workout.title")} testId="card-workout" foot={<SourceLine source={workout.source} atMs={Date.parse(workout.start)} />}>
      <p className="workout-name" data-testid="workout-name">
        {workoutName(workout, language)}
        {workout.title ? <span className="muted"> · {t(SPORT_NAMES[workout.sport])}</span> : null}
      </p>
      <BigNumber value={main ?? ""} testId="workout-value" />
      <ul className="fact-list">
        {rest.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        <li>{f.dateTime(Date.parse(workout.start))}</li>
      </ul>
      <VendorLink workout={workout} />
    </Card>
  );
}

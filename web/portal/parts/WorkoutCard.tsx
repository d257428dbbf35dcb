import type { Workout } from "#web/client/types.ts";
import { type Language, useLanguage } from "../language.tsx";
import type { WorkoutGroup } from "../same.ts";
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

/** The person's own title where one vendor has it, else the sport. */
export function workoutName({ main, others }: WorkoutGroup, { t }: Language): string {
  const titled = [...others, main].find((workout) => workout.link !== null && workout.title !== null) ?? [main, ...others].find((workout) => workout.title !== null);
  return titled?.title ?? t(SPORT_NAMES[main.sport]);
}

/** The vendors' links and the source lines of every telling. */
export function WorkoutSources({ group: { main, others } }: { readonly group: WorkoutGroup }) {
  return [main, ...others].map((workout) => (
    <div key={workout.id} className="workout-source">
      <VendorLink workout={workout} />
      <SourceLine source={workout.source} atMs={Date.parse(workout.start)} />
    </div>
  ));
}

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
export function WorkoutCard({ group }: { readonly group: WorkoutGroup | null }) {
  const language = useLanguage();
  const { t, f } = language;
  if (!group) {
    return (
      <Card title={t("workout.title")} testId="card-workout">
        <p className="muted">{t("card.none")}</p>
      </Card>
    );
  }
  const workout = group.main;
  const name = workoutName(group, language);
  const sport = t(SPORT_NAMES[workout.sport]);
  const [main, ...rest] = workoutFacts(workout, language);
  return (
    <Card title={t("workout.title")} testId="card-workout" foot={<WorkoutSources group={group} />}>
      <p className="workout-name" data-testid="workout-name">
        {name}
        {name === sport ? null : <span className="muted"> · {sport}</span>}
      </p>
      <BigNumber value={main ?? ""} testId="workout-value" />
      <ul className="fact-list">
        {rest.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        <li>{f.dateTime(Date.parse(workout.start))}</li>
      </ul>
    </Card>
  );
}

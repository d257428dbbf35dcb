/** Heart, scale, thermometer, glucose, and what the morning's computation gives. vendors/google-health.md, sample and daily types. */

import { addDays, DAY_MS, localDay, MINUTE_MS } from "#units/time.ts";
import { atHour, dayNumber } from "../people/days.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf, uniformAt } from "../people/rng.ts";
import { usualSkinC } from "../people/vitals.ts";
import type { Workout } from "../people/workouts.ts";
import { isOnFoot, maxHrOf, workoutHr } from "../people/workouts.ts";
import { zoneBounds } from "./movement.ts";
import { rounded, whole } from "./times.ts";
import type { Maker, Point, Source } from "./world.ts";

/** Daily values are computed after the morning's sync. */
const MORNING_MS = 30 * MINUTE_MS;
const STEP_SECONDS = 15;
/** Nights whose curve is told every five minutes. */
const NIGHT_STEP_MINUTES = 5;

function moment(atMs: number, source: Source, fields: Point["fields"]): Point {
  return { startMs: atMs, endMs: atMs, readyMs: atMs, source, fields };
}

/** Every two minutes at rest, every 15 seconds in a workout. */
export const heartRate: Maker = (world, person, date) => {
  const trace = person.day(date);
  const end = Math.min(trace.heartRate.length, Math.floor((world.context.now() - trace.startMs) / MINUTE_MS));
  const found: Point[] = [];
  for (let minute = 0; minute < end; minute++) {
    const rate = trace.heartRate[minute]!;
    const workout = trace.workouts[trace.workoutOf[minute]!];
    const atMs = trace.startMs + minute * MINUTE_MS;
    if (Number.isNaN(rate)) continue;
    if (workout) found.push(...inWorkout(person, workout, atMs));
    else if (minute % 2 === 0) found.push(beat(atMs, rate, trace.steps[minute]! > 0));
  }
  return found;
};

function inWorkout(person: Person, workout: Workout, minuteMs: number): Point[] {
  const found: Point[] = [];
  for (let second = 0; second < 60; second += STEP_SECONDS) {
    const into = (minuteMs - workout.startMs) / 1000 + second;
    if (into >= 0 && into <= workout.elapsedSeconds) found.push(beat(minuteMs + second * 1000, workoutHr(person.who, workout, into), true));
  }
  return found;
}

function beat(atMs: number, rate: number, isActive: boolean): Point {
  const metadata = { motionContext: isActive ? "ACTIVE" : "SEDENTARY", sensorLocation: "WRIST" };
  return moment(atMs, "watch", { beatsPerMinute: whole(rate), metadata });
}

/** The night's curve every five minutes; nothing before the watch has synced. */
const overNight = (hasIt: (person: Person) => boolean, fields: (person: Person, date: string, minute: number) => Point["fields"]): Maker =>
  (_world, person, date) => {
    // Samples belong to the date they are taken on: the end of one night and the beginning of the next.
    const window = localDay(person.who.zone, date);
    if (!hasIt(person) || !window) return [];
    return [date, addDays(date, 1)].flatMap((ending) => {
      const night = person.night(ending);
      const count = Math.floor((night.endMs - night.startMs) / MINUTE_MS / NIGHT_STEP_MINUTES);
      const points = Array.from({ length: count }, (_, index): Point => {
        const atMs = night.startMs + index * NIGHT_STEP_MINUTES * MINUTE_MS;
        return { ...moment(atMs, "watch", fields(person, ending, index * NIGHT_STEP_MINUTES)), readyMs: night.endMs + MORNING_MS };
      });
      return points.filter(({ startMs }) => startMs >= window.fromMs && startMs < window.toMs);
    });
  };

export const heartRateVariability = overNight(({ who }) => who.watch.hasHrv, (person, date, minute) => {
  const rmssd = person.vitals(date).rmssdAt(minute / NIGHT_STEP_MINUTES);
  return { rootMeanSquareOfSuccessiveDifferencesMilliseconds: rmssd, standardDeviationMilliseconds: rounded(rmssd * 1.28, 3) };
});

export const oxygenSaturation = overNight(({ who }) => who.watch.hasPulseOx, (person, date, minute) => ({ percentage: person.vitals(date).spo2At(minute) }));

/** One value of the date, there once its night is over. */
const ofMorning = (fields: (person: Person, date: string) => Point["fields"] | null): Maker => (world, person, date) => {
  const night = person.night(date);
  const told = fields(person, date);
  const readyMs = night.endMs + MORNING_MS;
  const startMs = localDay(person.who.zone, date)?.fromMs ?? night.endMs;
  return told && readyMs <= world.context.now() ? [{ startMs, endMs: startMs + DAY_MS, readyMs, source: "watch", fields: told }] : [];
};

export const dailyRestingHeartRate = ofMorning((person, date) => ({
  beatsPerMinute: whole(person.body(date).restingHr),
  dailyRestingHeartRateMetadata: { calculationMethod: uniformAt(hashOf("resting", person.who.id), dayNumber(date)) < 0.05 ? "ONLY_WITH_AWAKE_DATA" : "WITH_SLEEP" },
}));

export const dailyHeartRateVariability = ofMorning((person, date) => {
  if (!person.who.watch.hasHrv) return null;
  const { hrvMs, restingHr } = person.body(date);
  return {
    averageHeartRateVariabilityMilliseconds: hrvMs,
    deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds: rounded(hrvMs * 0.94, 1),
    entropy: rounded(2 + hrvMs / 60, 3),
    nonRemHeartRateBeatsPerMinute: whole(restingHr + 1),
  };
});

export const dailyOxygenSaturation = ofMorning((person, date) => {
  if (!person.who.watch.hasPulseOx) return null;
  const { spo2 } = person.body(date);
  return { averagePercentage: spo2, lowerBoundPercentage: rounded(spo2 - 2.1, 1), upperBoundPercentage: Math.min(100, rounded(spo2 + 1.6, 1)), standardDeviationPercentage: 0.9 };
});

export const dailyRespiratoryRate = ofMorning((person, date) => ({ breathsPerMinute: person.body(date).respirationRate }));

/** The baseline is missing until there have been enough nights: here now and then. */
export const dailySleepTemperatureDerivations: Maker = (world, person, date) => ofMorning(() => {
  if (!person.who.watch.hasSkinTemperature) return null;
  const baseline = usualSkinC(world.context.seed, person.who);
  const isNew = uniformAt(hashOf("baseline", person.who.id), dayNumber(date)) < 0.03;
  return {
    nightlyTemperatureCelsius: person.vitals(date).skinC,
    ...(isNew ? {} : { baselineTemperatureCelsius: baseline, relativeNightlyStddev30dCelsius: 0.27 }),
  };
})(world, person, date);

const FITNESS: readonly (readonly [level: string, from: number])[] = [["EXCELLENT", 50], ["VERY_GOOD", 44], ["GOOD", 39], ["AVERAGE", 34], ["FAIR", 30], ["POOR", 0]];

export const dailyVo2Max = ofMorning((person, date) => {
  const { vo2Running } = person.body(date);
  return {
    vo2Max: vo2Running,
    cardioFitnessLevel: FITNESS.find(([, from]) => vo2Running >= from)?.[0] ?? "POOR",
    // False is left out, as Google does.
    ...(person.who.workouts.some(({ sport }) => sport === "run") ? {} : { estimated: true }),
    vo2MaxCovariance: 1.4,
  };
});

export const dailyHeartRateZones = ofMorning((person) => {
  const bounds = zoneBounds(person).toReversed();
  return {
    heartRateZones: bounds.map(({ zone, from }, index) => ({
      heartRateZoneType: zone, minBeatsPerMinute: whole(from), maxBeatsPerMinute: whole((bounds[index + 1]?.from ?? maxHrOf(person.who) + 1) - 1),
    })),
  };
});

export const runVo2Max: Maker = (_world, person, date) =>
  person.workouts(date).filter(({ sport }) => sport === "run").map((workout) =>
    moment(workout.startMs + workout.elapsedSeconds * 1000, "watch", { runVo2Max: person.body(date).vo2Running }));

/** Once a month somebody runs against the clock. */
export const vo2Max: Maker = (_world, person, date) => {
  const test = person.workouts(date).find(({ sport }) => isOnFoot(sport));
  if (!test || Number(date.slice(8)) > 7) return [];
  const atMs = test.startMs + test.elapsedSeconds * 1000 + MINUTE_MS;
  return [moment(atMs, "typed", { vo2Max: person.body(date).vo2Running, measurementMethod: "COOPER_TEST" })];
};

/** Most come from the scale, some are typed in. */
const onScale = (fields: (person: Person, date: string) => Point["fields"]): Maker => (world, person, date) => {
  const found = person.weighIn(date);
  if (!found) return [];
  const isTyped = chanceOf(world.context.seed, person.who.id, "typed-weight", date).happens(0.2);
  return [moment(found.atMs, isTyped ? "typed" : "scale", fields(person, date))];
};

export const weight = onScale((person, date) => ({ weightGrams: Math.round(person.weighIn(date)!.weightKg * 1000) }));
export const bodyFat = onScale((person, date) => ({ percentage: person.weighIn(date)!.bodyFatPercent }));

/** Confirmed once a quarter. */
export const height: Maker = (_world, person, date) =>
  /-(01|04|07|10)-01$/.test(date) ? [moment(atHour(person.who.zone, date, 12), "typed", { heightMillimeters: whole(person.who.heightM * 1000) })] : [];

export const coreBodyTemperature: Maker = (world, person, date) => {
  const found = person.temperatureReading(date);
  if (!found) return [];
  const id = String(hashOf(world.context.seed, person.who.id, "fever", date));
  return [moment(found.atMs, "typed", { temperatureCelsius: found.celsius, measurementLocation: "MOUTH", id })];
};

/** A finger-stick at some meals; on Android the sensor's readings come through Health Connect besides. */
export const bloodGlucose: Maker = (world, person, date) => {
  const { context } = world;
  const window = localDay(person.who.zone, date);
  if (!window) return [];
  const sensed = context.sensed(person, window.fromMs, window.toMs - 1);
  const chance = chanceOf(context.seed, person.who.id, "finger", date);
  const sticks = chance.happens(0.5) ? sensed.slice(Math.floor(chance.next() * sensed.length)).slice(0, 1) : [];
  const typed = sticks.map(({ atMs, mgDl }) => moment(atMs + 20_000, "typed", {
    bloodGlucoseMilligramsPerDeciliter: Math.round(mgDl * chance.between(0.94, 1.06)),
    measurementSource: "SELF_MONITORING_BLOOD_GLUCOSE", measurementTiming: "BEFORE_MEAL", mealType: "LUNCH", specimen: "CAPILLARY_BLOOD",
  }));
  const isConnected = person.who.cgm.displayDevice === "android";
  const continuous = isConnected ? sensed.map(({ atMs, mgDl }) => moment(atMs, "connect", {
    bloodGlucoseMilligramsPerDeciliter: mgDl, measurementSource: "CONTINUOUS_GLUCOSE_MONITORING", specimen: "INTERSTITIAL_FLUID",
  })) : [];
  return [...typed, ...continuous].toSorted((one, other) => one.startMs - other.startMs);
};

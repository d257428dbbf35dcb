/** Day-long summaries: dailies, epochs, stress. vendors/garmin.md, dailies, epochs, stressDetails. */

import { addDays, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { DayTrace } from "../people/day.ts";
import { basalKilocalories, tallyDay } from "../people/energy.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf, hexOf, uniformAt } from "../people/rng.ts";
import type { Workout } from "../people/workouts.ts";
import { workoutHr } from "../people/workouts.ts";
import type { Summary, SummaryWorld } from "./types.ts";

export const seconds = (ms: number): number => Math.floor(ms / 1000);

export function summaryId(person: Person, startMs: number, code: string): string {
  return `x${hexOf(6, "garmin", person.who.id)}-${seconds(startMs).toString(16)}-${code}`;
}

/** Start, offset and date fields that most summaries share. */
export function startFields(person: Person, startMs: number, code: string): Record<string, unknown> {
  return {
    summaryId: summaryId(person, startMs, code),
    startTimeInSeconds: seconds(startMs),
    startTimeOffsetInSeconds: offsetMinutesAt(person.who.zone, startMs) * 60,
  };
}

/** Where the trace of a day ends for somebody who looks at `nowMs`: the day's end, or this minute. */
function seenMinutes(trace: DayTrace, nowMs: number): number {
  return Math.max(0, Math.min(trace.steps.length, Math.floor((nowMs - trace.startMs) / MINUTE_MS)));
}

export function dailies(world: SummaryWorld, person: Person, date: string): Summary[] {
  const { who } = person;
  const trace = person.day(date);
  const minutes = seenMinutes(trace, world.nowMs);
  if (minutes < 1) return [];
  const share = minutes / trace.steps.length;
  const tally = tallyDay(who, trace, 0, minutes);
  const rates = [...trace.heartRate.subarray(0, minutes)].filter((rate) => !Number.isNaN(rate));
  const week = (person.body(date).restingHr + who.restingHr) / 2 + 10;
  const stress = tallyStress(trace, Math.floor(minutes / 3));
  // The date can contradict the epoch (vendors/traps.md): after a flight, it is said.
  const isOtherDate = chanceOf(world.seed, who.id, "date-quirk", date).happens(0.03);
  return [{
    startMs: trace.startMs,
    readyMs: trace.startMs,
    fields: {
      ...startFields(person, trace.startMs, "1"),
      calendarDate: isOtherDate ? addDays(date, -1) : date,
      activityType: "GENERIC",
      durationInSeconds: minutes * 60,
      steps: tally.steps,
      distanceInMeters: Math.round(tally.meters * 10) / 10,
      activeTimeInSeconds: tally.activeSeconds,
      activeKilocalories: Math.round(tally.kilocalories),
      bmrKilocalories: Math.round(basalKilocalories(who) * share),
      moderateIntensityDurationInSeconds: tally.moderateSeconds,
      vigorousIntensityDurationInSeconds: tally.vigorousSeconds,
      floorsClimbed: Math.round(trace.floors * Math.min(1, share * 1.25)),
      ...(rates.length > 0 ? {
        minHeartRateInBeatsPerMinute: Math.min(...rates),
        maxHeartRateInBeatsPerMinute: Math.max(...rates),
        averageHeartRateInBeatsPerMinute: Math.round(week),
        restingHeartRateInBeatsPerMinute: person.body(date).restingHr,
        timeOffsetHeartRateSamples: heartRateSamples(person, trace, minutes),
      } : {}),
      ...stress,
      ...batteryChange(trace, Math.ceil(minutes / 3)),
      stepsGoal: Math.round(who.stepsPerDay / 500) * 500,
      intensityDurationGoalInSeconds: 9000,
      floorsClimbedGoal: 10,
      source: "GARMIN",
    },
  }];
}

/** Seconds after the start → beats per minute: every two minutes at rest, every 15 seconds in a workout. */
function heartRateSamples(person: Person, trace: DayTrace, minutes: number): Record<string, number> {
  const samples: Record<string, number> = {};
  for (let minute = 0; minute < minutes; minute++) {
    const rate = trace.heartRate[minute]!;
    const workout = trace.workouts[trace.workoutOf[minute]!];
    if (Number.isNaN(rate)) continue;
    if (!workout) {
      if (minute % 2 === 0) samples[String(minute * 60)] = rate;
      continue;
    }
    for (let second = minute * 60; second < minute * 60 + 60; second += 15) {
      const into = trace.startMs / 1000 + second - workout.startMs / 1000;
      if (into >= 0 && into <= workout.elapsedSeconds) samples[String(second)] = Math.round(workoutHr(person.who, workout, into));
    }
  }
  return samples;
}

function tallyStress(trace: DayTrace, slots: number): Record<string, unknown> {
  const levels = [...trace.stress.subarray(0, slots)];
  const real = levels.filter((level) => level > 0);
  const time = (isCounted: (level: number) => boolean): number => levels.filter(isCounted).length * 180;
  const average = real.length > 0 ? Math.round(real.reduce((sum, level) => sum + level, 0) / real.length) : -1;
  const qualifier = average < 0 ? "unknown" : average <= 25 ? "calm" : average <= 40 ? "balanced" : average <= 60 ? "stressful" : "very_stressful";
  return {
    averageStressLevel: average,
    maxStressLevel: real.length > 0 ? Math.max(...real) : -1,
    stressDurationInSeconds: time((level) => level > 25),
    restStressDurationInSeconds: time((level) => level >= 1 && level <= 25),
    activityStressDurationInSeconds: time((level) => level === -2),
    lowStressDurationInSeconds: time((level) => level > 25 && level <= 50),
    mediumStressDurationInSeconds: time((level) => level > 50 && level <= 75),
    highStressDurationInSeconds: time((level) => level > 75),
    stressQualifier: qualifier,
  };
}

function batteryChange(trace: DayTrace, slots: number): Record<string, number> {
  let charged = 0;
  let drained = 0;
  for (let slot = 1; slot < Math.min(slots, trace.battery.length); slot++) {
    const change = trace.battery[slot]! - trace.battery[slot - 1]!;
    if (change > 0) charged += change;
    else drained -= change;
  }
  return { bodyBatteryChargedValue: charged, bodyBatteryDrainedValue: drained };
}

export function stressDetails(world: SummaryWorld, person: Person, date: string): Summary[] {
  const trace = person.day(date);
  const slots = Math.floor(seenMinutes(trace, world.nowMs) / 3);
  if (slots < 1) return [];
  const key = hashOf(world.seed, person.who.id, "stress-quirk", date);
  const levels: Record<string, number> = {};
  const battery: Record<string, number> = {};
  for (let slot = 0; slot < slots; slot++) {
    // Beside the signs for "off the wrist", "moving" and the like: one that nobody explains.
    levels[String(slot * 180)] = uniformAt(key, slot) < 0.002 ? -5 : trace.stress[slot]!;
    battery[String(slot * 180)] = trace.battery[slot]!;
  }
  const night = person.night(date);
  const events = [
    { eventType: "SLEEP", startMs: night.startMs, endMs: night.endMs, impact: Math.round(night.score * 0.7) },
    ...trace.workouts.map((workout) => ({
      eventType: "ACTIVITY", startMs: workout.startMs, endMs: workout.startMs + workout.elapsedSeconds * 1000, impact: -Math.round(workout.calories / 35),
    })),
  ].filter((event) => event.endMs > trace.startMs && event.endMs <= Math.min(world.nowMs, trace.endMs));
  return [{
    startMs: trace.startMs,
    readyMs: trace.startMs,
    fields: {
      ...startFields(person, trace.startMs, "st"),
      calendarDate: date,
      durationInSeconds: slots * 180,
      timeOffsetStressLevelValues: levels,
      timeOffsetBodyBatteryValues: battery,
      bodyBatteryActivityEvents: events.map((event) => ({
        eventType: event.eventType,
        eventStartTimeInSeconds: seconds(event.startMs),
        eventStartTimeOffsetInSeconds: offsetMinutesAt(person.who.zone, event.startMs) * 60,
        duration: seconds(event.endMs - event.startMs),
        bodyBatteryImpact: event.impact,
      })),
    },
  }];
}

function movementOf(workout: Workout | undefined, steps: number, isAsleep: boolean): string {
  if (workout?.sport === "run" || workout?.sport === "trail_run") return "RUNNING";
  if (steps > 15) return "WALKING";
  if (isAsleep) return "SLEEP";
  return workout ? "GENERIC" : "SEDENTARY";
}

/** Quarter hours, one record for each kind of movement in it. */
export function epochs(world: SummaryWorld, person: Person, date: string): Summary[] {
  const { who } = person;
  const trace = person.day(date);
  const minutes = seenMinutes(trace, world.nowMs);
  const found: Summary[] = [];
  for (let from = 0; from < minutes; from += 15) {
    const kinds = new Map<string, { minutes: number; steps: number; meters: number; kilocalories: number }>();
    for (let minute = from; minute < Math.min(from + 15, minutes); minute++) {
      const workout = trace.workouts[trace.workoutOf[minute]!];
      const steps = trace.steps[minute]!;
      const atMs = trace.startMs + minute * MINUTE_MS;
      const kind = movementOf(workout, steps, trace.isAsleep(atMs));
      const sum = kinds.get(kind) ?? { minutes: 0, steps: 0, meters: 0, kilocalories: 0 };
      sum.minutes += 1;
      sum.steps += steps;
      sum.meters += steps * who.heightM * (kind === "RUNNING" ? 0.6 : 0.415);
      sum.kilocalories += workout ? workout.calories / (workout.elapsedSeconds / 60) : steps * who.weightKg * 0.00055;
      kinds.set(kind, sum);
    }
    const startMs = trace.startMs + from * MINUTE_MS;
    [...kinds].forEach(([kind, sum], index) => found.push({
      startMs,
      readyMs: startMs + Math.min(15, minutes - from) * MINUTE_MS,
      fields: {
        ...startFields(person, startMs, String(index)),
        activityType: kind,
        durationInSeconds: Math.min(15, minutes - from) * 60,
        activeTimeInSeconds: sum.minutes * 60,
        steps: sum.steps,
        distanceInMeters: Math.round(sum.meters * 10) / 10,
        activeKilocalories: Math.round(sum.kilocalories),
        met: kind === "RUNNING" ? 9.6 : kind === "WALKING" ? 3.4 : 1,
        intensity: kind === "RUNNING" ? "HIGHLY_ACTIVE" : kind === "WALKING" || kind === "GENERIC" ? "ACTIVE" : "SEDENTARY",
        meanMotionIntensity: kind === "SLEEP" ? 0 : kind === "SEDENTARY" ? 1.6 : 4.4,
        maxMotionIntensity: kind === "SLEEP" ? 1 : kind === "SEDENTARY" ? 3 : 7,
      },
    }));
  }
  return found;
}

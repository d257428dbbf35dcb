/**
 * Sugar in one body over one sensor's life: meals, insulin, exercise, the hour of the day and the person's own decisions.
 * A sensor's life is one run of the model, begun a day earlier, so that any part of it can be made by itself; the seam
 * between two runs falls into the new sensor's warm-up, where nothing is shown.
 */

import { addDays, DAY_MS, HOUR_MS, localDate, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Character } from "./characters.ts";
import { clamp } from "./days.ts";
import type { Meal, Plan } from "./plan.ts";
import { hashOf, smoothAt, uniformAt } from "./rng.ts";

export const STEP_MS = 5 * MINUTE_MS;
const STEP_MINUTES = 5;
const RUN_IN_MS = DAY_MS;

const FAST_CARB_MINUTES = 16;
const SLOW_CARB_MINUTES = 40;
const INSULIN_MINUTES = 62;

export interface Treatment {
  readonly kind: "carbs" | "rapid" | "long" | "exercise";
  readonly atMs: number;
  /** Grams, units or minutes. */
  readonly amount: number;
  /** Exercise only. */
  readonly effort?: "light" | "medium" | "heavy";
}

export interface GlucoseRun {
  /** Blood glucose mg/dL at `startMs + i · 5 min`. */
  readonly startMs: number;
  readonly mgDl: Float64Array;
  /** What was taken, whether or not the person wrote it down. */
  readonly treatments: readonly Treatment[];
}

export interface GlucoseWorld {
  readonly seed: number;
  readonly who: Character;
  plan(date: string): Plan;
}

interface Body {
  mgDl: number;
  sensedMgDl: number;
  fastGut: [number, number];
  slowGut: [number, number];
  insulin: [number, number];
  ownInsulin: number;
  lastRescueMs: number;
  lastBolusMs: number;
}

/** Runs the model from `fromMs` (a multiple of five minutes) to `toMs`. Deterministic for seed, person and `fromMs`. */
export function runGlucose(world: GlucoseWorld, fromMs: number, toMs: number): GlucoseRun {
  const startMs = fromMs - RUN_IN_MS;
  const plans = plansBetween(world, startMs, toMs);
  const meals = plans.flatMap((plan) => plan.meals).filter((meal) => meal.atMs >= startMs && meal.atMs < toMs);
  const mgDl = new Float64Array(Math.ceil((toMs - fromMs) / STEP_MS));
  const treatments: Treatment[] = basalDoses(world.who, plans);
  const body: Body = {
    mgDl: world.who.metabolism.restingMgDl, sensedMgDl: world.who.metabolism.restingMgDl, fastGut: [0, 0], slowGut: [0, 0],
    insulin: [0, 0], ownInsulin: 0, lastRescueMs: -Infinity, lastBolusMs: -Infinity,
  };
  const key = hashOf(world.seed, world.who.id, "glucose", fromMs);
  const due: { atMs: number; units: number }[] = [];
  let nextMeal = 0;
  for (let atMs = startMs, step = 0; atMs < toMs; atMs += STEP_MS, step++) {
    const moment = momentAt(world, plans, atMs);
    for (let meal = meals[nextMeal]; meal && meal.atMs < atMs + STEP_MS; meal = meals[++nextMeal]) {
      eat(body, meal);
      const bolus = decideMealBolus(world.who, body, meal, uniformAt(key, step * 8));
      treatments.push({ kind: "carbs", atMs: meal.atMs, amount: meal.countedGrams });
      if (bolus) due.push(bolus);
    }
    react(world.who, body, { atMs, moment, dice: [uniformAt(key, step * 8 + 1), uniformAt(key, step * 8 + 2)], due, treatments });
    for (let index = due.length - 1; index >= 0; index--) {
      const bolus = due[index]!;
      if (bolus.atMs >= atMs + STEP_MS) continue;
      body.insulin[0] += bolus.units;
      treatments.push({ kind: "rapid", atMs: bolus.atMs, amount: bolus.units });
      due.splice(index, 1);
    }
    advance(world.who, body, moment);
    if (atMs >= fromMs) mgDl[(atMs - fromMs) / STEP_MS] = body.mgDl;
  }
  const kept = treatments.filter((one) => one.atMs >= fromMs && one.atMs < toMs).toSorted((one, other) => one.atMs - other.atMs);
  return { startMs: fromMs, mgDl, treatments: kept };
}

function plansBetween(world: GlucoseWorld, fromMs: number, toMs: number): Plan[] {
  const plans: Plan[] = [];
  const last = localDate(world.who.zone, toMs);
  for (let date = addDays(localDate(world.who.zone, fromMs), -1); date <= last; date = addDays(date, 1)) plans.push(world.plan(date));
  return plans;
}

function basalDoses(who: Character, plans: readonly Plan[]): Treatment[] {
  const units = who.metabolism.basalUnits;
  if (units === null) return [];
  return plans.map((plan) => ({
    kind: "long" as const,
    atMs: plan.bedMs - (who.bedHour - who.metabolism.basalHour) * HOUR_MS,
    amount: units,
  }));
}

interface Moment {
  readonly isAsleep: boolean;
  /** Where glucose wants to be, mg/dL. */
  readonly pullMgDl: number;
  readonly sensitivity: number;
  /** Glucose burnt by exercise, mg/dL a minute; negative when effort raises it. */
  readonly burnMgDl: number;
}

function momentAt(world: GlucoseWorld, plans: readonly Plan[], atMs: number): Moment {
  const { who, seed } = world;
  const { metabolism } = who;
  const hour = (((atMs + offsetMinutesAt(who.zone, atMs) * MINUTE_MS) % DAY_MS) + DAY_MS) % DAY_MS / HOUR_MS;
  const dawn = metabolism.dawnMgDl * Math.exp(-(((hour - 7) / 2.6) ** 2));
  const evening = -0.35 * metabolism.dawnMgDl * Math.exp(-(((hour - 2) / 3) ** 2));
  const drift = smoothAt(hashOf(seed, who.id, "drift"), atMs / (9 * HOUR_MS)) + 0.6 * smoothAt(hashOf(seed, who.id, "wander"), atMs / (2.5 * HOUR_MS));
  let isAsleep = false;
  let sensitivity = 1;
  let burnMgDl = 0;
  for (const plan of plans) {
    if (atMs >= plan.night.bedMs && atMs < plan.night.wakeMs) isAsleep = true;
    if (atMs >= plan.night.wakeMs && atMs < plan.night.wakeMs + DAY_MS) sensitivity = plan.sensitivity;
    for (const workout of plan.workouts) {
      const minutes = (atMs - workout.startMs) / MINUTE_MS;
      const length = workout.elapsedSeconds / 60;
      if (minutes < 0 || minutes > length + 600) continue;
      const effort = (workout.averageHr - who.restingHr) / 100;
      if (minutes <= length) burnMgDl += workout.sport === "strength" ? -0.35 : 1.25 * effort;
      // Muscles refill for hours afterwards: insulin works better, most of all that night.
      else burnMgDl += 0.12 * effort * Math.exp(-(minutes - length) / 260);
    }
  }
  return { isAsleep, sensitivity, burnMgDl, pullMgDl: metabolism.restingMgDl + dawn + evening + metabolism.dayDeviationMgDl * drift };
}

function eat(body: Body, meal: Pick<Meal, "carbsGrams" | "fastShare">): void {
  body.fastGut[0] += meal.carbsGrams * meal.fastShare;
  body.slowGut[0] += meal.carbsGrams * (1 - meal.fastShare);
}

function insulinOnBoard(body: Body): number {
  return body.insulin[0] + body.insulin[1];
}

function rounded(units: number, step: number): number {
  return Math.round(Math.round(units / step) * step * 100) / 100;
}

function decideMealBolus(who: Character, body: Body, meal: Meal, dice: number): { atMs: number; units: number } | null {
  const { metabolism } = who;
  if (metabolism.diabetes !== "type1" || dice < metabolism.missedBolusChance) return null;
  if (meal.name === "snack" && meal.countedGrams <= 10) return null;
  const above = body.sensedMgDl - metabolism.targetMgDl;
  const correction = (above * (above > 0 ? metabolism.correctionZeal : 0.8)) / metabolism.dropMgDlPerUnit - Math.max(0, insulinOnBoard(body) - 0.5);
  const units = rounded(meal.countedGrams / metabolism.carbRatioGramsPerUnit + Math.max(correction, -1.5), metabolism.bolusStep);
  if (units <= 0) return null;
  const late = metabolism.bolusDelayMinutes + (dice - 0.5) * 16;
  body.lastBolusMs = meal.atMs;
  return { atMs: meal.atMs + Math.round(late * 60) * 1000, units };
}

interface Reaction {
  readonly atMs: number;
  readonly moment: Moment;
  readonly dice: readonly [number, number];
  readonly due: { atMs: number; units: number }[];
  readonly treatments: Treatment[];
}

/** What the person does about the number on the phone. */
function react(who: Character, body: Body, { atMs, moment, dice, due, treatments }: Reaction): void {
  const { metabolism } = who;
  const notices = moment.isAsleep ? dice[0] < metabolism.wakesOnLow : dice[0] < 0.42;
  if (metabolism.diabetes === "type1" && body.sensedMgDl < (moment.isAsleep ? 64 : 72) && notices && atMs - body.lastRescueMs >= 15 * MINUTE_MS) {
    const grams = dice[1] < 0.3 ? 20 : dice[1] < 0.75 ? 15 : 10;
    eat(body, { carbsGrams: grams, fastShare: 0.95 });
    body.lastRescueMs = atMs;
    if (dice[1] < 0.6) treatments.push({ kind: "carbs", atMs: atMs + 60_000, amount: grams });
  }
  const overdue = atMs - body.lastBolusMs > 150 * MINUTE_MS;
  if (metabolism.diabetes !== "type1" || moment.isAsleep || !overdue || dice[0] > 0.09) return;
  if (body.sensedMgDl < metabolism.correctAboveMgDl) return;
  const wanted = ((body.sensedMgDl - metabolism.targetMgDl) * metabolism.correctionZeal) / metabolism.dropMgDlPerUnit;
  const units = rounded(wanted - insulinOnBoard(body), metabolism.bolusStep);
  if (units <= 0) return;
  due.push({ atMs: atMs + 30_000, units });
  body.lastBolusMs = atMs;
}

function advance(who: Character, body: Body, moment: Moment): void {
  const { metabolism } = who;
  const appeared = flow(body.fastGut, FAST_CARB_MINUTES) + flow(body.slowGut, SLOW_CARB_MINUTES);
  const acted = flow(body.insulin, INSULIN_MINUTES);
  const before = body.mgDl;
  let change = appeared * metabolism.riseMgDlPerGram - acted * metabolism.dropMgDlPerUnit * moment.sensitivity;
  change += (moment.pullMgDl - before) * (1 - Math.exp(-STEP_MINUTES / metabolism.returnMinutes));
  if (metabolism.diabetes !== "type1") change -= ownInsulin(metabolism.diabetes, body, moment);
  const burns = metabolism.diabetes === "none" ? 0.3 : metabolism.diabetes === "type2" ? 0.6 : 1;
  change -= moment.burnMgDl * burns * STEP_MINUTES * clamp((before - 60) / 80, 0, 1.3);
  // Glucagon below, kidneys above.
  if (before < 78) change += (78 - before) * 0.09;
  if (before > 260) change -= (before - 260) * 0.035;
  body.mgDl = clamp(before + change, 32, 470);
  body.sensedMgDl += (body.mgDl - body.sensedMgDl) * 0.5;
}

/** A pancreas answers what it sees with a delay of its own; in type 2 weaker and later. */
function ownInsulin(diabetes: "none" | "type2", body: Body, moment: Moment): number {
  const strength = diabetes === "none" ? 0.2 : 0.055;
  const delayMinutes = diabetes === "none" ? 16 : 45;
  const wanted = Math.max(0, body.mgDl - moment.pullMgDl) * strength;
  body.ownInsulin += (wanted - body.ownInsulin) * (1 - Math.exp(-STEP_MINUTES / delayMinutes));
  return body.ownInsulin;
}

/** Moves one step through two compartments in a row and returns what leaves. */
function flow(chain: [number, number], minutes: number): number {
  const share = 1 - Math.exp(-STEP_MINUTES / minutes);
  const leaves = chain[1] * share;
  const moves = chain[0] * share;
  chain[0] -= moves;
  chain[1] += moves - leaves;
  return leaves;
}

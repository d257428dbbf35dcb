/** Nights as the watch and the mat saw them. vendors/withings.md, sleep get, sleep getsummary; vendors/traps.md. */

import { addDays, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Stage } from "../people/sleep.ts";
import type { WithingsDevice } from "./devices.ts";
import { deviceOf } from "./devices.ts";

/** 0 awake, 1 light, 2 deep, 3 REM, 4 by hand, 5 unspecified, 15 out of bed. */
export type SleepState = 0 | 1 | 2 | 3 | 4 | 5 | 15;

export interface SeenStretch {
  readonly state: SleepState;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One night by one device, or by none. */
export interface SeenNight {
  readonly id: number;
  readonly date: string;
  /** 16 tracker, 32 sleep monitor. */
  readonly model: 16 | 32;
  /** Null for nights that came from another app or were entered by hand. */
  readonly device: WithingsDevice | null;
  readonly origin: "device" | "external" | "manual";
  readonly startMs: number;
  readonly endMs: number;
  /** When falling asleep. */
  readonly asleepMs: number;
  /** When waking for good. */
  readonly wakeMs: number;
  readonly stretches: readonly SeenStretch[];
  readonly readyMs: number;
}

const UPLOAD_MS = 6 * MINUTE_MS;
/** Whoever is awake that long gets up. */
const LONG_AWAKE_MS = 8 * MINUTE_MS;

const STATES: Readonly<Record<Stage, SleepState>> = { awake: 0, light: 1, deep: 2, rem: 3 };

/** What the cloud has by now of the nights that end on the local dates `first` to `last`. */
export function nightsBetween(context: CloudContext, person: Person, first: string, last: string): SeenNight[] {
  const nowMs = context.now();
  const nights: SeenNight[] = [];
  for (let date = first < person.who.cgm.since ? person.who.cgm.since : first; date <= last; date = addDays(date, 1)) nights.push(...seenNights(context, person, date));
  return nights.filter(({ readyMs }) => readyMs <= nowMs);
}

function seenNights(context: Pick<CloudContext, "seed">, person: Person, date: string): SeenNight[] {
  const night = person.night(date);
  const chance = chanceOf(context.seed, "withings-night", person.who.id, date);
  const [luck, lingeredMs] = [chance.next(), Math.round(chance.between(1, 12)) * MINUTE_MS];
  const [watch, mat] = [deviceOf(person, "watch"), deviceOf(person, "mat")];
  const whole = { date, startMs: night.startMs, endMs: night.endMs, asleepMs: night.startMs, wakeMs: night.endMs, readyMs: night.endMs + UPLOAD_MS };
  const idOf = (place: number): number => Math.floor(night.startMs / 1000) * 100 + person.who.index * 10 + place;
  const seen: SeenNight[] = [];
  // The watch was not worn: another app told of the night, or the person did, and neither knows of stages.
  if (luck < 0.05) seen.push({ ...whole, id: idOf(1), model: 16, device: null, origin: "external", stretches: [{ state: 5, fromMs: night.startMs, toMs: night.endMs }] });
  else if (luck < 0.08) seen.push({ ...whole, id: idOf(2), model: 16, device: null, origin: "manual", stretches: [{ state: 4, fromMs: night.startMs, toMs: night.endMs }] });
  else {
    // The plain watch cannot tell dreams from light sleep.
    const stateOf = (stage: Stage): SleepState => (stage === "rem" && !person.who.watch.hasPulseOx ? 1 : STATES[stage]);
    const stretches = night.stretches.map(({ stage, fromMs, toMs }) => ({ state: stateOf(stage), fromMs, toMs }));
    seen.push({ ...whole, id: idOf(0), model: 16, device: watch, origin: "device", stretches });
  }
  if (!mat) return seen;
  const outMs = night.endMs + lingeredMs;
  const stretches = [
    { state: 0 as const, fromMs: night.bedMs, toMs: night.startMs },
    ...night.stretches.flatMap(({ stage, fromMs, toMs }): SeenStretch[] => (stage === "awake" && toMs - fromMs >= LONG_AWAKE_MS ? gotUp(fromMs, toMs) : [{ state: STATES[stage], fromMs, toMs }])),
    { state: 0 as const, fromMs: night.endMs, toMs: outMs },
  ];
  return [...seen, { ...whole, id: idOf(3), model: 32, device: mat, origin: "device", startMs: night.bedMs, endMs: outMs, readyMs: outMs + UPLOAD_MS, stretches }];
}

function gotUp(fromMs: number, toMs: number): SeenStretch[] {
  return [
    { state: 0, fromMs, toMs: fromMs + 2 * MINUTE_MS },
    { state: 15, fromMs: fromMs + 2 * MINUTE_MS, toMs: toMs - 2 * MINUTE_MS },
    { state: 0, fromMs: toMs - 2 * MINUTE_MS, toMs },
  ];
}

/** A night counts as complete a while after it was brought. */
export function isCompleted(night: SeenNight, nowMs: number): boolean {
  return nowMs >= night.readyMs + HOUR_MS / 2;
}

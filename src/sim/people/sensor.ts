/** A glucose sensor under the skin: what it makes of the blood's glucose, and when it says nothing. */

import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Character } from "./characters.ts";
import { clamp } from "./days.ts";
import type { GlucoseRun } from "./glucose.ts";
import { STEP_MS } from "./glucose.ts";
import type { Plan } from "./plan.ts";
import { chanceOf, hashOf, normalAt, uniformAt } from "./rng.ts";

/** One sensor's life. */
export interface Session {
  readonly number: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Readings fall this long after each full five minutes. */
  readonly phaseMs: number;
}

export interface Reading {
  readonly atMs: number;
  /** Unbounded sensor figure, mg/dL, whole. */
  readonly mgDl: number;
  /** mg/dL a minute over the last quarter hour; null right after a gap. */
  readonly rate: number | null;
  readonly session: Session;
}

const EPOCH_MS = Date.UTC(2020, 0, 1, 17);

/** The sensor worn at an instant. */
export function sessionAt(seed: number, who: Character, atMs: number): Session {
  const lengthMs = who.cgm.sessionDays * DAY_MS;
  const anchorMs = EPOCH_MS + Math.floor(chanceOf(seed, who.id, "anchor").between(0, lengthMs) / STEP_MS) * STEP_MS;
  const number = Math.floor((atMs - anchorMs) / lengthMs);
  const startMs = anchorMs + number * lengthMs;
  const phaseMs = Math.floor(chanceOf(seed, who.id, "phase", number).between(0, 300)) * 1000;
  return { number, startMs, endMs: startMs + lengthMs, phaseMs };
}

/** What the sensor reported over its life: lag, bias, noise, drop-outs, lows from lying on it. */
export function senseGlucose(seed: number, who: Character, session: Session, world: { run: GlucoseRun; plans: readonly Plan[] }): Reading[] {
  const key = hashOf(seed, who.id, "sensor", session.number);
  const chance = chanceOf(seed, who.id, "sensor-life", session.number);
  const bias = clamp(chance.normal(1, 0.045), 0.88, 1.12);
  const quiet = quietTimes(seed, who, session);
  const presses = compressions(seed, who, session, world.plans);
  const readings: Reading[] = [];
  let sensed = world.run.mgDl[0] ?? 0;
  let noise = 0;
  let lastStep = -10;
  const recent: number[] = [];
  for (let step = 0; step < world.run.mgDl.length; step++) {
    const atMs = session.startMs + step * STEP_MS + session.phaseMs;
    sensed += (world.run.mgDl[step]! - sensed) * (1 - Math.exp(-5 / 7));
    const age = (step * STEP_MS) / DAY_MS;
    noise = 0.72 * noise + normalAt(key, step) * (2.3 + 2 * Math.exp(-age * 2.5)) * (0.6 + sensed / 300);
    const settling = 1 + (bias - 1) * (1 + 0.8 * Math.exp(-age * 2));
    const pressed = presses.reduce((sum, press) => sum + pressAt(press, atMs), 0);
    if (atMs >= session.endMs || atMs < session.startMs + who.cgm.warmUpMinutes * MINUTE_MS) continue;
    if (quiet.some((gap) => atMs >= gap.fromMs && atMs < gap.toMs) || uniformAt(key + 1, step) < 0.004) continue;
    const mgDl = Math.round(Math.max(28, sensed * settling + noise - pressed));
    if (step - lastStep > 1) recent.length = 0;
    lastStep = step;
    recent.push(mgDl);
    if (recent.length > 4) recent.shift();
    const rate = recent.length < 3 ? null : Math.round(((mgDl - recent[0]!) / ((recent.length - 1) * 5)) * 10) / 10;
    readings.push({ atMs, mgDl, rate, session });
  }
  return readings;
}

interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

function quietTimes(seed: number, who: Character, session: Session): Gap[] {
  const gaps: Gap[] = [];
  for (let day = 0; day * DAY_MS < session.endMs - session.startMs; day++) {
    const chance = chanceOf(seed, who.id, "gap", session.number, day);
    const fromMs = session.startMs + day * DAY_MS + chance.between(0, DAY_MS);
    const kind = chance.next();
    const minutes = kind < 0.14 ? chance.between(10, 45) : kind < 0.19 ? chance.between(60, 200) : kind < 0.2 ? chance.between(300, 600) : 0;
    if (minutes > 0) gaps.push({ fromMs, toMs: fromMs + minutes * MINUTE_MS });
  }
  return gaps;
}

interface Press {
  readonly atMs: number;
  readonly lengthMs: number;
  readonly depth: number;
}

/** Lying on the sensor at night: a fall within minutes, a floor, a sudden return. */
function compressions(seed: number, who: Character, session: Session, plans: readonly Plan[]): Press[] {
  const presses: Press[] = [];
  for (const plan of plans) {
    const chance = chanceOf(seed, who.id, "press", plan.date);
    if (plan.night.bedMs < session.startMs - DAY_MS || !chance.happens(0.07)) continue;
    presses.push({
      atMs: plan.night.bedMs + chance.between(0.15, 0.85) * (plan.night.wakeMs - plan.night.bedMs),
      lengthMs: chance.between(0.3, 0.9) * HOUR_MS,
      depth: chance.between(22, 55),
    });
  }
  return presses;
}

function pressAt(press: Press, atMs: number): number {
  const since = atMs - press.atMs;
  if (since < 0 || since > press.lengthMs) return 0;
  const onset = Math.min(1, since / (12 * MINUTE_MS));
  const release = Math.min(1, (press.lengthMs - since) / (7 * MINUTE_MS));
  return press.depth * Math.min(onset, release);
}

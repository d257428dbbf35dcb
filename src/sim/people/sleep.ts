/** A night: stages in cycles, deep sleep early and dreams late, and how good it was. */

import { MINUTE_MS } from "#units/time.ts";
import type { Character } from "./characters.ts";
import { clamp } from "./days.ts";
import type { Plan } from "./plan.ts";
import { chanceOf } from "./rng.ts";

export type Stage = "deep" | "light" | "rem" | "awake";

export interface Stretch {
  readonly stage: Stage;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Night {
  readonly date: string;
  readonly bedMs: number;
  /** Falling asleep, the start a watch reports. */
  readonly startMs: number;
  readonly endMs: number;
  readonly stretches: readonly Stretch[];
  readonly seconds: Readonly<Record<Stage, number>>;
  /** 0–100. */
  readonly score: number;
  /** A daytime nap, minutes; 0 for none. */
  readonly napMinutes: number;
  readonly napStartMs: number;
}

const CYCLE_MINUTES = 92;
/** More than the longest night holds; what is past its end is not added. */
const MOST_CYCLES = 12;

export function describeNight(seed: number, who: Character, plan: Plan): Night {
  const { night, date } = plan;
  const chance = chanceOf(seed, who.id, "sleep", date);
  const startMs = night.bedMs + Math.round(chance.between(5, 24)) * MINUTE_MS;
  const stretches = cycles(chance, startMs, night.wakeMs, plan.strain);
  const seconds: Record<Stage, number> = { deep: 0, light: 0, rem: 0, awake: 0 };
  for (const { stage, fromMs, toMs } of stretches) seconds[stage] += (toMs - fromMs) / 1000;
  const naps = chanceOf(seed, who.id, "nap", date);
  return {
    date, bedMs: night.bedMs, startMs, endMs: stretches.at(-1)?.toMs ?? night.wakeMs, stretches, seconds,
    score: scoreOf(seconds, plan.strain, stretches),
    napMinutes: naps.happens(0.06) ? Math.round(naps.between(15, 50)) : 0,
    napStartMs: night.wakeMs + Math.round(naps.between(6, 8.5) * 60) * MINUTE_MS,
  };
}

function cycles(chance: ReturnType<typeof chanceOf>, startMs: number, endMs: number, strain: number): Stretch[] {
  const stretches: Stretch[] = [];
  let atMs = startMs;
  const add = (stage: Stage, minutes: number): void => {
    const toMs = Math.min(endMs, atMs + Math.max(1, Math.round(minutes)) * MINUTE_MS);
    const last = stretches.at(-1);
    if (toMs <= atMs) return;
    if (last?.stage === stage) stretches[stretches.length - 1] = { ...last, toMs };
    else stretches.push({ stage, fromMs: atMs, toMs });
    atMs = toMs;
  };
  for (let cycle = 0; cycle < MOST_CYCLES; cycle++) {
    const length = CYCLE_MINUTES * chance.between(0.85, 1.18);
    const deep = length * clamp(0.36 - 0.1 * cycle, 0.03, 0.4) * chance.between(0.7, 1.3) * clamp(1.3 - 0.3 * strain, 0.6, 1.2);
    const rem = length * clamp(0.1 + 0.075 * cycle, 0.1, 0.4) * chance.between(0.7, 1.25);
    add("light", (length - deep - rem) * chance.between(0.3, 0.55));
    add("deep", deep);
    if (chance.happens(0.16 * strain)) add("awake", chance.between(1, 5));
    add("light", (length - deep - rem) * chance.between(0.35, 0.55));
    add("rem", rem);
    if (chance.happens(0.34 * strain)) add("awake", chance.between(1, cycle === 2 && strain > 1.2 ? 26 : 9));
  }
  if (stretches.at(-1)?.stage === "awake") stretches.pop();
  return stretches;
}

function scoreOf(seconds: Record<Stage, number>, strain: number, stretches: readonly Stretch[]): number {
  const hours = (seconds.deep + seconds.light + seconds.rem) / 3600;
  const asleep = Math.max(1, hours * 3600);
  const length = clamp(44 - Math.abs(hours - 7.7) * 11, 0, 44);
  const depth = clamp((seconds.deep / asleep / 0.18) * 18, 0, 19);
  const dreams = clamp((seconds.rem / asleep / 0.22) * 17, 0, 18);
  const calm = clamp(16 - 9 * (strain - 0.8), 3, 16);
  const breaks = stretches.filter((stretch) => stretch.stage === "awake").length;
  return Math.round(clamp(length + depth + dreams + calm + 5 - 1.4 * breaks - seconds.awake / 500, 15, 99));
}

/** Sleeps as Google Health tells them. vendors/google-health.md, sleep. */

import { MINUTE_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Night, Stretch } from "../people/sleep.ts";
import { instant, stretchOf, whole } from "./times.ts";
import type { GoogleWorld, Maker, Point } from "./world.ts";

/** The watch syncs, and the stages are computed some time later. */
const SYNC_MS = 6 * MINUTE_MS;
const PROCESSED_MS = 30 * MINUTE_MS;
/** Wakings up to this length are listed apart, over the stage they interrupt. */
const SHORT_MS = 3 * MINUTE_MS;
/** Whoever is awake for so long gets up. */
const UP_MS = 10 * MINUTE_MS;

interface GoogleStage {
  readonly type: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const STAGES: Readonly<Record<Stretch["stage"], string>> = { light: "LIGHT", deep: "DEEP", rem: "REM", awake: "AWAKE" };

export const sleep: Maker = (world, person, date) => {
  const night = person.night(date);
  const chance = chanceOf(world.context.seed, person.who.id, "google-night", date);
  const isClassic = chance.happens(0.05);
  const isEdited = chance.happens(0.04);
  const found = [told(world, person, { fromMs: night.startMs, toMs: night.endMs, stages: nightStages(night, isClassic), short: isClassic ? [] : shortWakings(night) }, {
    type: isClassic ? "CLASSIC" : "STAGES",
    metadata: { mainSleep: true, stagesStatus: isClassic ? "REJECTED_COVERAGE" : "SUCCEEDED", ...(isEdited ? { manuallyEdited: true } : {}) },
  })];
  if (night.napMinutes === 0) return found;
  const nap = { fromMs: night.napStartMs, toMs: night.napStartMs + night.napMinutes * MINUTE_MS };
  // A sleep by day is flagged as the main one now and then (vendors/traps.md).
  const flags = chance.happens(0.1) ? { mainSleep: true } : { nap: true };
  return [...found, told(world, person, { ...nap, stages: [{ type: "ASLEEP", ...nap }], short: [] }, { type: "CLASSIC", metadata: { ...flags, stagesStatus: "REJECTED_NAP" } })];
};

interface Sleep {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stages: readonly GoogleStage[];
  readonly short: readonly GoogleStage[];
}

interface Verdict {
  readonly type: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

function told({ context }: GoogleWorld, { who }: Person, { fromMs, toMs, stages, short }: Sleep, { type, metadata }: Verdict): Point {
  const readyMs = toMs + SYNC_MS;
  const settledMs = toMs + PROCESSED_MS;
  const isProcessed = settledMs <= context.now();
  const { stagesStatus, ...flags } = metadata;
  const shown = (stage: GoogleStage): object => ({ type: stage.type, ...stretchOf(who.zone, stage.fromMs, stage.toMs) });
  const up = stages.filter((stage) => stage.type === "AWAKE" && stage.toMs - stage.fromMs >= UP_MS);
  return {
    startMs: fromMs, endMs: toMs, readyMs, settledMs, source: "watch",
    fields: {
      type,
      ...(isProcessed ? {
        stages: stages.map(shown),
        ...(short.length > 0 ? { shortAwakenings: short.map(shown) } : {}),
        ...(up.length > 0 ? { outOfBedSegments: up.map((stage) => stretchOf(who.zone, stage.fromMs + MINUTE_MS, stage.toMs - MINUTE_MS)) } : {}),
        summary: summaryOf(stages),
        // False is left out: a sleep under way has no `processed` at all.
        metadata: { ...flags, processed: true, stagesStatus },
      } : { metadata: flags }),
      createTime: instant(readyMs),
      updateTime: instant(isProcessed ? settledMs : readyMs),
    },
  };
}

function nightStages(night: Night, isClassic: boolean): GoogleStage[] {
  const merged: GoogleStage[] = [];
  for (const { stage, fromMs, toMs } of night.stretches) {
    const isShort = stage === "awake" && toMs - fromMs <= SHORT_MS;
    const last = merged.at(-1);
    const type = isClassic ? classicType(stage, toMs - fromMs) : isShort ? (last?.type ?? "LIGHT") : STAGES[stage];
    if (last?.type === type) merged[merged.length - 1] = { ...last, toMs };
    else merged.push({ type, fromMs, toMs });
  }
  return merged;
}

function classicType(stage: Stretch["stage"], lengthMs: number): string {
  if (stage !== "awake") return "ASLEEP";
  return lengthMs > SHORT_MS ? "AWAKE" : "RESTLESS";
}

function shortWakings(night: Night): GoogleStage[] {
  return night.stretches.filter(({ stage, fromMs, toMs }) => stage === "awake" && toMs - fromMs <= SHORT_MS).map(({ fromMs, toMs }) => ({ type: "AWAKE", fromMs, toMs }));
}

const ASLEEP = ["LIGHT", "DEEP", "REM", "ASLEEP"];

function summaryOf(stages: readonly GoogleStage[]): object {
  const minutes = (isCounted: (type: string) => boolean): string =>
    whole(stages.filter(({ type }) => isCounted(type)).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / MINUTE_MS);
  const types = [...new Set(stages.map(({ type }) => type))];
  return {
    minutesInSleepPeriod: minutes(() => true),
    minutesAsleep: minutes((type) => ASLEEP.includes(type)),
    minutesAwake: minutes((type) => type === "AWAKE"),
    minutesToFallAsleep: "0",
    minutesAfterWakeUp: "0",
    stagesSummary: types.map((type) => ({ type, minutes: minutes((one) => one === type), count: whole(stages.filter((stage) => stage.type === type).length) })),
  };
}

/** Breath while asleep, at the end of the night; a stage that did not occur has no figures. */
export const respiratoryRateSleepSummary: Maker = (_world, person, date) => {
  const night = person.night(date);
  const rate = person.body(date).respirationRate;
  const stats = (difference: number): object => ({ breathsPerMinute: Math.round((rate + difference) * 10) / 10, standardDeviation: 0.8, signalToNoise: 11.5 });
  return [{
    startMs: night.endMs, endMs: night.endMs, readyMs: night.endMs + PROCESSED_MS, source: "watch",
    fields: {
      fullSleepStats: stats(0),
      ...(night.seconds.deep > 0 ? { deepSleepStats: stats(-0.4) } : {}),
      ...(night.seconds.light > 0 ? { lightSleepStats: stats(0.1) } : {}),
      ...(night.seconds.rem > 0 ? { remSleepStats: stats(0.5) } : {}),
    },
  }];
};

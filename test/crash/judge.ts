/** Says of a run what it shows and whether it may be believed. Pure. */
import { KILL_POINTS } from "./points.ts";
import type { RunResult } from "./run.ts";

export interface Judgement {
  readonly lines: readonly string[];
  /** Why the run failed, or proves nothing. Empty: all is well. */
  readonly faults: readonly string[];
}

/** Figures G6 and G7 of the catalogue, seconds. */
const TAKEOVER_LIMIT = 60;
const RECOVERY_LIMIT = 10;
const LEAST_BUSY = 0.3;
const POINTS = [...KILL_POINTS.api, ...KILL_POINTS.worker];

export function judge(result: RunResult): Judgement {
  const { rounds, deliveries, effects, controls, options } = result;
  const points = POINTS.filter((point) => rounds.byPoint[point] !== undefined).length;
  const slowest = Math.max(0, ...result.takeoverSeconds);
  const latest = Math.max(0, ...rounds.recoverySeconds);
  const checks: readonly (readonly [boolean, string])[] = [
    [deliveries.lost === 0, `${deliveries.lost} acknowledged deliveries were lost`],
    [deliveries.duplicates === 0, `${deliveries.duplicates} deliveries are stored twice`],
    [deliveries.unexpected === 0, `${deliveries.unexpected} stored deliveries are not what was sent`],
    [effects.unfinished === 0, `${effects.unfinished} deliveries did not come to their end`],
    [effects.missing + effects.wrong === 0, `${effects.missing} readings are missing, ${effects.wrong} wrong`],
    [effects.duplicates + effects.unexpected === 0, `${effects.duplicates} readings stand there twice, ${effects.unexpected} come of nothing`],
    [result.crashes.length === 0, `processes ended by themselves: ${result.crashes.join("; ")}`],
    [result.exitCodes.every((code) => code === 0), `the last stop ended with ${result.exitCodes.join(", ")}`],
    [slowest <= TAKEOVER_LIMIT, `a dead worker's work waited ${slowest.toFixed(1)} s`],
    [latest <= RECOVERY_LIMIT, `the first 2xx came ${latest.toFixed(1)} s after the database`],
    [rounds.restarts === 0, `the server had to be started again after ${rounds.restarts} kills of the database`],
    [rounds.kills >= options.kills || result.seconds > options.mostSeconds, `there were only ${rounds.kills} kills`],
    [points === POINTS.length, `only ${points} of the ${POINTS.length} named points were hit`],
    // A system that stood still loses nothing either.
    [rounds.busy >= LEAST_BUSY * rounds.rounds, `only ${rounds.busy} of ${rounds.rounds} rounds hit a busy system`],
    [rounds.leastAcks >= 300, `a round had only ${rounds.leastAcks} acknowledgements`],
    [result.mostCopies >= 100, `no delivery was sent a hundred times (${result.mostCopies} at most)`],
    [result.takeoverSeconds.length > 0 && rounds.recoverySeconds.length > 0, "no takeover or no recovery was measured"],
    [result.cloud.faults > 0, "the vendor's cloud had no faults"],
    ...controls.map(({ control, lost }) => [lost > 0, `the control ${control} lost nothing: this run proves nothing`] as const),
    [controls.length === 2, "a control is missing"],
  ];
  const list = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", ");
  return {
    faults: checks.filter(([isGood]) => !isGood).map(([, fault]) => fault),
    lines: [
      `acknowledged ${deliveries.acknowledged}, lost ${deliveries.lost}; stored ${deliveries.stored}, of them unheard of by their sender ${deliveries.unheard}, twice ${deliveries.duplicates}`,
      `rounds ${rounds.rounds} (busy ${rounds.busy}, at least ${rounds.leastAcks} acknowledged in each), kills ${rounds.kills}: ${list(rounds.byTarget)}`,
      `named points hit ${points}: ${list(rounds.byPoint)}`,
      `requests sent ${result.sent} (one delivery up to ${result.mostCopies} times), answers: ${list(result.answers)} (0: none)`,
      `readings ${effects.readings}: missing ${effects.missing}, wrong ${effects.wrong}, twice ${effects.duplicates}; unfinished deliveries ${effects.unfinished}, revived ${effects.revived}, drained in ${effects.drainSeconds.toFixed(0)} s`,
      `a dead worker's work taken over after ${slowest.toFixed(1)} s at most, ${median(result.takeoverSeconds).toFixed(1)} s in the median, of ${result.takeoverSeconds.length}; later than ${TAKEOVER_LIMIT} s: ${result.takeoverSeconds.filter((seconds) => seconds > TAKEOVER_LIMIT).length}`,
      `first 2xx after the database was back: ${latest.toFixed(2)} s at most, ${median(rounds.recoverySeconds).toFixed(2)} s in the median, of ${rounds.recoverySeconds.length}; server restarts ${rounds.restarts}`,
      `the vendor's cloud was called ${result.cloud.calls} times and failed ${result.cloud.faults}; the run took ${result.seconds.toFixed(0)} s`,
      ...controls.map(({ control, rounds: played, acknowledged, lost }) => `control ${control}: ${lost} of ${acknowledged} lost in ${played} rounds`),
    ],
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Women's health as Garmin tells it. vendors/garmin.md, mct. */

import { addDays, DAY_MS, localDay, MINUTE_MS } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { seconds, summaryId } from "./days.ts";
import type { Summary, SummaryWorld } from "./types.ts";

const PERIOD_DAYS = 5;
/** Who tracks a cycle here was born after this. */
const BORN_AFTER = 1976;

interface Phase {
  readonly name: string;
  /** First day of it in the cycle, from 1. */
  readonly fromDay: number;
}

/** Nothing is measured here: a regular cycle, counted from a day of the person's own. */
export function mct(world: SummaryWorld, person: Person, date: string): Summary[] {
  const { who } = person;
  if (who.sex !== "F" || who.bornYear <= BORN_AFTER) return [];
  const chance = chanceOf(world.seed, who.id, "cycle");
  const cycleDays = Math.round(chance.between(26, 31));
  const anchorDay = Math.floor(chance.between(0, cycleDays));
  const dayNumber = Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS) - anchorDay;
  const dayInCycle = (dayNumber % cycleDays) + 1;
  const fertileFrom = cycleDays - 18;
  const phases: readonly Phase[] = [
    { name: "MENSTRUAL", fromDay: 1 }, { name: "FOLLICULAR", fromDay: PERIOD_DAYS + 1 }, { name: "FERTILE", fromDay: fertileFrom }, { name: "LUTEAL", fromDay: fertileFrom + 6 },
  ];
  const index = phases.findLastIndex(({ fromDay }) => dayInCycle >= fromDay);
  const phase = phases[index]!;
  const nextDay = phases[index + 1]?.fromDay ?? cycleDays + 1;
  const startMs = localDay(who.zone, date)?.fromMs ?? 0;
  const updatedMs = startMs + 8 * 60 * MINUTE_MS;
  return [{
    startMs,
    readyMs: updatedMs,
    fields: {
      summaryId: summaryId(person, startMs, "mct"),
      periodStartDate: addDays(date, 1 - dayInCycle),
      dayInCycle,
      periodLength: PERIOD_DAYS,
      currentPhase: index + 1,
      currentPhaseType: phase.name,
      lengthOfCurrentPhase: nextDay - phase.fromDay,
      daysUntilNextPhase: nextDay - dayInCycle,
      predictedCycleLength: cycleDays,
      isPredictedCycle: false,
      cycleLength: cycleDays,
      lastUpdatedTimeInSeconds: seconds(updatedMs),
      hasSpecifiedCycleLength: false,
      hasSpecifiedPeriodLength: false,
      fertileWindowStart: fertileFrom,
      lengthOfFertileWindow: 6,
    },
  }];
}

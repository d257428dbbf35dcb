/** What a question to a clinic's list means. */
import { AGE_CLASSES, APPOINTMENT_CHOICES, type PopulationFilter, type Sort } from "#clinic/population/filter.ts";
import { CONNECTION_HEALTHS } from "#clinic/population/groups.ts";
import type { Period } from "#clinic/population/line.ts";
import { GROUPS } from "#clinic/population/rules.ts";
import { TARGET_PRESETS } from "#clinic/targets/target.ts";
import { instantParameter } from "./route-kit.ts";
import type { PopulationQuery } from "./schemas/population-query.ts";

/** A question, checked. */
export interface PopulationAsked {
  readonly days: Period;
  readonly filter: PopulationFilter;
  readonly sort: Sort;
  readonly isDescending: boolean;
  readonly nowMs: number;
}

const truthOf = (text: "true" | "false" | undefined): boolean | undefined => (text === undefined ? undefined : text === "true");
/** @param words which the shape of the query has held the text against. */
const someOf = <T extends string>(words: readonly T[], text: string | undefined): T[] | undefined => text?.split(",").map((word) => words.find((each) => each === word)!);

/** Throws InvalidInput naming the parameter. */
export function askedOf(query: PopulationQuery, text: PopulationFilter["text"] | null, nowMs: number): PopulationAsked {
  const filter: PopulationFilter = {
    tags: query.tags === undefined ? undefined : { ids: query.tags.split(","), match: query.tagsMatch }, isUntagged: truthOf(query.untagged), targetFrom: query.timeInRangeFrom,
    targetBelow: query.timeInRangeBelow, lowFrom: query.timeBelowFrom, veryLowFrom: query.veryLowFrom, highFrom: query.timeAboveFrom, veryHighFrom: query.veryHighFrom, wearBelow: query.wearBelow,
    wearFrom: query.wearFrom, noDataDays: query.noDataDays, ages: someOf(AGE_CLASSES, query.age), connections: someOf(CONNECTION_HEALTHS, query.connection),
    reviewedBeforeMs: query.reviewedBefore === undefined ? undefined : instantParameter("reviewedBefore", query.reviewedBefore, 0), groups: someOf(GROUPS, query.group), flags: someOf(GROUPS, query.flag),
    isSnoozed: truthOf(query.snoozed), presets: someOf(TARGET_PRESETS, query.preset), appointments: someOf(APPOINTMENT_CHOICES, query.appointment), text: text ?? undefined,
  };
  return { days: Number(query.days) as Period, filter, sort: query.sort, isDescending: query.order === "desc", nowMs };
}

/** Which patients of a clinic are shown, and in which order. Pure. */
import { DAY_MS } from "#units/time.ts";
import { OPEN_STATES, type OpenState } from "../appointments/state-machine.ts";
import type { Target, TargetPreset } from "../targets/target.ts";
import { CONNECTION_HEALTHS, flagsOf, isSnoozed, type ConnectionHealth, type Flag, type Snooze, type Standing } from "./groups.ts";
import type { Line, LineFacts } from "./line.ts";
import { GROUPS, type AttentionRules, type Group } from "./rules.ts";

/** What filters, orders and groups ask of a patient. What they do not ask for need not have been read. */
export interface PatientFacts {
  readonly id: string;
  /** Reached by access in an emergency, and not because the person shares. */
  readonly isEmergency: boolean;
  readonly name: string;
  readonly line: LineFacts | null;
  readonly target: Target;
  readonly connection: ConnectionHealth;
  readonly review: ReviewMark | null;
  readonly appointment: AppointmentMark | null;
  readonly tagCount: number;
  /** Those that were asked for. */
  readonly tagIds: readonly string[];
}

/** Of a patient's last review: when, and what it put off. */
export interface ReviewMark {
  readonly reviewedMs: number;
  readonly snooze: Snooze | null;
}

/** Of a patient's open request for an appointment: how far it has come, and since when. */
export interface AppointmentMark {
  readonly state: OpenState;
  readonly sinceMs: number;
}

export const APPOINTMENT_CHOICES = [...OPEN_STATES, "none"] as const;
export type AppointmentChoice = (typeof APPOINTMENT_CHOICES)[number];

/** How long ago the last reading was: within a day, three, seven, longer; or never. */
export const AGE_CLASSES = ["day", "threeDays", "week", "older", "never"] as const;
export type AgeClass = (typeof AGE_CLASSES)[number];

export function ageClassOf(lastMs: number | null, nowMs: number): AgeClass {
  if (lastMs === null) return "never";
  const days = (nowMs - lastMs) / DAY_MS;
  return days < 1 ? "day" : days < 3 ? "threeDays" : days < 7 ? "week" : "older";
}

/** Points of time in target against the days before. */
export function changeOf(line: Pick<Line, "ranges" | "beforeTarget"> | null): number | null {
  return !line?.ranges || line.beforeTarget === null ? null : line.ranges.target - line.beforeTarget;
}

export function standingOf({ line, target, connection }: Pick<PatientFacts, "line" | "target" | "connection">, days: number): Standing {
  const { preset, goals, hasOwnGoals } = target;
  return {
    preset, goals, hasOwnGoals, ranges: line?.ranges ?? null, wear: line?.wear ?? null, change: changeOf(line), days, beforeDays: line?.beforeDays ?? 0, lastMs: line?.lastMs ?? null, connection,
  };
}

/** Where a question is asked: of which days, by whose rules, when. */
export interface Setting {
  readonly days: number;
  readonly rules: AttentionRules;
  readonly nowMs: number;
}

/** Each that is named must hold; percent unless another unit is in the name. Who has no such number is not shown by it. */
export interface PopulationFilter {
  readonly tags?: { readonly ids: readonly string[]; readonly match: "any" | "all" } | undefined;
  readonly isUntagged?: boolean | undefined;
  readonly targetFrom?: number | undefined;
  readonly targetBelow?: number | undefined;
  /** Low and very low together. */
  readonly lowFrom?: number | undefined;
  readonly veryLowFrom?: number | undefined;
  readonly highFrom?: number | undefined;
  readonly veryHighFrom?: number | undefined;
  /** Also who has no reading at all. */
  readonly wearBelow?: number | undefined;
  readonly wearFrom?: number | undefined;
  readonly noDataDays?: number | undefined;
  readonly ages?: readonly AgeClass[] | undefined;
  readonly connections?: readonly ConnectionHealth[] | undefined;
  /** Not reviewed since this instant, or never. */
  readonly reviewedBeforeMs?: number | undefined;
  /** Listed in one of these groups. */
  readonly groups?: readonly Group[] | undefined;
  /** In one of these groups, wherever listed. */
  readonly flags?: readonly Group[] | undefined;
  readonly isSnoozed?: boolean | undefined;
  readonly presets?: readonly TargetPreset[] | undefined;
  readonly appointments?: readonly AppointmentChoice[] | undefined;
  /** Words that all stand in the name, or ids that were found by another text. */
  readonly text?: { readonly words: readonly string[]; readonly ids: ReadonlySet<string> } | undefined;
}

/** Letters alone count: no case, no accent. */
export function plainLetters(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

export function isShown(facts: PatientFacts, filter: PopulationFilter, setting: Setting): boolean {
  return hasShares(facts, filter) && hasData(facts, filter, setting) && isOfClinic(facts, filter) && isInGroups(facts, filter, setting);
}

const isFrom = (value: number | null | undefined, least: number | undefined): boolean => least === undefined || (value != null && value >= least);
const isOneOf = <T>(value: T, wanted: readonly T[] | undefined): boolean => wanted === undefined || wanted.includes(value);

function hasShares({ line }: PatientFacts, filter: PopulationFilter): boolean {
  const ranges = line?.ranges;
  return isFrom(ranges?.target, filter.targetFrom) && (filter.targetBelow === undefined || (ranges != null && ranges.target < filter.targetBelow)) &&
    isFrom(ranges && ranges.veryLow + ranges.low, filter.lowFrom) && isFrom(ranges?.veryLow, filter.veryLowFrom) &&
    isFrom(ranges && ranges.high + ranges.veryHigh, filter.highFrom) && isFrom(ranges?.veryHigh, filter.veryHighFrom);
}

function hasData({ line, connection }: PatientFacts, filter: PopulationFilter, { nowMs }: Setting): boolean {
  const wear = line?.wear ?? 0;
  const lastMs = line?.lastMs ?? null;
  return (filter.wearBelow === undefined || wear < filter.wearBelow) && (filter.wearFrom === undefined || wear >= filter.wearFrom) &&
    (filter.noDataDays === undefined || lastMs === null || nowMs - lastMs > filter.noDataDays * DAY_MS) &&
    isOneOf(ageClassOf(lastMs, nowMs), filter.ages) && isOneOf(connection, filter.connections);
}

function isOfClinic({ id, name, tagIds, tagCount, review, target, appointment }: PatientFacts, { tags, isUntagged, reviewedBeforeMs, presets, appointments, text }: PopulationFilter): boolean {
  if (tags && !(tags.match === "all" ? tags.ids.every((each) => tagIds.includes(each)) : tags.ids.some((each) => tagIds.includes(each)))) return false;
  if (isUntagged !== undefined && isUntagged !== (tagCount === 0)) return false;
  if (reviewedBeforeMs !== undefined && review !== null && review.reviewedMs >= reviewedBeforeMs) return false;
  if (!isOneOf(target.preset, presets) || !isOneOf(appointment?.state ?? "none", appointments)) return false;
  if (!text || text.ids.has(id)) return true;
  const letters = plainLetters(name);
  return text.words.every((word) => letters.includes(word));
}

function isInGroups(facts: PatientFacts, { groups, flags, isSnoozed: wanted }: PopulationFilter, setting: Setting): boolean {
  if (!groups && !flags && wanted === undefined) return true;
  const found = flagsOf(standingOf(facts, setting.days), setting.rules, setting.nowMs);
  if (groups && !groups.includes(found[0]?.group as Group)) return false;
  if (flags && !found.some(({ group }) => flags.includes(group))) return false;
  return wanted === undefined || wanted === isSnoozed(found, facts.review?.snooze ?? null, setting.nowMs);
}

export const SORTS = [
  "name", "lastData", "lastValue", "timeInRange", "timeBelow", "veryLow", "timeAbove", "veryHigh", "tight", "mean", "gmi", "cv", "wear", "change", "lowEvents", "highEvents", "connection",
  "lastReviewed", "preset", "tags", "group", "appointment",
] as const;
export type Sort = (typeof SORTS)[number];

/** By which number, or text, patients stand in order; null comes last. Names stand as the database orders them. */
const KEYS: Readonly<Record<Exclude<Sort, "name">, (facts: PatientFacts, setting: Setting) => number | string | null>> = {
  lastData: ({ line }) => line?.lastMs ?? null,
  lastValue: ({ line }) => line?.lastMgDl ?? null,
  timeInRange: ({ line }) => line?.ranges?.target ?? null,
  timeBelow: ({ line }) => (line?.ranges ? line.ranges.veryLow + line.ranges.low : null),
  veryLow: ({ line }) => line?.ranges?.veryLow ?? null,
  timeAbove: ({ line }) => (line?.ranges ? line.ranges.high + line.ranges.veryHigh : null),
  veryHigh: ({ line }) => line?.ranges?.veryHigh ?? null,
  tight: ({ line }) => line?.ranges?.tight ?? null,
  mean: ({ line }) => line?.mean ?? null,
  gmi: ({ line }) => line?.gmi ?? null,
  cv: ({ line }) => line?.cv ?? null,
  wear: ({ line }) => line?.wear ?? null,
  change: ({ line }) => changeOf(line),
  lowEvents: ({ line }) => line?.lowEvents ?? null,
  highEvents: ({ line }) => line?.highEvents ?? null,
  connection: ({ connection }) => CONNECTION_HEALTHS.indexOf(connection),
  lastReviewed: ({ review }) => review?.reviewedMs ?? null,
  preset: ({ target }) => target.preset,
  tags: ({ tagCount }) => tagCount,
  appointment: ({ appointment }) => appointment?.sinceMs ?? null,
  group: (facts, setting) => placeOfGroup(flagsOf(standingOf(facts, setting.days), setting.rules, setting.nowMs)),
};

function placeOfGroup([first]: readonly Flag[]): number | null {
  return first ? GROUPS.indexOf(first.group) : null;
}

/** In order; equals by id. @param all by name already, where that is asked for */
export function inOrder(all: readonly PatientFacts[], { sort, isDescending }: { readonly sort: Sort; readonly isDescending: boolean }, setting: Setting): PatientFacts[] {
  if (sort === "name") return isDescending ? all.toReversed() : [...all];
  const sign = isDescending ? -1 : 1;
  const keyed = all.map((facts) => ({ facts, key: KEYS[sort](facts, setting) }));
  keyed.sort((a, b) => {
    if (a.key === b.key) return a.facts.id < b.facts.id ? -1 : 1;
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    return a.key < b.key ? -sign : sign;
  });
  return keyed.map(({ facts }) => facts);
}

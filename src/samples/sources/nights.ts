/** Several devices report one night, or one run: which report is shown, and what counts. Pure; all are kept, and listed unless asked otherwise. */
import { HOUR_MS, MINUTE_MS, type Window } from "#units/time.ts";
import { isExcluded, ownPlace, pathRank, type SourceRule } from "./ranking.ts";
import type { SleepDetails, StoredRecord, WorkoutDetails } from "../records.ts";

export type Sleep = StoredRecord<SleepDetails>;
export type Workout = StoredRecord<WorkoutDetails>;

/** One night: what the chosen device told of it. */
export interface Night {
  /** Of one device, apart from one another, the first first. Several where somebody was up in between. */
  readonly sleeps: readonly Sleep[];
  readonly startMs: number;
  /** A night belongs to the day it ends in. */
  readonly endMs: number;
  readonly asleepS: number;
}

/** Sleeps no further apart are one night; what is short (a doze after breakfast) only where it follows at once. */
const LONGEST_PAUSE_MS = 3 * HOUR_MS;
const SHORT_MS = 90 * MINUTE_MS;
const LONGEST_PAUSE_OF_SHORT_MS = HOUR_MS;
/** Who saw less of a night than this share of what another saw does not speak for it, however finely. */
const LEAST_SHARE = 0.5;
/** Seeing as much as this share of what another saw counts as seeing as much. */
const AS_LONG = 0.9;

/**
 * The nights among sleeps of any devices, the first first. For each the most detailed device speaks: the person's own order; then stages before
 * none, finer before coarser; then longer coverage; then the maker's connection before a hub. Naps make no night and join none: neither what a
 * device calls a nap, nor what lies within another's nap.
 */
export function nightsOf(sleeps: readonly Sleep[], rule?: SourceRule): Night[] {
  const { nights } = sortOut(sleeps, rule);
  return nights.map((night) => chosenOf(night, rule));
}

/** The sleeps to show once each: those of the chosen device for each night, and each nap by one device. In the order given. */
export function resolveSleeps(sleeps: readonly Sleep[], rule?: SourceRule): Sleep[] {
  const { nights, naps } = sortOut(sleeps, rule);
  const chosen = new Set([...nights.flatMap((night) => chosenOf(night, rule).sleeps), ...naps.flatMap((nap) => chosenOf(nap, rule).sleeps)].map(({ id }) => id));
  return sleeps.filter(({ id }) => chosen.has(id));
}

/** Seconds slept in the night that ended in the day; the longest where several did (a shift worker's day). Null without any. */
export function nightOf(sleeps: readonly Sleep[], day: Window, rule?: SourceRule): number | null {
  const ended = nightsOf(sleeps, rule).filter(({ endMs }) => endMs > day.fromMs && endMs <= day.toMs);
  return ended.length === 0 ? null : ended.reduce((most, { asleepS }) => Math.max(most, asleepS), 0);
}

/** Sleeps that tell of one night or nap, and those of one device among them. */
function sortOut(sleeps: readonly Sleep[], rule: SourceRule | undefined): { nights: Sleep[][]; naps: Sleep[][] } {
  const usable = sleeps.filter((sleep) => !isExcluded(rule, sourceOf(sleep))).toSorted(byStart);
  const called = usable.filter(({ kind }) => kind === "nap");
  const isNap = (sleep: Sleep): boolean =>
    sleep.kind === "nap" || called.some((nap) => isSame(nap, sleep) && nap.endMs - nap.startMs >= LEAST_SHARE * (sleep.endMs - sleep.startMs));
  return { nights: gathered(usable.filter((sleep) => !isNap(sleep)), isOneNight), naps: gathered(usable.filter(isNap), (reach, nap) => nap.startMs < reach.endMs) };
}

function isOneNight(before: Stretch, sleep: Sleep): boolean {
  const pauseMs = sleep.startMs - before.endMs;
  const isShort = Math.min(sleep.endMs - sleep.startMs, before.endMs - before.startMs) < SHORT_MS;
  return pauseMs <= (isShort ? LONGEST_PAUSE_OF_SHORT_MS : LONGEST_PAUSE_MS);
}

interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** Groups of sleeps, ascending, each joined to the group before where it belongs to it. */
function gathered(sleeps: readonly Sleep[], belongs: (before: Stretch, sleep: Sleep) => boolean): Sleep[][] {
  const groups: { readonly sleeps: Sleep[]; reach: Stretch }[] = [];
  for (const sleep of sleeps) {
    const last = groups.at(-1);
    if (last && belongs(last.reach, sleep)) {
      last.sleeps.push(sleep);
      last.reach = { startMs: last.reach.startMs, endMs: Math.max(last.reach.endMs, sleep.endMs) };
    } else groups.push({ sleeps: [sleep], reach: sleep });
  }
  return groups.map((group) => group.sleeps);
}

function chosenOf(group: readonly Sleep[], rule: SourceRule | undefined): Night {
  const devices = [...Map.groupBy(group, nameOf).entries()].map(([name, sleeps]) => ({ name, sleeps: apart(sleeps) }));
  const coverage = new Map(devices.map(({ name, sleeps }) => [name, sleeps.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)]));
  const longest = Math.max(...coverage.values());
  const marks = ({ name, sleeps }: (typeof devices)[number]): readonly (number | string)[] => {
    const covered = coverage.get(name)!;
    const source = sourceOf(sleeps[0]!);
    return [
      ownPlace(rule, source), Number(covered < LEAST_SHARE * longest), -Math.max(...sleeps.map(fineness)), Number(covered < AS_LONG * longest), pathRank(source),
      -covered, name,
    ];
  };
  const { sleeps } = devices.map((device) => ({ ...device, marks: marks(device) })).toSorted((a, b) => compare(a.marks, b.marks))[0]!;
  return {
    sleeps, startMs: sleeps[0]!.startMs, endMs: Math.max(...sleeps.map(({ endMs }) => endMs)),
    asleepS: sleeps.reduce((sum, sleep) => sum + (sleep.details.totals.asleepS ?? (sleep.endMs - sleep.startMs) / 1000), 0),
  };
}

/** 0 nothing but a beginning and an end; 1 asleep and awake, or the length of each stage; 2 some stages in their order; 3 light, deep and REM. */
function fineness({ details: { stages, totals } }: Sleep): number {
  const kinds = new Set(stages.map(({ stage }) => stage));
  const deep = (["light", "deep", "rem"] as const).filter((stage) => kinds.has(stage)).length;
  if (deep > 0) return deep === 3 ? 3 : 2;
  const hasTotals = totals.deepS !== undefined || totals.remS !== undefined || totals.lightS !== undefined;
  return Number(hasTotals || kinds.has("asleep") || kinds.has("awake"));
}

/** Sleeps of one device that do not overlap: of two that do, the finer, then the longer one counts. */
function apart(sleeps: readonly Sleep[]): Sleep[] {
  const kept: Sleep[] = [];
  const best = sleeps.toSorted((a, b) => fineness(b) - fineness(a) || b.endMs - b.startMs - (a.endMs - a.startMs) || a.startMs - b.startMs || compareIds(a, b));
  for (const sleep of best) if (!kept.some((other) => other.startMs < sleep.endMs && sleep.startMs < other.endMs)) kept.push(sleep);
  return kept.toSorted(byStart);
}

/**
 * The workouts to show once each, in the order given. Two reports are one workout where they share half of the shorter one's time at least; of
 * these the most detailed is shown: the person's own order, then more that was measured, then the maker's connection, then the longer. Two that
 * merely touch or overlap by their edges are two.
 */
export function resolveWorkouts(workouts: readonly Workout[], rule?: SourceRule): Workout[] {
  const kept: Workout[] = [];
  const marked = workouts.filter((one) => !isExcluded(rule, sourceOf(one))).map((one) => ({
    one, marks: [ownPlace(rule, sourceOf(one)), -detailOf(one), pathRank(one), one.startMs - one.endMs, one.startMs, nameOf(one), one.vendorKey] as const,
  }));
  for (const { one } of marked.toSorted((a, b) => compare(a.marks, b.marks) || compareIds(a.one, b.one))) if (!kept.some((other) => isSame(one, other))) kept.push(one);
  const ids = new Set(kept.map(({ id }) => id));
  return workouts.filter(({ id }) => ids.has(id));
}

/** Workouts that began in the day, each counted once, and the seconds moved in them. */
export function exerciseOf(workouts: readonly Workout[], day: Window, rule?: SourceRule): { workouts: number; workoutS: number | null } {
  const ofDay = resolveWorkouts(workouts, rule).filter(({ startMs }) => startMs >= day.fromMs && startMs < day.toMs);
  const seconds = ofDay.map((one) => one.details.activeS ?? (one.endMs - one.startMs) / 1000);
  return { workouts: ofDay.length, workoutS: seconds.length === 0 ? null : seconds.reduce((total, each) => total + each, 0) };
}

const MEASURED = [
  "activeS", "distanceM", "energyKcal", "averageHeartRate", "maxHeartRate", "averageSpeedMS", "maxSpeedMS", "averagePaceSKm", "averagePowerW", "maxPowerW", "averageCadence",
  "elevationGainM", "steps",
] as const satisfies readonly (keyof WorkoutDetails)[];

/** How much was measured of a workout; what a person typed is the least. */
function detailOf({ details }: Workout): number {
  if (details.isManual) return -1;
  return MEASURED.filter((field) => details[field] !== undefined).length + 3 * Math.min(1, details.laps?.length ?? 0) + 2 * Math.min(1, details.heartRateZonesS?.length ?? 0);
}

/** Whether two share half of the shorter one's time at least. */
function isSame(one: Stretch, other: Stretch): boolean {
  const shared = Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs);
  return shared > 0 && shared >= LEAST_SHARE * Math.min(one.endMs - one.startMs, other.endMs - other.startMs);
}

function sourceOf({ provider, connectionId, details }: Sleep | Workout): { provider: string; connectionId: string | null; deviceId: string } {
  return { provider, connectionId, deviceId: details.device?.id ?? "" };
}

function nameOf(record: Sleep | Workout): string {
  const { provider, connectionId, deviceId } = sourceOf(record);
  return [provider, deviceId, connectionId ?? ""].join("\n");
}

function byStart(one: Sleep, other: Sleep): number {
  return one.startMs - other.startMs || other.endMs - one.endMs || compareIds(one, other);
}

function compareIds(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id.length - other.id.length || compare([one.id], [other.id]);
}

function compare(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  const place = one.findIndex((mark, index) => mark !== other[index]);
  return place < 0 ? 0 : one[place]! < other[place]! ? -1 : 1;
}

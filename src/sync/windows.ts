/** Which stretches of time to ask a vendor for. Pure. */
import { DAY_MS, HOUR_MS, type Window } from "#units/time.ts";
import type { Resource } from "#driver/types.ts";
import type { Cursor } from "./connections.ts";

type Pull = NonNullable<Resource["pull"]>;

export interface PlannedWindow extends Window {
  /** What will have been covered once this window is stored. */
  readonly covers: Window;
  /** Whether it asks for news: of the whole overlap, or of its last part. Null for the back-fill. */
  readonly news: "deep" | "short" | null;
}

export interface PlanTime {
  readonly nowMs: number;
  /** When the person consented last: before it, nothing was pushed to us. */
  readonly connectedMs: number;
  /** Asks for news even where none is due, and again for what was refused. */
  readonly asksNow?: boolean;
  /** When the plan wants news of this resource, where that is sooner than its rhythm. */
  readonly dueMs?: number | null;
}

/**
 * News are asked for often and the overlap is long: asked whole each time, it would be stored anew with every reading. So it is asked
 * whole in every 24th part of its length (a day's: hourly), and in between its last sixth alone. Starts lie on multiples of that
 * sixth: an answer without news then has the same bytes as the one before and is not stored again.
 */
const SHORT_SHARE = 6;
const DEEP_SHARE = 24;
/** A remainder of the back-fill shorter than this moves on with the clock and is not worth a call. */
const LEAST_REMAINDER_MS = HOUR_MS;
/** What a vendor refused is asked for once more after this long: not every refusal is a person's. */
const REFUSED_PAUSE_MS = DAY_MS;

/**
 * Windows of a resource that are due, in the order to ask for them. First the news, oldest first, so that the covered stretch stays
 * one; then the back-fill from newest to oldest, so that a person sees today before last month. After a kill it goes on where
 * the cursor stands.
 */
export function planWindows(pull: Pull, cursor: Cursor | undefined, time: PlanTime): PlannedWindow[] {
  const { nowMs } = time;
  if (cursor?.isRefused && !time.asksNow && (pull.backfillOnly || nowMs - cursor.askedMs < REFUSED_PAUSE_MS)) return [];
  const windows = cursor ? newsWindows(pull, cursor, time) : [];
  const throughMs = windows.at(-1)?.toMs ?? cursor?.throughMs ?? nowMs;
  // Where no past is wanted, the first question is for the last hour: without an answer there would be no cursor to go on from.
  const wantedMs = cursor ? pull.backfillDays * DAY_MS : Math.max(pull.backfillDays * DAY_MS, LEAST_REMAINDER_MS);
  const targetMs = nowMs - wantedMs;
  let fromMs = cursor?.fromMs ?? nowMs;
  while (fromMs > targetMs) {
    const startMs = Math.max(fromMs - pull.maxWindowMs, targetMs);
    if (cursor && fromMs - startMs < LEAST_REMAINDER_MS) break;
    windows.push({ fromMs: startMs, toMs: fromMs, covers: { fromMs: startMs, toMs: throughMs }, news: null });
    fromMs = startMs;
  }
  return windows;
}

function newsWindows(pull: Pull, cursor: Cursor, time: PlanTime): PlannedWindow[] {
  // What is pushed is asked for only where nothing was pushed: from an end of the connection to the new consent.
  const endMs = pull.backfillOnly ? time.connectedMs : time.nowMs;
  const isDue = pull.backfillOnly || time.asksNow || time.nowMs - cursor.askedMs >= pull.everySeconds * 1000 || isPlanned(cursor, time);
  if (!isDue || endMs <= cursor.throughMs) return [];
  const isDeep = time.asksNow || cursor.deepMs === undefined || time.nowMs - cursor.deepMs >= pull.overlapMs / DEEP_SHARE;
  const step = Math.max(pull.overlapMs / SHORT_SHARE, 1);
  const overlapMs = isDeep ? pull.overlapMs : pull.overlapMs / SHORT_SHARE;
  const windows: PlannedWindow[] = [];
  const startMs = Math.max(Math.floor((cursor.throughMs - overlapMs) / step) * step, cursor.fromMs);
  for (let fromMs = startMs; fromMs < endMs; fromMs += pull.maxWindowMs) {
    const toMs = Math.min(fromMs + pull.maxWindowMs, endMs);
    windows.push({ fromMs, toMs, covers: { fromMs: cursor.fromMs, toMs: Math.max(toMs, cursor.throughMs) }, news: isDeep ? "deep" : "short" });
  }
  return windows;
}

/** What was planned before the last question has been answered by it. */
function isPlanned({ askedMs }: Cursor, { dueMs, nowMs }: PlanTime): boolean {
  return dueMs !== undefined && dueMs !== null && dueMs > askedMs && dueMs <= nowMs;
}

/** The cursor after a window is stored, or was refused for a missing permission. */
export function advance(earlier: Cursor | undefined, window: PlannedWindow, outcome: { nowMs: number; isRefused: boolean; digests: readonly string[] }): Cursor {
  const { nowMs, isRefused, digests } = outcome;
  const isAsked = !earlier || window.news !== null || isRefused;
  const deepMs = !earlier || window.news === "deep" ? nowMs : earlier.deepMs;
  const stretch = isRefused
    ? { fromMs: earlier?.fromMs ?? window.toMs, throughMs: earlier?.throughMs ?? window.toMs }
    : { fromMs: Math.min(window.covers.fromMs, earlier?.fromMs ?? Infinity), throughMs: Math.max(window.covers.toMs, earlier?.throughMs ?? -Infinity) };
  return {
    ...stretch,
    askedMs: isAsked ? nowMs : earlier.askedMs,
    ...(deepMs === undefined ? {} : { deepMs }),
    ...(isRefused ? { isRefused: true as const } : {}),
    ...(digests.length > 0 ? { digests } : {}),
  };
}

/** How much of the back-fill is stored (or, where it comes by webhook, asked for), 0–1, over all resources that have one. */
export function backfillProgress(resources: readonly Resource[], cursors: Readonly<Record<string, Cursor>>, nowMs: number): number {
  const pulled = resources.filter((resource) => resource.pull && resource.pull.backfillDays > 0);
  if (pulled.length === 0) return 1;
  let share = 0;
  for (const resource of pulled) {
    const cursor = cursors[resource.name];
    const wantedMs = resource.pull!.backfillDays * DAY_MS;
    if (cursor?.isRefused) share += 1;
    else if (cursor) share += Math.min(1, (nowMs - cursor.fromMs + LEAST_REMAINDER_MS) / wantedMs);
  }
  return Math.min(1, share / pulled.length);
}

/** When a resource is due again by its rhythm, UTC epoch milliseconds: at once where something is left to ask; null when never. */
export function nextDueMs(pull: Pull, cursor: Cursor | undefined, time: PlanTime): number | null {
  if (!cursor || planWindows(pull, cursor, time).length > 0) return time.nowMs;
  if (pull.backfillOnly) return null;
  return cursor.askedMs + (cursor.isRefused ? REFUSED_PAUSE_MS : pull.everySeconds * 1000);
}

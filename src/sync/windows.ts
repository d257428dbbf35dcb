/** Which stretches of time to ask a vendor for. Pure. */
import { DAY_MS, type Window } from "#units/time.ts";
import type { Resource } from "#driver/types.ts";
import type { Cursor } from "./connections.ts";

type Pull = NonNullable<Resource["pull"]>;

export interface PlannedWindow extends Window {
  /** What will have been covered once this window is stored. */
  readonly covers: Window;
}

/**
 * Windows of a resource that are due, in the order to ask for them. First the news, oldest first, so that the covered stretch stays
 * one; then the back-fill from newest to oldest, so that a person sees today before last month. After a kill it goes on where
 * the cursor stands.
 */
export function planWindows(pull: Pull, cursor: Cursor | undefined, nowMs: number): PlannedWindow[] {
  const targetMs = nowMs - pull.backfillDays * DAY_MS;
  const windows: PlannedWindow[] = [];
  let fromMs = cursor?.fromMs ?? nowMs;
  let throughMs = cursor?.throughMs ?? nowMs;
  if (cursor && !pull.backfillOnly && nowMs - cursor.askedMs >= pull.everySeconds * 1000) {
    const startMs = Math.max(cursor.throughMs - pull.overlapMs, cursor.fromMs);
    for (let at = startMs; at < nowMs; at += pull.maxWindowMs) {
      throughMs = Math.min(at + pull.maxWindowMs, nowMs);
      windows.push({ fromMs: at, toMs: throughMs, covers: { fromMs, toMs: throughMs } });
    }
  }
  while (fromMs > targetMs) {
    const startMs = Math.max(fromMs - pull.maxWindowMs, targetMs);
    // A remainder shorter than an hour moves on with the clock and is not worth a call.
    if (cursor && fromMs - startMs < 3_600_000) break;
    windows.push({ fromMs: startMs, toMs: fromMs, covers: { fromMs: startMs, toMs: throughMs } });
    fromMs = startMs;
  }
  return windows;
}

/** How much of the back-fill is stored, 0–1, over all resources that have one. */
export function backfillProgress(resources: readonly Resource[], cursors: Readonly<Record<string, Cursor>>, nowMs: number): number {
  const pulled = resources.filter((resource) => resource.pull && resource.pull.backfillDays > 0);
  if (pulled.length === 0) return 1;
  let share = 0;
  for (const resource of pulled) {
    const cursor = cursors[resource.name];
    const wantedMs = resource.pull!.backfillDays * DAY_MS;
    if (cursor?.isRefused) share += 1;
    else if (cursor) share += Math.min(1, (nowMs - cursor.fromMs + 3_600_000) / wantedMs);
  }
  return Math.min(1, share / pulled.length);
}

/** When any resource of a vendor is due again, UTC epoch milliseconds; null when none ever is. */
export function nextDueMs(resources: readonly Resource[], cursors: Readonly<Record<string, Cursor>>, nowMs: number): number | null {
  let next: number | null = null;
  for (const { name, pull } of resources) {
    const cursor = cursors[name];
    if (!pull || pull.backfillOnly || cursor?.isRefused) continue;
    const dueMs = cursor ? cursor.askedMs + pull.everySeconds * 1000 : nowMs;
    next = next === null ? dueMs : Math.min(next, dueMs);
  }
  return next;
}

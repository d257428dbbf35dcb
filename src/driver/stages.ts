/** Stages of a sleep put in order, so that each minute is in one of them. Pure. */
import type { SleepStage } from "./records.ts";

/** By start, each beginning where the one before it ends at the earliest; `wasCut` tells that some overlapped and were shortened. */
export function inOrder(stages: readonly SleepStage[]): { readonly stages: SleepStage[]; readonly wasCut: boolean } {
  const kept: SleepStage[] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  let wasCut = false;
  for (const stage of stages.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    wasCut ||= stage.startMs < endMs;
    if (stage.endMs > endMs && stage.endMs > stage.startMs) kept.push({ ...stage, startMs: Math.max(stage.startMs, endMs) });
    endMs = Math.max(endMs, stage.endMs);
  }
  return { stages: kept, wasCut };
}

/**
 * Lays short bouts over a night (both in order and free of overlaps, as `inOrder` gives them): where a bout lies, it counts, and what is under it is
 * cut or split. Vendors who smooth a night send brief awakenings apart from it.
 */
export function overlay(night: readonly SleepStage[], bouts: readonly SleepStage[]): SleepStage[] {
  const result: SleepStage[] = [];
  let first = 0;
  for (const stage of night) {
    let atMs = stage.startMs;
    while (first < bouts.length && bouts[first]!.endMs <= stage.startMs) first += 1;
    for (let index = first; index < bouts.length && bouts[index]!.startMs < stage.endMs; index += 1) {
      const bout = bouts[index]!;
      if (bout.startMs > atMs) result.push({ ...stage, startMs: atMs, endMs: bout.startMs });
      atMs = Math.max(atMs, Math.min(bout.endMs, stage.endMs));
    }
    if (atMs < stage.endMs) result.push({ ...stage, startMs: atMs });
  }
  return [...result, ...bouts].toSorted((a, b) => a.startMs - b.startMs);
}

/** The stages of a sleep as one line without holes and overlaps. Pure. */
import type { SleepStage, SleepStageName } from "#driver/records.ts";

/** What says more wins where stages overlap, as where a phone tells "in bed" of the whole night and a watch its stages. */
const SAYS: Readonly<Record<SleepStageName, number>> = { unmeasurable: 0, in_bed: 1, asleep: 2, light: 3, deep: 3, rem: 3, awake: 3 };

/**
 * Stages from the begin of the first to the end of the last, each beginning where the one before ends. Of stages that overlap the one that says more
 * counts, of equals the one that began later; time in no stage is `unmeasurable`. Neighbours of one stage are one.
 */
export function hypnogramOf(stages: readonly SleepStage[]): SleepStage[] {
  const inOrder = stages.filter(({ startMs, endMs }) => endMs > startMs).toSorted((a, b) => a.startMs - b.startMs);
  const edges = [...new Set(inOrder.flatMap(({ startMs, endMs }) => [startMs, endMs]))].toSorted((a, b) => a - b);
  const line: SleepStage[] = [];
  let open: SleepStage[] = [];
  let next = 0;
  for (const [index, startMs] of edges.slice(0, -1).entries()) {
    open = open.filter((stage) => stage.endMs > startMs);
    for (; next < inOrder.length && inOrder[next]!.startMs <= startMs; next += 1) open.push(inOrder[next]!);
    const stage = open.reduce<SleepStage | null>((best, each) => (best === null || SAYS[each.stage] >= SAYS[best.stage] ? each : best), null)?.stage ?? "unmeasurable";
    const last = line.at(-1);
    const endMs = edges[index + 1]!;
    if (last?.stage === stage) line[line.length - 1] = { ...last, endMs };
    else line.push({ stage, startMs, endMs });
  }
  return line;
}

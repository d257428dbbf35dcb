/** Stages of a phone's bridge, one entry each, joined into the sessions they belong to. Source: Health Connect facts, Mapping, Sleep push. */
import type { Mapping } from "../payload.ts";
import type { SleepRecord, SleepStage, SleepStageName } from "../records.ts";
import type { MapContext } from "../types.ts";
import { deviceOf, stretchOf, type Stretch } from "./place.ts";
import type { Stage } from "./schema.ts";

const STAGES: Readonly<Record<string, SleepStageName>> = {
  awake: "awake", in_bed: "in_bed", awake_in_bed: "awake", out_of_bed: "awake", sleeping: "asleep", asleep: "asleep", light: "light", deep: "deep", rem: "rem", unknown: "unmeasurable", undefined: "unmeasurable",
};
const LONGEST_MS = 36 * 3_600_000;

interface Part extends Stretch {
  readonly stage: SleepStageName;
  readonly entry: Stage;
}

/** Entries with one parent are one sleep; an entry without is a sleep of its own. */
export function mapSleep(mapping: Mapping, entries: readonly { readonly entry: Stage; readonly path: string }[], context: MapContext): void {
  const sessions = new Map<string, { readonly id: string | null; readonly path: string; readonly parts: Part[] }>();
  for (const { entry, path } of entries) {
    const stretch = stretchOf(entry, context);
    const word = (entry.stage ?? "unknown").toLowerCase();
    if (!stretch || stretch.endMs <= stretch.startMs) {
      mapping.problem(`${path}/startDate`, "no time, or no end after it");
      continue;
    }
    if (!Object.hasOwn(STAGES, word)) {
      mapping.problem(`${path}/stage`, "no stage that is known here");
      continue;
    }
    const id = entry.parentId || entry.id || null;
    const key = id ?? path;
    const session = sessions.get(key) ?? { id, path, parts: [] };
    sessions.set(key, session);
    session.parts.push({ ...stretch, stage: STAGES[word]!, entry });
  }
  for (const session of sessions.values()) addSession(mapping, session);
}

function addSession(mapping: Mapping, { id, path, parts }: { readonly id: string | null; readonly path: string; readonly parts: readonly Part[] }): void {
  const ordered = parts.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  const startMs = ordered[0]!.startMs;
  const endMs = ordered.reduce((latest, part) => Math.max(latest, part.endMs), startMs);
  if (endMs - startMs > LONGEST_MS) return mapping.problem(path, "longer than a sleep can be");
  const isBare = ordered.every(({ stage }) => stage === "asleep") && ordered.length === 1;
  const stages = isBare ? [] : withoutOverlaps(mapping, ordered, path);
  const device = deviceOf(ordered[0]!.entry);
  mapping.add({
    record: "sleep", vendorId: id, startMs, endMs, offsetMinutes: ordered[0]!.offsetMinutes, isNap: false, stages, totals: totalsOf(stages), ...(device ? { device } : {}),
  });
}

/** Where two overlap the later one counts from its start on. */
function withoutOverlaps(mapping: Mapping, parts: readonly Part[], path: string): SleepStage[] {
  let isRepaired = false;
  const stages = parts.flatMap(({ stage, startMs, endMs }, index) => {
    const nextMs = parts[index + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    isRepaired ||= nextMs < endMs;
    const untilMs = Math.min(endMs, nextMs);
    return untilMs > startMs ? [{ stage, startMs, endMs: untilMs }] : [];
  });
  if (isRepaired) mapping.problem(path, "stages that overlap: the later one counts");
  return stages;
}

/** Sums of what is there; a stage that never occurs is absent, not zero. */
function totalsOf(stages: readonly SleepStage[]): SleepRecord["totals"] {
  const seconds = (...names: readonly SleepStageName[]): number => stages.filter(({ stage }) => names.includes(stage)).reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) / 1000, 0);
  const all = { asleepS: seconds("asleep", "light", "deep", "rem"), deepS: seconds("deep"), lightS: seconds("light"), remS: seconds("rem"), awakeS: seconds("awake") };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value > 0));
}

/**
 * Lines as they are true at this moment, of any number of patients of the transaction's organization, from what is kept of their days. Whoever calls has hidden what vendors let
 * be shown to the person alone (`hideFromClinic`).
 */
import type { Tx } from "#db/database.ts";
import type { RangeShares } from "#glucose/ranges.ts";
import { readZoneHistories } from "#people/zones.ts";
import { episodesAnew, overviewsOf, type Overview } from "#summaries/overview.ts";
import { addDays } from "#units/time.ts";
import { dateAt, startOfDay, type ZoneHistory } from "#units/zones.ts";
import { hasConsensusRanges } from "../targets/target.ts";
import { targetsOf, type SetTarget } from "../targets/targets.ts";
import { PERIODS, type Line, type Period } from "./line.ts";
import { countDays, sharesOf } from "./own-ranges.ts";

/** GMI of less than this share of readings is not told. Source: consensus, web-ux §1. */
const WEAR_FOR_GMI = 70;

/** A patient's lines, and until when they are true if nothing comes in. */
export interface MadeLines {
  readonly lines: readonly Line[];
  readonly dueMs: number;
}

/** What is hidden from everybody but the person is not there for the rest of the transaction. */
export async function hideFromClinic(tx: Tx, hiddenProviders: readonly string[]): Promise<void> {
  await tx.query("select set_config('app.hidden_providers', $1, true)", [hiddenProviders.join(",")]);
}

/**
 * The lines of these patients, by patient; of those that the transaction sees. @param reusable what was kept of a patient whose past days have not changed: where only today has, ranges
 * of a target of its own need not be counted again.
 */
export async function makeLines(tx: Tx, patientIds: readonly string[], { nowMs, reusable }: { readonly nowMs: number; readonly reusable: ReadonlyMap<string, readonly Line[]> }): Promise<Map<string, MadeLines>> {
  const histories = await readZoneHistories(tx, patientIds);
  const targets = await targetsOf(tx, patientIds);
  const periods = new Map<Period, Map<string, Overview>>();
  for (const days of PERIODS) periods.set(days, await overviewsOf(tx, [...histories.keys()], { days, nowMs }));
  const made = new Map<string, MadeLines>();
  for (const [patientId, history] of histories) {
    const target = targets.get(patientId) ?? null;
    const lines: Line[] = [];
    for (const days of PERIODS) lines.push(await lineOf(tx, patientId, { days, overview: periods.get(days)!.get(patientId)!, target }));
    made.set(patientId, {
      lines: target === null || hasConsensusRanges(target) ? lines : await byOwnRanges(tx, { patientId, history, target, lines, kept: reusable.get(patientId) ?? [] }, nowMs),
      dueMs: endOfToday(history, nowMs),
    });
  }
  return made;
}

interface Asked {
  readonly days: Period;
  readonly overview: Overview;
  readonly target: SetTarget | null;
}

async function lineOf(tx: Tx, patientId: string, { days, overview, target }: Asked): Promise<Line> {
  const { period, before, last, fromMs, toMs } = overview;
  const episodes = period.episodes === "unknown" ? await episodesAnew(tx, patientId, overview) : period.episodes;
  return {
    days, fromMs, toMs, targetId: target?.id ?? null, readings: period.readings, daysRead: period.days, ranges: period.rangesPercent, mean: period.mean, sd: period.sd, cv: period.cvPercent,
    gmi: (period.wearPercent ?? 0) < WEAR_FOR_GMI ? null : period.gmiPercent, wear: period.wearPercent, beforeDays: before?.days ?? 0, beforeTarget: before?.targetPercent ?? null,
    lowEvents: episodes?.lowLevel1 ?? null, veryLowEvents: episodes?.lowLevel2 ?? null, highEvents: episodes?.highLevel1 ?? null, veryHighEvents: episodes?.highLevel2 ?? null,
    lastMs: last?.atMs ?? null, lastMgDl: last?.valueMgDl ?? null,
  };
}

interface OfPatient {
  readonly patientId: string;
  readonly history: ZoneHistory;
  readonly target: SetTarget;
  readonly lines: readonly Line[];
  readonly kept: readonly Line[];
}

/** The same lines with the shares of a target that has ranges of its own. */
async function byOwnRanges(tx: Tx, { patientId, history, target, lines, kept }: OfPatient, nowMs: number): Promise<Line[]> {
  const again = lines.map((line) => kept.find((each) => each.days === line.days && each.targetId === line.targetId && each.fromMs === line.fromMs && each.toMs === line.toMs && each.readings === line.readings));
  if (again.every((line) => line !== undefined)) return lines.map((line, index) => ({ ...line, ranges: again[index]!.ranges, beforeTarget: again[index]!.beforeTarget }));
  const today = dateAt(history, nowMs);
  const beginsMs = (daysAgo: number): number => startOfDay(history, addDays(today, -daysAgo));
  const toMs = beginsMs(0);
  const days = await countDays(tx, patientId, { history, bounds: target.bounds, window: { fromMs: beginsMs(2 * Math.max(...PERIODS)), toMs } });
  const shares = (fromMs: number, untilMs: number): RangeShares | null => sharesOf(days, { fromMs, toMs: untilMs });
  return lines.map((line) => ({ ...line, ranges: shares(line.fromMs, line.toMs), beforeTarget: shares(beginsMs(2 * line.days), line.fromMs)?.target ?? null }));
}

/** The next local midnight, or an earlier move to another zone. */
function endOfToday(history: ZoneHistory, nowMs: number): number {
  const move = history.entries.find(({ fromMs }) => fromMs > nowMs);
  return Math.min(startOfDay(history, addDays(dateAt(history, nowMs), 1)), move?.fromMs ?? Number.POSITIVE_INFINITY);
}


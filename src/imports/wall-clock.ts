/**
 * Local times without an offset → instants. When clocks go back an hour happens twice under the same times; which pass a row
 * belongs to is told by the device's own counter, else by the order of the file. Source: exports-imports §5.7.
 */
import { DAY_MS, MINUTE_MS, SECOND_MS, instantOfWall, offsetMinutesAt } from "#units/time.ts";

export interface WallRow {
  readonly wallMs: number;
  readonly counter?: { readonly of: string; readonly seconds: number };
  /** What the row is about; rows of different kinds never repeat one another. */
  readonly kind: string;
  /** Two rows of the same time and content are one row written twice, not two passes of an hour. */
  readonly content: string;
}

/** A counter drifts, but not by this much between neighbours. */
const COUNTER_TOLERANCE_MS = 20 * MINUTE_MS;
const HALF_DAY_MS = DAY_MS / 2;
/** Share of steps that must go one way for a file to have an order. */
const ORDERED = 0.9;

/** Where a local time lies. */
export interface Place {
  readonly ms: number;
  readonly offsetMinutes: number;
}

/**
 * Instants of the rows of one person and device, in file order; null where the zone's clocks skip the time (they go forward).
 * @param zone IANA zone.
 */
export function placeWallTimes(rows: readonly WallRow[], zone: string): (Place | null)[] {
  const offsetOfDay = quietDays(zone);
  const instants: (number | null)[] = [];
  const ambiguous: number[] = [];
  for (const [index, { wallMs }] of rows.entries()) {
    const quiet = offsetOfDay(wallMs);
    const ms = quiet === null ? instantOfWall(zone, wallMs) : wallMs - quiet * MINUTE_MS;
    const exists = quiet !== null || ms + offsetMinutesAt(zone, ms) * MINUTE_MS === wallMs;
    instants.push(exists ? ms : null);
    if (exists && quiet === null && instantOfWall(zone, wallMs, "second") !== ms) ambiguous.push(index);
  }
  if (ambiguous.length > 0) chooseSecondPasses(rows, { instants, ambiguous, zone });
  return instants.map((ms, index) => (ms === null ? null : { ms, offsetMinutes: (rows[index]!.wallMs - ms) / MINUTE_MS }));
}

/** Offset of a wall time's day when the zone's clocks do not change around it, else null. Long files ask this for every row. */
function quietDays(zone: string): (wallMs: number) => number | null {
  const known = new Map<number, number | null>();
  return (wallMs) => {
    const day = Math.floor(wallMs / DAY_MS);
    let offset = known.get(day);
    if (offset === undefined) {
      const before = offsetMinutesAt(zone, (day - 1) * DAY_MS);
      offset = before === offsetMinutesAt(zone, (day + 2) * DAY_MS) ? before : null;
      known.set(day, offset);
    }
    return offset;
  };
}

/** Moves those of the ambiguous rows that belong to the second pass there. */
function chooseSecondPasses(
  rows: readonly WallRow[], { instants, ambiguous, zone }: { instants: (number | null)[]; ambiguous: readonly number[]; zone: string },
): void {
  const isAmbiguous = new Set(ambiguous);
  const byCounter = counterAnchors(rows, instants, isAmbiguous);
  const isSecondByOrder = secondPassByOrder(rows, isAmbiguous);
  for (const index of ambiguous) {
    const row = rows[index]!;
    const second = instantOfWall(zone, row.wallMs, "second");
    const predicted = predict(row, byCounter);
    const isSecond = predicted === null ? null : nearer(predicted, instants[index]!, second);
    if (isSecond ?? isSecondByOrder.has(index)) instants[index] = second;
  }
}

/** Whether the second pass is nearer to the predicted instant; null when neither is near. */
function nearer(predictedMs: number, firstMs: number, secondMs: number): boolean | null {
  const toFirst = Math.abs(predictedMs - firstMs);
  const toSecond = Math.abs(predictedMs - secondMs);
  return Math.min(toFirst, toSecond) > COUNTER_TOLERANCE_MS ? null : toSecond < toFirst;
}

interface Anchor {
  readonly seconds: number;
  readonly ms: number;
}

/** Rows whose instant is certain, per counter, ascending. */
function counterAnchors(
  rows: readonly WallRow[], instants: readonly (number | null)[], isAmbiguous: ReadonlySet<number>,
): Map<string, Anchor[]> {
  const anchors = new Map<string, Anchor[]>();
  for (const [index, { counter }] of rows.entries()) {
    const ms = instants[index]!;
    if (!counter || ms === null || isAmbiguous.has(index)) continue;
    const known = anchors.get(counter.of);
    if (known) known.push({ seconds: counter.seconds, ms });
    else anchors.set(counter.of, [{ seconds: counter.seconds, ms }]);
  }
  for (const known of anchors.values()) known.sort((a, b) => a.seconds - b.seconds);
  return anchors;
}

/** Instant of a row by its counter's distance from the nearest certain row. */
function predict({ counter }: WallRow, anchors: ReadonlyMap<string, readonly Anchor[]>): number | null {
  const known = counter && anchors.get(counter.of);
  if (!known) return null;
  let low = 0;
  let high = known.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (known[middle]!.seconds < counter.seconds) low = middle + 1;
    else high = middle;
  }
  const [after, before] = [known[low]!, known[low - 1]];
  const isBeforeNearer = before !== undefined && counter.seconds - before.seconds < Math.abs(after.seconds - counter.seconds);
  const anchor = isBeforeNearer ? before : after;
  return anchor.ms + (counter.seconds - anchor.seconds) * SECOND_MS;
}

/**
 * Rows of the second pass by order: in an ordered file, those after the clock went back within the hour; in any file, the
 * later of two rows with the same time and different content.
 */
function secondPassByOrder(rows: readonly WallRow[], isAmbiguous: ReadonlySet<number>): Set<number> {
  const direction = directionOf(rows);
  const second = new Set<number>();
  const seen = new Map<string, string>();
  let [previousMs, isSecondPass] = [-Infinity, false];
  for (let step = 0; step < rows.length; step++) {
    const index = direction < 0 ? rows.length - 1 - step : step;
    const { wallMs, kind, content } = rows[index]!;
    // The repeated hour is over after half a day: another autumn, or another kind of rows in a file that lists kind after kind,
    // begins with its first pass.
    if (!isAmbiguous.has(index)) {
      if (Math.abs(wallMs - previousMs) > HALF_DAY_MS) [previousMs, isSecondPass] = [-Infinity, false];
      continue;
    }
    if (Math.abs(wallMs - previousMs) > HALF_DAY_MS) isSecondPass = false;
    else if (direction !== 0 && wallMs < previousMs) isSecondPass = true;
    const place = `${wallMs} ${kind}`;
    const earlier = seen.get(place);
    const isRepeated = earlier !== undefined && earlier !== content;
    if (isSecondPass || isRepeated) second.add(index);
    if (earlier === undefined) seen.set(place, content);
    previousMs = wallMs;
  }
  return second;
}

/** 1 when times mostly ascend, −1 when they mostly descend, 0 for a shuffled file. */
function directionOf(rows: readonly WallRow[]): -1 | 0 | 1 {
  let [up, down] = [0, 0];
  for (let i = 1; i < rows.length; i++) {
    if (rows[i]!.wallMs > rows[i - 1]!.wallMs) up++;
    else if (rows[i]!.wallMs < rows[i - 1]!.wallMs) down++;
  }
  if (up >= ORDERED * (up + down)) return 1;
  return down >= ORDERED * (up + down) ? -1 : 0;
}

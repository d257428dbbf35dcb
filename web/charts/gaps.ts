/** Lines that do not pretend: readings far apart are not joined. */

/** Readings farther apart than this are a gap (web rule: never join over 30 minutes). */
export const LONGEST_JOIN_MS = 30 * 60_000;

export interface GappedSeries {
  /** UTC epoch milliseconds, ascending. */
  readonly times: readonly number[];
  /** null marks the middle of a gap. */
  readonly values: readonly (number | null)[];
}

/** Puts one null between neighbours that are more than `maxJoinMs` apart. Input ascending; output too. */
export function withGaps(times: readonly number[], values: readonly number[], maxJoinMs: number = LONGEST_JOIN_MS): GappedSeries {
  const outTimes: number[] = [];
  const outValues: (number | null)[] = [];
  let previous: number | undefined;
  times.forEach((time, index) => {
    const value = values[index];
    if (value === undefined) return;
    if (previous !== undefined && time - previous > maxJoinMs) {
      outTimes.push(previous + Math.floor((time - previous) / 2));
      outValues.push(null);
    }
    outTimes.push(time);
    outValues.push(value);
    previous = time;
  });
  return { times: outTimes, values: outValues };
}

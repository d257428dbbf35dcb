/** Which rises and falls between turning points count, and how high they are. Source: cgm-metrics §9.6. */
import type { TurningPoints } from "./mage-turning-points.ts";

export type Direction = "plus" | "minus";

export interface Excursions {
  readonly heights: readonly number[];
  /** Place among the turning points where the first one begins; Infinity without any. */
  readonly firstAt: number;
}

/**
 * Heights of the excursions in one direction that are at least one SD high. A rise is taken from the lowest turning point since the last excursion, is
 * followed to its highest one, and ends when the trace falls more than one SD below that, or at the end. Falls are the mirror image, except that the next fall
 * may begin as early as where the last one bottomed.
 */
export function excursionHeights({ values }: TurningPoints, sd: number, direction: Direction): Excursions {
  const sign = direction === "plus" ? 1 : -1;
  const at = (place: number): number => sign * values[place]!;
  const heights: number[] = [];
  let firstAt = Infinity;
  let [since, place] = [0, 0];
  while (place < values.length) {
    let lowest = since;
    for (let i = since; i <= place; i++) if (at(i) < at(lowest)) lowest = i;
    if (at(place) - at(lowest) < sd) {
      place++;
      continue;
    }
    let [top, end] = [place, place];
    for (; end < values.length; end++) {
      if (at(end) > at(top)) top = end;
      if (at(top) - at(end) > sd || end === values.length - 1) break;
    }
    heights.push(at(top) - at(lowest));
    firstAt = Math.min(firstAt, lowest);
    if (end === values.length - 1) break;
    since = direction === "plus" ? end : top;
    place = end;
  }
  return { heights, firstAt };
}

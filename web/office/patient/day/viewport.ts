/** Zooming and panning over time: which stretch is in view, and what has to be asked for to show it. Times are UTC epoch milliseconds. */
import { addDays, DAY_MS, localDate, localDay, MINUTE_MS } from "#units/time.ts";

export interface View {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Readings come every few minutes: nearer shows nothing more. */
export const SHORTEST_MS = 30 * MINUTE_MS;
export const LONGEST_MS = 92 * DAY_MS;

const lengthOf = ({ fromMs, toMs }: View): number => toMs - fromMs;

/** The view moved and cut so that it lies within `bounds` and is neither too short nor too long. */
export function held(view: View, bounds: View): View {
  const length = Math.min(Math.max(lengthOf(view), SHORTEST_MS), LONGEST_MS, lengthOf(bounds));
  const middleMs = (view.fromMs + view.toMs) / 2;
  const fromMs = Math.round(Math.min(Math.max(middleMs - length / 2, bounds.fromMs), bounds.toMs - length));
  return { fromMs, toMs: Math.round(fromMs + length) };
}

/** Closer (`factor` below 1) or farther, while what is at `atMs` stays where it is. */
export function zoomed(view: View, factor: number, atMs: number, bounds: View): View {
  const length = Math.min(Math.max(lengthOf(view) * factor, SHORTEST_MS), LONGEST_MS, lengthOf(bounds));
  const share = (Math.min(Math.max(atMs, view.fromMs), view.toMs) - view.fromMs) / lengthOf(view);
  const fromMs = atMs - share * length;
  return held({ fromMs, toMs: fromMs + length }, bounds);
}

/** Earlier (`byMs` below 0) or later. */
export const panned = ({ fromMs, toMs }: View, byMs: number, bounds: View): View => held({ fromMs: fromMs + byMs, toMs: toMs + byMs }, bounds);

/** The stretch that two fingers hold: what was below each when they came down is below each now. @param fingers places of 0–1 across the picture */
export function pinched(start: { readonly view: View; readonly fingers: readonly [number, number] }, fingers: readonly [number, number], bounds: View): View {
  const startLength = lengthOf(start.view);
  const apart = Math.abs(fingers[1] - fingers[0]);
  const startApart = Math.abs(start.fingers[1] - start.fingers[0]);
  if (startApart < 0.01 || apart < 0.01) return start.view;
  const length = Math.min(Math.max((startLength * startApart) / apart, SHORTEST_MS), LONGEST_MS, lengthOf(bounds));
  const middle = (start.fingers[0] + start.fingers[1]) / 2;
  const heldMs = start.view.fromMs + middle * startLength;
  const fromMs = heldMs - ((fingers[0] + fingers[1]) / 2) * length;
  return held({ fromMs, toMs: fromMs + length }, bounds);
}

/** Local days up to and with `date`, from midnight to midnight: a day of 23 or 25 hours is as long as it was. Null for a date that is none. */
export function daysView(zone: string, date: string, days: number): View | null {
  const first = localDay(zone, addDays(date, 1 - days));
  const last = localDay(zone, date);
  return first && last ? { fromMs: first.fromMs, toMs: last.toMs } : null;
}

/** Whole local days around the view: what is asked for, so that moving a little asks for nothing. */
export function loadedView(zone: string, view: View): View {
  const margin = lengthOf(view) > 8 * DAY_MS ? 0 : 1;
  const first = addDays(localDate(zone, view.fromMs), -margin);
  const last = addDays(localDate(zone, view.toMs - 1), margin);
  return { fromMs: localDay(zone, first)?.fromMs ?? view.fromMs, toMs: localDay(zone, last)?.toMs ?? view.toMs };
}

/** Local midnights inside the view. */
export function midnights(zone: string, { fromMs, toMs }: View): number[] {
  const found: number[] = [];
  for (let date = localDate(zone, fromMs); ; date = addDays(date, 1)) {
    const at = localDay(zone, date)?.fromMs;
    if (at === undefined || at >= toMs) return found;
    if (at > fromMs) found.push(at);
  }
}

/** A series cut into the patient's local days, each on its own clock. */
import { DAY_MS, isoWeekday, localDate, localDay } from "#units/time.ts";

export interface LocalDay {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** 1 for Monday to 7 for Sunday. */
  readonly weekday: number;
  /** Share of the day that has passed, 0–1: a day of 23 or 25 hours fills the width with its own hours. */
  readonly shares: readonly number[];
  readonly values: readonly number[];
}

/** Ascending series in, days with values out, oldest first. */
export function localDays(times: readonly number[], values: readonly number[], zone: string): LocalDay[] {
  const days: { date: string; weekday: number; shares: number[]; values: number[] }[] = [];
  let window = { fromMs: 0, toMs: 0 };
  times.forEach((ms, index) => {
    if (ms < window.fromMs || ms >= window.toMs) {
      const date = localDate(zone, ms);
      window = localDay(zone, date) ?? { fromMs: ms, toMs: ms + DAY_MS };
      days.push({ date, weekday: isoWeekday(date), shares: [], values: [] });
    }
    const day = days[days.length - 1]!;
    day.shares.push((ms - window.fromMs) / (window.toMs - window.fromMs));
    day.values.push(values[index]!);
  });
  return days;
}

/** SVG path of a day's line, broken over gaps longer than `longestShare` of the day. */
export function dayPath({ shares, values }: LocalDay, place: { readonly xOf: (share: number) => number; readonly yOf: (value: number) => number }, longestShare: number): string {
  return shares.map((share, index) => `${index === 0 || share - shares[index - 1]! > longestShare ? "M" : "L"}${place.xOf(share).toFixed(1)} ${place.yOf(values[index]!).toFixed(1)}`).join("");
}

/** The day whose line passes nearest below the pointer; null where none is within reach. */
export function nearestDay(days: readonly LocalDay[], at: { readonly share: number; readonly value: number }, reach: { readonly share: number; readonly value: number }): number | null {
  let best: { readonly index: number; readonly distance: number } | null = null;
  days.forEach(({ shares, values }, index) => {
    const place = nearest(shares, at.share);
    if (place === null || Math.abs(shares[place]! - at.share) > reach.share) return;
    const distance = Math.abs(values[place]! - at.value);
    if (distance <= reach.value && (best === null || distance < best.distance)) best = { index, distance };
  });
  return (best as { readonly index: number } | null)?.index ?? null;
}

function nearest(ascending: readonly number[], target: number): number | null {
  let best: number | null = null;
  for (let index = 0; index < ascending.length; index += 1) {
    if (best !== null && Math.abs(ascending[index]! - target) > Math.abs(ascending[best]! - target)) break;
    best = index;
  }
  return best;
}

/** Shares of time as whole percents on paper. */
import { roundHalfEven } from "#glucose/rounding.ts";
import { BANDS, type Band } from "./palette.ts";

/** Percent of readings per band, 0–100; a band that a set of ranges does not know has 0. */
export type BandShares = Readonly<Record<Band, number>>;

/** Further off than this the numbers are not made to fit (they are no shares of one whole). */
const MOST_ABSORBED = 2;

/**
 * Whole percents that add up to 100: each rounded, halves to the even neighbour, and what is missing or too much put into High. Left as rounded where they
 * are off by more than two, or where High cannot give what is too much. Source: cgm-metrics §5 (display).
 */
export function wholePercents(shares: BandShares): BandShares {
  const rounded = Object.fromEntries(BANDS.map((band) => [band, roundHalfEven(shares[band])])) as Record<Band, number>;
  const missing = 100 - BANDS.reduce((sum, band) => sum + rounded[band], 0);
  const high = rounded.high + missing;
  return Math.abs(missing) > MOST_ABSORBED || high < 0 ? rounded : { ...rounded, high };
}

/** A displayed percent, which says of little that it is some: `<1%` where the share rounds to none. */
export function shareText(share: number, whole: number, percent: (value: number) => string): string {
  return whole === 0 && share > 0 ? `<${percent(1)}` : percent(whole);
}

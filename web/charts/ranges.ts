/** Geometry of the time-in-range bar. */

export const BANDS = ["veryLow", "low", "target", "high", "veryHigh"] as const;
export type Band = (typeof BANDS)[number];

/** Share of readings per band, 0–100. */
export type BandShares = Readonly<Record<Band, number>>;

export interface BandRect {
  readonly band: Band;
  readonly x: number;
  readonly width: number;
}

/**
 * Rectangles of the bands from left (very low) to right. A band without readings has none; one with few is drawn at least
 * `leastWidth` wide, at the cost of the wider ones. Widths and gaps add up to `width`.
 */
export function rangeBar(shares: BandShares, size: { readonly width: number; readonly gap: number; readonly leastWidth: number }): BandRect[] {
  const present = BANDS.filter((band) => shares[band] > 0);
  const total = present.reduce((sum, band) => sum + shares[band], 0);
  if (present.length === 0 || total <= 0) return [];
  const room = size.width - size.gap * (present.length - 1);
  const natural = present.map((band) => (shares[band] / total) * room);
  const missing = natural.reduce((sum, width) => sum + Math.max(0, size.leastWidth - width), 0);
  const spare = natural.reduce((sum, width) => sum + Math.max(0, width - size.leastWidth), 0);
  let x = 0;
  return present.map((band, index) => {
    const own = natural[index]!;
    const width = own <= size.leastWidth || spare <= 0 ? Math.max(own, size.leastWidth) : own - (missing * (own - size.leastWidth)) / spare;
    const rect = { band, x, width };
    x += width + size.gap;
    return rect;
  });
}

/** Band of one value. Thresholds and value in the same unit; the target is closed on both ends (70–180 mg/dL). */
export function bandOf(
  value: number,
  thresholds: { readonly veryLow: number; readonly low: number; readonly high: number; readonly veryHigh: number },
): Band {
  if (value < thresholds.veryLow) return "veryLow";
  if (value < thresholds.low) return "low";
  if (value <= thresholds.high) return "target";
  return value <= thresholds.veryHigh ? "high" : "veryHigh";
}

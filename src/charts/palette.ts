/**
 * Colours of pictures by what they stand for. These are the print colours; a page with a dark theme gives the same roles other values through the
 * classes that `svg.ts` writes. The five bands stay apart for people with each kind of colour blindness, and stand at least 3:1 off white; patterns
 * tell them apart without any colour. Source: web-ux §8 (measured).
 */
export const INKS = {
  surface: "#ffffff",
  sunken: "#eef2f0",
  text: "#14201d",
  muted: "#51615c",
  rule: "#82928d",
  grid: "#d3dbd8",
  veryLow: "#590a0a",
  low: "#f0400e",
  target: "#179f84",
  high: "#a280df",
  veryHigh: "#321d62",
  /** Pattern over a band. */
  decal: "#ffffff",
  targetFill: "#e8f5f2",
  targetLine: "#0e7f69",
  outerBand: "#d5ebe6",
  innerBand: "#93cfc2",
  bandEdge: "#179f84",
  median: "#0b3b33",
  goodDay: "#93cfc2",
  fairDay: "#d5ebe6",
  otherDay: "#efe8fb",
  otherDayDecal: "#a280df",
  thinDay: "#82928d",
} as const;

export type Ink = keyof typeof INKS;

/** Bands of glucose from low to high. */
export const BANDS = ["veryLow", "low", "target", "high", "veryHigh"] as const;
export type Band = (typeof BANDS)[number];

/** WCAG contrast ratio of two `#rrggbb` colours, 1–21. Source: WCAG 2.2, "contrast ratio" and "relative luminance". */
export function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].toSorted((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

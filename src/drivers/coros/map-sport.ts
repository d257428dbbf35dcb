/** COROS's sports, named by two numbers. Pure. Source: vendors/coros.md, (mode, subMode). */
import type { Sport } from "#driver/records.ts";

/** What is not here is "other", known (GPS and gym cardio, pilot mode) or not. A pair, never a sum: 8,1 and 81 are two things. */
const PAIRS: Partial<Record<Sport, readonly (readonly [mode: number, subMode: number])[]>> = {
  // Outdoor, indoor, trail, track.
  running: [[8, 1], [8, 2], [15, 1], [20, 1]],
  cycling: [[9, 1], [9, 2]],
  swimming: [[10, 1], [10, 2]],
  // Triathlon, multisport.
  multisport: [[13, 1], [13, 2]],
  // Ski touring under two names, cross-country, downhill.
  skiing: [[13, 3], [29, 1], [19, 1], [21, 1]],
  snowboarding: [[21, 2]],
  hiking: [[16, 1]],
  // Mountain climb, single-pitch.
  climbing: [[14, 1], [33, 2]],
  strength: [[23, 2]],
  rowing: [[24, 1], [24, 2]],
  // White and flat water, windsurfing, speedsurfing.
  water_sport: [[25, 1], [26, 1], [27, 1], [28, 1]],
  walking: [[31, 1]],
  // Jump rope.
  hiit: [[34, 2]],
};

const sportByPair = new Map<string, Sport>(
  Object.entries(PAIRS).flatMap(([sport, pairs]) => pairs.map(([mode, subMode]) => [`${mode}/${subMode}`, sport as Sport] as const)),
);

/** Our sport of the two numbers; "other" for an unknown or absent pair. */
export function sportOf(mode: number | null | undefined, subMode: number | null | undefined): Sport {
  return sportByPair.get(`${mode}/${subMode}`) ?? "other";
}

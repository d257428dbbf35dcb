/** Terra's activity types → ours. Source: vendors/terra.md, Enumerations, ActivityType. */
import type { Sport } from "#driver/records.ts";

const TYPES: Partial<Record<Sport, readonly number[]>> = {
  running: [8, 56, 57, 58, 88, 133, 149], cycling: [1, 14, 15, 16, 17, 18, 19, 150, 152, 153], walking: [7, 93, 94, 95, 116], hiking: [35, 75, 130], swimming: [82, 83, 84],
  rowing: [53, 54], strength: [21, 41, 80, 97], hiit: [22, 47, 113, 114, 115], yoga: [100, 125], pilates: [49], elliptical: [25], stair_climbing: [77, 78], climbing: [52],
  skiing: [65, 66, 67, 68, 69, 70], snowboarding: [73], skating: [62, 63, 64, 104, 105, 127], water_sport: [40, 43, 59, 60, 79, 81, 92, 96, 99, 102, 129, 132, 140, 145],
  racket_sport: [10, 51, 76, 85, 87, 134], team_sport: [11, 12, 23, 27, 28, 29, 34, 36, 55, 86, 89, 90, 91, 120, 124, 147, 148], golf: [32], dance: [24, 101], martial_arts: [20, 42, 44, 46],
  meditation: [45, 122], wheelchair: [98], multisport: [126, 151],
};

const byType: ReadonlyMap<number, Sport> = new Map(Object.entries(TYPES).flatMap(([sport, types]) => types.map((type): [number, Sport] => [type, sport as Sport])));

/** 0 ("in a vehicle") is a type like any other. */
export function sportOf(type: number | null): Sport {
  return (type === null ? undefined : byType.get(type)) ?? "other";
}

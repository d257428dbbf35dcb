/** Wahoo's workout types. Pure. Source: vendors/wahoo.md, workout_type_id. */
import type { Sport } from "#driver/records.ts";

/** What is not here is "other", known (fitness equipment, motorcycling, TICKR offline …) or not. */
const TYPES: Partial<Record<Sport, readonly number[]>> = {
  // Running, track, trail, treadmill, on a treadmill as equipment, race, indoor virtual.
  running: [1, 3, 4, 5, 19, 67, 71],
  // Biking, cyclocross, indoor, mountain, recumbent, road, track, equipment, class, trainer, e-bike, virtual, handcycling.
  cycling: [0, 11, 12, 13, 14, 15, 16, 21, 49, 61, 64, 68, 70],
  // Walking, speed, nordic, treadmill.
  walking: [6, 7, 8, 56],
  hiking: [9],
  // Mountaineering, climbing machine.
  climbing: [10, 23],
  // Lap, open water.
  swimming: [25, 26],
  // Rowing machine, rowing.
  rowing: [22, 39],
  elliptical: [20],
  stair_climbing: [44],
  yoga: [66],
  // Skiing, downhill, cross-country.
  skiing: [28, 29, 30],
  snowboarding: [27],
  // Skating, ice, inline, longboard.
  skating: [31, 32, 33, 34],
  // Sailing, windsurfing, canoe, kayak, kiteboarding, stand-up paddling.
  water_sport: [35, 36, 37, 38, 40, 41],
  golf: [46],
  wheelchair: [45],
  meditation: [69],
  multisport: [62],
  transition: [63],
};

const sportById = new Map<number, Sport>(Object.entries(TYPES).flatMap(([sport, ids]) => ids.map((id) => [id, sport as Sport] as const)));

/** Whether turns of the legs are steps. */
export function isOnFoot(sport: Sport): boolean {
  return sport === "running" || sport === "walking" || sport === "hiking";
}

/** Our sport of a workout type; "other" for an unknown or absent one. */
export function sportOf(typeId: number | null | undefined): Sport {
  return sportById.get(typeId ?? -1) ?? "other";
}

/** Suunto's activity ids. Pure. Source: vendors/suunto.md, activityId table. */
import type { Sport } from "#driver/records.ts";

/** What is not here is "other", known (frisbee golf, chores, motor sports …) or not. */
const IDS: Partial<Record<Sport, readonly number[]>> = {
  // Running, trail running, treadmill, track and field, orienteering, obstacle race, vertical run, track running.
  running: [1, 22, 53, 59, 60, 95, 115, 103],
  // Cycling, mountain bike, indoor, gravel, e-bikes, hand cycling, cyclocross.
  cycling: [2, 10, 52, 99, 105, 106, 109, 114],
  // Walking, nordic walking.
  walking: [0, 24],
  // Hiking, snowshoeing, trekking.
  hiking: [11, 65, 70],
  // Swimming, open water, mermaiding.
  swimming: [21, 85, 100],
  rowing: [15, 57],
  // Outdoor gym, gym, kettlebell, calisthenics.
  strength: [20, 23, 63, 104],
  // Crossfit, circuit training, jump rope.
  hiit: [54, 73, 102],
  yoga: [51, 121],
  pilates: [120],
  elliptical: [55],
  // Climbing, mountaineering.
  climbing: [29, 83],
  // Cross-country, downhill, touring, roller skiing, telemark, backcountry, biathlon, mountaineering, skate, classic.
  skiing: [3, 13, 31, 56, 84, 107, 111, 116, 117, 118],
  snowboarding: [30, 110],
  // Roller skating, skateboarding, ice skating.
  skating: [12, 27, 49],
  // Paddling, water sports, stand-up paddling, sailing, kayaking, scuba, freediving, canoeing, wind- and kitesurfing, snorkelling, surfing, spearfishing.
  water_sport: [14, 28, 61, 71, 72, 78, 79, 82, 86, 87, 90, 91, 101],
  // Tennis, badminton, table tennis, racquetball, squash, padel.
  racket_sport: [34, 36, 40, 41, 42, 75],
  // Ball games, soccer, basketball, baseball, volleyball, American football, floorball, handball, softball, cricket, rugby, ice hockey, futsal, field hockey.
  team_sport: [19, 33, 35, 37, 38, 39, 43, 44, 45, 47, 48, 50, 67, 113],
  golf: [16],
  dance: [64],
  // Combat sports, boxing.
  martial_arts: [62, 77],
  meditation: [112],
  wheelchair: [108],
  // Multisport, triathlon, adventure racing, swimrun, duathlon, aquathlon.
  multisport: [68, 74, 80, 92, 93, 94],
  transition: [98],
};

const sportById = new Map<number, Sport>(Object.entries(IDS).flatMap(([sport, ids]) => ids.map((id) => [id, sport as Sport] as const)));

/** Our sport of an activity id; "other" for an unknown or absent one. */
export function sportOf(activityId: number | null | undefined): Sport {
  return sportById.get(activityId ?? -1) ?? "other";
}

/** Whether turns of the legs are steps. */
export function isOnFoot(sport: Sport): boolean {
  return sport === "running" || sport === "walking" || sport === "hiking";
}

/** Strava's sport types, an open list. Pure. Source: vendors/strava.md, `sport_type` values. */
import type { Sport } from "#driver/records.ts";

/** What is not here is "other", known (Workout, Skateboard, PhysicalTherapy) or not. */
const TYPES: Partial<Record<Sport, string>> = {
  running: "Run TrailRun VirtualRun",
  cycling: "Ride EBikeRide EMountainBikeRide GravelRide MountainBikeRide VirtualRide Handcycle Velomobile",
  walking: "Walk",
  hiking: "Hike Snowshoe",
  swimming: "Swim",
  rowing: "Rowing VirtualRow",
  strength: "WeightTraining",
  hiit: "HighIntensityIntervalTraining Crossfit",
  yoga: "Yoga",
  pilates: "Pilates",
  elliptical: "Elliptical",
  stair_climbing: "StairStepper",
  climbing: "RockClimbing",
  skiing: "AlpineSki BackcountrySki NordicSki RollerSki",
  snowboarding: "Snowboard",
  skating: "IceSkate InlineSkate",
  water_sport: "Canoeing Kayaking Kitesurf Sail StandUpPaddling Surfing Windsurf",
  racket_sport: "Badminton Padel Pickleball Racquetball Squash TableTennis Tennis",
  team_sport: "Basketball Cricket Soccer Volleyball",
  golf: "Golf",
  dance: "Dance",
  wheelchair: "Wheelchair",
};

const sportByType = new Map<string, Sport>(
  Object.entries(TYPES).flatMap(([sport, types]) => types.split(" ").map((type) => [type.toLowerCase(), sport as Sport] as const)),
);

/** Our sport of a Strava sport type; "other" for an unknown or absent one. */
export function sportOf(sportType: string | null | undefined): Sport {
  return sportByType.get((sportType ?? "").toLowerCase()) ?? "other";
}

const ON_FOOT: ReadonlySet<Sport> = new Set(["running", "walking", "hiking"]);

/**
 * Strava counts the turns of one leg; steps are those of both. Its documents say so of runs; watches write all that is done on foot so,
 * and half of a walker's steps would be no walking.
 */
export function cadenceFactor(sport: Sport): number {
  return ON_FOOT.has(sport) ? 2 : 1;
}

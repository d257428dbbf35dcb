/** Oura's activities, an open list in snake case. Pure. Source: vendors/oura.md, `workout`. */
import type { Sport } from "#driver/records.ts";

/** What is not here is "other", known (housework, yardwork) or not. */
const ACTIVITIES: Partial<Record<Sport, string>> = {
  running: "running trail_running treadmill_running indoor_running jogging",
  cycling: "cycling indoor_cycling mountain_biking e_biking stationary_bike spinning",
  walking: "walking nordic_walking dog_walking indoor_walking",
  hiking: "hiking snowshoeing trekking",
  swimming: "swimming open_water_swimming pool_swimming",
  rowing: "rowing indoor_rowing",
  strength: "strength_training weight_lifting weightlifting core_training functional_training",
  hiit: "hiit high_intensity_interval_training crossfit cross_training",
  yoga: "yoga",
  pilates: "pilates",
  elliptical: "elliptical elliptical_training",
  stair_climbing: "stair_climbing stairs stair_exercise",
  climbing: "climbing rock_climbing",
  skiing: "skiing downhill_skiing cross_country_skiing alpine_skiing",
  snowboarding: "snowboarding",
  skating: "skating ice_skating inline_skating",
  water_sport: "surfing sailing kayaking canoeing paddleboarding stand_up_paddling windsurfing water_sports",
  racket_sport: "tennis badminton squash table_tennis padel pickleball racquetball",
  team_sport: "soccer football american_football basketball volleyball ice_hockey hockey floorball baseball softball handball rugby cricket",
  golf: "golf",
  dance: "dance dancing",
  martial_arts: "martial_arts boxing kickboxing wrestling",
  meditation: "meditation",
};

const sportByActivity = new Map<string, Sport>(
  Object.entries(ACTIVITIES).flatMap(([sport, names]) => names.split(" ").map((name) => [name, sport as Sport] as const)),
);

/** Our sport of an Oura activity; "other" for an unknown or absent one. */
export function sportOf(activity: string | null | undefined): Sport {
  return sportByActivity.get((activity ?? "").toLowerCase().replace(/[\s-]+/g, "_")) ?? "other";
}

/** Garmin's activity types. Pure. Source: vendors/garmin.md, Activity type values. */
import type { Sport } from "#driver/records.ts";

/** Without the endings `_V2` and `_WS`. What is not here is "other", known (MOBILITY, SNOWMOBILING …) or not. */
const TYPES: Partial<Record<Sport, string>> = {
  running:
    "RUNNING INDOOR_RUNNING OBSTACLE_RUN STREET_RUNNING TRACK_RUNNING TRAIL_RUNNING TREADMILL_RUNNING ULTRA_RUN " +
    "VIRTUAL_RUN",
  cycling:
    "CYCLING BMX CYCLOCROSS DOWNHILL_BIKING E_BIKE_FITNESS E_BIKE_MOUNTAIN E_ENDURO_MTB ENDURO_MTB GRAVEL_CYCLING " +
    "INDOOR_CYCLING MOUNTAIN_BIKING RECUMBENT_CYCLING ROAD_BIKING TRACK_CYCLING VIRTUAL_RIDE HANDCYCLING " +
    "INDOOR_HANDCYCLING",
  walking: "WALKING CASUAL_WALKING SPEED_WALKING",
  hiking: "HIKING RUCKING SNOW_SHOE",
  swimming: "SWIMMING LAP_SWIMMING OPEN_WATER_SWIMMING",
  rowing: "ROWING INDOOR_ROWING",
  strength: "STRENGTH_TRAINING",
  hiit: "HIIT",
  yoga: "YOGA",
  pilates: "PILATES",
  elliptical: "ELLIPTICAL",
  stair_climbing: "STAIR_CLIMBING FLOOR_CLIMBING",
  climbing: "BOULDERING INDOOR_CLIMBING ROCK_CLIMBING MOUNTAINEERING",
  skiing: "BACKCOUNTRY_SKIING CROSS_COUNTRY_SKIING RESORT_SKIING RESORT_SKIING_SNOWBOARDING SKATE_SKIING",
  snowboarding: "BACKCOUNTRY_SNOWBOARDING SNOWBOARDING",
  skating: "SKATING INLINE_SKATING",
  water_sport:
    "WATER_SPORTS BOATING FISHING KAYAKING KITEBOARDING OFFSHORE_GRINDING ONSHORE_GRINDING PADDLING SAILING " +
    "SNORKELING STAND_UP_PADDLEBOARDING SURFING WAKEBOARDING WATERSKIING WHITEWATER_RAFTING WINDSURFING",
  racket_sport: "RACKET_SPORTS BADMINTON PADDELBALL PICKLEBALL PLATFORM_TENNIS RACQUETBALL SQUASH TABLE_TENNIS TENNIS",
  team_sport:
    "TEAM_SPORTS AMERICAN_FOOTBALL BASEBALL BASKETBALL CRICKET FIELD_HOCKEY ICE_HOCKEY LACROSSE RUGBY SOCCER " +
    "SOFTBALL ULTIMATE_DISC VOLLEYBALL",
  golf: "GOLF",
  dance: "DANCE",
  martial_arts: "BOXING MIXED_MARTIAL_ARTS",
  meditation: "MEDITATION BREATHWORK",
  wheelchair: "WHEELCHAIR_PUSH_RUN WHEELCHAIR_PUSH_WALK",
  multisport: "MULTI_SPORT",
  transition: "TRANSITION BIKE_TO_RUN_TRANSITION RUN_TO_BIKE_TRANSITION SWIM_TO_BIKE_TRANSITION",
};

const sportByType = new Map<string, Sport>(
  Object.entries(TYPES).flatMap(([sport, types]) => types.split(" ").map((type) => [type, sport as Sport] as const)),
);

/** Our sport of a Garmin activity type in any case, with or without its ending; "other" for an unknown or absent one. */
export function sportOf(activityType: string | null | undefined): Sport {
  return sportByType.get((activityType ?? "").toUpperCase().replace(/_(?:V2|WS)$/, "")) ?? "other";
}

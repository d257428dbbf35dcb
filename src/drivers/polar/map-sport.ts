/** Polar's sports: an open list of words such as RUNNING_ROAD, TRIATHLON_SWIMMING, WATERSPORTS_WATERSKI. Pure. Source: vendors/polar.md, exercise. */
import type { Sport } from "#driver/records.ts";

/** The first that fits counts: legs of a triathlon come before the triathlon, water skis before skis. What fits none is "other". */
const RULES: readonly (readonly [RegExp, Sport])[] = [
  [/MOTOR/, "other"],
  [/WHEELCHAIR/, "wheelchair"],
  [/TENNIS|BADMINTON|SQUASH|PADEL|PICKLEBALL|RACQUET/, "racket_sport"],
  [/WATER_?SPORTS|WATER_?SKI|WAKEBOARD|KAYAK|CANOE|SURF|SAIL|PADDL/, "water_sport"],
  [/SOCCER|FOOTBALL|FUTSAL|BASKETBALL|VOLLEYBALL|HANDBALL|HOCKEY|RUGBY|BASEBALL|SOFTBALL|CRICKET|FLOORBALL|LACROSSE|ULTIMATE|NETBALL|BANDY/, "team_sport"],
  [/SNOWBOARD/, "snowboarding"],
  [/SNOWSHOE|HIK|TREKKING|BACKPACKING/, "hiking"],
  [/(^|_)SKI|TELEMARK|(^|_)XC_/, "skiing"],
  [/SKAT/, "skating"],
  [/CYCL|BIK|SPINNING/, "cycling"],
  [/SWIM/, "swimming"],
  [/(^|_)ROW/, "rowing"],
  [/RUN|JOG|ORIENTEERING/, "running"],
  [/WALK/, "walking"],
  [/HIIT|CROSS_?FIT|INTERVAL/, "hiit"],
  [/STRENGTH|KETTLEBELL|(^|_)CORE(_|$)|BODYBUILDING|POWERLIFT|WEIGHT/, "strength"],
  [/YOGA/, "yoga"],
  [/PILATES/, "pilates"],
  [/ELLIPTICAL|CROSS_?TRAINER/, "elliptical"],
  [/STAIR/, "stair_climbing"],
  [/CLIMB|BOULDER|MOUNTAINEERING/, "climbing"],
  [/GOLF/, "golf"],
  [/DANC|BALLET|ZUMBA/, "dance"],
  [/MARTIAL|BOXING|JUDO|KARATE|TAEKWONDO|WRESTLING|FENCING/, "martial_arts"],
  [/MEDITATION|BREATH/, "meditation"],
  [/TRANSITION/, "transition"],
  [/TRIATHLON|DUATHLON|MULTI_?SPORT|AQUATHLON/, "multisport"],
];

/** Our sport of Polar's word; "other" for an unknown or absent one. */
export function sportOf(word: string | null | undefined): Sport {
  const normal = (word ?? "").toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  return RULES.find(([pattern]) => pattern.test(normal))?.[1] ?? "other";
}

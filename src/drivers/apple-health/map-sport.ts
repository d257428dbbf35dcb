/** Apple's kinds of workout. Pure. Source: Apple Health facts, workout types. */
import type { Sport } from "#driver/records.ts";

/** Identifiers without `HKWorkoutActivityType`, in lower case. What is not here is "other". */
const TYPES: Partial<Record<Sport, string>> = {
  running: "running trackandfield",
  cycling: "cycling handcycling",
  walking: "walking",
  hiking: "hiking",
  swimming: "swimming",
  rowing: "rowing",
  strength: "coretraining functionalstrengthtraining traditionalstrengthtraining",
  hiit: "highintensityintervaltraining crosstraining mixedcardio mixedmetaboliccardiotraining jumprope",
  yoga: "yoga",
  pilates: "pilates barre",
  elliptical: "elliptical",
  stair_climbing: "stairclimbing stairs steptraining",
  climbing: "climbing",
  skiing: "crosscountryskiing downhillskiing",
  snowboarding: "snowboarding",
  skating: "skatingsports",
  water_sport: "paddlesports sailing surfingsports underwaterdiving waterfitness watersports",
  racket_sport: "badminton pickleball racquetball squash tabletennis tennis",
  team_sport: "americanfootball australianfootball baseball basketball cricket discsports handball hockey lacrosse rugby soccer softball volleyball waterpolo",
  golf: "golf",
  dance: "cardiodance socialdance dance danceinspiredtraining",
  martial_arts: "boxing kickboxing martialarts taichi wrestling fencing",
  meditation: "mindandbody",
  wheelchair: "wheelchairwalkpace wheelchairrunpace",
  multisport: "swimbikerun",
  transition: "transition",
};

/** Raw numbers, which only a bridge sends. */
const NUMBERS: Readonly<Record<string, string>> = {
  "13": "Cycling", "16": "Elliptical", "20": "FunctionalStrengthTraining", "24": "Hiking", "35": "Rowing", "37": "Running", "46": "Swimming",
  "50": "TraditionalStrengthTraining", "52": "Walking", "57": "Yoga", "63": "HighIntensityIntervalTraining", "82": "SwimBikeRun", "3000": "Other",
};

const sportByType = new Map<string, Sport>(
  Object.entries(TYPES).flatMap(([sport, names]) => names.split(" ").map((name) => [name, sport as Sport] as const)),
);

/** Apps that write names for people put the place before them, or the training behind. */
const AROUND = /^(?:indoor|outdoor|open ?water|pool)|training$/g;

/** Names that Health shows to people, where they differ from the identifier. */
const SPOKEN: ReadonlyMap<string, Sport> = new Map<string, Sport>([
  ["run", "running"], ["walk", "walking"], ["cycle", "cycling"], ["swim", "swimming"], ["row", "rowing"], ["rower", "rowing"], ["hiit", "hiit"], ["stairstepper", "stair_climbing"],
  ["strength", "strength"], ["core", "strength"], ["functionalstrength", "strength"], ["traditionalstrength", "strength"], ["skiing", "skiing"], ["multisport", "multisport"],
]);

/** Our sport, and Apple's own word, of an identifier, a number or the name that a bridge writes. */
export function sportOf(type: unknown): { readonly sport: Sport; readonly vendorSport?: string } {
  if (typeof type !== "string" && typeof type !== "number") return { sport: "other" };
  const text = String(type).slice(0, 100).trim();
  const vendorSport = (Object.hasOwn(NUMBERS, text) ? NUMBERS[text]! : text.replace(/^HKWorkoutActivityType/, "")).toWellFormed();
  const word = vendorSport.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const sport = sportByType.get(word) ?? sportByType.get(word.replace(AROUND, "")) ?? SPOKEN.get(word.replace(AROUND, "")) ?? "other";
  return vendorSport === "" ? { sport } : { sport, vendorSport };
}

/** Fitbit's names of activities: English, open, typed by people too. Pure. */
import type { Sport } from "#driver/records.ts";

/** By what a name holds, the first that fits; what fits none (Workout, Sport, Aerobic Workout) is "other". */
const WORDS: readonly (readonly [RegExp, Sport])[] = [
  [/\bwater aerobics|surf|kayak|canoe|paddl|sail|div(e|ing)\b|snorkel/, "water_sport"],
  [/\bwheelchair/, "wheelchair"],
  [/treadmill|\brun(ning)?\b|\bjog/, "running"],
  [/spinning|bik(e|ing)|cycl(e|ing)/, "cycling"],
  [/\bhik(e|ing)|snowshoe|backpack/, "hiking"],
  [/\bwalk/, "walking"],
  [/\bswim/, "swimming"],
  [/\brow(ing|er)?\b/, "rowing"],
  [/elliptical/, "elliptical"],
  [/stair|step(ping|s)? machine/, "stair_climbing"],
  [/climb|boulder/, "climbing"],
  [/weight|strength|core training/, "strength"],
  [/hiit|interval|circuit|bootcamp|crossfit/, "hiit"],
  [/yoga/, "yoga"],
  [/pilates/, "pilates"],
  [/meditat/, "meditation"],
  [/snowboard/, "snowboarding"],
  [/\bski/, "skiing"],
  [/skat/, "skating"],
  [/tennis|badminton|squash|racquet|pickleball|padel/, "racket_sport"],
  [/soccer|football|basketball|volleyball|hockey|rugby|baseball|cricket|lacrosse/, "team_sport"],
  [/golf/, "golf"],
  [/danc|zumba/, "dance"],
  [/martial|kickbox|boxing|karate|judo|taekwondo|tai chi/, "martial_arts"],
];

/** Our sport of an activity's name; "other" for an unknown or absent one. */
export function sportOf(name: string | null | undefined): Sport {
  const text = (name ?? "").toLowerCase();
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}

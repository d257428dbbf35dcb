/** WHOOP's sports, free text in small letters. Pure. Source: vendors/whoop.md, Errors and quirks. */
import type { Sport } from "#driver/records.ts";

/** What is not here is "other", known (sauna, commuting) or not. */
const SPORTS: Partial<Record<Sport, readonly string[]>> = {
  running: ["running", "trail running", "treadmill running", "track field"],
  cycling: ["cycling", "mountain biking", "spin", "spinning", "assault bike", "gravel cycling"],
  walking: ["walking", "dog walking", "caddying"],
  hiking: ["hiking", "rucking", "hiking rucking", "snowshoeing"],
  swimming: ["swimming", "open water swimming"],
  rowing: ["rowing"],
  strength: ["weightlifting", "powerlifting", "strength trainer", "strength training", "functional fitness"],
  hiit: ["hiit", "high intensity interval training", "obstacle course racing", "crossfit"],
  yoga: ["yoga", "hot yoga"],
  pilates: ["pilates"],
  elliptical: ["elliptical"],
  stair_climbing: ["stairmaster", "stair climbing", "climber"],
  climbing: ["rock climbing", "climbing"],
  skiing: ["skiing", "cross country skiing", "alpine skiing"],
  snowboarding: ["snowboarding"],
  skating: ["inline skating", "ice skating", "skateboarding"],
  water_sport: ["surfing", "kayaking", "paddleboarding", "sailing", "water skiing", "wakeboarding", "kite boarding"],
  racket_sport: ["tennis", "squash", "badminton", "pickleball", "padel", "paddle tennis", "table tennis", "racquetball"],
  team_sport: [
    "soccer", "football", "australian football", "gaelic football", "basketball", "volleyball", "ice hockey", "field hockey", "hockey", "baseball", "softball",
    "lacrosse", "rugby", "water polo", "cricket", "netball", "handball", "ultimate", "hurling camogie",
  ],
  golf: ["golf", "disc golf"],
  dance: ["dance", "barre"],
  martial_arts: ["martial arts", "boxing", "kickboxing", "box fitness", "wrestling", "jiu jitsu", "fencing"],
  meditation: ["meditation", "breathwork"],
  wheelchair: ["wheelchair pushing"],
  multisport: ["triathlon", "duathlon"],
};

const sportByName = new Map<string, Sport>(
  Object.entries(SPORTS).flatMap(([sport, names]) => names.map((name) => [name, sport as Sport] as const)),
);

/** Our sport of a WHOOP sport; "other" for an unknown or absent one. */
export function sportOf(sportName: string | null | undefined): Sport {
  const name = (sportName ?? "").toLowerCase().replace(/[\s_/&-]+/g, " ").trim();
  return sportByName.get(name) ?? "other";
}

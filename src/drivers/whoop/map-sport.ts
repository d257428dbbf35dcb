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

/** Numbers of sports in API v1, which had no names. What is not here is "other", and told by its number. */
const NAMES: ReadonlyMap<number, string> = new Map(
  (
    "0:running 1:cycling 16:baseball 17:basketball 18:rowing 19:fencing 20:field-hockey 21:football 22:golf 24:ice-hockey 25:lacrosse 27:rugby 28:sailing " +
    "29:skiing 30:soccer 31:softball 32:squash 33:swimming 34:tennis 35:track-field 36:volleyball 37:water-polo 38:wrestling 39:boxing 42:dance 43:pilates " +
    "44:yoga 45:weightlifting 47:cross-country-skiing 48:functional-fitness 49:duathlon 51:gymnastics 52:hiking-rucking 53:horseback-riding 55:kayaking " +
    "56:martial-arts 57:mountain-biking 59:powerlifting 60:rock-climbing 61:paddleboarding 62:triathlon 63:walking 64:surfing 65:elliptical 66:stairmaster " +
    "70:meditation 71:other 73:diving 82:ultimate 83:climber 84:jumping-rope 85:australian-football 86:skateboarding 88:ice-bath 89:commuting 90:gaming " +
    "91:snowboarding 92:motocross 93:caddying 94:obstacle-course-racing 95:motor-racing 96:hiit 97:spin 98:jiu-jitsu 99:manual-labor 100:cricket " +
    "101:pickleball 102:inline-skating 103:box-fitness 104:spikeball 105:wheelchair-pushing 106:paddle-tennis 107:barre 110:parkour 111:gaelic-football " +
    "112:hurling-camogie 121:massage-therapy 123:strength-trainer 126:assault-bike 127:kickboxing 128:stretching 230:table-tennis 231:badminton 232:netball " +
    "233:sauna 234:disc-golf 235:yard-work 239:ice-skating 240:handball"
  )
    .split(" ")
    .map((each) => {
      const [number = "", name = ""] = each.split(":");
      return [Number(number), name.replaceAll("-", " ")] as const;
    }),
);

/** WHOOP's word for a number of API v1; the number itself where the word is not known, null where there is no sport. */
export function sportNameOf(sportId: number | null | undefined): string | null {
  if (sportId === null || sportId === undefined || sportId < 0) return null;
  return NAMES.get(sportId) ?? String(sportId);
}

/** Our sport of a WHOOP sport; "other" for an unknown or absent one. */
export function sportOf(sportName: string | null | undefined): Sport {
  const name = (sportName ?? "").toLowerCase().replace(/[\s_/&-]+/g, " ").trim();
  return sportByName.get(name) ?? "other";
}

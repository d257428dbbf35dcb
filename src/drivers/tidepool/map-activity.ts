/** Physical activity → workouts. Source: vendors/tidepool.md, Datum types. */
import type { Mapping } from "#driver/payload.ts";
import type { Sport } from "#driver/records.ts";
import type { Item } from "./map.ts";
import { activity } from "./schema.ts";

const SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3_600 };
const METRES: Readonly<Record<string, number>> = { meters: 1, metres: 1, kilometers: 1_000, kilometres: 1_000, feet: 0.3048, yards: 0.9144, miles: 1_609.344 };
const KILOCALORIES: Readonly<Record<string, number>> = { kilocalories: 1, calories: 0.001, kilojoules: 1 / 4.184, joules: 1 / 4_184 };
const LONGEST_S = 7 * 86_400;

/** The vendor's words contain one of these. */
const SPORTS: readonly (readonly [RegExp, Sport])[] = [
  [/run/i, "running"], [/cycl|bik/i, "cycling"], [/hik/i, "hiking"], [/walk/i, "walking"], [/swim/i, "swimming"], [/row/i, "rowing"], [/strength|weight/i, "strength"],
  [/interval|hiit/i, "hiit"], [/yoga/i, "yoga"], [/pilates/i, "pilates"], [/ellip/i, "elliptical"], [/stair|step/i, "stair_climbing"], [/climb/i, "climbing"], [/snowboard/i, "snowboarding"],
  [/ski/i, "skiing"], [/skat/i, "skating"], [/tennis|badminton|squash|racquet/i, "racket_sport"], [/soccer|football|basketball|hockey|volleyball|rugby/i, "team_sport"], [/golf/i, "golf"],
  [/danc/i, "dance"], [/martial|boxing/i, "martial_arts"],
];

export function mapActivity(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(activity, datum, path);
  if (!item) return;
  const durationS = inUnit(item.duration, SECONDS);
  if (durationS === null || !(durationS > 0 && durationS <= LONGEST_S)) return mapping.problem(`${path}/duration`, "missing, or outside what an activity can last");
  const word = item.activityType === "other" ? item.activityTypeOther : item.activityType;
  const named = [word, item.name].filter((each): each is string => Boolean(each));
  const sport = named.flatMap((text) => SPORTS.filter(([pattern]) => pattern.test(text)).map(([, one]) => one))[0] ?? "other";
  const distanceM = inUnit(item.distance, METRES);
  const energyKcal = inUnit(item.energy, KILOCALORIES);
  const steps = item.step?.count ?? null;
  mapping.add({
    record: "workout", vendorId: base.vendorId, startMs: base.atMs, endMs: base.atMs + Math.round(durationS * 1_000), offsetMinutes: base.offsetMinutes, sport, activeS: durationS,
    ...(word ? { vendorSport: word } : {}), ...(item.name ? { title: item.name.slice(0, 200) } : {}), ...(base.device ? { device: base.device } : {}),
    ...(distanceM !== null && distanceM >= 0 && distanceM < 1e6 ? { distanceM } : {}), ...(energyKcal !== null && energyKcal >= 0 && energyKcal < 3e4 ? { energyKcal } : {}),
    ...(steps !== null && steps >= 0 && steps < 2e5 ? { steps } : {}),
  });
}

function inUnit(measured: { value: number | null; units?: string | null | undefined } | null | undefined, units: Readonly<Record<string, number>>): number | null {
  const unit = (measured?.units ?? "").toLowerCase();
  const value = measured?.value ?? null;
  return value === null || !Object.hasOwn(units, unit) ? null : value * units[unit]!;
}

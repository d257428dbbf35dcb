/** The period that the numbers of a patient's page are of. It stands in the address, so that a reload and a shared link keep it. */
import { addDays, localDate, localDay } from "#units/time.ts";

export const PERIOD_DAYS = [1, 7, 14, 30, 90] as const;
export type PeriodDays = (typeof PERIOD_DAYS)[number];

/** Ranges and goals by whom they are for, as the analyses know them. */
export const PRESETS = ["standard", "older", "pregnancy", "pregnancyType2", "tight"] as const;
export type Preset = (typeof PRESETS)[number];
/** A preset, or the ranges that the clinic chose for the patient. */
export type Ranges = Preset | "custom";

/** The last days up to now (`until` null) or to the end of a local day; or the local days from `first` to `last`. Dates are YYYY-MM-DD. */
export type Period =
  | { readonly kind: "last"; readonly days: PeriodDays; readonly until: string | null }
  | { readonly kind: "dates"; readonly first: string; readonly last: string };

/** What the analyses are asked for. Instants are RFC 3339. */
export type PeriodQuery = { readonly days: number } | { readonly from: string; readonly to: string };

export const LONGEST_DAYS = 366;
const DEFAULT_DAYS: PeriodDays = 14;
const DAY_MS = 86_400_000;

export function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
}

/** Local days from `first` to `last`, both counted; below 1 where `last` is the earlier. */
export const daysBetween = (first: string, last: string): number => Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;

/** The period of an address; the last fourteen days where it names none that can be. */
export function periodOf(address: URLSearchParams): Period {
  const [first, last, until] = [address.get("first"), address.get("last"), address.get("until")];
  if (isDate(first) && isDate(last) && daysBetween(first, last) >= 1 && daysBetween(first, last) <= LONGEST_DAYS) return { kind: "dates", first, last };
  const days = PERIOD_DAYS.find((each) => each === Number(address.get("days")));
  return { kind: "last", days: days ?? DEFAULT_DAYS, until: isDate(until) ? until : null };
}

/** The address with another period; what else it says stays. */
export function withPeriod(address: URLSearchParams, period: Period): URLSearchParams {
  const next = new URLSearchParams(address);
  for (const name of ["days", "until", "first", "last"]) next.delete(name);
  if (period.kind === "dates") {
    next.set("first", period.first);
    next.set("last", period.last);
    return next;
  }
  next.set("days", String(period.days));
  if (period.until !== null) next.set("until", period.until);
  return next;
}

/** The ranges that the address names; where it names none that can be, those of the patient's target. */
export const presetOf = (address: URLSearchParams, target: Ranges = "standard"): Ranges => PRESETS.find((each) => each === address.get("preset")) ?? target;

type Thresholds = Readonly<Record<"veryLow" | "low" | "high" | "veryHigh", number>>;

/** What the analyses are asked for to go by these ranges. @param chosen those of the target, in the asked unit */
export function rangesQueryOf(preset: Ranges, chosen: Thresholds): { readonly preset: Ranges; readonly bounds?: string } {
  if (preset !== "custom") return { preset };
  const { veryLow, low, high, veryHigh } = chosen;
  // What was chosen in the other unit has more decimals than an address needs.
  return { preset, bounds: [veryLow, low, high, veryHigh].map((threshold) => Number(threshold.toFixed(4))).join(",") };
}

/** The local days that a period touches, the first and the last. */
export function datesOf(period: Period, zone: string, nowMs: number): { readonly first: string; readonly last: string } {
  if (period.kind === "dates") return period;
  if (period.until !== null) return { first: addDays(period.until, 1 - period.days), last: period.until };
  return { first: localDate(zone, nowMs - period.days * DAY_MS), last: localDate(zone, nowMs) };
}

/** What to ask for: days up to now, or from the patient's first midnight to the last. */
export function queryOf(period: Period, zone: string): PeriodQuery {
  if (period.kind === "last" && period.until === null) return { days: period.days };
  const { first, last } = datesOf(period, zone, 0);
  return { from: midnight(zone, first), to: midnight(zone, addDays(last, 1)) };
}

/** What a report of the period is asked for: whole days up to an instant. */
export function reportQueryOf(period: Period, zone: string): { readonly days: number; readonly to?: string } {
  if (period.kind === "last" && period.until === null) return { days: period.days };
  const { first, last } = datesOf(period, zone, 0);
  return { days: daysBetween(first, last), to: midnight(zone, addDays(last, 1)) };
}

/** The instant at which a local day begins. @throws RangeError for a date that the zone does not have. */
export function midnight(zone: string, date: string): string {
  const day = localDay(zone, date);
  if (!day) throw new RangeError(`${date} is no day in ${zone}.`);
  return new Date(day.fromMs).toISOString();
}

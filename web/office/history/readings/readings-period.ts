/** Which readings are listed: the period and the type, in the address, so that a reload, a link and the way back keep them. Pure. */
import { addDays } from "#units/time.ts";
import { daysBetween, isDate, LONGEST_DAYS, midnight } from "../../patient/period.ts";
import { READING_TYPE_NAMES, type ReadingType } from "./reading-types.ts";

export const LAST_DAYS = [15, 30, 90, 365] as const;
export type LastDays = (typeof LAST_DAYS)[number];

/** The last days, or local dates from `first` to `last`. */
export type ReadingsPeriod = { readonly kind: "last"; readonly days: LastDays } | { readonly kind: "dates"; readonly first: string; readonly last: string };

const NAMES = { days: "readings", first: "readingsFrom", last: "readingsTo", type: "readingsType" } as const;

/** The last fifteen days where the address names none that can be. */
export function periodOf(address: URLSearchParams): ReadingsPeriod {
  const [first, last] = [address.get(NAMES.first), address.get(NAMES.last)];
  if (isDate(first) && isDate(last) && faultOf(first, last) === null) return { kind: "dates", first, last };
  return { kind: "last", days: LAST_DAYS.find((each) => String(each) === address.get(NAMES.days)) ?? LAST_DAYS[0] };
}

export const typeOf = (address: URLSearchParams): ReadingType | null => READING_TYPE_NAMES.find((each) => each === address.get(NAMES.type)) ?? null;

/** The address with another period or type; what else it says stays. */
export function withReadings(address: URLSearchParams, { period, type }: { readonly period: ReadingsPeriod; readonly type: ReadingType | null }): URLSearchParams {
  const next = new URLSearchParams(address);
  for (const name of Object.values(NAMES)) next.delete(name);
  if (period.kind === "dates") {
    next.set(NAMES.first, period.first);
    next.set(NAMES.last, period.last);
  } else if (period.days !== LAST_DAYS[0]) next.set(NAMES.days, String(period.days));
  if (type !== null) next.set(NAMES.type, type);
  return next;
}

/** Why two dates are no period. */
export function faultOf(first: string, last: string): "backwards" | "tooLong" | null {
  const days = daysBetween(first, last);
  return days < 1 ? "backwards" : days > LONGEST_DAYS ? "tooLong" : null;
}

/** What is asked for: whole days of the patient's zone. */
export function queryOf(period: ReadingsPeriod, zone: string): { readonly days: number } | { readonly from: string; readonly to: string } {
  return period.kind === "last" ? { days: period.days } : { from: midnight(zone, period.first), to: midnight(zone, addDays(period.last, 1)) };
}

/** What a call asks for: dates and flags. vendors/polar.md, Data endpoints. */

import { addDays, localDate, parseTime } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call } from "../exchange.ts";
import { empty, json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { hexOf } from "../people/rng.ts";
import { polarRefusal } from "./refusal.ts";

/** A call of a registered person. */
export interface Visit {
  readonly context: CloudContext;
  readonly call: Call;
  readonly person: Person;
  /** What was uploaded before it does not show. */
  readonly shownFromMs: number;
}

export const LONGEST_DAYS = 28;

export interface AskedDates {
  readonly first: string;
  readonly last: string;
}

const isDate = (text: string | null | undefined): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") && parseTime(text ?? "") !== null;

export const todayOf = ({ context, person }: Pick<Visit, "context" | "person">): string => localDate(person.who.zone, context.now());

/** The last 28 days. */
export function lastDates(visit: Visit, days = LONGEST_DAYS): AskedDates {
  const today = todayOf(visit);
  return { first: addDays(today, 1 - days), last: today };
}

/** `from` to `to`, the last included, or the last 28 days; an answer when they cannot be served. */
export function datesOf(visit: Visit, { oldestDays = LONGEST_DAYS, isRequired = false } = {}): AskedDates | Answer {
  const [from, to] = ["from", "to"].map((name) => visit.call.query.get(name));
  if (!from && !to && !isRequired) return lastDates(visit);
  if (!isDate(from) || !isDate(to)) return polarRefusal(400, "from and to have to be dates, YYYY-MM-DD");
  if (to < from) return polarRefusal(400, "to must not be before from");
  if (addDays(from, LONGEST_DAYS) < to) return polarRefusal(400, `The range must not exceed ${LONGEST_DAYS} days`);
  // Somewhere on Earth it is still yesterday.
  if (from < addDays(todayOf(visit), -oldestDays - 1)) return polarRefusal(400, `from must not be more than ${oldestDays} days ago`);
  return { first: from, last: to };
}

/** The date in the path; an answer when it cannot be served. */
export function dateOf(visit: Visit, oldestDays = LONGEST_DAYS): string | Answer {
  const date = visit.call.params["date"];
  if (!isDate(date)) return polarRefusal(400, "The date has to be YYYY-MM-DD");
  return date < addDays(todayOf(visit), -oldestDays - 1) ? polarRefusal(400, `The date is more than ${oldestDays} days ago`) : date;
}

/** What there is of each date, oldest first. */
export function gather<T>({ first, last }: AskedDates, make: (date: string) => T | null): T[] {
  const found: T[] = [];
  for (let date = first; date <= last; date = addDays(date, 1)) {
    const one = make(date);
    if (one !== null) found.push(one);
  }
  return found;
}

/** A list under its name, or bare; nothing at all is no content. */
export function listed(items: readonly unknown[], name?: string): Answer {
  if (items.length === 0) return empty(204);
  return json(200, name === undefined ? items : { [name]: items });
}

/** One thing, or that there is none. */
export function found(item: object | null): Answer {
  return item ? json(200, item) : polarRefusal(404, "No data");
}

export const isAnswer = (value: object | string): value is Answer => typeof value === "object" && "status" in value;

export const isFlagged = ({ call }: Visit, name: string): boolean => call.query.get(name) === "true";

export function deviceOf({ who }: Person): { readonly device: string; readonly device_id: string } {
  const device = who.watch.hasSkinTemperature ? "Polar Vantage V3" : who.watch.hasHrv ? "Polar Vantage M2" : who.watch.hasPulseOx ? "Polar Ignite 3" : "Polar Unite";
  return { device, device_id: hexOf(8, "polar-device", who.id).toUpperCase() };
}

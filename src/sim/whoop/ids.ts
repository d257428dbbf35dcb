/** Numbers of cycles. */

import { DAY_MS } from "#units/time.ts";
import { dayNumber } from "../people/days.ts";
import type { Person } from "../people/person.ts";

const FIRST_CYCLE = 900_000_000;

/** Of the cycle that begins with the night that ends on the date. Unique over all people. */
export function cycleIdOf(person: Person, date: string): number {
  return FIRST_CYCLE + dayNumber(date) * 10 + person.who.index;
}

/** The date again; null for a number of somebody else or of nothing. */
export function dateOfCycle(person: Person, text: string): string | null {
  const number = /^\d{9}$/.test(text) ? Number(text) - FIRST_CYCLE : -1;
  return number >= 0 && number % 10 === person.who.index ? new Date(Math.floor(number / 10) * DAY_MS).toISOString().slice(0, 10) : null;
}

/** What all treatments of a person's uploader have in common. vendors/nightscout.md, treatments. */

import { formatInstant, offsetMinutesAt } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { uploaderOf } from "./site.ts";

/** What every row has. Version 1 shows what is missing as null. */
export function row(person: Person, atMs: number, eventType: string, more: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const uploader = uploaderOf(person);
  const common = { eventType, created_at: formatInstant(atMs) };
  if (uploader === "aaps") {
    return { ...common, date: atMs, utcOffset: offsetMinutesAt(person.who.zone, atMs), app: "AAPS", device: "openaps://phone", enteredBy: "openaps://AndroidAPS", ...more };
  }
  return { ...common, utcOffset: 0, enteredBy: uploader === "share" ? "careportal" : "xdrip", carbs: null, insulin: null, ...more };
}

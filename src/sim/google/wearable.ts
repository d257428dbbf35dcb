import type { Person } from "../people/person.ts";

/** Some wear a band, some a watch. */
export function wearable(person: Person): { displayName: string; manufacturer: string; formFactor: string } {
  return person.who.index % 2 === 0
    ? { displayName: "Charge 6", manufacturer: "Fitbit", formFactor: "FITNESS_BAND" }
    : { displayName: "Pixel Watch 3", manufacturer: "Google", formFactor: "WATCH" };
}

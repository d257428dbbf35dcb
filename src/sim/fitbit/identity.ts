import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf } from "../people/rng.ts";

const DIGITS = "23456789BCDFGHJKLMNPQRSTVWXYZ";

/** The person's Fitbit id, which Google Health still knows: six characters, short and upper-case. vendors/fitbit.md, Identity. */
export function fitbitUserId(context: Pick<CloudContext, "seed">, person: Person): string {
  const letters = Array.from({ length: 5 }, (_, index) => DIGITS[hashOf(context.seed, "fitbit-user", person.who.id, index) % DIGITS.length]);
  // The last one tells the people apart, whatever the others come to.
  return [...letters, DIGITS[person.who.index]].join("");
}

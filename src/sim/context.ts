/** What the simulated clouds share. */

import type { Faults } from "./faults.ts";
import type { Grants } from "./grants.ts";
import type { Journal } from "./journal.ts";
import type { SimOptions } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import type { Person } from "./people/person.ts";
import type { SimState } from "./state.ts";

export interface SimContext {
  readonly options: SimOptions;
  readonly people: readonly [Person, ...Person[]];
  readonly grants: Grants;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly state: SimState;
}

/** The person with the id; null for nobody. */
export function personOf(context: Pick<SimContext, "people">, id: string): Person | null {
  return context.people.find((person) => person.who.id === id) ?? null;
}

/** The person with the id. Throws RangeError for nobody. */
export function knownPerson(context: Pick<SimContext, "people">, id: string): Person {
  const person = personOf(context, id);
  if (!person) throw new RangeError(`There is no simulated person "${id}"; there are ${context.people.map((one) => one.who.id).join(", ")}.`);
  return person;
}

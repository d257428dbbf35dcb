/** Names, passwords and keys, for clouds that people enter without a consent page. All of it is shown on the front page: they are inventions. */

import type { Person } from "./people/person.ts";
import { hexOf } from "./people/rng.ts";

export interface Account {
  readonly userName: string;
  readonly password: string;
}

/** The accounts that people have with one cloud. */
export interface Accounts {
  of(person: Person): Account;
  /** The person with this name and password; null for a wrong pair. */
  signIn(userName: string, password: string): Person | null;
  /** The person with this name, to tell a wrong password from an unknown name. */
  named(userName: string): Person | null;
  /** A key of the person's, as 32 hexadecimal digits; another in each cloud. */
  keyOf(person: Person): string;
  byKey(key: string): Person | null;
}

/** Name and password are the same in every cloud, so that a visitor has to look them up once. */
export function accountOf(seed: number, person: Person): Account {
  return { userName: `${person.who.id}@people.example`, password: `${person.who.id}-${hexOf(8, seed, "password", person.who.id)}` };
}

export function accountsOf(vendor: string, seed: number, people: readonly Person[]): Accounts {
  const keyOf = (person: Person): string => hexOf(32, seed, "key", vendor, person.who.id);
  const named = (userName: string): Person | null => people.find((person) => accountOf(seed, person).userName === userName.toLowerCase()) ?? null;
  return {
    named, keyOf,
    of: (person) => accountOf(seed, person),
    signIn(userName, password) {
      const person = named(userName);
      return person && accountOf(seed, person).password === password ? person : null;
    },
    byKey: (key) => people.find((person) => keyOf(person) === key) ?? null,
  };
}

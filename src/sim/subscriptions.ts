/** Where applications want to be told of what: one address for all, or one for each person or each topic. */

import { randomUUID } from "node:crypto";
import { z } from "zod";

export const subscriptionSchema = z.object({
  vendor: z.string(),
  /** In the vendor's own form, as text. */
  id: z.string(),
  url: z.string(),
  /** Id of the person it is for; null for everybody. */
  personId: z.string().nullable(),
  /** What it is about, in the vendor's words; null for everything. */
  topic: z.string().nullable(),
  /** The application's verify token, or the secret that the pushes are signed with. */
  secret: z.string().nullable(),
  /** False until the address is verified, or while it is switched off. */
  isActive: z.boolean(),
  createdMs: z.number(),
  expiresMs: z.number().nullable(),
});

export type Subscription = z.infer<typeof subscriptionSchema>;

export type SubscriptionWish = Pick<Subscription, "url"> & Partial<Omit<Subscription, "vendor" | "url" | "createdMs">>;

/** The subscriptions of one cloud. They outlive the process. */
export interface Subscriptions {
  /** Default: active, for everybody and everything, without secret or end, under a UUID. */
  add(wish: SubscriptionWish): Subscription;
  /** Oldest first, with those that are off or over. */
  all(): Subscription[];
  byId(id: string): Subscription | null;
  /** Throws RangeError for an id there is not. */
  change(id: string, changes: Partial<Omit<Subscription, "vendor" | "id">>): Subscription;
  /** Whether there was one. */
  remove(id: string): boolean;
  removeOf(personId: string): void;
  /** Those that are to be told of the person's topic now. */
  to(personId: string, topic: string): Subscription[];
}

export function subscriptionsOf(vendor: string, now: () => number, kept: Subscription[]): Subscriptions {
  const all = (): Subscription[] => kept.filter((one) => one.vendor === vendor);
  const byId = (id: string): Subscription | null => all().find((one) => one.id === id) ?? null;
  const drop = (isDropped: (one: Subscription) => boolean): boolean => {
    const gone = all().filter(isDropped);
    for (const one of gone) kept.splice(kept.indexOf(one), 1);
    return gone.length > 0;
  };
  return {
    all, byId,
    add(wish) {
      const usual = { id: randomUUID(), personId: null, topic: null, secret: null, isActive: true, expiresMs: null };
      const added: Subscription = { ...usual, ...wish, vendor, createdMs: now() };
      kept.push(added);
      return added;
    },
    change(id, changes) {
      const found = byId(id);
      if (!found) throw new RangeError(`There is no subscription "${id}".`);
      return Object.assign(found, changes);
    },
    remove: (id) => drop((one) => one.id === id),
    removeOf: (personId) => void drop((one) => one.personId === personId),
    to: (personId, topic) =>
      all().filter((one) => one.isActive && (one.personId ?? personId) === personId && (one.topic ?? topic) === topic && (one.expiresMs ?? Infinity) > now()),
  };
}

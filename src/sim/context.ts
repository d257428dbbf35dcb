/** What the simulated clouds share, and each cloud's share of it. */

import { MINUTE_MS } from "#units/time.ts";
import { randomUUID } from "node:crypto";
import { request } from "undici";
import { accountsOf } from "./accounts.ts";
import type { Cloud, CloudContext, CloudParts } from "./cloud.ts";
import type { Faults } from "./faults.ts";
import type { Grants } from "./grants.ts";
import type { Journal } from "./journal.ts";
import type { ChallengeAnswer, ChallengeRequest, SimClient, SimOptions } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import type { Person } from "./people/person.ts";
import { sensedBetween } from "./series.ts";
import type { SimState } from "./state.ts";
import { subscriptionsOf } from "./subscriptions.ts";
import type { Grant } from "./tokens.ts";

export interface SimContext {
  readonly options: SimOptions;
  readonly people: readonly [Person, ...Person[]];
  readonly grants: Grants;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly state: SimState;
}

/** A cloud with its parts in one simulation. */
export interface LiveCloud {
  readonly cloud: Cloud;
  readonly context: CloudContext;
  readonly parts: CloudParts;
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

/** Stands in where no application is registered: nobody can guess it. */
const NOBODY: SimClient = { clientId: randomUUID(), clientSecret: randomUUID(), redirectUris: [] };

export function clientOf(options: SimOptions, vendor: string): SimClient {
  return options.clients[vendor] ?? NOBODY;
}

/** The cloud's share of `shared`. */
export function contextOf(shared: SimContext, cloud: Cloud): CloudContext {
  const { options, state, people } = shared;
  const { id, name } = cloud;
  const now = (): number => options.now();
  const given: CloudContext["given"] = (person) => state.series.get(person.who.id) ?? null;
  return {
    id, name, people, now, given,
    seed: options.seed,
    get baseUrl() {
      return `${options.baseUrl}/${id}`;
    },
    get client() {
      return clientOf(options, id);
    },
    get webhookUrl() {
      return options.webhookUrls[id] ?? null;
    },
    extra(extraName) {
      if (!cloud.clientExtras?.includes(extraName)) throw new RangeError(`${name} has no "${extraName}" in its portal.`);
      const client = clientOf(options, id);
      return client.extras?.[extraName] ?? `${client.clientSecret}-${extraName}`;
    },
    position: (switchName) => state.position(cloud, switchName),
    grants: shared.grants.of(id),
    accounts: accountsOf(id, options.seed, people),
    subscriptions: subscriptionsOf(id, now, state.subscriptions),
    outbox: shared.outbox.of(id),
    async challenge(url, timeoutMs, asked = {}) {
      const whole: ChallengeRequest = { method: "GET", headers: {}, body: "", ...asked };
      try {
        return await (options.challenge ? options.challenge(url, timeoutMs, whole) : callOut(url, timeoutMs, whole));
      } catch {
        // No answer, or none in time: in each case there is nothing to verify the address by.
        return null;
      }
    },
    keep: (schema, initial) => state.keep(id, schema, initial),
    ofGrant(schema, initial) {
      const opened = new WeakMap<Grant, ReturnType<typeof initial>>();
      return (grant) => {
        const known = opened.get(grant);
        if (known) return known;
        const kept = schema.safeParse(grant.extra);
        const value = kept.success ? kept.data : initial();
        grant.extra = value;
        opened.set(grant, value);
        return value;
      };
    },
    sensed: (person, fromMs, toMs) => sensedBetween(given(person), person, fromMs, toMs),
    addWorkout: (person, wish) => state.addWorkout(person, wish),
    endedWalk: (person) => state.addWorkout(person, { startMs: now() - 25 * MINUTE_MS, minutes: 25, sport: "walk" }),
  };
}

async function callOut(url: string, timeoutMs: number, { method, headers, body }: ChallengeRequest): Promise<ChallengeAnswer> {
  const answer = await request(url, { method, headers: { ...headers }, ...(body === "" ? {} : { body }), signal: AbortSignal.timeout(timeoutMs) });
  return { status: answer.statusCode, contentType: String(answer.headers["content-type"] ?? ""), body: await answer.body.text() };
}

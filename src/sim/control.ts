/** The hand on the simulated clouds: faults, pushes, switches, series, and what was received. */

import { accountOf } from "./accounts.ts";
import type { PushDetail, Switch } from "./cloud.ts";
import type { NamedFacts } from "./clouds.ts";
import type { LiveCloud, SimContext } from "./context.ts";
import { knownPerson } from "./context.ts";
import type { SimFault } from "./faults.ts";
import type { ReceivedCall } from "./journal.ts";
import type { SimVendor } from "./options.ts";
import type { PushResult } from "./outbox.ts";
import type { SeriesReading } from "./series.ts";
import { arrangeSeries } from "./series.ts";

export interface SimPerson extends NamedFacts {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly zone: string;
  /** For clouds without a consent page. */
  readonly userName: string;
  readonly password: string;
  /** The person's key at each cloud that has accounts. */
  readonly keys: Readonly<Record<SimVendor, string>>;
  /** Whether clouds serve a given series for this person. */
  readonly hasSeries: boolean;
  /** What each cloud calls the person, by cloud and name: `userId` and the like. */
  readonly facts: Readonly<Record<SimVendor, Readonly<Record<string, string | number>>>>;
}

export interface SimConnection {
  readonly vendor: SimVendor;
  readonly person: string;
  readonly sinceMs: number;
  readonly scopes: readonly string[];
  readonly isLive: boolean;
}

export interface SimSwitch extends Switch {
  readonly position: string;
}

/** How one cloud stands. */
export interface SimCloudState {
  readonly id: SimVendor;
  readonly name: string;
  readonly fault: SimFault | null;
  readonly pushes: readonly string[];
  readonly switches: readonly SimSwitch[];
  readonly hasAccounts: boolean;
  /** Calls since the start. */
  readonly receivedCount: number;
  readonly waitingPushes: number;
}

/** Methods throw RangeError for people, clouds, pushes and switches there are not. */
export interface SimControl {
  clouds(): SimCloudState[];
  people(): SimPerson[];
  connections(): SimConnection[];
  /** `token_revoked` and `token_expired` happen at once; any other fault stays until it is used up, replaced or cleared by null. */
  setFault(vendor: SimVendor, fault: SimFault | null): void;
  /** Of every cloud. */
  faults(): Record<SimVendor, SimFault | null>;
  /**
   * Sends one push now and resolves with the receiver's answers; failures are tried again by `tick`. Empty when there is nothing
   * to tell or nowhere to send it. Throws RangeError when the person has not connected, or withholds the permission.
   * `what` is one of the cloud's own, which `clouds` lists.
   */
  push(vendor: SimVendor, person: string, what: string, detail?: PushDetail): Promise<PushResult[]>;
  /**
   * The person's glucose readings (mg/dL) from now on; null returns to generated ones. `vendor` is a cloud that serves glucose; the
   * others that do serve the same, for it is one body. `zone` is for display times.
   */
  serveSeries(vendor: SimVendor, person: string, readings: readonly SeriesReading[] | null, options?: { shiftToNow?: boolean; zone?: string }): void;
  /** Turns a switch of a cloud. */
  turn(vendor: SimVendor, name: string, position: string): void;
  /** Turns the switches of these names in every cloud that has them. */
  configure(positions: Readonly<Record<string, string | number>>): void;
  /** Short for the switch `delivery.<type>`. */
  setDelivery(type: string, mode: string): void;
  /** The last calls a cloud received, oldest first, without tokens. */
  received(vendor: SimVendor, count?: number): ReceivedCall[];
  /** The last pushes sent, by one cloud or all, oldest first. */
  pushes(vendor?: SimVendor): readonly PushResult[];
  waitingPushes(): number;
  /**
   * Lets the clouds notice what time it is: new days, nights and workouts, retries and back-fills that are due. Throws AggregateError
   * when a cloud failed, after the others had their turn.
   */
  tick(): Promise<PushResult[]>;
}

export function createControl(shared: SimContext, clouds: ReadonlyMap<string, LiveCloud>): SimControl {
  const all = [...clouds.values()];
  const known = (vendor: string): LiveCloud => {
    const found = clouds.get(vendor);
    if (!found) throw new RangeError(`There is no simulated cloud "${vendor}"; there are ${[...clouds.keys()].join(", ")}.`);
    return found;
  };
  const control: SimControl = {
    clouds: () => all.map((live) => stateOf(shared, live)),
    people: () => shared.people.map((person) => {
      const { id, name, about, zone } = person.who;
      const facts = Object.fromEntries(all.map(({ cloud, parts }) => [cloud.id, parts.facts?.(person) ?? {}]));
      const keys = Object.fromEntries(all.flatMap(({ cloud, context }) => (cloud.hasAccounts ? [[cloud.id, context.accounts.keyOf(person)]] : [])));
      return { id, name, about, zone, keys, ...accountOf(shared.options.seed, person), hasSeries: shared.state.series.has(id), facts, ...named(facts) };
    }),
    connections: () => shared.grants.all().map((grant) => ({
      vendor: grant.vendor, person: grant.personId, sinceMs: grant.sinceMs, scopes: grant.scopes, isLive: grant.revokedMs === null,
    })),
    setFault(vendor, fault) {
      const { context } = known(vendor);
      if (fault?.kind === "token_revoked") context.grants.revoke(knownPerson(shared, fault.person).who.id);
      else if (fault?.kind === "token_expired") shared.grants.expireAccess(vendor);
      else shared.faults.set(vendor, fault);
    },
    faults: () => Object.fromEntries(all.map(({ cloud }) => [cloud.id, shared.faults.current(cloud.id)])),
    async push(vendor, personId, what, detail = {}) {
      const { cloud, context, parts } = known(vendor);
      const person = knownPerson(shared, personId);
      if (!parts.push) throw new RangeError(`${cloud.name} pushes nothing.`);
      if (!parts.pushes?.includes(what)) throw new RangeError(`${cloud.name} has no push "${what}"; it has ${parts.pushes?.join(", ") ?? "none"}.`);
      if (context.grants.live(personId).length === 0) throw new RangeError(`${personId} has not connected ${cloud.name}.`);
      return parts.push(person, what, detail);
    },
    serveSeries(vendor, personId, readings, options = {}) {
      const { cloud } = known(vendor);
      if (!cloud.servesGlucose) throw new RangeError(`${cloud.name} serves no glucose.`);
      const { who } = knownPerson(shared, personId);
      if (!readings) shared.state.series.delete(who.id);
      else shared.state.series.set(who.id, { zone: options.zone ?? who.zone, readings: arrangeSeries(readings, shared.options.now(), options.shiftToNow ?? false) });
    },
    turn: (vendor, name, position) => shared.state.move(known(vendor).cloud, name, position),
    configure(positions) {
      for (const [name, position] of Object.entries(positions)) {
        const owners = all.filter(({ cloud }) => cloud.switches?.some((one) => one.name === name));
        if (owners.length === 0) throw new RangeError(`No simulated cloud has a switch "${name}".`);
        for (const { cloud } of owners) shared.state.move(cloud, name, String(position));
      }
    },
    setDelivery: (type, mode) => control.configure({ [`delivery.${type}`]: mode }),
    received: (vendor, count) => shared.journal.last(known(vendor).cloud.id, count),
    pushes: (vendor) => shared.outbox.results(vendor),
    waitingPushes: () => shared.outbox.waiting(),
    async tick() {
      const failures = all.map(failureOfTick).filter((failure) => failure !== null);
      const results = await shared.outbox.sendDue();
      await shared.state.save();
      // One cloud out of order must not hold up the others, nor go unseen.
      if (failures.length > 0) throw new AggregateError(failures, "Simulated clouds failed to notice the time.");
      return results;
    },
  };
  return control;
}

function failureOfTick({ parts }: LiveCloud): unknown {
  try {
    parts.tick?.();
    return null;
  } catch (error) {
    return error;
  }
}

function named(facts: SimPerson["facts"]): NamedFacts {
  const all = Object.entries(facts).flatMap(([vendor, ofVendor]) => Object.entries(ofVendor).map(([name, value]) => [`${vendor}${name[0]?.toUpperCase()}${name.slice(1)}`, value]));
  return Object.fromEntries(all) as unknown as NamedFacts;
}

function stateOf(shared: SimContext, { cloud, parts }: LiveCloud): SimCloudState {
  const { id, name, switches = [], hasAccounts = false } = cloud;
  return {
    id, name, hasAccounts,
    fault: shared.faults.current(id),
    pushes: parts.pushes ?? [],
    switches: switches.map((one) => ({ ...one, position: shared.state.position(cloud, one.name) })),
    receivedCount: shared.journal.count(id),
    waitingPushes: shared.outbox.waiting(id),
  };
}

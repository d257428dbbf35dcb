/** The hand on the simulated clouds: faults, pushes, series, and what was received. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { SimContext } from "./context.ts";
import { knownPerson } from "./context.ts";
import type { SimFault } from "./faults.ts";
import type { Notifier } from "./garmin/notify.ts";
import { garminUserId, summariesBetween } from "./garmin/summaries.ts";
import type { GarminType } from "./garmin/types.ts";
import { GARMIN_TYPES, garminType } from "./garmin/types.ts";
import type { Grant } from "./grants.ts";
import type { ReceivedCall } from "./journal.ts";
import type { SimVendor } from "./options.ts";
import { SIM_VENDORS } from "./options.ts";
import type { PushResult } from "./outbox.ts";
import type { Person } from "./people/person.ts";
import type { Workout } from "./people/workouts.ts";
import type { Schedule } from "./schedule.ts";
import type { SeriesReading } from "./series.ts";
import { arrangeSeries } from "./series.ts";
import type { GarminMode } from "./state.ts";
import { activitiesBetween, athleteId } from "./strava/activities.ts";
import type { StravaEvents } from "./strava/events.ts";

export interface SimPerson {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly zone: string;
  readonly garminUserId: string;
  readonly stravaAthleteId: number;
  /** Whether Dexcom serves a given series for this person. */
  readonly hasSeries: boolean;
}

export interface SimConnection {
  readonly vendor: SimVendor;
  readonly person: string;
  readonly sinceMs: number;
  readonly scopes: readonly string[];
  readonly isLive: boolean;
}

export const STRAVA_PUSHES = ["activity_create", "activity_update", "activity_delete", "deauthorize"] as const;
export const GARMIN_PUSHES: readonly string[] = [...GARMIN_TYPES.map((type) => type.key), "deregistrations", "userPermissionsChange"];

export interface PushDetail {
  /** Garmin summaries: how many days back they start. */
  readonly days?: number;
  /** Garmin `userPermissionsChange`: what is left. Default: `ACTIVITY_EXPORT` is withdrawn, or given back. */
  readonly permissions?: readonly string[];
}

/** Methods throw RangeError for people, vendors and pushes there are not. */
export interface SimControl {
  people(): SimPerson[];
  connections(): SimConnection[];
  /** `token_revoked` and `token_expired` happen at once; any other fault stays until it is used up, replaced or cleared by null. */
  setFault(vendor: SimVendor, fault: SimFault | null): void;
  faults(): Record<SimVendor, SimFault | null>;
  /**
   * Sends one push now and resolves with the receiver's answers; failures are tried again by `tick`. Empty when there is nothing
   * to tell or nowhere to send it. Throws RangeError when the person has not connected, or withholds the permission.
   * `what`: Garmin a summary type, `deregistrations` or `userPermissionsChange`; Strava `activity_create` (a walk that has just
   * ended), `activity_update` (a new title), `activity_delete` or `deauthorize`.
   */
  push(vendor: SimVendor, person: string, what: string, detail?: PushDetail): Promise<PushResult[]>;
  /** Dexcom serves these readings (mg/dL) for the person; null returns to generated ones. `zone` is for display times. */
  serveSeries(vendor: "dexcom", person: string, readings: readonly SeriesReading[] | null, options?: { shiftToNow?: boolean; zone?: string }): void;
  /** How Garmin delivers a type: in the body, as an address to call, or not at all. */
  setDelivery(type: string, mode: GarminMode): void;
  configure(settings: { delayMinutes?: number; signStravaEvents?: boolean }): void;
  /** The last calls a cloud received, oldest first, without tokens. */
  received(vendor: SimVendor, count?: number): ReceivedCall[];
  /** The last pushes sent, oldest first. */
  pushes(): readonly PushResult[];
  waitingPushes(): number;
  /** Lets the clouds notice what time it is: new days, nights and workouts, retries and back-fills that are due. */
  tick(): Promise<PushResult[]>;
}

/** Types that not every day has. */
const USUAL_DAYS: Readonly<Record<string, number>> = { bodyComps: 21, bloodPressures: 14, healthSnapshot: 30, moveIQActivities: 3 };

export function createControl(context: SimContext, parts: { notifier: Notifier; events: StravaEvents; schedule: Schedule }): SimControl {
  const { schedule } = parts;
  return {
    people: () => context.people.map((person) => ({
      id: person.who.id, name: person.who.name, about: person.who.about, zone: person.who.zone,
      garminUserId: garminUserId(context, person), stravaAthleteId: athleteId(context, person), hasSeries: context.state.series.has(person.who.id),
    })),
    connections: () => context.grants.all().map((grant) => ({
      vendor: grant.vendor, person: grant.personId, sinceMs: grant.sinceMs, scopes: grant.scopes, isLive: grant.revokedMs === null,
    })),
    setFault(vendor, fault) {
      if (!SIM_VENDORS.includes(vendor)) throw new RangeError(`There is no simulated cloud "${vendor}".`);
      if (fault?.kind === "token_revoked") context.grants.revoke(vendor, knownPerson(context, fault.person).who.id);
      else if (fault?.kind === "token_expired") context.grants.expireAccess(vendor);
      else context.faults.set(vendor, fault);
    },
    faults: () => ({ dexcom: context.faults.current("dexcom"), garmin: context.faults.current("garmin"), strava: context.faults.current("strava") }),
    async push(vendor, personId, what, detail = {}) {
      const person = knownPerson(context, personId);
      if (vendor === "garmin") return pushGarmin(context, parts.notifier, { person, what, detail });
      if (vendor === "strava") return pushStrava(context, parts.events, person, what);
      throw new RangeError(`${vendor} pushes nothing.`);
    },
    serveSeries(_vendor, personId, readings, options = {}) {
      const { who } = knownPerson(context, personId);
      if (!readings) context.state.series.delete(who.id);
      else context.state.series.set(who.id, { zone: options.zone ?? who.zone, readings: arrangeSeries(readings, context.options.now(), options.shiftToNow ?? false) });
    },
    setDelivery(name, mode) {
      const type = knownType(name);
      if (type.isPushOnly && mode === "ping") throw new RangeError(`${type.key} can only be pushed.`);
      context.state.garminModes[type.key] = mode;
    },
    configure({ delayMinutes, signStravaEvents }) {
      if (delayMinutes !== undefined) context.state.delayMinutes = delayMinutes;
      if (signStravaEvents !== undefined) context.state.signStravaEvents = signStravaEvents;
    },
    received: (vendor, count) => context.journal.last(vendor, count),
    pushes: () => context.outbox.results(),
    waitingPushes: () => context.outbox.waiting(),
    async tick() {
      schedule.tick();
      const results = await context.outbox.sendDue();
      await context.state.save();
      return results;
    },
  };
}

function liveGrants(context: SimContext, vendor: SimVendor, person: Person): Grant[] {
  const grants = context.grants.live(vendor).filter((grant) => grant.personId === person.who.id);
  if (grants.length === 0) throw new RangeError(`${person.who.id} has not connected ${vendor}.`);
  return grants;
}

/** A walk that has just ended. */
function endedWalk(context: SimContext, person: Person): Workout {
  return context.state.addWorkout(person, { startMs: context.options.now() - 25 * MINUTE_MS, minutes: 25, sport: "walk" });
}

interface GarminWish {
  readonly person: Person;
  readonly what: string;
  readonly detail: PushDetail;
}

async function pushGarmin(context: SimContext, notifier: Notifier, { person, what, detail }: GarminWish): Promise<PushResult[]> {
  const grants = liveGrants(context, "garmin", person);
  if (what === "deregistrations") {
    context.grants.revoke("garmin", person.who.id);
    context.outbox.drop("garmin", person.who.id);
    return notifier.deregisteredNow(person);
  }
  if (what === "userPermissionsChange") {
    const scopes = grants[0]?.scopes ?? [];
    const toggled = scopes.includes("ACTIVITY_EXPORT") ? scopes.filter((scope) => scope !== "ACTIVITY_EXPORT") : [...scopes, "ACTIVITY_EXPORT"];
    for (const grant of grants) grant.scopes = [...(detail.permissions ?? toggled)];
    return notifier.permissionsChangedNow(person, grants[0]?.scopes ?? []);
  }
  const type = knownType(what);
  if (!grants.some((grant) => grant.scopes.includes(type.permission))) throw new RangeError(`${person.who.id} withholds ${type.permission}.`);
  const isWorkout = type.key === "activities" || type.key === "activityDetails";
  const nowMs = context.options.now();
  // A visitor who asks for a workout wants a new one.
  const fromMs = isWorkout && detail.days === undefined ? endedWalk(context, person).startMs : nowMs - (detail.days ?? USUAL_DAYS[type.key] ?? 1.5) * DAY_MS;
  return notifier.tellNow(person, type, summariesBetween(context, person, type, { fromMs, toMs: nowMs }));
}

async function pushStrava(context: SimContext, events: StravaEvents, person: Person, what: string): Promise<PushResult[]> {
  liveGrants(context, "strava", person);
  const nowMs = context.options.now();
  if (what === "deauthorize") {
    context.grants.revoke("strava", person.who.id);
    context.outbox.drop("strava", person.who.id);
    return events.tellNow(person, { object: "athlete", objectId: athleteId(context, person), aspect: "update", updates: { authorized: "false" } });
  }
  const workout = what === "activity_create" ? endedWalk(context, person) : activitiesBetween(context, person, nowMs - 60 * DAY_MS, nowMs).at(-1);
  if (!workout) throw new RangeError(`${person.who.id} has no activity.`);
  if (!events.mayHear(person, workout)) throw new RangeError(`${person.who.id} withholds the activity.`);
  const event = { object: "activity" as const, objectId: workout.number };
  switch (what) {
    case "activity_create":
      return events.tellNow(person, { ...event, aspect: "create", updates: {} });
    case "activity_update": {
      const title = `${workout.name} (renamed)`;
      context.state.edits[String(workout.number)] = { title };
      return events.tellNow(person, { ...event, aspect: "update", updates: { title } });
    }
    case "activity_delete":
      context.state.edits[String(workout.number)] = { isDeleted: true };
      return events.tellNow(person, { ...event, aspect: "delete", updates: {} });
    default:
      throw new RangeError(`Strava has no push "${what}"; it has ${STRAVA_PUSHES.join(", ")}.`);
  }
}

function knownType(name: string): GarminType {
  const type = garminType(name);
  if (!type) throw new RangeError(`Garmin has no summary type "${name}"; pushes are ${GARMIN_PUSHES.join(", ")}.`);
  return type;
}

/** Who has been registered, and what Polar knows of them. vendors/polar.md, Mandatory user registration; physical-info. */

import { addDays, DAY_MS, localDate } from "#units/time.ts";
import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call } from "../exchange.ts";
import { empty, header, json, jsonOf } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { maxHrOf } from "../people/workouts.ts";
import { polarUserId } from "./oauth.ts";
import { polarRefusal } from "./refusal.ts";
import type { PolarState } from "./state.ts";
import { isoDuration } from "./times.ts";

const wishSchema = z.looseObject({ "member-id": z.string().min(1).max(200) });

export interface Users {
  count(): number;
  /** From when on the person's uploads are shown; null while not registered. */
  shownFromMs(person: Person): number | null;
  register(person: Person, call: Call): Answer;
  show(person: Person, call: Call): Answer;
  /** Ends the registration and the person's tokens. */
  remove(person: Person): void;
}

export function createUsers(context: CloudContext, kept: PolarState): Users {
  function userObject(person: Person): object {
    const { who } = person;
    const [first, ...rest] = who.name.split(" ");
    const user = kept.users[who.id];
    return {
      "polar-user-id": polarUserId(context, person), "member-id": user?.memberId, "registration-date": new Date(user?.registeredMs ?? 0).toISOString(),
      "first-name": first, "last-name": rest.join(" "), birthdate: `${who.bornYear}-05-14`, gender: who.sex === "M" ? "MALE" : "FEMALE",
      weight: who.weightKg, height: Math.round(who.heightM * 100), "extra-info": [],
    };
  }

  return {
    count: () => Object.keys(kept.users).length,
    shownFromMs(person) {
      const user = kept.users[person.who.id];
      // What the watch had kept to itself until then is uploaded after the registration, and so it shows.
      return user ? user.registeredMs - Number(context.position("unsyncedDays")) * DAY_MS : null;
    },
    register(person, call) {
      if (context.position("mandatoryConsents") === "missing") return polarRefusal(403, "The user has not accepted all mandatory consents");
      const wish = wishSchema.safeParse(jsonOf(call));
      if (!wish.success) return polarRefusal(400, "member-id is required");
      const memberId = wish.data["member-id"];
      const isTaken = Object.values(kept.users).some((user) => user.memberId === memberId);
      if (kept.users[person.who.id] || isTaken) return polarRefusal(409, "The user is already registered, or the member-id is taken");
      kept.users[person.who.id] = { memberId, registeredMs: context.now() };
      return context.position("registrationAnswer") === "empty" ? empty(204) : inForm(call, "user", userObject(person));
    },
    show: (person, call) => inForm(call, "user", userObject(person)),
    remove(person) {
      delete kept.users[person.who.id];
      context.grants.revoke(person.who.id);
      context.outbox.drop(person.who.id);
    },
  };
}

/** These resources are XML to whoever does not ask for JSON. */
export function inForm(call: Call, name: string, value: object): Answer {
  if (header(call, "accept").includes("json")) return json(200, value);
  const members = Object.entries(value).map(([key, member]) => (Array.isArray(member) ? `<${key}/>` : `<${key}>${String(member)}</${key}>`));
  return { status: 200, type: "application/xml;charset=UTF-8", headers: { "cache-control": "no-store" }, body: `<?xml version="1.0" encoding="UTF-8"?><${name}>${members.join("")}</${name}>` };
}

const WEIGHED_DAYS = 30;

/** Newest weighing of the last weeks that is known by then; null without. */
export function lastWeighing(person: Person, nowMs: number): { readonly atMs: number; readonly weightKg: number } | null {
  const today = localDate(person.who.zone, nowMs);
  for (let back = 0; back < WEIGHED_DAYS; back++) {
    const found = person.weighIn(addDays(today, -back));
    if (found && found.atMs <= nowMs) return found;
  }
  return null;
}

export function physicalInfo(context: CloudContext, person: Person): object {
  const { who } = person;
  const nowMs = context.now();
  const weighing = lastWeighing(person, nowMs);
  const body = person.body(localDate(who.zone, weighing?.atMs ?? nowMs));
  return {
    weight: weighing?.weightKg ?? who.weightKg,
    height: Math.round(who.heightM * 1000) / 10,
    maximum_heart_rate: maxHrOf(who),
    resting_heart_rate: body.restingHr,
    aerobic_threshold: Math.round(maxHrOf(who) * 0.75),
    anaerobic_threshold: Math.round(maxHrOf(who) * 0.9),
    vo2_max: Math.round(body.vo2Running),
    weight_source: weighing ? "MEASURED" : "USER",
    training_background: "REGULAR",
    typical_day: "MOSTLY_SITTING",
    sleep_goal: isoDuration(8 * 3600),
    birthday: `${who.bornYear}-05-14`,
    gender: who.sex === "M" ? "MALE" : "FEMALE",
    created: `${who.cgm.since}T08:00:00.000Z`,
    modified: new Date(weighing?.atMs ?? Date.parse(`${who.cgm.since}T08:00:00Z`)).toISOString(),
  };
}

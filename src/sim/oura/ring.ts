/** The person and the ring. vendors/oura.md, Identity and ring_configuration. */

import { addDays } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { atHour } from "../people/days.ts";
import { documentId, localTimeMs, ouraUserId } from "./documents.ts";
import type { OuraWorld } from "./world.ts";

interface Ring {
  readonly since: string;
  readonly fields: Record<string, unknown>;
}

/** Oldest first. Some had a ring before this one; colours come and go, so one is of a colour that no list names. */
function ringsOf({ context }: OuraWorld, person: Person): Ring[] {
  const chance = chanceOf(context.seed, "oura", person.who.id, "ring");
  const { since } = person.who.cgm;
  const size = Math.round(chance.between(6, 12));
  const ring = (date: string, fields: Record<string, unknown>): Ring => ({
    since: date, fields: { ...fields, set_up_at: localTimeMs(person, atHour(person.who.zone, date, 18.5)), size },
  });
  const current = ring(since, {
    color: person.who.index === 2 ? "midnight_teal" : chance.pick(["stealth_black", "silver", "gold", "titanium"]),
    design: "horizon", firmware_version: "3.4.2", hardware_type: person.who.index % 2 === 0 ? "gen4" : "gen3",
  });
  if (person.who.index % 3 !== 1) return [current];
  // Of the older one only that it was there is known.
  const older = { ...ring(addDays(since, -400), { color: null, design: null, firmware_version: null, hardware_type: "gen2m" }) };
  return [{ ...older, fields: { ...older.fields, set_up_at: null, size: null } }, current];
}

const idOf = (world: OuraWorld, person: Person, { since }: Ring): string => documentId(world, person, { collection: "ring_configuration", date: since });

/** The ring worn on the date; null before there was one. */
export function ringId(world: OuraWorld, person: Person, date: string): string | null {
  const ring = ringsOf(world, person).findLast(({ since }) => since <= date);
  return ring ? idOf(world, person, ring) : null;
}

export function ringConfigurations(world: OuraWorld, person: Person): Record<string, unknown>[] {
  return ringsOf(world, person).map((ring) => ({ id: idOf(world, person, ring), ...ring.fields }));
}

/** What the person typed when they began; null where the scope is missing. */
export function personalInfo(world: OuraWorld, person: Person, scopes: readonly string[]): Record<string, unknown> {
  const { who } = person;
  const isPersonal = scopes.includes("personal");
  return {
    id: ouraUserId(world, person),
    age: isPersonal ? new Date(world.context.now()).getUTCFullYear() - who.bornYear : null,
    weight: isPersonal ? who.weightKg : null,
    height: isPersonal ? who.heightM : null,
    biological_sex: isPersonal ? (who.sex === "F" ? "female" : "male") : null,
    email: scopes.includes("email") ? `${who.id}@people.example` : null,
  };
}

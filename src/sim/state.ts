/** What people did in the clouds. It is kept in the store, so that a restarted house finds its connections alive. */

import { z } from "zod";
import { grantSchema } from "./grants.ts";
import type { Grants } from "./grants.ts";
import type { Person } from "./people/person.ts";
import type { Workout, WorkoutWish } from "./people/workouts.ts";
import type { SimOptions } from "./options.ts";

const SPORTS = ["run", "trail_run", "ride", "indoor_ride", "walk", "hike", "swim", "strength", "yoga"] as const;

const stateSchema = z.object({
  version: z.literal(1),
  grants: z.array(grantSchema),
  extras: z.array(z.object({ person: z.string(), startMs: z.number(), minutes: z.number(), sport: z.enum(SPORTS) })),
  /** Changes to activities by their number. */
  edits: z.record(z.string(), z.object({ title: z.string().optional(), isDeleted: z.boolean().optional() })),
  subscription: z.object({ id: z.number(), callbackUrl: z.string(), createdMs: z.number() }).nullable(),
  garminModes: z.record(z.string(), z.enum(["push", "ping", "off"])),
});
type Kept = z.infer<typeof stateSchema>;

export type GarminMode = "push" | "ping" | "off";

export interface SimState extends Omit<Kept, "version" | "grants"> {
  /** Readings that replace a person's generated ones. */
  readonly series: Map<string, Series>;
  delayMinutes: number;
  signStravaEvents: boolean;
  addWorkout(person: Person, wish: Omit<WorkoutWish, "ordinal" | "isExtra">): Workout;
  load(): Promise<void>;
  save(): Promise<void>;
}

export interface Series {
  readonly zone: string;
  /** Oldest first; whole mg/dL, as the real cloud sends them. */
  readonly readings: readonly { readonly atMs: number; readonly mgDl: number }[];
}

export function createState(options: SimOptions, people: readonly Person[], grants: Grants): SimState {
  let saved = "";
  return {
    extras: [],
    edits: {},
    subscription: null,
    garminModes: {},
    series: new Map(),
    delayMinutes: options.delayMinutes ?? 0,
    signStravaEvents: options.signStravaEvents ?? false,
    addWorkout(person, wish) {
      this.extras.push({ person: person.who.id, startMs: wish.startMs, minutes: wish.minutes, sport: wish.sport });
      return person.addWorkout(wish);
    },
    async load() {
      const text = await options.store?.read();
      const kept = text ? stateSchema.safeParse(parsed(text)) : null;
      // A state of another version, or a spoilt one, starts the clouds afresh: their people are inventions.
      if (!kept?.success) return;
      const { grants: keptGrants, extras, edits, subscription, garminModes } = kept.data;
      grants.restore(keptGrants);
      Object.assign(this, { edits, subscription, garminModes });
      for (const extra of extras) {
        const person = people.find((one) => one.who.id === extra.person);
        if (person) this.addWorkout(person, extra);
      }
    },
    async save() {
      if (!options.store) return;
      const { extras, edits, subscription, garminModes } = this;
      const text = JSON.stringify({ version: 1, grants: grants.all(), extras, edits, subscription, garminModes } satisfies Kept | { grants: readonly unknown[] });
      if (text === saved) return;
      await options.store.write(text);
      saved = text;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What people did in the clouds. It is kept in the store, so that a restarted house finds its connections alive. */

import { z } from "zod";
import type { Cloud, Switch } from "./cloud.ts";
import type { Grants } from "./grants.ts";
import type { SimOptions } from "./options.ts";
import type { Person } from "./people/person.ts";
import type { Workout, WorkoutWish } from "./people/workouts.ts";
import type { GivenSeries } from "./series.ts";
import type { Subscription } from "./subscriptions.ts";
import { subscriptionSchema } from "./subscriptions.ts";
import { grantSchema } from "./tokens.ts";

const SPORTS = ["run", "trail_run", "ride", "indoor_ride", "walk", "hike", "swim", "strength", "yoga"] as const;

const stateSchema = z.object({
  version: z.literal(2),
  grants: z.array(grantSchema),
  extras: z.array(z.object({ person: z.string(), startMs: z.number(), minutes: z.number(), sport: z.enum(SPORTS) })),
  subscriptions: z.array(subscriptionSchema),
  /** Switches that somebody has moved, by cloud. */
  switches: z.record(z.string(), z.record(z.string(), z.string())),
  /** Each cloud's own state. */
  clouds: z.record(z.string(), z.unknown()),
});

export interface SimState {
  readonly subscriptions: Subscription[];
  /** Readings that replace a person's generated ones, by person. */
  readonly series: Map<string, GivenSeries>;
  /** Position of a switch. Throws RangeError for a switch the cloud does not have. */
  position(cloud: Cloud, name: string): string;
  /** Throws RangeError for a switch or a position there is not. */
  move(cloud: Cloud, name: string, value: string): void;
  addWorkout(person: Person, wish: Omit<WorkoutWish, "ordinal" | "isExtra">): Workout;
  /** Registers a cloud's own state: `value` is what it is at first, changed in place when there is a kept one. */
  keep<T extends object>(vendor: string, schema: z.ZodType<T>, value: T): T;
  load(): Promise<void>;
  save(): Promise<void>;
}

type Extra = z.infer<typeof stateSchema>["extras"][number];

export function createState(options: SimOptions, people: readonly Person[], grants: Grants): SimState {
  const extras: Extra[] = [];
  const subscriptions: Subscription[] = [];
  const moved = new Map<string, Map<string, string>>();
  const own = new Map<string, { schema: z.ZodType<object>; value: object }>();
  let saved = "";

  function addWorkout(person: Person, wish: Omit<WorkoutWish, "ordinal" | "isExtra">): Workout {
    extras.push({ person: person.who.id, startMs: wish.startMs, minutes: wish.minutes, sport: wish.sport });
    return person.addWorkout(wish);
  }

  function restore(kept: z.infer<typeof stateSchema>): void {
    grants.restore(kept.grants);
    subscriptions.push(...kept.subscriptions);
    for (const [vendor, positions] of Object.entries(kept.switches)) moved.set(vendor, new Map(Object.entries(positions)));
    for (const [vendor, { schema, value }] of own) {
      const known = schema.safeParse(kept.clouds[vendor]);
      if (known.success) Object.assign(value, known.data);
    }
    for (const extra of kept.extras) {
      const person = people.find((one) => one.who.id === extra.person);
      if (person) addWorkout(person, extra);
    }
  }

  return {
    subscriptions, addWorkout,
    series: new Map(),
    position(cloud, name) {
      const known = switchOf(cloud, name);
      const wanted = moved.get(cloud.id)?.get(name) ?? options.switches?.[cloud.id]?.[name];
      return wanted !== undefined && isPosition(known, wanted) ? wanted : known.initial;
    },
    move(cloud, name, value) {
      if (!isPosition(switchOf(cloud, name), value)) throw new RangeError(`The switch "${name}" of ${cloud.name} has no position "${value}".`);
      moved.set(cloud.id, (moved.get(cloud.id) ?? new Map<string, string>()).set(name, value));
    },
    keep(vendor, schema, value) {
      own.set(vendor, { schema, value });
      return value;
    },
    async load() {
      const text = await options.store?.read();
      const kept = text ? stateSchema.safeParse(parsed(text)) : null;
      // A state of another version, or a spoilt one, starts the clouds afresh: their people are inventions.
      if (kept?.success) restore(kept.data);
    },
    async save() {
      if (!options.store) return;
      const switches = Object.fromEntries([...moved].map(([vendor, positions]) => [vendor, Object.fromEntries(positions)]));
      const clouds = Object.fromEntries([...own].map(([vendor, { value }]) => [vendor, value]));
      const text = JSON.stringify({ version: 2, grants: grants.all(), extras, subscriptions, switches, clouds });
      if (text === saved) return;
      await options.store.write(text);
      saved = text;
    },
  };
}

function switchOf(cloud: Cloud, name: string): Switch {
  const found = cloud.switches?.find((one) => one.name === name);
  if (!found) throw new RangeError(`${cloud.name} has no switch "${name}".`);
  return found;
}

function isPosition({ positions }: Switch, value: string): boolean {
  if ("least" in positions) return /^\d{1,9}$/.test(value) && Number(value) >= positions.least && Number(value) <= positions.most;
  return positions.includes(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What Fitbit's doors work with. */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import type { Call } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";

/** The subscriber's address and code as they were verified; null before. */
export const keptSchema = z.object({ verified: z.object({ url: z.string(), code: z.string() }).nullable() });

export interface FitbitWorld {
  readonly context: CloudContext;
  readonly kept: z.infer<typeof keptSchema>;
}

/** Metric unless the call asks for another language by `Accept-Language`. */
export interface Units {
  readonly distanceUnit: "Kilometer" | "Mile";
  /** Kilometres, kilograms and metres in these units. */
  distance(kilometers: number): number;
  weight(kilograms: number): number;
  climb(meters: number): number;
  height(meters: number): number;
}

export interface Visit extends FitbitWorld {
  readonly call: Call;
  readonly grant: Grant;
  readonly person: Person;
  readonly units: Units;
}

const METRIC: Units = {
  distanceUnit: "Kilometer", distance: (kilometers) => kilometers, weight: (kilograms) => kilograms, climb: (meters) => meters, height: (meters) => meters * 100,
};
const US: Units = {
  distanceUnit: "Mile", distance: (kilometers) => kilometers / 1.609344, weight: (kilograms) => kilograms / 0.45359237, climb: (meters) => meters / 0.3048,
  height: (meters) => meters / 0.0254,
};

export function unitsOf(acceptLanguage: string): Units {
  return /^en[_-]US/i.test(acceptLanguage) ? US : METRIC;
}

/** What Google's doors work with. */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";

export const policySchema = z.enum(["AUTOMATIC", "MANUAL"]);

export const subscriberSchema = z.object({
  id: z.string(),
  url: z.string(),
  /** Whole value of the `Authorization` header. */
  secret: z.string(),
  state: z.enum(["UNVERIFIED", "ACTIVE", "INACTIVE"]),
  configs: z.array(z.object({ dataTypes: z.array(z.string()), subscriptionCreatePolicy: policySchema })),
  subscriptions: z.array(z.object({ id: z.string(), healthUserId: z.string(), dataTypes: z.array(z.string()) })),
  createdMs: z.number(),
  updatedMs: z.number(),
});

export type Subscriber = z.infer<typeof subscriberSchema>;

export const keptSchema = z.object({
  subscribers: z.array(subscriberSchema),
  /** Ids of data points that their owner deleted. */
  gone: z.array(z.string()),
});

export interface GoogleWorld {
  readonly context: CloudContext;
  readonly kept: z.infer<typeof keptSchema>;
}

/** What measured it, or wrote it down. */
export type Source = "watch" | "phone" | "scale" | "typed" | "connect";

/** One data point before it is addressed. */
export interface Point {
  readonly startMs: number;
  /** The same as the start for a moment. */
  readonly endMs: number;
  /** When the cloud has it. */
  readonly readyMs: number;
  /** When it changes once more; absent when it does not. */
  readonly settledMs?: number;
  readonly source: Source;
  /** The value without its time. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The points of one local date, in order of time: a sleep belongs to the date it ends on, everything else to the one it starts on. */
export type Maker = (world: GoogleWorld, person: Person, date: string) => Point[];

export type ScopeFamily =
  | "activity_and_fitness" | "health_metrics_and_measurements" | "sleep" | "nutrition" | "ecg" | "irn" | "logged_symptoms" | "mindfulness"
  | "reproductive_health";

export interface HealthType {
  /** In kebab-case, as in paths. */
  readonly name: string;
  readonly shape: "interval" | "sample" | "daily" | "session";
  readonly scope: ScopeFamily;
  readonly make: Maker;
  /** Its points have names and can be asked for one by one. */
  readonly hasNames: boolean;
  /** There are rollups alone. */
  readonly isRolledUpOnly: boolean;
  /** Kinds without a reconciled stream. */
  readonly isReconciled: boolean;
  /** Whether webhooks tell of it. */
  readonly isTold: boolean;
}

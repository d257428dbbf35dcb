/** What a simulated vendor cloud is made of. README.md of this folder tells how to add one. */

import type { z } from "zod";
import type { Accounts } from "./accounts.ts";
import type { Answer, Route } from "./exchange.ts";
import type { CloudGrants } from "./grants.ts";
import type { ChallengeAnswer, ChallengeRequest, SimClient } from "./options.ts";
import type { CloudOutbox, DeliveryRules, Push, PushResult } from "./outbox.ts";
import type { Person } from "./people/person.ts";
import type { Workout, WorkoutWish } from "./people/workouts.ts";
import type { GivenSeries, Sensed } from "./series.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Grant, TokenRules } from "./tokens.ts";

/** One vendor cloud: a data sheet, its form of refusing, and what it does in one simulation. */
export interface Cloud {
  /** Folder, first part of every path, key of options and store. Equals the driver's id. */
  readonly id: string;
  /** As the vendor writes itself. */
  readonly name: string;
  readonly tokens: TokenRules;
  /** How pushes are delivered; null for a cloud that is only asked. */
  readonly delivery: DeliveryRules | null;
  /** Parameters of queries and forms that may be shown besides the usual ones: none that can carry a token or a value of a person. */
  readonly shownParameters?: readonly string[];
  /**
   * What an operator copies from the vendor's portal besides client id and secret (a signing secret, a subscription key). The names
   * are those of the settings in which the driver wants them.
   */
  readonly clientExtras?: readonly string[];
  /** What a visitor of the front page may turn. */
  readonly switches?: readonly Switch[];
  /** People enter by name and password or by key rather than by a consent page: the front page shows them. */
  readonly hasAccounts?: true;
  /** No cloud but a phone of the person's: it has a page of its own at `/phone`, is paired there and sends to the address it was paired with. */
  readonly isPhone?: true;
  /** Serves glucose readings, so that a given series shows here. */
  readonly servesGlucose?: true;
  /** The vendor's own form of what is refused before, or in spite of, its routes. */
  refuse(refusal: Refusal): Answer;
  /** Called once for each simulation, before anything is loaded from the store. */
  create(context: CloudContext): CloudParts;
}

export type Refusal =
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds?: number }
  | { readonly kind: "server_error"; readonly status: number }
  | { readonly kind: "unknown_path" }
  /** At the token door: the code or refresh token is no good. */
  | { readonly kind: "invalid_grant" };

export interface Switch {
  readonly name: string;
  readonly label: string;
  readonly positions: readonly string[] | { readonly least: number; readonly most: number };
  readonly initial: string;
}

/** A cloud at work. */
export interface CloudParts {
  /** Each method and path once; the more particular path wins. Whatever fits none meets `refuse`. */
  readonly routes: readonly Route[];
  /** What `push` takes. */
  readonly pushes?: readonly string[];
  /**
   * Sends one of `pushes` now and resolves with the receiver's answers; empty when there is nothing to tell or nowhere to send it. The
   * person has a live grant. Throws RangeError when the person withholds what it would tell.
   */
  push?(person: Person, what: string, detail: PushDetail): Promise<PushResult[]>;
  /** Puts into the outbox whatever has happened up to now. Called every second or so; one call may stand for many days. */
  tick?(): void;
  /** What the vendor calls the person, for the front page and tests: `userId` and the like. */
  facts?(person: Person): Readonly<Record<string, string | number>>;
  /** Told of each try of a push: to switch off a subscription whose receiver has gone, say. */
  pushed?(push: Push, result: PushResult): void;
}

export interface PushDetail {
  /** How many days back the data starts that is told. */
  readonly days?: number;
  /** What is left of the person's permissions. */
  readonly permissions?: readonly string[];
}

/** What a cloud may use: its own share of everything, and nothing of any other cloud. */
export interface CloudContext {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  now(): number;
  /** The cloud's own address as the application and browsers reach it; no trailing slash. */
  readonly baseUrl: string;
  /** The application registered here. */
  readonly client: SimClient;
  /** One of `clientExtras`. Throws RangeError for another name. */
  extra(name: string): string;
  /** The address that the application gave in the portal; null when it gave none. */
  readonly webhookUrl: string | null;
  readonly people: readonly [Person, ...Person[]];
  /** Position of one of `switches`. */
  position(name: string): string;

  readonly grants: CloudGrants;
  readonly accounts: Accounts;
  readonly subscriptions: Subscriptions;
  readonly outbox: CloudOutbox;
  /** Calls an address that wants verifying; null when it gives no answer in time. */
  challenge(url: string, timeoutMs: number, request?: Partial<ChallengeRequest>): Promise<ChallengeAnswer | null>;

  /** The cloud's own state, which outlives the process as JSON: change it in place. To be called once, in `create`. */
  keep<T extends object>(schema: z.ZodType<T>, initial: T): T;
  /** The same for each grant. */
  ofGrant<T extends object>(schema: z.ZodType<T>, initial: () => T): (grant: Grant) => T;

  /** What the person's sensor said in the closed window, oldest first. */
  sensed(person: Person, fromMs: number, toMs: number): Sensed[];
  /** The series that stands in for the person's readings; null when they are generated. Generated meals and doses do not fit it. */
  given(person: Person): GivenSeries | null;
  /** An outing beyond the habits; every cloud knows of it. */
  addWorkout(person: Person, wish: Omit<WorkoutWish, "ordinal" | "isExtra">): Workout;
  /** A walk of 25 minutes that has just ended: for visitors who ask for a new workout. */
  endedWalk(person: Person): Workout;
}

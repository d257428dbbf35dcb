/** What the simulated clouds are given from outside. */

import type { PushAnswer } from "./outbox.ts";

/** Id of a cloud in the list (clouds.ts): folder, first part of the path, key of the records below. */
export type SimVendor = string;

/** An application registered with a cloud. */
export interface SimClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Exact matches for most clouds; each cloud's own rule. */
  readonly redirectUris: readonly string[];
  /** Values that the vendor's portal shows besides, by the names in `SimCloud.clientExtras`. Default: texts made from the secret. */
  readonly extras?: Readonly<Record<string, string>>;
}

/** Where the clouds keep what must outlive the process: grants, subscriptions, extra workouts, each cloud's own state. */
export interface SimStore {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

/** A call to an address of the application that wants verifying. */
export interface ChallengeRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ChallengeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Read at each use, not copied: a getter may answer with what is known only after listening (a port). */
export interface SimOptions {
  /** URL under which the server and browsers reach the simulator, e.g. `http://127.0.0.1:3000/sim`; no trailing slash. */
  readonly baseUrl: string;
  now(): number;
  readonly seed: number;
  /** By cloud. A cloud without one knows no application and refuses everybody. */
  readonly clients: Readonly<Record<SimVendor, SimClient>>;
  /** By cloud: the address given in the vendor's portal, for clouds without a subscription call of their own. Null or absent sends nothing. */
  readonly webhookUrls: Readonly<Record<SimVendor, string | null>>;
  /** Sends one push and resolves with the status, or with the whole answer; throws when there is none in time. Default: POST over HTTP. */
  send?(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number | PushAnswer>;
  /** Verifies an address. Default: over HTTP. Throws when there is no answer in time. */
  challenge?(url: string, timeoutMs: number, request: ChallengeRequest): Promise<ChallengeAnswer>;
  readonly store?: SimStore;
  /** By cloud: initial positions of its switches. */
  readonly switches?: Readonly<Record<SimVendor, Readonly<Record<string, string>>>>;
}

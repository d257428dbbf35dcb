/**
 * On whose behalf the present work is done: the request, the job and the delivery that led to it. It goes along with every call made
 * from there, so that log lines and spans tell where they belong although no room hands it down. Ids of ours only, never a person's.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export interface Trail {
  /** The request that began it, also where a job goes on with it later. */
  readonly requestId?: string;
  /** Queue of the job. */
  readonly job?: string;
  readonly delivery?: string;
  /** The span that is open, in W3C's form `00-…`; for log lines and whoever goes on elsewhere. */
  readonly traceparent?: string;
  /** Who sent the request; for the audit log alone, never for a log line or a span. */
  readonly caller?: Caller;
}

/** Who sends a request: where from, known from its head on, and as whom, filled in once that is found out. */
export interface Caller {
  /** Keyed hash of the address, hex. */
  readonly addressHash: string | null;
  /** The network that the address lies in, coarse. */
  readonly network: string | null;
  /** Family of the program, e.g. `firefox`. */
  readonly agent: string | null;
  identity?: CallerIdentity;
  /** Patients whom this request reaches by access in an emergency. */
  emergencies?: Set<string>;
}

/** As whom somebody calls. */
export interface CallerIdentity {
  readonly kind: "user" | "api_key" | "device" | "operator";
  readonly userId: string | null;
  readonly roles: readonly string[];
  /** The patient that this user is. */
  readonly patientId: string | null;
  /** Of a digest of the session, never a token: 16 hex digits. */
  readonly sessionRef: string | null;
  readonly keyId: string | null;
}

const trails = new AsyncLocalStorage<Trail>();

/** The trail of the present work; empty outside of all. */
export function currentTrail(): Trail {
  return trails.getStore() ?? NO_TRAIL;
}

const NO_TRAIL: Trail = {};

/** Runs `work`, and all that it starts, under a trail. */
export function onTrail<T>(trail: Trail, work: () => T): T {
  return trails.run(trail, work);
}

/** Says as whom the present request's sender calls; nothing outside of a request. */
export function identifyCaller(identity: CallerIdentity): void {
  const { caller } = currentTrail();
  if (caller) caller.identity = identity;
}

/** Says that the present request reaches a patient by access in an emergency; nothing outside of a request. */
export function noteEmergency(patientId: string): void {
  const { caller } = currentTrail();
  if (caller) (caller.emergencies ??= new Set()).add(patientId);
}

/** What a log line says of the present work. */
export function trailFields(): object {
  const { requestId, job, delivery, traceparent } = currentTrail();
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(job === undefined ? {} : { job }),
    ...(delivery === undefined ? {} : { delivery }),
    ...(traceparent === undefined ? {} : { traceId: traceparent.slice(3, 35) }),
  };
}

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,127}$/;

/** Whether a text may stand for a request's id: 8 to 128 letters, digits, dots, lines; nothing that could forge a log line (faults DA-16). */
export function isRequestId(text: unknown): text is string {
  return typeof text === "string" && REQUEST_ID.test(text);
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether a text is a `traceparent` of version 00 (W3C Trace Context, 3.2). */
export function isTraceparent(text: unknown): text is string {
  return typeof text === "string" && TRACEPARENT.test(text);
}

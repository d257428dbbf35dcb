/** Pushes on their way out: sent when due, tried again with growing delay, given up after a bounded number of tries. */

import { request } from "undici";

/** What the receiver said. */
export interface PushAnswer {
  /** 0 when it said nothing in time. */
  readonly status: number;
  readonly body: string;
}

export interface DeliveryRules {
  readonly timeoutMs: number;
  /** Wait before the second, third … try; as many retries as entries. */
  readonly retrySeconds: readonly number[];
  /** Whether the receiver has taken it. Default: any 2xx. */
  isTaken?(answer: PushAnswer): boolean;
  /** Whether to give up at once. Default: never. */
  isFinal?(answer: PushAnswer): boolean;
}

/** When a push is signed. A cloud that signs a retry anew uses `nowMs`, one that repeats itself `firstMs`. */
export interface SigningTimes {
  readonly nowMs: number;
  /** When it was tried first. */
  readonly firstMs: number;
}

export interface Push {
  /** Id of the person it is about. */
  readonly person: string;
  /** What it tells, e.g. `dailies` or `activity_create`. */
  readonly what: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Made when first sent, then kept: a retry repeats the same bytes. */
  body(): string;
  /** Headers that prove where it comes from, made at each try over the body as it is sent (UTF-8). */
  sign?(body: string, times: SigningTimes): Readonly<Record<string, string>>;
  readonly dueMs: number;
  /** Of the subscription it answers, for the cloud's `pushed`. */
  readonly subscriptionId?: string;
}

export interface PushResult {
  readonly vendor: string;
  readonly person: string;
  readonly what: string;
  readonly atMs: number;
  /** The receiver's status; 0 when it gave none in time. */
  readonly status: number;
  /** From 1. */
  readonly attempt: number;
  /** When it is tried again; null when it arrived or was given up. */
  readonly retryMs: number | null;
}

/** The pushes of one cloud. */
export interface CloudOutbox {
  add(...pushes: readonly Push[]): void;
  /** Sends at once and in order, whatever `dueMs` says; a failure is tried again like any other. */
  sendNow(pushes: readonly Push[]): Promise<PushResult[]>;
  /** Drops what waits for the person, who has withdrawn. */
  drop(person: string): void;
}

export interface Outbox {
  of(vendor: string): CloudOutbox;
  /** Sends what is due, oldest first. Calls do not overlap. */
  sendDue(): Promise<PushResult[]>;
  waiting(vendor?: string): number;
  /** Latest last. */
  results(vendor?: string): readonly PushResult[];
}

export interface OutboxWorld {
  now(): number;
  rulesOf(vendor: string): DeliveryRules;
  send?(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number | PushAnswer>;
  /** Told of each try. */
  heard(vendor: string, push: Push, result: PushResult): void;
}

/** Results kept of each cloud. */
const KEPT = 100;

interface Waiting {
  readonly vendor: string;
  readonly push: Push;
  readonly attempts: number;
  readonly dueMs: number;
  /** The first try; null before it. */
  readonly begun: { readonly body: string; readonly firstMs: number } | null;
}

export function createOutbox(world: OutboxWorld): Outbox {
  let waiting: Waiting[] = [];
  let results: PushResult[] = [];
  let current: Promise<unknown> = Promise.resolve();

  async function attempt({ vendor, push, attempts, begun }: Waiting): Promise<PushResult> {
    const rules = world.rulesOf(vendor);
    const nowMs = world.now();
    const { body, firstMs } = begun ?? { body: push.body(), firstMs: nowMs };
    const headers = { ...push.headers, ...push.sign?.(body, { nowMs, firstMs }) };
    const answer = await sent(world, push.url, headers, { body, timeoutMs: rules.timeoutMs });
    const isTaken = rules.isTaken?.(answer) ?? (answer.status >= 200 && answer.status < 300);
    const delaySeconds = isTaken || rules.isFinal?.(answer) ? undefined : rules.retrySeconds[attempts];
    const retryMs = delaySeconds === undefined ? null : world.now() + delaySeconds * 1000;
    if (retryMs !== null) waiting.push({ vendor, push, attempts: attempts + 1, dueMs: retryMs, begun: { body, firstMs } });
    const result = { vendor, person: push.person, what: push.what, atMs: world.now(), status: answer.status, attempt: attempts + 1, retryMs };
    const older = results.filter((one) => one.vendor === vendor);
    if (older.length >= KEPT) results = results.filter((one) => one !== older[0]);
    results.push(result);
    world.heard(vendor, push, result);
    return result;
  }

  async function sendAllDue(): Promise<PushResult[]> {
    const nowMs = world.now();
    const due = waiting.filter((one) => one.dueMs <= nowMs).toSorted((one, other) => one.dueMs - other.dueMs);
    const done: PushResult[] = [];
    for (const one of due) {
      if (!waiting.includes(one)) continue;
      waiting = waiting.filter((other) => other !== one);
      done.push(await attempt(one));
    }
    return done;
  }

  return {
    of: (vendor) => ({
      add(...pushes) {
        waiting.push(...pushes.map((push) => fresh(vendor, push)));
      },
      async sendNow(pushes) {
        const done: PushResult[] = [];
        for (const push of pushes) done.push(await attempt(fresh(vendor, push)));
        return done;
      },
      drop(person) {
        waiting = waiting.filter((one) => one.vendor !== vendor || one.push.person !== person);
      },
    }),
    sendDue() {
      const run = current.then(sendAllDue);
      current = run.catch(() => undefined);
      return run;
    },
    waiting: (vendor) => waiting.filter((one) => vendor === undefined || one.vendor === vendor).length,
    results: (vendor) => (vendor === undefined ? results : results.filter((one) => one.vendor === vendor)),
  };
}

function fresh(vendor: string, push: Push): Waiting {
  return { vendor, push, attempts: 0, dueMs: push.dueMs, begun: null };
}

interface Parcel {
  readonly body: string;
  readonly timeoutMs: number;
}

async function sent(world: OutboxWorld, url: string, headers: Record<string, string>, { body, timeoutMs }: Parcel): Promise<PushAnswer> {
  try {
    const answer = await (world.send ? world.send(url, headers, body, timeoutMs) : post(url, headers, body, timeoutMs));
    return typeof answer === "number" ? { status: answer, body: "" } : answer;
  } catch {
    // No answer in time, or none at all: the receiver has not taken it.
    return { status: 0, body: "" };
  }
}

async function post(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<PushAnswer> {
  const answer = await request(url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) });
  return { status: answer.statusCode, body: await answer.body.text() };
}

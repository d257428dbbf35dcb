/** Pushes on their way out: sent when due, tried again with growing delay, given up after a bounded number of tries. */

import { request } from "undici";
import type { SimOptions, SimVendor } from "./options.ts";

export interface Push {
  readonly vendor: SimVendor;
  readonly person: string;
  /** What it tells, e.g. `dailies` or `activity_create`. */
  readonly what: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  /** Made when first sent, then kept: a retry repeats the same bytes. */
  body(): string;
  readonly dueMs: number;
}

export interface PushResult {
  readonly vendor: SimVendor;
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

interface DeliveryRules {
  readonly timeoutMs: number;
  /** Wait before the second, third … try; as many retries as entries. */
  readonly retrySeconds: readonly number[];
}

/**
 * Garmin: 200 within 30 s, retried with growing delay for days (here bounded to an hour); Strava: 200 within 2 s, three tries.
 * vendors/garmin.md and strava.md, Webhooks. Neither states the delays.
 */
const DELIVERY_RULES: Readonly<Record<SimVendor, DeliveryRules>> = {
  dexcom: { timeoutMs: 0, retrySeconds: [] },
  garmin: { timeoutMs: 30_000, retrySeconds: [3, 10, 30, 120, 300, 900, 1800] },
  strava: { timeoutMs: 2_000, retrySeconds: [5, 15] },
};

const KEPT = 100;

export interface Outbox {
  add(push: Push): void;
  /** Sends at once; a failure is tried again like any other. */
  sendNow(push: Push): Promise<PushResult>;
  /** Sends what is due, oldest first. Calls do not overlap. */
  sendDue(): Promise<PushResult[]>;
  waiting(): number;
  /** Drops what waits for the person, who has withdrawn. */
  drop(vendor: SimVendor, person: string): void;
  /** Latest last. */
  results(): readonly PushResult[];
}

interface Waiting {
  readonly push: Push;
  readonly attempts: number;
  readonly dueMs: number;
  readonly body: string | null;
}

export function createOutbox(options: SimOptions): Outbox {
  let waiting: Waiting[] = [];
  const results: PushResult[] = [];
  let current: Promise<unknown> = Promise.resolve();
  const send = (url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number> =>
    options.send ? options.send(url, headers, body, timeoutMs) : post(url, headers, body, timeoutMs);

  async function attempt({ push, attempts, body: made }: Waiting): Promise<PushResult> {
    const { timeoutMs, retrySeconds } = DELIVERY_RULES[push.vendor];
    const body = made ?? push.body();
    const status = await send(push.url, push.headers, body, timeoutMs).catch(() => 0);
    const delaySeconds = status === 200 ? undefined : retrySeconds[attempts];
    const retryMs = delaySeconds === undefined ? null : options.now() + delaySeconds * 1000;
    if (retryMs !== null) waiting.push({ push, attempts: attempts + 1, dueMs: retryMs, body });
    const result = { vendor: push.vendor, person: push.person, what: push.what, atMs: options.now(), status, attempt: attempts + 1, retryMs };
    results.push(result);
    if (results.length > KEPT) results.shift();
    return result;
  }

  async function sendAllDue(): Promise<PushResult[]> {
    const nowMs = options.now();
    const due = waiting.filter((one) => one.dueMs <= nowMs).toSorted((one, other) => one.dueMs - other.dueMs);
    const sent: PushResult[] = [];
    for (const one of due) {
      if (!waiting.includes(one)) continue;
      waiting = waiting.filter((other) => other !== one);
      sent.push(await attempt(one));
    }
    return sent;
  }

  return {
    add(push) {
      waiting.push({ push, attempts: 0, dueMs: push.dueMs, body: null });
    },
    sendNow: (push) => attempt({ push, attempts: 0, dueMs: push.dueMs, body: null }),
    sendDue() {
      const run = current.then(sendAllDue);
      current = run.catch(() => undefined);
      return run;
    },
    waiting: () => waiting.length,
    drop(vendor, person) {
      waiting = waiting.filter(({ push }) => push.vendor !== vendor || push.person !== person);
    },
    results: () => results,
  };
}

async function post(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number> {
  const answer = await request(url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) });
  await answer.body.dump();
  return answer.statusCode;
}

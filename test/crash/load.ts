/**
 * Vendors that push at full speed and come again until they are heard: as many clients as told, each with its next delivery, a tenth of them
 * sent more than once and some a hundred times at once. `acked` holds only what a complete 2xx was read for; everything else is unknown, and is
 * sent again (faults §4.2).
 */
import { Pool } from "undici";
import { bodyOf, headersOf } from "./delivery.ts";
import { pause } from "./postgres.ts";

export interface Load {
  readonly tried: Set<number>;
  readonly acked: Set<number>;
  /** Requests without an answer yet. */
  readonly inFlight: number;
  readonly sent: number;
  /** Answers by status; 0 stands for none. */
  readonly answers: ReadonlyMap<number, number>;
  /** The most copies that one delivery was sent in. */
  readonly mostCopies: number;
  /** When the last 2xx was read, by the monotonic clock. */
  readonly lastAckMs: number;
  /** Lets every client finish what it has in hand, until it is acknowledged. */
  finish(): Promise<void>;
  /** Ends at once; what is not acknowledged stays so. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly port: number;
  readonly clients: number;
  readonly random: () => number;
  /** Number of the first delivery. */
  readonly first: number;
  /** Deliveries begun a second at most: the rest of the machine must come to its turn too. */
  readonly perSecond: number;
}

const ANSWER_LIMIT_MS = 10_000;
const AGAIN_MS = 50;

export function startLoad({ port, clients, random, first, perSecond }: LoadOptions): Load {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: clients + 20, pipelining: 1, headersTimeout: ANSWER_LIMIT_MS, bodyTimeout: ANSWER_LIMIT_MS });
  const state = { next: first, inFlight: 0, sent: 0, mostCopies: 0, lastAckMs: 0, isEnding: false, isStopped: false };
  const tried = new Set<number>();
  const acked = new Set<number>();
  const answers = new Map<number, number>();
  const startedMs = performance.now();

  const sendOnce = async (n: number, body: string): Promise<boolean> => {
    tried.add(n);
    state.inFlight += 1;
    state.sent += 1;
    let status = 0;
    try {
      const answer = await pool.request({ method: "POST", path: "/webhooks/terra", headers: headersOf(n, body, Date.now()), body });
      await answer.body.text();
      status = answer.statusCode;
    } catch {
      status = 0; // refused, reset, or no answer in time: what became of it is not known
    } finally {
      state.inFlight -= 1;
    }
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status < 200 || status > 299) return false;
    acked.add(n);
    state.lastAckMs = performance.now();
    return true;
  };
  const sendUntilHeard = async (n: number, body: string): Promise<void> => {
    while (!state.isStopped && !(await sendOnce(n, body))) await pause(AGAIN_MS + random() * AGAIN_MS);
  };
  const copiesOf = (): number => {
    const dice = random();
    if (dice < 0.001) return 99;
    return dice < 0.1 ? 1 + Math.floor(random() * 3) : 0;
  };
  const client = async (): Promise<void> => {
    while (!state.isEnding) {
      const ahead = (state.next - first) / perSecond - (performance.now() - startedMs) / 1_000;
      if (ahead > 0) {
        await pause(Math.min(ahead * 1_000, 100));
        continue;
      }
      const n = state.next;
      state.next += 1;
      const body = bodyOf(n);
      const copies = copiesOf();
      state.mostCopies = Math.max(state.mostCopies, copies + 1);
      // Some copies at the same time as the first, the others after it was heard.
      await Promise.all([sendUntilHeard(n, body), ...Array.from({ length: Math.ceil(copies / 2) }, () => sendOnce(n, body))]);
      for (let copy = Math.ceil(copies / 2); copy < copies && !state.isStopped; copy += 1) await sendOnce(n, body);
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    tried, acked, answers,
    get inFlight() {
      return state.inFlight;
    },
    get sent() {
      return state.sent;
    },
    get mostCopies() {
      return state.mostCopies;
    },
    get lastAckMs() {
      return state.lastAckMs;
    },
    finish: async () => {
      state.isEnding = true;
      await all;
      await pool.destroy();
    },
    stop: async () => {
      state.isEnding = state.isStopped = true;
      await pool.destroy();
      await all;
    },
  };
}

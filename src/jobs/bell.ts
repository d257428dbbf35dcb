/**
 * Hears PostgreSQL's notices on a connection of its own, made anew whenever it is lost. pg-boss's listener takes its ears off a connection
 * before that is closed: a database that stops in the same moment would end the process with it.
 */
import pg from "pg";
import type { Log } from "../log.ts";
import { atMost } from "./at-most.ts";

const TRY_AGAIN_MS = 1_000;
/** A connection that has gone dead without a word is found out by asking. */
const ASK_EVERY_MS = 10_000;
const ANSWER_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 1_000;

export interface Bell {
  close(): Promise<void>;
}

export interface BellOptions {
  readonly url: string;
  readonly channel: string;
  /** Hears what a notice says; null when the connection is new and notices may have been missed. */
  readonly onNotice: (payload: string | null) => void;
  readonly log: Log;
}

/** Listens until closed. Never fails: whoever must not depend on notices looks for himself, too. */
export function startBell(options: BellOptions): Bell {
  const closing = new AbortController();
  const { signal } = closing;
  const listening = (async (): Promise<void> => {
    let isLost = false;
    while (!signal.aborted) {
      try {
        await listenOnce(options, signal, () => (isLost = false));
      } catch (error) {
        if (!isLost && !signal.aborted) options.log.warn({ error }, "new jobs are not announced at the moment; workers look for them");
        isLost = true;
      }
      if (!signal.aborted) await atMost(TRY_AGAIN_MS, [aborted(signal)]);
    }
  })();
  return {
    close: async () => {
      closing.abort();
      await listening;
    },
  };
}

/** Listens on one connection. Rejects when it cannot be made or is lost; resolves when told to end. */
async function listenOnce({ url, channel, onNotice }: BellOptions, signal: AbortSignal, onBack: () => void): Promise<void> {
  const client = new pg.Client({
    connectionString: url, application_name: "islet queue", connectionTimeoutMillis: ANSWER_LIMIT_MS, query_timeout: ANSWER_LIMIT_MS, keepAlive: true,
  });
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  // Both stay to the end: an error that nobody hears ends the process.
  client.on("error", lost.reject);
  client.on("end", () => lost.reject(new Error("The connection for notices has ended.")));
  client.on("notification", ({ payload }) => onNotice(payload ?? null));
  const ask = (): void => void client.query("select 1").catch(lost.reject);
  let timer: NodeJS.Timeout | undefined;
  try {
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    onBack();
    onNotice(null);
    timer = setInterval(ask, ASK_EVERY_MS);
    await Promise.race([lost.promise, aborted(signal)]);
  } finally {
    clearInterval(timer);
    await atMost(CLOSE_LIMIT_MS, [client.end()]);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

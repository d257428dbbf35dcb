/** The embedded PostgreSQL for as long as Islet runs: killed, it is started again where it was, and the pools find it there (faults ST-02). */
import { IsletError } from "../errors.ts";
import { freePort, startEmbedded, type EmbeddedOptions, type EmbeddedPostgres } from "./embedded.ts";

/** Pauses before the tries to start it again; after the last of them it is given up. */
const PAUSES_MS = [0, 500, 1_000, 2_000, 5_000, 10_000] as const;
/** A server that lived so long gets all its tries back: what ended it is not what ended the one before. */
const SETTLED_MS = 60_000;

export interface KeepOptions extends EmbeddedOptions {
  readonly pausesMs?: readonly number[];
}

/** Like startEmbedded. `ended` resolves only when the server has ended by itself and cannot be started again; `pid` is that of the moment. */
export async function keepEmbedded({ pausesMs = PAUSES_MS, ...options }: KeepOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const given = { ...options, isApart: true, port: options.port ?? (await freePort()) };
  let running = await startEmbedded(given);
  const stopping = new AbortController();
  let tries = 0;

  /** Null when it was told to stop, or when every try failed. */
  const startAgain = async (): Promise<EmbeddedPostgres | null> => {
    while (tries < pausesMs.length && !stopping.signal.aborted) {
      await pause(pausesMs[tries]!, stopping.signal);
      tries += 1;
      if (stopping.signal.aborted) return null;
      try {
        return await startEmbedded(given);
      } catch (error) {
        if (!(error instanceof IsletError)) throw error;
        log.warn({ error, attempt: tries, most: pausesMs.length }, "the embedded database did not start again");
      }
    }
    return null;
  };
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const startedMs = performance.now();
      await running.ended;
      if (stopping.signal.aborted) return;
      if (performance.now() - startedMs > SETTLED_MS) tries = 0;
      log.error({ attempt: tries + 1, most: pausesMs.length }, "the embedded database ended by itself and is started again; see postgres.log in the data folder");
      const next = await startAgain();
      if (!next) return;
      running = next;
      log.warn({ pid: running.pid }, "the embedded database is back");
    }
  };
  const kept = keep().catch((error: unknown) => log.error({ error }, "the embedded database could not be started again"));
  return {
    ownerUrl: running.ownerUrl, appUrl: running.appUrl, appRole: running.appRole,
    get pid() {
      return running.pid;
    },
    ended: kept,
    stop: async () => {
      stopping.abort();
      await running.stop();
      await kept;
      // It may have been in the middle of its new beginning.
      await running.stop();
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = (): void => resolve();
  signal.addEventListener("abort", end);
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", end);
}

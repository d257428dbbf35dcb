/** One run of a job, the same on both queues. */
import { errorCode, InternalError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { JobData, JobHandler } from "./queue.ts";

/** Nothing that a job does takes so long; who does not end then is left behind. */
export const LONGEST_RUN_MS = 3_600_000;

export interface JobRun {
  readonly queue: string;
  readonly data: JobData;
  readonly handler: JobHandler;
  /** Aborted when the process stops or the job was given to another. */
  readonly signals: readonly AbortSignal[];
  readonly log: Log;
}

/**
 * Runs the handler; gives null, or the code of what it failed with. Only the code goes to the queue: a message may quote what it failed on,
 * and a queue keeps failures where operators look.
 */
export async function runJob({ queue, data, handler, signals, log }: JobRun): Promise<string | null> {
  const limit = new AbortController();
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  overdue.catch(() => undefined);
  const timer = setTimeout(() => {
    const error = new InternalError(`A job of ${queue} ran for longer than an hour.`);
    limit.abort(error);
    reject(error);
  }, LONGEST_RUN_MS);
  timer.unref();
  const signal = AbortSignal.any([...signals, limit.signal]);
  try {
    await Promise.race([handler(data, signal), overdue]);
    return null;
  } catch (error) {
    if (signal.aborted && !limit.signal.aborted) log.info({ queue }, "a job was interrupted; it is tried again");
    else log.warn({ queue, error }, "a job failed");
    return errorCode(error);
  } finally {
    clearTimeout(timer);
  }
}

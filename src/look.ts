/** Work that is looked for again and again, one look at a time: what a lost wake-up would leave lying is found by the next. */

export interface Looking {
  /** No look begins any more; resolves when the one that had begun has ended. */
  stop(): Promise<void>;
}

export interface LookOptions {
  readonly everyMs: number;
  /** Ends early where it is told that it should. */
  readonly look: (isStopping: () => boolean) => Promise<unknown>;
  /** A look that failed; the next one comes anyway. Not told of one that was cut short by the end. */
  readonly onError: (error: unknown) => void;
}

/** Looks until stopped. It keeps no process alive. */
export function lookAgain({ everyMs, look, onError }: LookOptions): Looking {
  let isStopped = false;
  let looking: Promise<void> | null = null;
  const begin = async (): Promise<void> => {
    try {
      await look(() => isStopped);
    } catch (error) {
      if (!isStopped) onError(error);
    } finally {
      looking = null;
    }
  };
  const timer = setInterval(() => {
    looking ??= begin();
  }, everyMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      isStopped = true;
      await looking;
    },
  };
}

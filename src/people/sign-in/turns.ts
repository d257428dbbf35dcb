/** Work that a process does a few at a time, with a bounded number waiting: whoever floods it fills that queue and nothing else (faults AU-05). */
import { Unavailable } from "../../errors.ts";

export interface TurnLimits {
  readonly atOnce: number;
  readonly mostWaiting: number;
}

export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

const COME_AGAIN_SECONDS = 5;

/** Throws Unavailable, before anything is done, when too many wait already. */
export function createTurns({ atOnce, mostWaiting }: TurnLimits): Turns {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy < atOnce) busy += 1;
    else {
      if (waiting.length >= mostWaiting) throw new Unavailable("Too many people sign in at this moment: try again in a few seconds.", { retryAfterSeconds: COME_AGAIN_SECONDS });
      // The place is handed on, not given back: nobody slips in between.
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else busy -= 1;
    }
  };
}

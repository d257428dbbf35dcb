/** Counting calls in fixed windows that begin on the full quarter of an hour, hour or UTC day. Calls beyond a limit still count. */

export interface Counter {
  /** Counts one call, or `weight` of them; the sums of the windows under way, in the order given. */
  count(weight?: number): number[];
}

/** `windowsMs` are the lengths of the windows, counted from 1970. */
export function createCounter(now: () => number, windowsMs: readonly number[]): Counter {
  const windows = windowsMs.map((lengthMs) => ({ lengthMs, number: -1, sum: 0 }));
  return {
    count(weight = 1) {
      const nowMs = now();
      return windows.map((window) => {
        const number = Math.floor(nowMs / window.lengthMs);
        if (window.number !== number) Object.assign(window, { number, sum: 0 });
        window.sum += weight;
        return window.sum;
      });
    },
  };
}

/** Looks that follow one another until stopped. */
import { describe, expect, it, vi } from "vitest";
import { lookAgain } from "./look.ts";

describe("looking again and again", () => {
  it("begins no look while another goes on, tells of one that failed, and waits for the last when stopped", async () => {
    vi.useFakeTimers();
    try {
      const ends: PromiseWithResolvers<void>[] = [];
      const errors: unknown[] = [];
      let asked: (() => boolean) | null = null;
      const looking = lookAgain({
        everyMs: 1_000, onError: (error) => void errors.push(error),
        look: (isStopping) => {
          asked = isStopping;
          ends.push(Promise.withResolvers<void>());
          return ends.at(-1)!.promise;
        },
      });
      await vi.advanceTimersByTimeAsync(3_500);
      expect(ends).toHaveLength(1);
      ends[0]!.reject(new Error("away"));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(ends).toHaveLength(2);
      expect(errors).toEqual([new Error("away")]);
      expect(asked!()).toBe(false);
      let isEnded = false;
      const stopped = looking.stop().then(() => (isEnded = true));
      await vi.advanceTimersByTimeAsync(5_000);
      expect([isEnded, asked!(), ends.length]).toEqual([false, true, 2]);
      // What fails because it was to end is nobody's news.
      ends[1]!.reject(new Error("cut short"));
      await stopped;
      expect(errors).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

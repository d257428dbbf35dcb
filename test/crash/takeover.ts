/**
 * How long the deliveries in a dead worker's hands stay there: from its kill until each is done or in other hands (figure G6). Time in which
 * the database was away does not count: nobody could have taken anything over.
 */
import { pause } from "./postgres.ts";
import type { World } from "./world.ts";

export interface Takeovers {
  /** To be called right after the worker's kill, while the database is up. */
  note(): Promise<void>;
  /** Seconds of each kill whose worker held something: until the last of it was taken over, the database's absences left out. */
  readonly seconds: readonly number[];
  /** Resolves when all that was noted is settled. */
  settle(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
/** Longer between two answers, and the database was away. */
const MOST_BETWEEN_MS = 2_000;
const GIVEN_UP_AFTER_MS = 180_000;

export function watchTakeovers(world: World): Takeovers {
  const seconds: number[] = [];
  const watched = new Set<Promise<void>>();
  const watch = async (leases: readonly string[], killedMs: number): Promise<void> => {
    let lookedMs = killedMs;
    let pastMs = 0;
    for (;;) {
      const held = await world.ask("select 1 from deliveries where state = 'processing' and lease_id = any($1) limit 1", [leases]);
      pastMs += Math.min(performance.now() - lookedMs, MOST_BETWEEN_MS);
      lookedMs = performance.now();
      if (held.length === 0 || pastMs > GIVEN_UP_AFTER_MS) {
        seconds.push(pastMs / 1_000);
        return;
      }
      await pause(LOOK_EVERY_MS);
    }
  };
  return {
    seconds,
    note: async () => {
      const killedMs = performance.now();
      const held = await world.ask<{ lease_id: string }>("select lease_id from deliveries where state = 'processing'");
      if (held.length === 0) return;
      const done = watch(held.map(({ lease_id: id }) => id), killedMs).finally(() => watched.delete(done));
      watched.add(done);
    },
    settle: async () => {
      await Promise.all(watched);
    },
  };
}

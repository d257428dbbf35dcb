/** A number of places in this process; who finds none comes again. So that long work leaves workers for short work (faults QU-08). */
/** Of the five workers that sync in a process, two are always free for news. */
export const BACKFILL_PLACES = 3;

export interface Slots {
  /** A place, given back by calling the result; null when there is none. */
  tryTake(): (() => void) | null;
}

export function createSlots(places: number): Slots {
  let free = places;
  return {
    tryTake: () => {
      if (free === 0) return null;
      free -= 1;
      let isHeld = true;
      return () => {
        if (isHeld) free += 1;
        isHeld = false;
      };
    },
  };
}

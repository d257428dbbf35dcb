/** What became of activities after their upload: new titles, who may see them, deletions. */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";
import type { Workout } from "../people/workouts.ts";

const editsSchema = z.object({
  /** By number of the activity. */
  edits: z.record(z.string(), z.object({ title: z.string().optional(), isPrivate: z.boolean().optional(), isDeleted: z.boolean().optional() })),
});

export interface Edits {
  titleOf(number: number): string | null;
  isDeleted(number: number): boolean;
  /** Shown to nobody but the owner. */
  isPrivate(workout: Workout): boolean;
  rename(number: number, title: string): void;
  hide(number: number, isPrivate: boolean): void;
  delete(number: number): void;
}

/** To be made once for each simulation. */
export function createEdits(context: CloudContext): Edits {
  const kept = context.keep(editsSchema, { edits: {} });
  const change = (number: number, what: (typeof kept.edits)[string]): void => {
    kept.edits[String(number)] = { ...kept.edits[String(number)], ...what };
  };
  return {
    titleOf: (number) => kept.edits[String(number)]?.title ?? null,
    isDeleted: (number) => kept.edits[String(number)]?.isDeleted ?? false,
    isPrivate: (workout) => kept.edits[String(workout.number)]?.isPrivate ?? workout.isPrivate,
    rename: (number, title) => change(number, { title }),
    hide: (number, isPrivate) => change(number, { isPrivate }),
    delete: (number) => change(number, { isDeleted: true }),
  };
}

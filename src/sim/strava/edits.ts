/** What became of activities after their upload: new titles, deletions. */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";

const editsSchema = z.object({
  /** By number of the activity. */
  edits: z.record(z.string(), z.object({ title: z.string().optional(), isDeleted: z.boolean().optional() })),
});

export interface Edits {
  titleOf(number: number): string | null;
  isDeleted(number: number): boolean;
  rename(number: number, title: string): void;
  delete(number: number): void;
}

/** To be made once for each simulation. */
export function createEdits(context: CloudContext): Edits {
  const kept = context.keep(editsSchema, { edits: {} });
  return {
    titleOf: (number) => kept.edits[String(number)]?.title ?? null,
    isDeleted: (number) => kept.edits[String(number)]?.isDeleted ?? false,
    rename(number, title) {
      kept.edits[String(number)] = { title };
    },
    delete(number) {
      kept.edits[String(number)] = { isDeleted: true };
    },
  };
}

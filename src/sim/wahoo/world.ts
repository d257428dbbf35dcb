import { z } from "zod";
import type { CloudContext } from "../cloud.ts";

/** What Wahoo's doors work with. */
export interface WahooWorld {
  readonly context: CloudContext;
  readonly edits: Edits;
  /** Where the file of a workout lies. */
  fileUrl(this: void, number: number): string;
}

const editSchema = z.object({ id: z.number(), name: z.string(), atMs: z.number() });
const editsSchema = z.object({ edits: z.array(editSchema) });
export type Edit = z.infer<typeof editSchema>;

/** What people have changed in their app. */
export interface Edits {
  /** The last one of the workout; null for one as it was recorded. */
  of(id: number): Edit | null;
  add(edit: Edit): void;
}

export function createEdits(context: CloudContext): Edits {
  const kept = context.keep(editsSchema, { edits: [] });
  return { of: (id) => kept.edits.findLast((edit) => edit.id === id) ?? null, add: (edit) => void kept.edits.push(edit) };
}

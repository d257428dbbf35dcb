/** What people have changed in the Oura app: bedtimes moved, workouts taken back. */

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";

const editsSchema = z.object({ bedtimes: z.record(z.string(), z.number()), deleted: z.array(z.string()) });

export interface Edits {
  /** How often the bedtime of the person's night was edited: 0 for never. */
  bedtimeEdition(personId: string, date: string): number;
  editBedtime(personId: string, date: string): void;
  /** By id of the document. */
  isDeleted(id: string): boolean;
  delete(id: string): void;
}

export function createEdits(context: CloudContext): Edits {
  const kept = context.keep(editsSchema, { bedtimes: {}, deleted: [] });
  const key = (personId: string, date: string): string => `${personId} ${date}`;
  return {
    bedtimeEdition: (personId, date) => kept.bedtimes[key(personId, date)] ?? 0,
    editBedtime(personId, date) {
      kept.bedtimes[key(personId, date)] = (kept.bedtimes[key(personId, date)] ?? 0) + 1;
    },
    isDeleted: (id) => kept.deleted.includes(id),
    delete: (id) => void kept.deleted.push(id),
  };
}

import { z } from "zod";
import type { CloudContext } from "../cloud.ts";

/** What WHOOP's doors work with. */
export interface WhoopWorld {
  readonly context: CloudContext;
  readonly deletions: Deletions;
}

/** What people have taken out of their app. */
export interface Deletions {
  has(id: string): boolean;
  add(id: string): void;
}

const deletionsSchema = z.object({ ids: z.array(z.string()) });

export function createDeletions(context: CloudContext): Deletions {
  const kept = context.keep(deletionsSchema, { ids: [] });
  return { has: (id) => kept.ids.includes(id), add: (id) => void kept.ids.push(id) };
}

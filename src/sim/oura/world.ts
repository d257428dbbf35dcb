import type { CloudContext } from "../cloud.ts";
import type { Edits } from "./edits.ts";

/** What Oura's doors work with. */
export interface OuraWorld {
  readonly context: CloudContext;
  readonly edits: Edits;
}

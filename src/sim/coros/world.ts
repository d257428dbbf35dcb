import type { CloudContext } from "../cloud.ts";
import type { CorosPushes } from "./pushes.ts";

/** What COROS's doors work with. */
export interface CorosWorld {
  readonly context: CloudContext;
  readonly pushes: CorosPushes;
  /** Ends the person's grants; nothing is told of them afterwards. */
  forget(this: void, personId: string): void;
}

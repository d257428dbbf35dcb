import type { CloudContext } from "../cloud.ts";
import type { Edits } from "./edits.ts";
import type { StravaEvents } from "./events.ts";

/** What Strava's doors work with. */
export interface StravaWorld {
  readonly context: CloudContext;
  readonly edits: Edits;
  readonly events: StravaEvents;
}

import type { CloudContext } from "../cloud.ts";
import type { Route } from "../exchange.ts";
import type { WithingsEvents } from "./events.ts";
import type { Nonces } from "./nonces.ts";
import type { NotifyList } from "./notify.ts";

/** What Withings' doors work with. */
export interface WithingsWorld {
  readonly context: CloudContext;
  readonly nonces: Nonces;
  readonly subscribers: NotifyList;
  readonly events: WithingsEvents;
  /** Counts a call of the application, and answers it only while the minute's budget lasts. */
  readonly limit: (handle: Route["handle"]) => Route["handle"];
}

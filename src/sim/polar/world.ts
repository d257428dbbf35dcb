import type { CloudContext } from "../cloud.ts";
import type { Users } from "./users.ts";
import type { Webhooks } from "./webhooks.ts";

/** What Polar's doors work with. */
export interface PolarWorld {
  readonly context: CloudContext;
  readonly users: Users;
  readonly hooks: Webhooks;
}

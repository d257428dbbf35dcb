/** What the API needs, built once by the app. */
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Database } from "#db/database.ts";
import type { LiveFeed } from "#live/feed.ts";
import type { Sessions } from "#people/sessions.ts";
import type { SyncContext } from "#sync/context.ts";
import type { WebhookDoor } from "#sync/webhook-door.ts";

export interface ApiContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: Database;
  readonly sessions: Sessions;
  readonly sync: SyncContext;
  readonly webhooks: WebhookDoor;
  readonly live: LiveFeed;
  /** Signs paging cursors. */
  readonly cursorSecret: string;
}

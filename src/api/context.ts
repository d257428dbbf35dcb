/** What the API needs, built once by the app. */
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Networks } from "../networks.ts";
import type { Database } from "#db/database.ts";
import type { LiveFeed } from "#live/feed.ts";
import type { WebhooksOutContext } from "#live/webhooks-out/context.ts";
import type { ApiKeys } from "#people/sessions/keys/api-keys.ts";
import type { ForeignTokens } from "#people/sessions/outside/foreign-tokens.ts";
import type { OutsideSignIn } from "#people/sessions/outside/outside-sign-in.ts";
import type { AccountsContext } from "#people/accounts/context.ts";
import type { Sessions } from "#people/sessions/sessions.ts";
import type { Party } from "#people/second-factor/passkeys.ts";
import type { SecondFactor } from "#people/second-factor/prove.ts";
import type { SignIn } from "#people/sign-in/sign-in.ts";
import type { PrivacyContext } from "#privacy/context.ts";
import type { SyncContext } from "#sync/context.ts";
import type { WebhookDoor } from "#sync/webhook-door.ts";
import type { Phase, Readiness } from "#telemetry/readiness.ts";
import type { Scrape } from "#telemetry/scrape.ts";
import type { Uploads } from "#uploads/check-upload.ts";

export interface ApiContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: Database;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly secondFactor: SecondFactor;
  /** Islet as passkeys know it. */
  readonly party: Party;
  readonly apiKeys: ApiKeys;
  readonly foreignTokens: ForeignTokens;
  readonly outsideSignIn: OutsideSignIn;
  readonly accounts: AccountsContext;
  readonly sync: SyncContext;
  readonly privacy: PrivacyContext;
  readonly webhooks: WebhookDoor;
  readonly uploads: Uploads;
  readonly live: LiveFeed;
  readonly webhooksOut: WebhooksOutContext;
  /** Proxies whose word on a request's id and trace is taken. */
  readonly trustedProxies: Networks;
  /** The text of /metrics. */
  readonly scrape: Scrape;
  /** What /ready asks. */
  readiness(process: { readonly phase: () => Phase; readonly runsJobs: boolean }): Readiness;
  /** Signs paging cursors. */
  readonly cursorSecret: string;
  /** Where they are not the usual ones. */
  readonly limits?: Partial<ApiLimits>;
}

/** Sizes and times of the API that a test needs smaller. */
export interface ApiLimits {
  /** Samples of one source in one reply of `metrics`. */
  readonly samplesAPage: number;
  /** Between two signs of life on a live stream: proxies cut a silent connection after 30 to 60 s. */
  readonly heartbeatMs: number;
  /** How often a live stream makes sure that its listener still may listen (faults AU-08, AU-25: within 5 s). */
  readonly accessCheckMs: number;
}

export const API_LIMITS: ApiLimits = { samplesAPage: 50_000, heartbeatMs: 15_000, accessCheckMs: 4_000 };

export function limitsOf(context: Pick<ApiContext, "limits">): ApiLimits {
  return { ...API_LIMITS, ...context.limits };
}

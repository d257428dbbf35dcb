/** How each vendor stands, for the admins of an organization: set up or not, well or not, how much of its limits is left, and how their own connections do. No secret. */
import type { Tx } from "#db/database.ts";
import { providerSettings } from "../config.ts";
import { limitsThatCount } from "#http/rate-limiter.ts";
import type { RateLimit } from "#http/types.ts";
import type { Driver } from "#driver/types.ts";
import type { SyncContext } from "./context.ts";
import type { Provider } from "./providers.ts";

/** `resting`: it failed for everybody and is left alone; `held`: it wants no call before a time; `unknown`: nobody has called it lately. */
export type VendorHealth = "good" | "failing" | "resting" | "held" | "unknown";

export interface LimitStanding extends Pick<RateLimit, "requests" | "perSeconds" | "scope" | "source"> {
  /** Calls that are left in the present window; of a limit by connection, those of the connection that has fewest. */
  readonly left: number;
  /** When the window ends; null where nothing of it is used. */
  readonly endsMs: number | null;
}

export interface VendorStanding {
  readonly id: string;
  readonly displayName: string;
  readonly isConfigured: boolean;
  readonly isSimulated: boolean;
  /** Names of the settings that the operator has still to set; never values. */
  readonly missingSettings: readonly string[];
  readonly documentation: string;
  readonly delivery: Driver["capabilities"]["delivery"];
  readonly endedOn: string | null;
  readonly health: VendorHealth;
  readonly quietUntilMs: number | null;
  /** How the last calls of everybody ended, at most twenty of them, and when that was written; null where nothing is known. */
  readonly lastCalls: { readonly made: number; readonly failed: number; readonly atMs: number } | null;
  readonly limits: readonly LimitStanding[];
  /** The organization's own, by their status. */
  readonly connections: Readonly<Record<string, number>>;
  /** When one of them last brought news. */
  readonly lastSyncMs: number | null;
  readonly subscription: SubscriptionStanding;
}

/** `none`: it does not push. `by_hand`: the operator registers the address at the vendor. `of_connections`: made for each connection. */
export interface SubscriptionStanding {
  readonly kind: "none" | "by_hand" | "of_app" | "of_connections";
  /** Of one for the whole app: whether the vendor has made it, and when that was. */
  readonly isMade: boolean | null;
  readonly sinceMs: number | null;
}

interface StateRow { readonly provider: string; readonly heldMs: number | null; readonly outcomes: string; readonly opened: number; readonly retryMs: number | null; readonly atMs: number }
interface BudgetRow { readonly provider: string; readonly whom: "app" | "connection"; readonly limitKey: string; readonly used: number; readonly endsMs: number }
interface SubscriptionRow { readonly provider: string; readonly isMade: boolean; readonly sinceMs: number }
interface ConnectionRow { readonly provider: string; readonly status: string; readonly count: number; readonly lastMs: number | null }

export interface VendorRows {
  readonly states: readonly StateRow[];
  readonly budgets: readonly BudgetRow[];
  readonly subscriptions: readonly SubscriptionRow[];
  readonly connections: readonly ConnectionRow[];
}

/** What was written longer ago says nothing of how a vendor is now. */
const LATELY_MS = 3_600_000;
const FAILING_SHARE = 0.2;

/** Every vendor there is a driver for: what is in use first, then what is set up, by name. */
export async function vendorStandings(context: SyncContext, organizationId: string): Promise<VendorStanding[]> {
  const nowMs = context.clock.now();
  const ofEverybody = await context.database.asSystem((tx) => readShared(tx, nowMs));
  const connections = await context.database.withOrganization(organizationId, (tx) => tx.query<ConnectionRow & Record<string, unknown>>(
    `select provider, status, count(*)::int as count, max(last_sync_at) as "lastMs" from connections group by provider, status`,
  ));
  const rows = { ...ofEverybody, connections };
  const standings = context.providers.drivers.map((driver) => standingOf({ driver, provider: context.providers.find(driver.id), rows, nowMs }));
  const rank = ({ isConfigured, connections: own }: VendorStanding): number => (Object.keys(own).length > 0 ? 0 : isConfigured ? 1 : 2);
  return standings.toSorted((a, b) => rank(a) - rank(b) || a.displayName.localeCompare(b.displayName, "en"));
}

async function readShared(tx: Tx, nowMs: number): Promise<Omit<VendorRows, "connections">> {
  return {
    states: await tx.query<StateRow & Record<string, unknown>>(
      `select provider, held_until as "heldMs", outcomes, opened, retry_at as "retryMs", updated_at as "atMs" from vendor_states where whom = 'app'`,
    ),
    budgets: await tx.query<BudgetRow & Record<string, unknown>>(
      `select provider, case when whom = 'app' then 'app' else 'connection' end as whom, limit_key as "limitKey", max(used) as used, max(ends_at) as "endsMs"
       from call_budgets where ends_at > to_timestamp($1::float8 / 1000) group by 1, 2, 3`, [nowMs],
    ),
    subscriptions: await tx.query<SubscriptionRow & Record<string, unknown>>(`select provider, subscription_id is not null as "isMade", updated_at as "sinceMs" from provider_subscriptions`),
  };
}

/** One vendor's standing from what is known. Pure. */
export function standingOf({ driver, provider, rows, nowMs }: { readonly driver: Driver; readonly provider: Provider | null; readonly rows: VendorRows; readonly nowMs: number }): VendorStanding {
  const ofVendor = <Row extends { readonly provider: string }>(list: readonly Row[]): Row[] => list.filter((row) => row.provider === driver.id);
  const [state] = ofVendor(rows.states);
  const connections = ofVendor(rows.connections);
  const quietUntilMs = Math.max(state?.heldMs ?? 0, state?.retryMs ?? 0);
  return {
    id: driver.id, displayName: driver.displayName, isConfigured: provider !== null, isSimulated: provider?.config.isSimulated ?? false,
    missingSettings: provider === null ? providerSettings(driver).map(({ name }) => name).filter((name) => /_(?:CLIENT_ID|CLIENT_SECRET|ENABLED)$/.test(name)) : [],
    documentation: `docs/drivers/${driver.id}.md`, delivery: driver.capabilities.delivery, endedOn: driver.capabilities.endedOn ?? null,
    health: healthOf(state, nowMs), quietUntilMs: quietUntilMs > nowMs ? quietUntilMs : null,
    lastCalls: state && state.outcomes !== "" ? { made: state.outcomes.length, failed: failuresIn(state.outcomes), atMs: state.atMs } : null,
    limits: limitsThatCount(driver.rateLimits, provider?.settings() ?? {}).map((limit) => limitStanding(limit, ofVendor(rows.budgets))),
    connections: Object.fromEntries(connections.map(({ status, count }) => [status, count])), lastSyncMs: connections.reduce<number | null>((latest, { lastMs }) => (lastMs === null ? latest : Math.max(latest ?? 0, lastMs)), null),
    subscription: subscriptionStanding(driver, ofVendor(rows.subscriptions)[0]),
  };
}

function healthOf(state: StateRow | undefined, nowMs: number): VendorHealth {
  if (!state) return "unknown";
  if (state.opened > 0) return "resting";
  if ((state.heldMs ?? 0) > nowMs) return "held";
  if (state.outcomes === "" || nowMs - state.atMs > LATELY_MS) return "unknown";
  return failuresIn(state.outcomes) / state.outcomes.length >= FAILING_SHARE ? "failing" : "good";
}

function failuresIn(outcomes: string): number {
  return outcomes.replaceAll("1", "").length;
}

function limitStanding({ requests, perSeconds, scope, source }: RateLimit, budgets: readonly BudgetRow[]): LimitStanding {
  const spent = budgets.find((row) => row.whom === scope && row.limitKey === `${requests}/${perSeconds}`);
  return { requests, perSeconds, scope, source, left: Math.max(0, requests - (spent?.used ?? 0)), endsMs: spent?.endsMs ?? null };
}

function subscriptionStanding({ webhook }: Driver, row: SubscriptionRow | undefined): SubscriptionStanding {
  if (!webhook) return { kind: "none", isMade: null, sinceMs: null };
  if (webhook.subscribe) return { kind: "of_app", isMade: row?.isMade ?? false, sinceMs: row?.isMade ? row.sinceMs : null };
  return { kind: webhook.subscribeConnection ? "of_connections" : "by_hand", isMade: null, sinceMs: null };
}

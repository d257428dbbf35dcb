/**
 * What makes vendors push to us: the subscription for the whole app where a vendor has one (made at start, again before it lapses), and the
 * verify token and address that belong to those made for each connection.
 */
import type { DriverWebhook } from "#driver/types.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import { IsletError } from "../errors.ts";
import { Secret } from "../secret.ts";
import type { SyncContext } from "./context.ts";
import { appCall } from "./driver-call.ts";
import { withVaultAlarm } from "./vault-alarm.ts";

export interface Subscription {
  /** Null until the vendor has made one, and for vendors that have none for the whole app. */
  readonly subscriptionId: string | null;
  readonly callbackUrl: string;
  readonly verifyToken: Secret;
  /** What the vendor signs with, where it gave a secret of its own for the subscription. */
  readonly secret: Secret | null;
}

export interface Subscriptions {
  of(providerId: string): Promise<Subscription | null>;
  /** Subscribes at every configured vendor that needs it. A vendor that is away is logged and tried again by the sweep. */
  ensure(publicOrigin: string): Promise<void>;
}

/** Another process may have subscribed anew meanwhile. */
const KNOWN_FOR_MS = 60_000;
/** How soon a subscription is tried again that never came about. */
const RETRY_MS = HOUR_MS;

type Known = Map<string, { readonly subscription: Subscription; readonly untilMs: number }>;

/** What this process knows, whoever in it asks. */
const known = new WeakMap<SyncContext["providers"], Known>();

function knownTo(context: SyncContext): Known {
  const mine: Known = known.get(context.providers) ?? new Map();
  known.set(context.providers, mine);
  return mine;
}

/** Where a subscription's secrets lie in the vault. */
export const subscriptionPlace = (provider: string, field: "verify_token" | "secret") => ({ table: "provider_subscriptions", rowId: provider, field, version: 1 });

/** Null where nothing was prepared yet. At most a minute old. */
export async function findSubscription(context: SyncContext, provider: string): Promise<Subscription | null> {
  const remembered = knownTo(context).get(provider);
  if (remembered && remembered.untilMs > context.clock.now()) return remembered.subscription;
  const found = await read(context, provider);
  if (found) remember(context, provider, found);
  return found;
}

function remember(context: SyncContext, provider: string, subscription: Subscription): void {
  knownTo(context).set(provider, { subscription, untilMs: context.clock.now() + KNOWN_FOR_MS });
}

async function read(context: SyncContext, provider: string): Promise<Subscription | null> {
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ subscription_id: string | null; callback_url: string; verify_token_sealed: string; secret_sealed: string | null }>(
      "select subscription_id, callback_url, verify_token_sealed, secret_sealed from provider_subscriptions where provider = $1", [provider],
    ),
  );
  const row = rows[0];
  if (!row) return null;
  return withVaultAlarm(context, { organizationId: null, table: "provider_subscriptions", objectId: provider }, async () => ({
    subscriptionId: row.subscription_id, callbackUrl: row.callback_url, verifyToken: context.vault.open(row.verify_token_sealed, subscriptionPlace(provider, "verify_token")),
    secret: row.secret_sealed === null ? null : context.vault.open(row.secret_sealed, subscriptionPlace(provider, "secret")),
  }));
}

async function save(context: SyncContext, provider: string, subscription: Subscription): Promise<void> {
  const { subscriptionId, callbackUrl, verifyToken, secret } = subscription;
  remember(context, provider, subscription);
  await context.database.asSystem((tx) =>
    tx.query(
      `insert into provider_subscriptions (provider, subscription_id, callback_url, verify_token_sealed, secret_sealed, updated_at)
       values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))
       on conflict (provider) do update set subscription_id = excluded.subscription_id, callback_url = excluded.callback_url,
         secret_sealed = excluded.secret_sealed, updated_at = excluded.updated_at`,
      [
        provider, subscriptionId, callbackUrl, context.vault.seal(verifyToken, subscriptionPlace(provider, "verify_token")),
        secret ? context.vault.seal(secret, subscriptionPlace(provider, "secret")) : null, context.clock.now(),
      ],
    ),
  );
}

/** Subscribes the app at a vendor, or only prepares for the subscriptions of its connections. A vendor's refusal is logged, not thrown. */
async function subscribe(context: SyncContext, providerId: string, callbackUrl: string): Promise<void> {
  const provider = context.providers.require(providerId);
  const webhook = provider.driver.webhook!;
  try {
    const earlier = await findSubscription(context, providerId);
    const verifyToken = earlier?.verifyToken ?? new Secret(context.randomBytes(24).toString("base64url"));
    const before: Subscription = { subscriptionId: earlier?.subscriptionId ?? null, callbackUrl, verifyToken, secret: earlier?.secret ?? null };
    // The vendor asks for the verify token while the call is still pending: it must be known before.
    await save(context, providerId, before);
    if (!webhook.subscribe) return;
    const made = await webhook.subscribe(appCall(context, provider), {
      callbackUrl, verifyToken: verifyToken.open(), keptSecretOf: earlier?.secret ? earlier.subscriptionId : null,
    });
    const now = typeof made === "string" ? { subscriptionId: made } : { subscriptionId: made.subscriptionId, secret: new Secret(made.secret) };
    await save(context, providerId, { ...before, ...now });
  } catch (error) {
    if (!(error instanceof IsletError)) throw error;
    context.log.warn({ provider: providerId, error }, "the webhook subscription could not be made; new data comes by the safety poll");
  }
}

/** Whether the vendor is asked to push, for the whole app or for each connection; then there is a verify token. */
export function hasSubscription(webhook: DriverWebhook): boolean {
  return webhook.subscribe !== undefined || webhook.subscribeConnection !== undefined;
}

export function createSubscriptions(context: SyncContext): Subscriptions {
  return {
    of: (provider) => findSubscription(context, provider),
    ensure: async (publicOrigin) => {
      for (const { id, webhook } of context.providers.drivers) {
        if (webhook && hasSubscription(webhook) && context.providers.find(id)) await subscribe(context, id, `${publicOrigin}/webhooks/${id}`);
      }
    },
  };
}

/** Vendors whose subscription for the whole app would lapse, or never came about. */
export async function subscriptionsToRenew(context: SyncContext): Promise<string[]> {
  const rows = await context.database.asSystem((tx) =>
    tx.query<{ provider: string; subscription_id: string | null; updated_at: number }>("select provider, subscription_id, updated_at from provider_subscriptions"),
  );
  return rows.filter((row) => isToRenew(context, row)).map(({ provider }) => provider);
}

function isToRenew(context: SyncContext, row: { readonly provider: string; readonly subscription_id: string | null; readonly updated_at: number }): boolean {
  const webhook = context.providers.drivers.find(({ id }) => id === row.provider)?.webhook;
  if (!webhook?.subscribe || !context.providers.find(row.provider)) return false;
  const lastsMs = row.subscription_id === null ? RETRY_MS : (webhook.renewAfterDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
  return context.clock.now() - row.updated_at >= lastsMs;
}

/** Subscribes anew, at the address that the start gave, if that is still due. */
export async function renewSubscription(context: SyncContext, providerId: string): Promise<void> {
  if (!(await subscriptionsToRenew(context)).includes(providerId)) return;
  const found = await read(context, providerId);
  if (found) await subscribe(context, providerId, found.callbackUrl);
}

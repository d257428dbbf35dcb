/** Our webhook subscriptions at vendors that have one for the whole app (Strava). Made at start, kept with their verify token. */
import { createAppFetch } from "#http/authorized.ts";
import { IsletError } from "../errors.ts";
import { Secret } from "../secret.ts";
import type { SyncContext } from "./context.ts";

export interface Subscription {
  readonly subscriptionId: string | null;
  readonly verifyToken: Secret;
  /** What the vendor signs with, where it gave a secret of its own for the subscription. */
  readonly secret: Secret | null;
}

export interface Subscriptions {
  of(providerId: string): Promise<Subscription | null>;
  /** Subscribes at every configured vendor that needs it. A vendor that is away is logged and tried at the next start. */
  ensure(publicOrigin: string): Promise<void>;
}

/** Another process may have subscribed anew meanwhile. */
const KNOWN_FOR_MS = 60_000;

const place = (provider: string, field: "verify_token" | "secret") => ({ table: "provider_subscriptions", rowId: provider, field, version: 1 });

export function createSubscriptions(context: SyncContext): Subscriptions {
  const known = new Map<string, { readonly subscription: Subscription; readonly untilMs: number }>();
  const remember = (provider: string, subscription: Subscription): void => {
    known.set(provider, { subscription, untilMs: context.clock.now() + KNOWN_FOR_MS });
  };
  const read = async (provider: string): Promise<Subscription | null> => {
    const rows = await context.database.asSystem((tx) =>
      tx.query<{ subscription_id: string | null; verify_token_sealed: string; secret_sealed: string | null }>(
        "select subscription_id, verify_token_sealed, secret_sealed from provider_subscriptions where provider = $1", [provider],
      ),
    );
    const row = rows[0];
    if (!row) return null;
    return {
      subscriptionId: row.subscription_id, verifyToken: context.vault.open(row.verify_token_sealed, place(provider, "verify_token")),
      secret: row.secret_sealed === null ? null : context.vault.open(row.secret_sealed, place(provider, "secret")),
    };
  };
  const of = async (provider: string): Promise<Subscription | null> => {
    const remembered = known.get(provider);
    if (remembered && remembered.untilMs > context.clock.now()) return remembered.subscription;
    const found = await read(provider);
    if (found) remember(provider, found);
    return found;
  };

  const subscribe = async (providerId: string, callbackUrl: string): Promise<void> => {
    const provider = context.providers.require(providerId);
    const earlier = await of(providerId);
    const verifyToken = earlier?.verifyToken ?? new Secret(context.randomBytes(24).toString("base64url"));
    const save = async (subscriptionId: string | null, secret: Secret | null): Promise<void> => {
      remember(providerId, { subscriptionId, verifyToken, secret });
      await context.database.asSystem((tx) =>
        tx.query(
          `insert into provider_subscriptions (provider, subscription_id, callback_url, verify_token_sealed, secret_sealed)
           values ($1, $2, $3, $4, $5)
           on conflict (provider) do update set subscription_id = excluded.subscription_id, callback_url = excluded.callback_url,
             secret_sealed = excluded.secret_sealed, updated_at = now()`,
          [
            providerId, subscriptionId, callbackUrl, context.vault.seal(verifyToken, place(providerId, "verify_token")),
            secret ? context.vault.seal(secret, place(providerId, "secret")) : null,
          ],
        ),
      );
    };
    // The vendor asks for the verify token while the call is still pending: it must be known before.
    await save(earlier?.subscriptionId ?? null, earlier?.secret ?? null);
    const made = await provider.driver.webhook!.subscribe!(
      {
        fetch: createAppFetch({ http: context.http, scope: { provider: providerId }, apiBaseUrl: provider.endpoints().api }),
        clientId: provider.config.clientId, clientSecret: provider.config.clientSecret.open(), settings: provider.settings(),
      },
      { callbackUrl, verifyToken: verifyToken.open() },
    );
    if (typeof made === "string") await save(made, earlier?.secret ?? null);
    else await save(made.subscriptionId, new Secret(made.secret));
  };

  return {
    of,
    ensure: async (publicOrigin) => {
      for (const driver of context.providers.drivers) {
        if (!driver.webhook?.subscribe || !context.providers.find(driver.id)) continue;
        try {
          await subscribe(driver.id, `${publicOrigin}/webhooks/${driver.id}`);
        } catch (error) {
          if (!(error instanceof IsletError)) throw error;
          context.log.warn({ provider: driver.id, error }, "the webhook subscription could not be made; new data comes by the safety poll");
        }
      }
    },
  };
}

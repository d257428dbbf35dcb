/** From a finished consent to a connection: the vendor's account becomes one patient's, with its tokens. Faults OA-06, OA-07, OA-14. */
import { audit } from "#people/audit/audit.ts";
import { isUniqueViolation, type Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import { reclaimAccount } from "#inbox/claims.ts";
import type { TokenSet } from "#oauth/types.ts";
import { Conflict } from "../errors.ts";
import type { ProviderAccount } from "#driver/types.ts";
import type { ConnectionRef, Cursor } from "./connections.ts";
import { QUEUES, type SyncContext } from "./context.ts";
import { forgetErased } from "./erased-accounts.ts";
import { withoutRefusals, workingStatus } from "./permissions.ts";
import { dropPlan } from "./plan.ts";
import type { Provider } from "./providers.ts";
import { storeTokens } from "./sealed-tokens.ts";

export interface Link {
  readonly organizationId: string;
  readonly patientId: string;
  /** Who consented. */
  readonly userId: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Null where there are none to keep: devices have their own, aggregators are called with the app's keys. */
  readonly tokens: TokenSet | null;
  readonly account: ProviderAccount;
}

/**
 * Makes the connection, or makes it anew: then it goes on from its cursors. Throws Conflict, with nothing changed, when the patient has
 * another account of the vendor open (`different_account`) or the account is somebody else's (`already_linked`).
 */
export async function linkAccount(context: SyncContext, provider: Provider, link: Link): Promise<ConnectionRef> {
  const ref = await context.database.withOrganization(link.organizationId, (tx) => makeConnection(tx, context, provider, link));
  await context.database.asSystem((tx) => forgetErased(tx, context, { provider: provider.driver.id, account: link.account.vendorUserId }));
  await welcomeWaiting(context, provider.driver.id, link.account.vendorUserId);
  return ref;
}

async function makeConnection(tx: Tx, context: SyncContext, provider: Provider, link: Link): Promise<ConnectionRef> {
  const { organizationId, patientId, settings, account } = link;
  const { driver } = provider;
  const earlier = await tx.query<{ cursors: Record<string, Cursor>; disconnected_at: number | null }>(
    "select cursors, disconnected_at from connections where patient_id = $1 and provider = $2 and vendor_user_id = $3 for update",
    [patientId, driver.id, account.vendorUserId],
  );
  const cursors = earlier[0] ? pushedUntil(provider, withoutRefusals(earlier[0].cursors), earlier[0].disconnected_at ?? context.clock.now()) : {};
  const working = workingStatus(driver.auth, provider.settings(settings), account.grantedScopes, cursors);
  const rows = await tx
    .query<{ id: string }>(
      `insert into connections as c (organization_id, patient_id, provider, status, status_code, vendor_user_id, granted_scopes, settings, cursors,
                                     connected_at, next_sync_at, subscribe_at, slot, backfill_progress)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::float8 / 1000), to_timestamp($10::float8 / 1000),
               case when $11 then to_timestamp($10::float8 / 1000) end, $12, $13)
       on conflict (patient_id, provider, vendor_user_id) do update
         set status = excluded.status, status_code = excluded.status_code, granted_scopes = excluded.granted_scopes, settings = excluded.settings,
             cursors = excluded.cursors, epoch = c.epoch + 1, failures = 0, syncing_since = null, sync_lease_id = null, sync_lease_until = null,
             disconnected_at = null, reconnect_told_at = null, connected_at = excluded.connected_at, next_sync_at = excluded.next_sync_at,
             subscribe_at = excluded.subscribe_at
       returning id`,
      [
        organizationId, patientId, driver.id, working.status, working.code, account.vendorUserId, account.grantedScopes, JSON.stringify(settings),
        JSON.stringify(cursors), context.clock.now(), driver.webhook?.subscribeConnection !== undefined,
        driver.capabilities.allowsSeveral ? account.vendorUserId : "", driver.resources.some(({ pull }) => pull !== undefined) ? 0 : 1,
      ],
    )
    .catch((error: unknown) => {
      if (!isUniqueViolation(error, "connections_one_open_per_provider")) throw error;
      throw new Conflict("Another account of this vendor is connected; disconnect it first.", { code: "different_account", cause: error });
    });
  const ref: ConnectionRef = { organizationId, patientId, connectionId: rows[0]!.id };
  await dropPlan(tx, ref);
  await takeAccount(tx, driver.id, account.vendorUserId, ref);
  if (link.tokens) await storeTokens(tx, context, ref, link.tokens);
  await announce(tx, { ...ref, deliveryId: null }, [{ kind: "connection", metric: null, count: 1, fromMs: null, toMs: null }]);
  await audit(tx, organizationId, {
    action: "connection.made", actorUserId: link.userId, patientId, objectType: "connection", objectId: ref.connectionId,
  });
  return ref;
}

/** As long as the connection was open, what comes by webhook came: only the time since has to be asked for. */
function pushedUntil(provider: Provider, cursors: Record<string, Cursor>, openUntilMs: number): Record<string, Cursor> {
  const pushed = new Set(provider.driver.resources.filter((resource) => resource.pull?.backfillOnly).map((resource) => resource.name));
  return Object.fromEntries(
    Object.entries(cursors).map(([name, cursor]) => [name, pushed.has(name) ? { ...cursor, throughMs: Math.max(cursor.throughMs, openUntilMs) } : cursor]),
  );
}

/** An account linked to somebody else is hidden from this tenant: the key decides, and tells nothing of whose it is. */
async function takeAccount(tx: Tx, provider: string, vendorUserId: string, ref: ConnectionRef): Promise<void> {
  const mine = await tx.query(
    `insert into provider_accounts (provider, vendor_user_id, organization_id, patient_id, connection_id) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning 1`,
    [provider, vendorUserId, ref.organizationId, ref.patientId, ref.connectionId],
  );
  if (mine.length > 0) return;
  const linked = await tx.query("select 1 from provider_accounts where provider = $1 and vendor_user_id = $2 and connection_id = $3", [
    provider, vendorUserId, ref.connectionId,
  ]);
  if (linked.length === 0) throw new Conflict("This account of the vendor is linked to somebody else.", { code: "already_linked" });
}

/** A vendor may push before we know whose the account is: what waits for it is tried again (faults WH-19). */
async function welcomeWaiting(context: SyncContext, provider: string, vendorUserId: string): Promise<void> {
  try {
    const waiting = await context.database.asSystem((tx) => reclaimAccount(tx, provider, vendorUserId));
    if (waiting > 0) await context.queue.send(QUEUES.webhookProcessing, {}, { key: "inbox" });
  } catch (error) {
    context.log.warn({ provider, error }, "what came for an account before it was linked could not be taken up");
  }
}

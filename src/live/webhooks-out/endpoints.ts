/** The endpoints of an organization: where its own systems hear of changes, of which kinds, and what their messages are signed with. */
import { randomUUID } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { tellUser } from "#people/accounts/person.ts";
import { HOUR_MS } from "#units/time.ts";
import type { Place } from "#vault/seal.ts";
import { Conflict, NotFound } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import { readEndpointUrl } from "./address.ts";
import type { EndpointRef, WebhooksOutContext } from "./context.ts";
import type { EventKind } from "./message.ts";
import { makeSecret } from "./sign.ts";

export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly kinds: readonly EventKind[];
  readonly state: "active" | "paused" | "disabled";
  readonly disabledReason: "gone" | "failing" | null;
  readonly failures: number;
  readonly failingSinceMs: number | null;
  readonly createdMs: number;
  /** Until when the secret before the present one is signed with, too; null where there is none. */
  readonly oldSecretUntilMs: number | null;
}

export interface NewEndpoint {
  readonly url: string;
  readonly description: string;
  readonly kinds: readonly EventKind[];
}

export interface EndpointPatch {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
  /** `active` also brings back one that was disabled. */
  readonly state?: "active" | "paused" | undefined;
}

/** An admin, in the organization whose transaction it is. */
interface Admin {
  readonly organizationId: string;
  readonly userId: string;
}

export const MOST_ENDPOINTS = 20;
/** For so long the secret before is signed with, too. */
export const BOTH_SECRETS_MS = 24 * HOUR_MS;

const COLUMNS = `e.id, e.url, e.description, e.kinds, e.state, e.disabled_reason as "disabledReason", e.failures, e.failing_since as "failingSinceMs", e.created_at as "createdMs",
  (select max(s.ends_at) from webhook_secrets s where s.endpoint_id = e.id and s.ends_at > to_timestamp($1::float8 / 1000)) as "oldSecretUntilMs"`;

/** Where a secret is sealed for. */
export function secretPlace(secretId: string): Place {
  return { table: "webhook_secrets", rowId: secretId, field: "secret", version: 1 };
}

/** All of the organization's, the oldest first. */
export function listEndpoints(tx: Tx, nowMs: number): Promise<WebhookEndpoint[]> {
  return tx.query<WebhookEndpoint & Record<string, unknown>>(`select ${COLUMNS} from webhook_endpoints e order by e.created_at, e.id`, [nowMs]);
}

/** Throws NotFound. */
export async function readEndpoint(tx: Tx, endpointId: string, nowMs: number): Promise<WebhookEndpoint> {
  const [found] = isId(endpointId) ? await tx.query<WebhookEndpoint & Record<string, unknown>>(`select ${COLUMNS} from webhook_endpoints e where e.id = $2`, [nowMs, endpointId]) : [];
  if (!found) throw new NotFound("There is no such endpoint.");
  return found;
}

/** Adds an endpoint; gives its id and its secret, this once. Throws InvalidInput for an address that must not be called, Conflict beyond twenty. */
export async function addEndpoint(context: WebhooksOutContext, tx: Tx, admin: Admin, { url, description, kinds }: NewEndpoint): Promise<{ readonly id: string; readonly secret: string }> {
  const address = readEndpointUrl(url, context.allowsPrivateAddresses);
  // Two at once must not both find the last place free.
  await tx.query("select pg_advisory_xact_lock(hashtextextended('webhook_endpoints/' || $1::text, 0))", [admin.organizationId]);
  const [{ n } = { n: 0 }] = await tx.query<{ n: number }>("select count(*)::int as n from webhook_endpoints");
  if (n >= MOST_ENDPOINTS) throw new Conflict(`There are ${MOST_ENDPOINTS} endpoints already: remove one first.`, { code: "too_many_endpoints" });
  const [made] = await tx.query<{ id: string }>("insert into webhook_endpoints (organization_id, url, description, kinds) values ($1, $2, $3, $4) returning id", [admin.organizationId, address, description, [...new Set(kinds)]]);
  const { id } = made!;
  const secret = await addSecret(context, tx, { organizationId: admin.organizationId, endpointId: id });
  await note(tx, admin, "webhook_endpoint.created", id);
  return { id, secret };
}

/** Changes an endpoint. One that goes on begins without what was held against it. Throws as `addEndpoint`, and NotFound. */
export async function changeEndpoint(context: WebhooksOutContext, tx: Tx, { admin, endpointId }: { readonly admin: Admin; readonly endpointId: string }, patch: EndpointPatch): Promise<void> {
  await readEndpoint(tx, endpointId, context.clock.now());
  const url = patch.url === undefined ? null : readEndpointUrl(patch.url, context.allowsPrivateAddresses);
  await tx.query(
    `update webhook_endpoints set url = coalesce($2, url), description = coalesce($3, description), kinds = coalesce($4, kinds) where id = $1`,
    [endpointId, url, patch.description ?? null, patch.kinds ? [...new Set(patch.kinds)] : null],
  );
  if (patch.state !== undefined) {
    await tx.query(
      `update webhook_endpoints set state = $2, disabled_reason = null, failures = 0, failing_since = null, rests_until = null where id = $1`, [endpointId, patch.state],
    );
  }
  await note(tx, admin, patch.state === undefined ? "webhook_endpoint.changed" : patch.state === "paused" ? "webhook_endpoint.paused" : "webhook_endpoint.resumed", endpointId);
}

/** Removes an endpoint with its secrets and its log. Throws NotFound. */
export async function removeEndpoint(tx: Tx, { admin, endpointId }: { readonly admin: Admin; readonly endpointId: string }): Promise<void> {
  const [gone] = isId(endpointId) ? await tx.query("delete from webhook_endpoints where id = $1 returning 1", [endpointId]) : [];
  if (!gone) throw new NotFound("There is no such endpoint.");
  await note(tx, admin, "webhook_endpoint.removed", endpointId);
}

/** A new secret, shown this once; the one before holds for another day, and what was before that no more. Throws NotFound. */
export async function rotateSecret(context: WebhooksOutContext, tx: Tx, { admin, endpointId }: { readonly admin: Admin; readonly endpointId: string }): Promise<string> {
  const nowMs = context.clock.now();
  await readEndpoint(tx, endpointId, nowMs);
  await tx.query("select 1 from webhook_endpoints where id = $1 for update", [endpointId]);
  await tx.query("delete from webhook_secrets where endpoint_id = $1 and ends_at is not null", [endpointId]);
  await tx.query("update webhook_secrets set ends_at = to_timestamp($2::float8 / 1000) where endpoint_id = $1", [endpointId, nowMs + BOTH_SECRETS_MS]);
  const secret = await addSecret(context, tx, { organizationId: admin.organizationId, endpointId });
  await note(tx, admin, "webhook_endpoint.secret_rotated", endpointId);
  return secret;
}

/** The secrets that hold now, the newest first. Throws VaultRefused where one does not open. */
export async function secretsOf({ vault, clock }: Pick<WebhooksOutContext, "vault" | "clock">, tx: Tx, endpointId: string): Promise<Secret[]> {
  const rows = await tx.query<{ id: string; sealed: string }>(
    `select id, secret_sealed as sealed from webhook_secrets where endpoint_id = $1 and (ends_at is null or ends_at > to_timestamp($2::float8 / 1000)) order by ends_at desc nulls first`,
    [endpointId, clock.now()],
  );
  return rows.map(({ id, sealed }) => vault.open(sealed, secretPlace(id)));
}

/** Ends an endpoint that is gone or has failed for days: what waits for it is dead, and the organization's admins are told. */
export async function disableEndpoint(tx: Tx, { organizationId, endpointId }: EndpointRef, reason: "gone" | "failing", nowMs: number): Promise<void> {
  const [ended] = await tx.query<{ url: string }>("update webhook_endpoints set state = 'disabled', disabled_reason = $2 where id = $1 and state <> 'disabled' returning url", [endpointId, reason]);
  if (!ended) return;
  await tx.query(
    `update webhook_deliveries set state = 'dead', next_at = null, lease_until = null, ended_at = to_timestamp($2::float8 / 1000), last_error = coalesce(last_error, 'endpoint_disabled')
     where endpoint_id = $1 and state = 'pending'`, [endpointId, nowMs],
  );
  await audit(tx, organizationId, { action: "webhook_endpoint.disabled", objectType: "webhook_endpoint", objectId: endpointId, outcome: "failed", purpose: "system" });
  const admins = await tx.query<{ id: string }>("select id from users where 'admin' = any(roles) and blocked_at is null and deleted_at is null order by id");
  for (const { id } of admins) await tellUser(tx, id, { template: reason === "gone" ? "webhook_gone" : "webhook_failing", values: { host: new URL(ended.url).host } });
}

async function addSecret({ vault, randomBytes }: WebhooksOutContext, tx: Tx, { organizationId, endpointId }: EndpointRef): Promise<string> {
  const secret = makeSecret(randomBytes);
  const id = randomUUID();
  await tx.query("insert into webhook_secrets (organization_id, endpoint_id, id, secret_sealed) values ($1, $2, $3, $4)", [organizationId, endpointId, id, vault.seal(new Secret(secret), secretPlace(id))]);
  return secret;
}

async function note(tx: Tx, { organizationId, userId }: Admin, action: string, endpointId: string): Promise<void> {
  await audit(tx, organizationId, { action, actorUserId: userId, objectType: "webhook_endpoint", objectId: endpointId, purpose: "administration" });
}

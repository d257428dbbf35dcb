/**
 * Sending what waits for one endpoint: claimed with a lease, sent once, written down. Who is killed in between leaves it to be sent once more under the same
 * id. A few at a time for each endpoint, so that a slow one keeps nobody else waiting.
 */
import type { Dispatcher } from "undici";
import type { Tx } from "#db/database.ts";
import { attempt } from "#http/attempt.ts";
import { createPublicDispatcher } from "#http/public-address.ts";
import { hasConsent } from "#people/consent/consents.ts";
import { MINUTE_MS, SECOND_MS } from "#units/time.ts";
import { VaultRefused } from "../../errors.ts";
import type { EndpointRef, WebhooksOutContext } from "./context.ts";
import { disableEndpoint, secretsOf } from "./endpoints.ts";
import { messageBody, type WebhookEvent } from "./message.ts";
import { signedHeaders } from "./sign.ts";
import { FAILING_LIMIT_MS, pauseMs, restMs, verdictOf, type Verdict } from "./verdict.ts";

/** To one endpoint at the same time. */
export const AT_ONCE = 4;
const TIMEOUT_MS = 10 * SECOND_MS;
/** Longer than any attempt takes. */
const LEASE_MS = MINUTE_MS;
/** Then a worker turns to other endpoints; the next look comes back to this one. */
const LONGEST_RUN_MS = 20 * SECOND_MS;
const UNSIGNED_REST_MS = 5 * MINUTE_MS;

interface Claimed {
  readonly id: string;
  readonly attempts: number;
  readonly event: WebhookEvent;
}

interface Batch {
  readonly url: string;
  /** Opened: only to sign with. */
  readonly secrets: readonly string[];
  readonly deliveries: readonly Claimed[];
}

/** Sends what is due to an endpoint, until there is no more, it fails altogether, or others have waited long enough. Gives how many attempts were made. */
export async function deliverTo(context: WebhooksOutContext, ref: EndpointRef, signal: AbortSignal): Promise<number> {
  const startedMs = context.clock.now();
  let made = 0;
  for (;;) {
    const batch = await claim(context, ref).catch((error: unknown) => restUnsigned(context, ref, error));
    if (!batch || signal.aborted) return made;
    const verdicts = await Promise.all(batch.deliveries.map((delivery) => send(context, { ref, batch, delivery, signal })));
    made += verdicts.length;
    if (verdicts.length > 0 && verdicts.every(({ error }) => error !== null)) return made;
    if (context.clock.now() - startedMs >= LONGEST_RUN_MS) return made;
  }
}

/** Secrets that do not open are the operator's to mend: until then the endpoint is left alone, and its messages wait. */
async function restUnsigned({ database, clock, log }: WebhooksOutContext, { organizationId, endpointId }: EndpointRef, error: unknown): Promise<null> {
  if (!(error instanceof VaultRefused)) throw error;
  log.error({ event: "vault_refused", endpointId, error }, "the secret of a webhook endpoint does not open: its messages wait");
  await database.withOrganization(organizationId, (tx) => tx.query("update webhook_endpoints set rests_until = to_timestamp($2::float8 / 1000) where id = $1", [endpointId, clock.now() + UNSIGNED_REST_MS]));
  return null;
}

/** Takes what is due, no more than may be under way at once. Null where there is nothing to send. */
async function claim(context: WebhooksOutContext, { organizationId, endpointId }: EndpointRef): Promise<Batch | null> {
  const nowMs = context.clock.now();
  return context.database.withOrganization(organizationId, async (tx) => {
    const [endpoint] = await tx.query<{ url: string }>(
      "select url from webhook_endpoints where id = $1 and state = 'active' and coalesce(rests_until, '-infinity') <= to_timestamp($2::float8 / 1000) for update", [endpointId, nowMs],
    );
    if (!endpoint) return null;
    const rows = await takeDue(tx, endpointId, nowMs);
    if (rows.length === 0) return null;
    const deliveries: Claimed[] = [];
    for (const { id, attempts, ...event } of rows) {
      if (event.patientId === null || (await hasConsent(tx, event.patientId, "sharing"))) deliveries.push({ id, attempts, event: { ...event, id: event.eventId } });
      else await withhold(tx, id, nowMs);
    }
    return { url: endpoint.url, secrets: (await secretsOf(context, tx, endpointId)).map((secret) => secret.open()), deliveries };
  });
}

type DueRow = Omit<WebhookEvent, "id"> & { readonly id: string; readonly eventId: string; readonly attempts: number };

function takeDue(tx: Tx, endpointId: string, nowMs: number): Promise<DueRow[]> {
  return tx.query<DueRow & Record<string, unknown>>(
    `with due as (
       select id from webhook_deliveries where endpoint_id = $1 and state = 'pending' and next_at <= to_timestamp($2::float8 / 1000)
         and coalesce(lease_until, '-infinity') <= to_timestamp($2::float8 / 1000) order by next_at, id
       limit (select greatest(0, ${AT_ONCE} - count(*)) from webhook_deliveries where endpoint_id = $1 and state = 'pending' and lease_until > to_timestamp($2::float8 / 1000))),
     taken as (
       update webhook_deliveries d set lease_until = to_timestamp(($2::float8 + ${LEASE_MS}) / 1000) from due where d.id = due.id returning d.id, d.event_id, d.attempts)
     select t.id::text, t.attempts, e.id as "eventId", e.organization_id as "organizationId", e.patient_id as "patientId", e.kind, e.metric, e.connection_id as "connectionId",
            e.from_at as "fromMs", e.to_at as "toMs", e.count, e.created_at as "createdMs"
     from taken t join webhook_events e on e.id = t.event_id order by t.id`,
    [endpointId, nowMs],
  );
}

/** Sharing was withdrawn after the event was made: from that moment on nobody hears of it. */
async function withhold(tx: Tx, deliveryId: string, nowMs: number): Promise<void> {
  await tx.query("update webhook_deliveries set state = 'withheld', next_at = null, lease_until = null, ended_at = to_timestamp($2::float8 / 1000) where id = $1", [deliveryId, nowMs]);
}

interface Sending {
  readonly ref: EndpointRef;
  readonly batch: Batch;
  readonly delivery: Claimed;
  readonly signal: AbortSignal;
}

async function send(context: WebhooksOutContext, { ref, batch, delivery, signal }: Sending): Promise<Verdict> {
  const body = messageBody(delivery.event);
  const atMs = context.clock.now();
  const startedMs = performance.now();
  const outcome = await attempt(
    { method: "POST", url: batch.url, headers: { "content-type": "application/json", ...signedHeaders({ id: delivery.event.id, atMs, body }, batch.secrets) }, body, signal },
    { url: new URL(batch.url), userAgent: context.userAgent, timeoutMs: context.timeoutMs ?? TIMEOUT_MS, dispatcher: dispatcherOf(context), wants: () => false },
  );
  const verdict = verdictOf(outcome, context.clock.now());
  const ms = Math.round(performance.now() - startedMs);
  await context.database.withOrganization(ref.organizationId, (tx) => writeDown(context, tx, { ref, delivery, verdict, atMs, ms }));
  // No address and no body: the one may carry a token, the other names a person.
  context.log[verdict.error === null ? "debug" : "info"]({ endpointId: ref.endpointId, deliveryId: delivery.id, attempt: delivery.attempts + 1, ms, status: verdict.status, errorCode: verdict.error }, "a webhook was sent");
  return verdict;
}

// Made with the first message: most installations send none.
let publicDispatcher: Dispatcher | undefined;

function dispatcherOf({ dispatcher, allowsPrivateAddresses }: WebhooksOutContext): Dispatcher | undefined {
  if (dispatcher || allowsPrivateAddresses) return dispatcher;
  return (publicDispatcher ??= createPublicDispatcher());
}

interface Done {
  readonly ref: EndpointRef;
  readonly delivery: Claimed;
  readonly verdict: Verdict;
  readonly atMs: number;
  readonly ms: number;
}

async function writeDown(context: WebhooksOutContext, tx: Tx, { ref, delivery, verdict, atMs, ms }: Done): Promise<void> {
  const nowMs = context.clock.now();
  const attempts = delivery.attempts + 1;
  const { status, error } = verdict;
  const pause = error === null || error === "gone" ? null : pauseMs(attempts, context.random());
  const nextMs = pause === null ? null : nowMs + Math.max(pause, verdict.waitMs ?? 0);
  // The endpoint first, and always: two that end at once must not wait for each other.
  const [endpoint] = await tx.query<{ failures: number; failing_since: number | null }>("select failures, failing_since from webhook_endpoints where id = $1 for update", [ref.endpointId]);
  // Removed while it was called: its log went with it.
  if (!endpoint) return;
  const kept = await tx.query(
    `update webhook_deliveries set attempts = $2, last_status = $3, last_error = $4, lease_until = null, next_at = to_timestamp($5::float8 / 1000),
            state = case when $4::text is null then 'delivered' when $5::float8 is null then 'dead' else 'pending' end,
            ended_at = case when $5::float8 is null then to_timestamp($6::float8 / 1000) end
     where id = $1 and state = 'pending' returning 1`, [delivery.id, attempts, status, error, nextMs, nowMs],
  );
  // Erased or withheld meanwhile, or the endpoint was disabled.
  if (kept.length > 0) await tx.query("insert into webhook_attempts (organization_id, delivery_id, at, ms, status, error) values ($1, $2, to_timestamp($3::float8 / 1000), $4, $5, $6)", [ref.organizationId, delivery.id, atMs, ms, status, error]);
  if (error === null) {
    if (endpoint.failures > 0) await tx.query("update webhook_endpoints set failures = 0, failing_since = null, rests_until = null where id = $1", [ref.endpointId]);
    return;
  }
  const failures = endpoint.failures + 1;
  const sinceMs = endpoint.failing_since ?? nowMs;
  await tx.query("update webhook_endpoints set failures = $2, failing_since = to_timestamp($3::float8 / 1000), rests_until = to_timestamp($4::float8 / 1000) where id = $1", [
    ref.endpointId, failures, sinceMs, nowMs + Math.max(restMs(failures), verdict.waitMs ?? 0),
  ]);
  if (error === "gone") await disableEndpoint(tx, ref, "gone", nowMs);
  else if (nowMs - sinceMs >= FAILING_LIMIT_MS) await disableEndpoint(tx, ref, "failing", nowMs);
}
